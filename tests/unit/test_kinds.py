"""The kinds of an installation: found, and checked with their readers and prompts, before anything is asked."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import prompts
from schemas.registry import built_in
from service.kinds import load_kinds
from service.settings import SettingError, Settings
from tests.support.kinds import OMENS, PROMPT, forget_kinds, write_kind

DATED = (
    OMENS.replace("    meaning:", '    when: Annotated[EdtfDate, Derived("date", of=("sign",))]\n    meaning:')
    .replace("from typing import ClassVar, Literal", "from typing import Annotated, ClassVar, Literal")
    .replace("import Mention, Record", "import Closed, Derived, EdtfDate, Mention, Record")
)
INSIDE = DATED.replace(
    '    when: Annotated[EdtfDate, Derived("date", of=("sign",))]\n', "    parts: list[Part]\n"
).replace(
    "class Omen(Record):",
    'class Part(Closed):\n    """A part of it."""\n\n    name: Mention\n'
    '    when: Annotated[EdtfDate, Derived("day", of=("name",))]\n\n\nclass Omen(Record):',
)


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    forget_kinds()
    yield
    forget_kinds()


def load(folder: Path, **kind: Any) -> tuple[str, ...]:
    write_kind(folder / "kinds", "omens", **kind)
    return load_kinds(Settings(kinds_dir=folder / "kinds")).names


def test_kinds_are_those_that_ship_where_no_setting_adds_any() -> None:
    assert load_kinds(Settings()).names == built_in().names


def test_kind_of_a_folder_is_there_with_its_prompt(tmp_path: Path) -> None:
    assert load(tmp_path)[-1] == "omens"
    assert prompts.load("omens").task == "Report omens."


def test_prompts_of_the_settings_go_before_the_kinds_and_those_before_ours(tmp_path: Path) -> None:
    package = write_kind(tmp_path / "kinds", "omens")
    overrides = tmp_path / "prompts"
    overrides.mkdir()
    (overrides / "omens.toml").write_text(PROMPT.replace("Report omens", "Find omens"), encoding="utf-8")
    (package / "prompts/system.txt").write_text("Rules of omens.", encoding="utf-8")

    load_kinds(Settings(kinds_dir=tmp_path / "kinds", prompts_dir=overrides))

    prompt = prompts.load("omens")
    assert (prompt.task, prompt.system) == ("Find omens.", "Rules of omens.")
    assert prompt.candidates.startswith("You read sentences")


def test_prompts_of_before_are_gone(tmp_path: Path) -> None:
    load(tmp_path)
    load_kinds(Settings())

    with pytest.raises(prompts.PromptError, match=r"prompts/omens\.toml is missing"):
        prompts.load("omens")


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        ({"module": ""}, "of an installed package cannot be used: dragoman_kinds.omens declares 0 kinds"),
        (
            {"module": DATED.replace('"date"', '"day"')},
            "of an installed package cannot be used: dragoman_kinds.omens: when: there is no rule 'day'",
        ),
        (
            {"module": INSIDE},
            "dragoman_kinds.omens: when: there is no rule 'day'; there are country, ",
        ),
        ({"reader": ""}, "of an installed package cannot be used: dragoman_kinds.omens.reader: it defines no READER"),
        (
            {"definition": "outside ="},
            "of an installed package cannot be used: dragoman_kinds.omens: definition.toml: ",
        ),
        ({"prompt": None}, "or of a kind cannot be used: prompts/omens.toml is missing"),
        ({"prompt": 'task = "Look."'}, "or of a kind cannot be used: prompts/omens.toml: 'examples'"),
    ],
)
def test_kind_that_cannot_be_used_is_a_wrong_setting(tmp_path: Path, kind: dict[str, Any], hint: str) -> None:
    with pytest.raises(SettingError) as raised:
        load(tmp_path, **kind)

    assert hint in str(raised.value)


def test_rule_that_there_is_may_be_named(tmp_path: Path) -> None:
    assert load(tmp_path, module=DATED)[-1] == "omens"


@pytest.mark.parametrize("setting", ["kinds_dir", "prompts_dir"])
def test_folder_that_is_none_is_a_wrong_setting(tmp_path: Path, setting: str) -> None:
    with pytest.raises(SettingError, match=rf"^DRAGOMAN_{setting.upper()}: .*nowhere is no folder"):
        load_kinds(Settings(**{setting: tmp_path / "nowhere"}))
