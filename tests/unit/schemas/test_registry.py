"""The registry finds the kinds, whichever door they come in by; everything else works from it and names none."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import pytest

import prompts
from schemas import registry as module
from schemas.fields import Mention, Record
from schemas.registry import KindError, Registry, built_in, installed
from tests.support.kinds import OMENS, forget_kinds, write_kind

KINDS = ("negotiations", "sanctions", "military_claims", "quoted_officials")
READERS = Path("service/extraction/candidates/readers")
DEFINITION = 'outside = "dreams"\none_record = ["A flock is one omen."]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    forget_kinds()


def test_four_kinds_are_found_in_their_order() -> None:
    registry = built_in()

    assert registry.names == KINDS
    assert tuple(record.kind for record in registry) == KINDS
    assert all(name in registry and registry[name].kind == name for name in KINDS)
    assert "horoscopes" not in registry


def test_every_kind_says_what_it_is_and_what_makes_two_records_one() -> None:
    for record in built_in():
        assert record.__doc__
        assert record.identity
        assert set(record.identity) <= set(record.model_fields)
        assert record.actors
        assert set(record.actors) <= set(record.model_fields)


def test_order_is_the_kinds_own_and_not_the_modules() -> None:
    assert Registry(reversed(list(built_in()))).names == KINDS


# The kinds of a folder


def test_kinds_of_a_folder_come_behind_those_that_ship(folder: Path) -> None:
    write_kind(folder, "omens")
    write_kind(
        folder,
        "dreams",
        OMENS.replace('"omens"', '"dreams"').replace("order: ClassVar[int] = 9", "order: ClassVar[int] = 8"),
    )
    (folder / "notes.txt").write_text("No kind.", encoding="utf-8")
    (folder / "plain.py").write_text("raise ZeroDivisionError", encoding="utf-8")

    found = installed(folder)

    assert found.names == (*KINDS, "dreams", "omens")
    assert found["omens"].__module__ == "dragoman_kinds.omens"
    assert installed().names == KINDS


def test_folder_is_read_once_and_another_one_takes_its_place(folder: Path) -> None:
    write_kind(folder / "first", "omens")
    write_kind(folder / "second", "dreams", OMENS.replace('"omens"', '"dreams"'))

    first = installed(folder / "first")["omens"]

    assert installed(folder / "first")["omens"] is first
    assert installed(folder / "second").names == (*KINDS, "dreams")
    assert "dragoman_kinds.omens" not in sys.modules


def test_folder_that_is_not_there_is_refused(folder: Path) -> None:
    with pytest.raises(KindError, match=r"is no folder: DRAGOMAN_KINDS_DIR names one with a package for each kind"):
        installed(folder / "nowhere")


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("", "dragoman_kinds.omens declares 0 kinds; one subclass of Record has a `kind` of its own"),
        ("from schemas.kinds.sanctions import Sanction", "dragoman_kinds.omens declares 0 kinds"),
        (
            OMENS + OMENS.replace("Omen(", "Dream(").replace('"omens"', '"dreams"'),
            "dragoman_kinds.omens declares 2 kinds",
        ),
        ("import no_such_package", "dragoman_kinds.omens, a kind's package, cannot be imported: ModuleNotFoundError: "),
        ("1 / 0", "dragoman_kinds.omens, a kind's package, cannot be imported: ZeroDivisionError: division by zero"),
        ("class", "dragoman_kinds.omens, a kind's package, cannot be imported: SyntaxError: "),
        (OMENS.replace('("sign",)', '("omen",)'), "dragoman_kinds.omens: `identity` names a field 'omen'"),
    ],
)
def test_package_without_a_kind_that_can_be_used_is_refused_with_its_name(folder: Path, code: str, hint: str) -> None:
    write_kind(folder, "omens", code)

    with pytest.raises(KindError, match=f"^{re.escape(hint)}"):
        installed(folder)


@pytest.mark.parametrize(
    ("definition", "hint"),
    [
        ("outside =", "definition.toml: Invalid value"),
        ('outside = "dreams"', "definition.toml: one_record: Field required"),
        (f'{DEFINITION}[fields]\nseer = "who"', "definition.toml tells of a field 'seer'"),
    ],
)
def test_kind_with_a_definition_that_cannot_be_used_is_refused(folder: Path, definition: str, hint: str) -> None:
    write_kind(folder, "omens", definition=definition)

    with pytest.raises(KindError, match=f"^dragoman_kinds.omens: .*{re.escape(hint)}"):
        installed(folder)


def test_two_kinds_of_one_name_are_refused_with_both_their_packages(folder: Path) -> None:
    write_kind(folder, "omens")
    write_kind(folder, "signs", OMENS.replace("order: ClassVar[int] = 9", "order: ClassVar[int] = 10"))

    with pytest.raises(
        KindError, match=r"^dragoman_kinds\.signs: there is a kind 'omens' already, in dragoman_kinds\.omens$"
    ):
        installed(folder)


def test_kind_cannot_take_the_name_of_one_that_ships(folder: Path) -> None:
    write_kind(folder, "omens", OMENS.replace('"omens"', '"sanctions"'))

    with pytest.raises(KindError, match=r"there is a kind 'sanctions' already, in schemas\.kinds\.sanctions"):
        installed(folder)


# The kinds of installed distributions


def install(folder: Path, name: str, **points: str) -> None:
    """Write what an installer leaves of a distribution: its metadata, with entry points."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    lines = [f"{point} = {target}" for point, target in points.items()]
    (info / "entry_points.txt").write_text("\n".join(["[dragoman.kinds]", *lines, ""]), encoding="utf-8")


@pytest.fixture
def site(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the path of imports, such as `site-packages`."""
    monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        if name.startswith(("omens_kind", "dreams_kind")):
            del sys.modules[name]


def test_kind_of_a_distribution_is_found_by_its_entry_point(site: Path) -> None:
    write_kind(site, "omens_kind", definition=DEFINITION)
    install(site, "omens", omens="omens_kind")

    found = installed()

    assert found.names == (*KINDS, "omens")
    assert found["omens"].__module__ == "omens_kind"
    assert [folder.joinpath("omens_kind.toml").is_file() for folder in found.prompt_folders()] == [True]
    assert found.code_version(["omens"])


def test_kinds_of_a_distribution_and_of_a_folder_are_all_there(
    site: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    write_kind(site, "omens_kind")
    install(site, "omens", omens="omens_kind")
    other = tmp_path_factory.mktemp("kinds")
    write_kind(other, "dreams", OMENS.replace('"omens"', '"dreams"'))

    assert installed(other).names == (*KINDS, "dreams", "omens")


def test_entry_point_that_cannot_be_imported_is_refused_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("omens", "no_such_package", "dragoman.kinds")
    monkeypatch.setattr(
        module, "entry_points", lambda *, group: EntryPoints([point]) if group == "dragoman.kinds" else ()
    )

    with pytest.raises(
        KindError, match=r"^no_such_package, the entry point 'omens', cannot be imported: ModuleNotFound"
    ):
        installed()


def test_entry_point_of_a_package_without_a_kind_is_refused(site: Path) -> None:
    write_kind(site, "omens_kind", "")
    install(site, "omens", omens="omens_kind")

    with pytest.raises(KindError, match=r"^omens_kind declares 0 kinds"):
        installed()


# Versions


def test_version_is_of_the_kinds_that_are_asked_for() -> None:
    registry = built_in()

    versions = [registry.version(names) for names in (None, KINDS, KINDS[:1], KINDS[1:2], KINDS[:2])]

    assert all(len(version) == 12 and int(version, 16) >= 0 for version in versions)
    assert versions[0] == versions[1]
    assert len(set(versions)) == 4


def test_version_changes_with_a_field() -> None:
    def version(**fields: Any) -> str:
        namespace = {"__annotations__": dict.fromkeys(fields, Mention), "__doc__": "One.", "__module__": __name__}
        made = type(Record)("Omen", (Record,), {**namespace, "kind": "omens", "order": 9, "identity": (), "actors": ()})
        return Registry([made]).version()

    assert version(sign=1) == version(sign=1)
    assert version(sign=1) != version(sign=1, seer=1)


def test_code_of_kinds_that_ship_has_no_version_of_its_own() -> None:
    assert built_in().code_version(KINDS) == ""


def test_code_version_changes_with_the_files_of_the_package_alone(folder: Path) -> None:
    def version(number: int, **files: str) -> str:
        package = write_kind(folder / str(number), "omens", definition=DEFINITION)
        for name, words in files.items():
            (package / name.replace("_", ".")).write_text(words, encoding="utf-8")
        (package / "__pycache__").mkdir(exist_ok=True)
        (package / "__pycache__" / "omens.toml").write_text(str(number), encoding="utf-8")
        return installed(folder / str(number)).code_version(["omens", "sanctions"])

    same = [version(1), version(2), version(3, README_md="About omens.")]
    others = [version(4, reader_py="READER = None"), version(5, more_txt="more"), version(6, words_toml="")]

    assert len(set(same)) == 1
    assert len({same[0], *others}) == 4
    assert re.fullmatch(r"[0-9a-f]{12}", same[0])


def test_prompts_of_a_kind_are_in_its_package(folder: Path) -> None:
    write_kind(folder, "omens")

    [found] = installed(folder).prompt_folders()
    prompts.use([found])

    assert prompts.load("omens").task == "Report omens."
    assert built_in().prompt_folders() == []


# Nothing else names a kind


MODULES = [path for path in sorted(Path("service").rglob("*.py")) if path.parent != READERS or path.stem == "__init__"]


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_no_module_of_the_service_names_a_kind_but_the_readers(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    names = {*KINDS, *(record.__name__ for record in built_in())}
    names |= {kind.removesuffix("s") for kind in KINDS}

    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            assert not any(name in node.value for name in names), node.lineno
        if isinstance(node, ast.Name | ast.Attribute | ast.alias):
            said = (
                node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else node.name
            )
            assert not any(name in said for name in names), said
        if isinstance(node, ast.ImportFrom | ast.Import):
            assert "schemas.kinds" not in ast.unparse(node)
