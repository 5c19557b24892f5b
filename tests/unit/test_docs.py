import re
from pathlib import Path

from docs.readme import EXAMPLE, README, example, readme

ROOT = Path(__file__).parents[2]


def test_settings_in_documents_are_current() -> None:
    said = README.read_text(encoding="utf-8")

    assert said == readme(said), "run: make docs"
    assert EXAMPLE.read_text(encoding="utf-8") == example(), "run: make docs"


def test_make_targets_named_in_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    documents = [README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]

    for document in documents:
        named = set(re.findall(r"(?:`|^)make ([a-z-]+)", document.read_text(encoding="utf-8"), re.MULTILINE))
        assert named <= targets, document.name


def test_links_between_documents_lead_somewhere() -> None:
    for document in [README, *sorted((ROOT / "docs").rglob("*.md"))]:
        for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / link).exists(), (document.name, link)


def test_quality_figures_of_the_readme_are_the_reports() -> None:
    _, _, rest = README.read_text(encoding="utf-8").partition("<!-- quality: make quality-report -->\n")
    figures, mark, _ = rest.partition("\n<!-- /quality -->")

    assert mark, "the marks are there"
    assert figures.count("\n") > 1
    assert figures in (ROOT / "docs" / "quality.md").read_text(encoding="utf-8"), "run: make quality-report"
