"""What a model is told of kinds before an article, made once for each group of them, and the version of it."""

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import prompts
from schemas.answers import answer_of, joint_answer_of
from schemas.registry import Registry, built_in, installed
from service.extraction.questions import instructions as module
from service.extraction.questions import messages
from service.extraction.questions.instructions import InstructionBook, Instructions
from service.strategy import Strategy
from tests.support.kinds import OMENS, forget_kinds, write_kind

KINDS = built_in().names
ONE, TWO = KINDS[:2]
by_strategy = pytest.mark.parametrize("strategy", list(Strategy))


def book(
    strategy: Strategy,
    registry: Registry | None = None,
    *,
    field_guide: bool = True,
    lean: bool = False,
    together: bool = True,
) -> InstructionBook:
    return InstructionBook(registry or built_in(), strategy, field_guide=field_guide, lean=lean, together=together)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for files that go before the package's own."""
    yield tmp_path
    forget_kinds()


def versions(kinds: Sequence[str] = KINDS) -> dict[Strategy, str]:
    """The version of what is said of kinds, by strategy, with the files that are used now."""
    return {strategy: book(strategy).version(kinds) for strategy in Strategy}


@pytest.fixture(scope="module")
def shipped() -> dict[tuple[str, ...], dict[Strategy, str]]:
    """The versions with the files of the package alone: of all kinds, and of each of two."""
    prompts.use([])
    return {kinds: versions(kinds) for kinds in (KINDS, (ONE,), (TWO,))}


def change(folder: Path, path: str, words: str, others: str) -> None:
    """Put a file of the package into a folder, with some of its words changed."""
    said = Path("prompts", path).read_text(encoding="utf-8")
    assert words in said
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(said.replace(words, others, 1), encoding="utf-8")


# Which kinds are asked for together


def test_guided_model_is_asked_for_all_kinds_at_once_where_it_may_be() -> None:
    assert book(Strategy.GUIDED).groups(KINDS) == [KINDS]
    assert book(Strategy.GUIDED, together=False).groups(KINDS) == [(kind,) for kind in KINDS]


@pytest.mark.parametrize("strategy", [Strategy.SEARCH, Strategy.CANDIDATES])
def test_other_models_are_asked_for_one_kind_at_a_time(strategy: Strategy) -> None:
    assert book(strategy).groups([TWO, ONE]) == [(TWO,), (ONE,)]


@by_strategy
def test_instructions_about_a_group_are_made_once(strategy: Strategy) -> None:
    made = book(strategy)

    assert made.of((ONE,)) is made.of((ONE,))


@pytest.mark.parametrize("strategy", [Strategy.SEARCH, Strategy.CANDIDATES])
def test_kind_without_a_prompt_is_refused_before_anything_is_asked(strategy: Strategy) -> None:
    class Horoscope(built_in()[ONE]):  # type: ignore[misc]  # a class known at run time alone
        kind = "horoscopes"

    with pytest.raises(prompts.PromptError, match=r"prompts/horoscopes\.toml"):
        book(strategy, Registry([Horoscope]))


# What is said, and the form of an answer


def test_instructions_by_examples_are_of_one_kind() -> None:
    record = built_in()[ONE]
    made = Instructions.by_examples(record, field_guide=True, lean=False)

    assert (made.lists, made.record, made.joint, made.schema_tokens) == ({"records": record}, record, False, 0)
    assert made.task == prompts.load(ONE).task
    assert [message.role for message in made.preamble][:3] == ["system", "user", "assistant"]
    assert made.preamble[0] != made.candidate_preamble[0]
    assert made.answer_model(bounded=False) is answer_of(record, bounded=False)


def test_instructions_by_definitions_are_of_several_kinds_and_count_the_schema() -> None:
    records = [built_in()[kind] for kind in (ONE, TWO)]
    made = Instructions.by_definitions(records)

    assert (tuple(made.lists), made.joint, made.task) == ((ONE, TWO), True, "")
    assert [message.role for message in made.preamble] == ["system"]
    assert made.answer_model(bounded=True) is joint_answer_of(tuple(records), bounded=True)
    assert made.schema_tokens > 100


def test_kinds_of_which_an_answer_has_no_list_are_told_and_the_one_it_was_in() -> None:
    made = Instructions.by_definitions([built_in()[kind] for kind in KINDS])
    answer = made.answer_model(bounded=True).model_validate_json(f'{{"{KINDS[2]}": [], "{ONE}": []}}')

    assert made.missing_kinds(answer) == (TWO, KINDS[3])
    assert made.unfinished_kind(answer) == ONE


def test_answer_about_one_kind_was_in_its_list() -> None:
    made = Instructions.by_examples(built_in()[ONE], field_guide=True, lean=False)
    answer = made.answer_model(bounded=True).model_validate({"records": []})

    assert made.missing_kinds(answer) == ()
    assert made.unfinished_kind(answer) == ONE


# The version of what is said

Shipped = dict[tuple[str, ...], dict[Strategy, str]]


def test_version_is_the_same_for_the_same(shipped: Shipped, folder: Path) -> None:
    (folder / "README.md").write_text("No prompt.", encoding="utf-8")
    shutil.copy("prompts/system.txt", folder)
    shutil.copy("prompts/messages.toml", folder)
    prompts.use([folder])

    assert versions() == versions() == shipped[KINDS]
    assert all(re.fullmatch(r"[0-9a-f]{12}", version) for version in shipped[KINDS].values())


@pytest.mark.parametrize(
    ("path", "words", "others", "strategies"),
    [
        ("messages.toml", "Answer again, whole.", "Answer again.", set(Strategy)),
        ("messages.toml", 'sentence = "[{number}] {text}"', 'sentence = "{number}: {text}"', set(Strategy)),
        ("going_on.txt", "Report only", "Report", set(Strategy)),
        ("guided.txt", "leave nothing out", "leave out nothing", {Strategy.GUIDED}),
        ("system.txt", "You read a news article", "You see a news article", {Strategy.SEARCH, Strategy.CANDIDATES}),
        ("candidates.txt", "You read sentences", "You see sentences", {Strategy.CANDIDATES}),
        (f"{ONE}.toml", 'task = "Report', 'task = "Find', {Strategy.SEARCH, Strategy.CANDIDATES}),
        (f"languages/en/{ONE}.toml", "triggers = [", 'triggers = [\n    "palaver*",', {Strategy.CANDIDATES}),
        ("languages/tr/about.toml", "name =", "# the language\nname =", {Strategy.CANDIDATES}),
    ],
)
def test_version_changes_with_a_file_where_it_decides_what_is_asked(
    shipped: Shipped, folder: Path, path: str, words: str, others: str, strategies: set[Strategy]
) -> None:
    change(folder, path, words, others)
    prompts.use([folder])

    changed = {strategy for strategy, version in versions().items() if version != shipped[KINDS][strategy]}

    assert changed == strategies


def test_version_changes_with_an_example_of_a_kind_that_is_asked_for(shipped: Shipped, folder: Path) -> None:
    said = Path("prompts", f"{ONE}.toml").read_text(encoding="utf-8")
    (folder / f"{ONE}.toml").write_text(f'{said}\n[[examples]]\ntext = "Rain fell."\nrecords = []\n', encoding="utf-8")
    prompts.use([folder])

    with_it, without_it = versions((ONE,)), versions((TWO,))

    assert {strategy for strategy in Strategy if with_it[strategy] != shipped[(ONE,)][strategy]} == {
        Strategy.SEARCH,
        Strategy.CANDIDATES,
    }
    assert without_it == shipped[(TWO,)]


def test_version_changes_with_what_is_said_of_a_field(folder: Path) -> None:
    made = []
    for number, said in enumerate(("what is seen", "what is seen", "what was seen")):
        write_kind(folder / str(number), "omens", OMENS.replace("what is seen", said))
        registry = installed(folder / str(number))
        prompts.use(registry.prompt_folders())
        made.append([book(strategy, Registry([registry["omens"]])).version(["omens"]) for strategy in Strategy])
        forget_kinds()

    assert made[0] == made[1]
    assert all(before != after for before, after in zip(made[1], made[2], strict=True))


def test_version_changes_with_the_code_that_shows_an_article(shipped: Shipped, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "_sentence", lambda number, text: f"{number}) {text}")
    module._sample.cache_clear()

    try:
        assert all(version != shipped[KINDS][strategy] for strategy, version in versions().items())
    finally:
        module._sample.cache_clear()


def test_version_is_of_the_kinds_that_are_asked_for_and_of_how() -> None:
    made = [
        book(Strategy.GUIDED).version([ONE]),
        book(Strategy.GUIDED).version(KINDS),
        book(Strategy.GUIDED, together=False).version(KINDS),
        book(Strategy.SEARCH).version([ONE]),
        book(Strategy.SEARCH, field_guide=False).version([ONE]),
        book(Strategy.CANDIDATES).version([ONE]),
        book(Strategy.CANDIDATES, lean=True).version([ONE]),
    ]

    assert len(set(made)) == len(made)
