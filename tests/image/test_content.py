"""What is in the image, and what is not."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import Image

pytestmark = pytest.mark.image

BUILD_TOOLS = ("pip", "pip3", "gcc", "cc", "g++", "make", "git", "ld", "hatchling", "uv")
BUILD_PACKAGES = ("pip", "setuptools", "wheel", "hatchling", "pytest", "mypy", "xllamacpp")
WEIGHTS = (".gguf", ".safetensors", ".partial", ".onnx")
MOST_BYTES_OF_DRAGOMAN = 250 * 2**20


@pytest.fixture(scope="module")
def files(image: Image) -> list[Path]:
    return list(_files_below(image.root))


def _files_below(root: Path) -> Iterator[Path]:
    for directory, _, names in os.walk(root):
        yield from (Path(directory, name) for name in names)


def test_image_runs_as_a_numbered_user_who_is_not_root(image: Image) -> None:
    user, _, group = image.config["User"].partition(":")
    assert user.isdecimal()
    assert group.isdecimal()
    assert int(user) >= 10_000


def test_image_starts_the_service_without_a_shell_and_stops_on_sigterm(image: Image) -> None:
    assert image.config["Cmd"] == ["dragoman", "serve"]
    assert not image.config.get("Entrypoint")
    assert image.config["StopSignal"] == "SIGTERM"
    assert image.config["Healthcheck"]["Test"][0] == "CMD"


def test_image_has_no_secret_in_its_environment(image: Image) -> None:
    names = {pair.split("=", 1)[0] for pair in image.config["Env"]}
    assert not {name for name in names if name.startswith("PIP_") or re.search("KEY|TOKEN|PASSWORD|PROXY", name)}


def test_image_has_no_trace_of_the_builders_pip_configuration(image: Image) -> None:
    assert [path for path in ("etc/pip.conf", "root/.config/pip", "root/.pip") if (image.root / path).exists()] == []


def test_image_has_no_build_tools(image: Image, files: list[Path]) -> None:
    programs = {path.name for path in files if path.parent.name in ("bin", "sbin")}
    assert programs.isdisjoint(BUILD_TOOLS)
    assert "dragoman" in programs
    packages = {path.parent.name.split("-")[0] for path in files if path.name == "METADATA"}
    assert packages.isdisjoint(BUILD_PACKAGES)
    assert {"dragoman", "flask", "instructor"} <= packages
    assert [path for path in files if path.suffix == ".whl"] == []


def test_image_has_no_tests_and_no_weights(image: Image, files: list[Path]) -> None:
    assert [path for path in files if path.suffix in WEIGHTS] == []
    ours = next((image.root / "opt/dragoman").glob("lib/python3*/site-packages"))
    assert (ours / "service/wsgi.py").is_file()
    assert list((ours / "prompts").glob("*.toml")) != []
    assert [
        name for name in ("tests", "cassettes", "evals", "benchmarks", "requirements") if (ours / name).exists()
    ] == []
    assert not (image.root / "build").exists()


def test_image_has_nothing_the_service_could_write_to(image: Image, files: list[Path]) -> None:
    user = int(image.config["User"].split(":")[0])
    below = [path for path in files if path.is_relative_to(image.root / "opt") and not path.is_symlink()]
    loose = [path for path in below if path.stat().st_mode & stat.S_IWOTH or path.stat().st_uid == user]
    assert loose == []


def test_dragoman_and_its_packages_stay_within_their_size(image: Image, files: list[Path]) -> None:
    size = sum(path.lstat().st_size for path in files if path.is_relative_to(image.root / "opt/dragoman"))
    assert size < MOST_BYTES_OF_DRAGOMAN
