"""Scripts and styles: what is served, and what can be joined to one file."""

import re
from base64 import b64decode

import pytest

from service.page import assets
from service.page.assets import UnjoinableError, asset, bundle, modules, names, source

SCRIPTS = [name for name in names() if name.endswith(".js")]
DECLARED = re.compile(
    r"^(?:export )?(?:async )?(?:function\*?|class|const|let) (?:\[([\w, ]+)\]|\{([\w, ]+)\}|(\w+))", re.MULTILINE
)
UNSAFE = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|\beval\(|new Function|DOMParser\(")


def declared(script: str) -> list[str]:
    """Names that a script declares at its top."""
    found = ("".join(groups) for groups in DECLARED.findall(script))
    return [name.strip() for names in found for name in names.split(",")]


@pytest.mark.parametrize("main", ["main.js", "whole.js"])
def test_modules_come_behind_those_that_they_import(main: str) -> None:
    order = modules(main)

    assert order[-1] == main
    assert len(set(order)) == len(order)
    for place, name in enumerate(order):
        assert set(re.findall(r'from "\./([\w.]+)"', source(name))) <= set(order[:place])


def test_every_script_is_used() -> None:
    assert set(modules("main.js")) | set(modules("whole.js")) == set(SCRIPTS)


def test_joined_script_imports_and_exports_nothing() -> None:
    script = bundle("whole.js")

    assert not re.search(r"^(import|export)\b", script, re.MULTILINE)
    assert "openReading(0)" in script


def test_modules_that_are_joined_declare_no_name_twice() -> None:
    found = [name for module in modules("whole.js") for name in declared(source(module))]

    assert "ArticleView" in found
    assert sorted(found) == sorted(set(found))


@pytest.mark.parametrize(
    "line",
    [
        'import * as points from "./points.js";',
        'import { Points as P } from "./points.js"; // renamed',
        'import points from "./points.js";',
        "export default Points;",
        "export { Points };",
    ],
)
def test_other_forms_of_import_and_export_are_refused(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "source", {"one.js": f"{line}\n"}.__getitem__)

    with pytest.raises(UnjoinableError, match=r"one\.js"):
        bundle("one.js")


@pytest.mark.parametrize("name", names())
def test_sources_can_stand_in_a_page(name: str) -> None:
    text = source(name)

    assert not re.search(r"</?(script|style)|<!--|\]\]>|\r", text.replace("(\\/?)style", ""))
    assert not UNSAFE.search(text)


def test_asset_has_its_type_and_a_tag_of_its_content() -> None:
    found = asset("page.css")

    assert found is not None
    assert (found.text, found.media_type) == (source("page.css"), "text/css")
    assert len(b64decode(found.tag)) == 32


@pytest.mark.parametrize("name", ["", "..", "../guide.py", "none.js", "guide.py", "Page.css", "static"])
def test_name_of_no_asset_is_none(name: str) -> None:
    assert asset(name) is None
