"""The pages for developers name what there is in the code, and nothing else."""

import asyncio
import inspect
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

import pytest

import prompts
from prompts.languages import LanguagePack, __main__, pack
from schemas.article import Article
from schemas.registry import built_in
from service.deadline import Deadline
from service.extraction.candidates import prefill
from service.extraction.candidates.kind_reader import KindReader, OneOf, Source
from service.extraction.normalize.rules import rules
from service.extraction.pipeline import Extractor
from service.strategy import Strategy
from tests.support.scripted_model import NOTHING, ScriptedModel

ROOT = Path(__file__).parents[2]
PAGES = ("architecture", "glossary", "adding-a-kind", "adding-a-language", "changing-prompts")
PUBLISHED = "2026-04-09"


def page(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    """What stands between fences of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def coded(text: str) -> set[str]:
    """Every name that stands at the beginning of words in code type: `first_place(…)` is first_place."""
    return set(re.findall(r"`(\w+)", text))


# Adding a kind


def test_every_prefill_function_is_on_the_page() -> None:
    there = {
        name
        for name, value in vars(prefill).items()
        if inspect.isfunction(value) and value.__module__ == prefill.__name__ and not name.startswith("_")
    }

    assert there
    assert there <= coded(page("adding-a-kind"))


def test_every_parameter_of_a_prefill_function_is_on_the_page() -> None:
    rows = {name: line for line in page("adding-a-kind").splitlines() for name in re.findall(r"^\| `(\w+)\(…\)`", line)}
    for name in ("first_place", "from_attribution", "office_holders"):
        for parameter in inspect.signature(getattr(prefill, name)).parameters:
            assert f"`{parameter}`" in rows[name], name


def test_everything_that_a_reader_says_is_on_the_page() -> None:
    said = coded(page("adding-a-kind"))

    assert {one.name for one in fields(KindReader)} <= said
    assert {one.name for one in fields(OneOf)} - {"source"} <= said
    assert set(get_args(Source)) <= said


def test_every_rule_is_on_the_page() -> None:
    assert rules() <= coded(page("adding-a-kind"))


# Adding a language


def test_every_file_of_a_pack_is_on_the_page() -> None:
    sections = set(LanguagePack.model_fields) - {"kinds"}

    assert {f"{name}.toml" for name in sections} <= set(re.findall(r"`(\w+\.toml)`", page("adding-a-language")))


def test_pack_that_the_page_begins_with_is_whole(tmp_path: Path) -> None:
    [about] = blocks(page("adding-a-language"), "toml")
    (tmp_path / "languages/nl").mkdir(parents=True)
    (tmp_path / "languages/nl/about.toml").write_text(about, encoding="utf-8")
    prompts.use([tmp_path])
    try:
        read = pack("nl")
    finally:
        prompts.use([])

    assert read
    assert read.about.name == tomllib.loads(about)["name"]


def test_what_a_pack_may_hold_is_listed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["prompts.languages"])
    __main__.main()
    listed = capsys.readouterr().out

    assert "speech.toml: " in listed
    assert '    speech_verbs: Verbs that attribute words to somebody: "said"' in listed
    assert '    triggers: Words of sentences that may state a record: "ceasefire"' in listed


def test_lists_of_packs_are_counted(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["prompts.languages", "en", "tr"])
    __main__.main()
    english, _, turkish = capsys.readouterr().out.partition("tr: Turkish\n")

    assert english.startswith("en: English\nspeech.toml\n")
    assert re.search(r"^    speech_verbs: \d+$", english, re.MULTILINE)
    assert "    clause_final_verbs: left out\n" in english
    assert re.search(r"^    caption_words: common$", turkish, re.MULTILINE)


@pytest.mark.parametrize(
    ("about", "complaint"),
    [
        ('name = "Dutch"', "nl/speech.toml: speech_verbs: missing"),
        ('name = "Dutch"\nleaves_out = ["speach"]', "nl/about.toml: leaves_out: 'speach' is the name of no list"),
        (None, "there is no pack of 'nl'"),
    ],
)
def test_pack_that_is_not_whole_is_refused(
    about: str | None, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if about:
        (tmp_path / "languages/nl").mkdir(parents=True)
        (tmp_path / "languages/nl/about.toml").write_text(about, encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["prompts.languages", "--folder", str(tmp_path), "nl"])
    try:
        with pytest.raises(SystemExit) as refused:
            __main__.main()
    finally:
        prompts.use([])

    assert complaint in str(refused.value)


# The glossary


def terms() -> Iterator[str]:
    """The names in code of all terms."""
    for line in page("glossary").splitlines():
        yield from re.findall(r"\| `([\w.]+)` \|$", line)


@pytest.mark.parametrize("name", list(terms()))
def test_term_is_in_the_code(name: str) -> None:
    assert any(there_is(f"{before}{name}") for before in ("", "service.", "service.extraction."))


def there_is(name: str) -> bool:
    """Whether a module has something, or one of its classes has."""
    parts = name.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        try:
            found: Any = import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            declared = getattr(found, "__annotations__", {})
            if not hasattr(found, part) and part not in declared:
                return False
            found = getattr(found, part, None)
        return True
    return False


# Architecture


def asked_about(text: str, strategy: Strategy, **options: Any) -> list[str]:
    """What the model is shown of an article."""
    model = ScriptedModel(otherwise=NOTHING if strategy is Strategy.GUIDED else {"record": None})
    extractor = Extractor(model, built_in(), window_tokens=3_000, max_chars=1_000, strategy=strategy, **options)
    article = Article.model_validate({"text": text, "published_at": PUBLISHED})
    asyncio.run(extractor.extract(article, deadline=Deadline.after(60)))
    return [question.messages[-1].content for question in model.questions]


def test_article_that_is_traced_is_shown_as_the_page_says() -> None:
    article, *said = blocks(page("architecture"), "text")[1:]
    text = article.strip()

    [guided] = asked_about(text, Strategy.GUIDED, bounded=False)
    first, second = asked_about(text, Strategy.CANDIDATES, lean=True)

    shown = [block.strip() for block in said]
    assert guided in shown
    assert first in shown
    assert second.startswith("[3] ")
    assert PUBLISHED in page("architecture")


# All pages


@pytest.mark.parametrize("name", PAGES)
def test_lines_of_a_page_are_not_too_long(name: str) -> None:
    prose = [line for line in page(name).splitlines() if not line.startswith("|")]

    assert max(map(len, prose)) <= 120


@pytest.mark.parametrize("name", PAGES)
def test_files_that_a_page_names_are_there(name: str) -> None:
    named = set(re.findall(r"`((?:service|schemas|prompts|examples|evals|tests|benchmarks)/[\w./-]+)`", page(name)))

    for path in named:
        assert "KIND" in path or "CODE" in path or (ROOT / path).exists(), path


@pytest.mark.parametrize("name", [*PAGES, "../CONTRIBUTING"])
def test_modules_that_a_page_has_one_run_are_there(name: str) -> None:
    for module in re.findall(r"python -m ([\w.]+)", page(name)):
        found = ROOT.joinpath(*module.split("."))
        assert module == "pytest" or found.with_suffix(".py").exists() or (found / "__main__.py").exists(), module
