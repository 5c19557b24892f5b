"""Every prompt that ships: it parses, fits its kind, and its examples are grounded in their own text."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import prompts
from prompts import Example, Prompt, PromptError
from schemas.draft import complete, draft_of, marked
from schemas.fields import Derived, Mention, Record
from schemas.registry import built_in
from service.extraction.grounding.ground import Grounder
from service.extraction.normalize.rules import ArticleContext
from service.extraction.text.quotes import find_passages
from service.extraction.text.sentences import segment
from service.extraction.text.windows import Window, estimate_tokens

KINDS = list(built_in())
by_kind = pytest.mark.parametrize("record", KINDS, ids=lambda record: record.kind)
FOLDER = Path("prompts")
PROMPTS = [path for path in FOLDER.glob("*.toml") if path.name != "messages.toml"]
CALENDAR = {
    *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
    *("November", "December"),
}


def unique(examples: list[Example]) -> dict[str, Example]:
    return {example.text: example for example in examples}


def shipped() -> dict[str, Example]:
    return unique([example for record in KINDS for example in prompts.load(record.kind).examples])


def names_in(text: str) -> set[str]:
    """Runs of capitalised words that are not merely the first word of a sentence."""
    found: set[str] = set()
    for sentence in segment(text):
        for match in re.finditer(r"\b[A-Z][\w-]+(?: [A-Z][\w-]+)*", sentence.text):
            first = not match.start() or sentence.text[match.start() - 1] in '“"«'
            if not first or " " in match[0]:
                found.add(match[0])
    return {name for name in found if name not in CALENDAR}


def test_every_kind_has_a_prompt_and_every_prompt_a_kind() -> None:
    assert {path.stem for path in PROMPTS} == {record.kind for record in KINDS}


def test_every_example_article_is_used() -> None:
    named = {
        example.get("article")
        for path in PROMPTS
        for example in tomllib.loads(path.read_text(encoding="utf-8"))["examples"]
    }

    assert {path.stem for path in (FOLDER / "examples").iterdir()} <= named


@by_kind
def test_prompt_says_its_task_and_how_to_say_nothing(record: type[Record]) -> None:
    prompt = prompts.load(record.kind)

    assert prompt.task
    assert prompt.task == prompt.task.strip()
    assert "\n" not in prompt.task
    assert '{"records":[]}' in prompt.system
    assert "ARTICLE" in prompt.system
    assert "END" in prompt.system
    assert any(not example.records for example in prompt.examples)
    assert any(example.records for example in prompt.examples)


def test_rules_for_all_kinds_say_where_the_article_is_and_how_to_say_nothing() -> None:
    rules = prompts.guided()

    assert rules == rules.strip()
    for words in ("ARTICLE", "END", "[1]", "Q1", '"sentences"', "null or []"):
        assert words in rules


@by_kind
def test_example_uses_only_fields_that_the_model_is_asked_for(record: type[Record]) -> None:
    for example in prompts.load(record.kind).examples:
        for said in example.records:
            assert not said.keys() - draft_of(record).model_fields.keys()
            assert not any(marked(record.model_fields[name], Derived) for name in said if name in record.model_fields)


@by_kind
def test_example_is_grounded_in_its_own_text_without_a_rejection(record: type[Record]) -> None:
    for example in prompts.load(record.kind).examples:
        found = tuple(find_passages(example.text))
        grounder = Grounder(example.text, ArticleContext(found, None, "en"))
        window = Window(tuple(segment(example.text)))
        for said in example.records:
            draft = draft_of(record).model_validate(complete(draft_of(record), said))

            outcome = grounder.ground(record, draft, window)

            assert outcome.rejections == ()
            assert outcome.record is not None
            assert sorted(said["sentences"]) == [evidence.sentence for evidence in outcome.record.evidence]
            for value in _mentions(outcome.record):
                assert example.text[value.start : value.end] == value.text


@by_kind
def test_example_copies_the_articles_words_to_the_letter(record: type[Record]) -> None:
    for example in prompts.load(record.kind).examples:
        for said in example.records:
            for words in _surfaces(record, said):
                assert words in example.text or re.fullmatch(r"Q\d", words)


@by_kind
def test_example_does_not_tell_the_same_twice(record: type[Record]) -> None:
    for example in prompts.load(record.kind).examples:
        assert all(example.records.count(said) == 1 for said in example.records)


def test_names_in_examples_are_in_no_test_article() -> None:
    names = {name for text in shipped() for name in names_in(text)}
    articles = "\n".join(path.read_text(encoding="utf-8") for path in Path("tests/articles").glob("*.txt"))

    assert len(names) >= 8
    assert {name for name in names if re.search(rf"\b{re.escape(name)}\b", articles)} == set()


def test_examples_are_short() -> None:
    for text in shipped():
        assert estimate_tokens(text) < 300


def test_version_changes_with_every_word() -> None:
    prompt = Prompt("Rules.", "Candidates.", "Task.", (Example("Text.", [{"sentences": [1]}]),))
    others = [
        replace(prompt, system="Rules!"),
        replace(prompt, candidates="Candidates!"),
        replace(prompt, task="Task!"),
        replace(prompt, examples=(Example("Text!", [{"sentences": [1]}]),)),
        replace(prompt, examples=(Example("Text.", [{"sentences": [2]}]),)),
        replace(prompt, examples=()),
    ]

    versions = {prompts.version([made.content]) for made in (prompt, *others)}

    assert len(versions) == 7
    assert all(re.fullmatch(r"[0-9a-f]{12}", version) for version in versions)
    assert prompts.version(["one", "two"]) != prompts.version(["two", "one"])
    assert prompts.version(["one"]) != prompts.version(["one"], with_languages=True)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that goes before the package's own files, with a prompt of a kind named "omens"."""
    prompts.use([tmp_path])
    yield tmp_path
    prompts.use([])


def write(folder: Path, toml: str) -> None:
    """Write the prompt of "omens" and what is said with every prompt."""
    for name, words in (("omens.toml", toml), ("system.txt", "Rules.\n"), ("candidates.txt", "Candidates.\n")):
        (folder / name).write_text(words, encoding="utf-8")


def test_prompt_is_read_from_a_folder_that_goes_before(folder: Path) -> None:
    write(folder, 'task = "Look."\n[[examples]]\ntext = " A raven.\\n"\nrecords = []\n')

    assert prompts.load("omens") == Prompt("Rules.", "Candidates.", "Look.", (Example("A raven.", []),))


@pytest.mark.parametrize(
    ("toml", "hint"),
    [
        ("task = ", "prompts/omens.toml"),
        ("examples = []", "prompts/omens.toml: 'task'"),
        ('task = "Look."', "prompts/omens.toml: 'examples'"),
        ('task = "Look."\n[[examples]]\nrecords = []', "prompts/omens.toml: 'article'"),
        ('task = "Look."\n[[examples]]\ntext = "A raven."', "prompts/omens.toml: 'records'"),
        ('task = "Look."\n[[examples]]\narticle = "raven"\nrecords = []', "prompts/examples/raven.txt"),
    ],
)
def test_prompt_that_is_not_one_is_refused_with_its_name(folder: Path, toml: str, hint: str) -> None:
    write(folder, toml)

    with pytest.raises(PromptError) as raised:
        prompts.load("omens")

    assert hint in str(raised.value)


@pytest.mark.usefixtures("folder")
def test_missing_prompt_is_refused_with_its_name() -> None:
    with pytest.raises(PromptError, match=r"prompts/omens\.toml"):
        prompts.load("omens")


def _mentions(value: Any) -> list[Mention]:
    if isinstance(value, Mention):
        return [value]
    if isinstance(value, list):
        return [found for item in value for found in _mentions(item)]
    names = getattr(type(value), "model_fields", {})
    return [found for name in names for found in _mentions(getattr(value, name))]


def _surfaces(record: type[Record], said: dict[str, Any]) -> list[str]:
    """The words of an example's record that should be the article's, nested ones included."""
    judged = {value for field in _enums(draft_of(record).model_json_schema()) for value in field}

    def words(value: Any) -> list[str]:
        if isinstance(value, str):
            return [] if value in judged else [value]
        if isinstance(value, dict):
            return [found for item in value.values() for found in words(item)]
        return [found for item in value for found in words(item)] if isinstance(value, list) else []

    return words(said)


def _enums(schema: Any) -> list[list[str]]:
    if isinstance(schema, list):
        return [found for item in schema for found in _enums(item)]
    if not isinstance(schema, dict):
        return []
    own = [schema["enum"]] if "enum" in schema else []
    return own + [found for value in schema.values() for found in _enums(value)]
