"""Time grows with an article's length, not with its square, whatever is in it; and others are served meanwhile."""

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from schemas import registry
from schemas.article import Article
from service.deadline import Deadline
from service.errors import DeadlineExceededError
from service.extraction.analysis import analyse
from service.extraction.candidates.candidates import find_candidates
from service.extraction.grounding.ground import Grounded, Grounder
from service.extraction.normalize.edtf import edtf
from service.extraction.normalize.numbers import least
from service.extraction.pipeline import Extractor
from service.extraction.text.matching import TextIndex
from service.extraction.text.quotes import find_passages
from service.extraction.text.sentences import segment
from service.extraction.text.spans import Span
from service.extraction.text.windows import windows
from service.strategy import Strategy
from tests.support.patience import PATIENCE
from tests.support.scripted_model import NOTHING, ScriptedModel

SHORT = 25_000
TIMES = 4
MOST = 10
"""How many times longer four times the length may take: the square would take sixteen times."""
NOISE = 0.1


def effort(work: Callable[[str], Any], piece: str, length: int) -> float:
    """Seconds of processor time."""
    text = (piece * length)[:length]
    before = time.process_time()
    work(text)
    return time.process_time() - before


def grows_with_length(work: Callable[[str], Any], piece: str, short: int = SHORT) -> bool:
    work(piece)
    # A machine with other work may slow one try; what grows with the square fails in all of them.
    return any(effort(work, piece, TIMES * short) < MOST * effort(work, piece, short) + NOISE for _ in range(5))


@pytest.mark.parametrize("piece", ["“", "‘", "汉。", '?" ', "a. ", "a\n", " "])
def test_cutting_into_sentences_grows_with_the_length(piece: str) -> None:
    assert grows_with_length(segment, piece)


@pytest.mark.parametrize("piece", ["„", "„a ", "«" * 3_000 + "»", "‘a", '"', "“a “b “"])
def test_finding_passages_grows_with_the_length(piece: str) -> None:
    assert grows_with_length(find_passages, piece)


@pytest.mark.parametrize("budget", [400, 100_000])
def test_cutting_into_windows_grows_with_the_length(budget: int) -> None:
    sentences = segment("a\n" * (TIMES * SHORT))

    assert grows_with_length(lambda text: windows(sentences[: len(text)], budget), "a")


def looked_for(text: str) -> None:
    reading = analyse(text, segment(text), tuple(find_passages(text)), "en")
    for record in registry.built_in():
        find_candidates(record, reading)


@pytest.mark.parametrize("piece", ['"A b c," said he. ', "said “a b c. E”, ", "“a b c d.” "])
def test_looking_for_candidates_grows_with_the_length(piece: str) -> None:
    assert grows_with_length(looked_for, piece, 10_000)


@pytest.mark.parametrize("piece", ["a", "1", "a\u0301", "ab "])
def test_looking_for_words_grows_with_the_length(piece: str) -> None:
    def find(text: str) -> None:
        haystack = TextIndex(text)
        for _ in range(200):
            haystack.find("a1", [Span(0, len(text))])
            haystack.find(piece.strip() * 2, [Span(0, len(text))])

    assert grows_with_length(find, piece, 2_000)


def test_reading_a_figure_grows_with_its_length() -> None:
    assert grows_with_length(lambda text: least(text, "en"), "5 of ", 5_000)


def test_what_is_too_long_for_a_date_is_none() -> None:
    day = date(2026, 11, 20)

    assert edtf("3 May 2026", published=day) == "2026-05-03"
    assert edtf("3 May 2026" + " in the evening" * 7, published=day) is None


TALKS = Article(text="Iran and Oman held talks with Qatar.\n" * 200, language="en")


def extractor(model: ScriptedModel, strategy: Strategy) -> Extractor:
    return Extractor(model, registry.built_in(), window_tokens=1_000, max_chars=200_000, strategy=strategy)


@pytest.mark.parametrize("strategy", list(Strategy))
async def test_others_are_served_while_a_long_article_is_prepared(strategy: Strategy) -> None:
    model = ScriptedModel(otherwise=NOTHING)
    article = Article(text="He said. " * 20_000, language="de")
    work = asyncio.create_task(extractor(model, strategy).extract(article, deadline=Deadline.after(60)))
    served = 0

    while not model.questions and not work.done():
        await asyncio.sleep(0)
        served += 1
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)

    assert served > 20


async def test_article_that_cannot_be_prepared_in_time_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    reader = extractor(ScriptedModel(), Strategy.SEARCH)
    monkeypatch.setattr(reader, "_planned", lambda *_: over.wait(PATIENCE))

    try:
        with pytest.raises(DeadlineExceededError):
            await reader.extract(TALKS, deadline=Deadline.after(0.05))
        assert not over.is_set()
    finally:
        over.set()


async def test_others_are_served_while_an_answer_is_grounded_at_many_places(monkeypatch: pytest.MonkeyPatch) -> None:
    ground = Grounder.ground
    grounded = 0

    def counted(*arguments: Any) -> Grounded:
        nonlocal grounded
        grounded += 1
        return ground(*arguments)

    monkeypatch.setattr(Grounder, "ground", counted)
    said = {"speaker_type": "person", "is_official": True, "sector": "gov", "position": None, "affiliation": None}
    model = ScriptedModel(otherwise={"record": said})
    article = Article(text="“We go,” said Mira Dolen.\n" * 500, language="en")
    work = asyncio.create_task(
        extractor(model, Strategy.CANDIDATES).extract(article, kinds=["quoted_officials"], deadline=Deadline.after(60))
    )
    seen: set[int] = set()

    while not work.done():
        seen.add(grounded)
        await asyncio.sleep(0)

    assert (await work).questions == 1
    assert len(seen) >= 10
    assert grounded == 500 + 1  # once more at the place that the model was shown, for the review


async def test_questions_of_a_long_article_are_made_ready_a_few_at_a_time() -> None:
    most = asking = 0

    async def slow(_: Any) -> dict[str, Any]:
        nonlocal most, asking
        asking += 1
        most = max(most, asking)
        for _ in range(200):  # turns of the loop: longer than it takes to ask as many as may be asked
            await asyncio.sleep(0)
        asking -= 1
        return {"record": None}

    reader = extractor(ScriptedModel(otherwise=slow), Strategy.CANDIDATES)
    extraction = await reader.extract(TALKS, kinds=["negotiations"], deadline=Deadline.after(60))

    assert (extraction.status, extraction.questions) == ("complete", 200)
    assert 8 < most <= 64


async def test_connections_are_served_between_any_two_questions() -> None:
    turns = 0
    begun: list[int] = []

    def answer(_: Any) -> dict[str, Any]:
        begun.append(turns)
        return {"record": None}

    reader = extractor(ScriptedModel(otherwise=answer), Strategy.CANDIDATES)
    articles = [reader.extract(TALKS, kinds=["negotiations"], deadline=Deadline.after(60)) for _ in range(3)]
    work = asyncio.gather(*articles)
    while not work.done():
        turns += 1
        await asyncio.sleep(0)

    assert len(begun) == 600
    assert len(set(begun)) == len(begun)


async def test_what_is_not_asked_in_time_is_a_failure_and_costs_no_call() -> None:
    over: list[bool] = []

    class EndsWithTheFirstAnswer(Deadline):
        def remaining(self) -> float:
            return 0.0 if over else 60.0

    def last(_: Any) -> dict[str, Any]:
        over.append(True)
        return {"record": None}

    model = ScriptedModel(otherwise=last)
    extraction = await extractor(model, Strategy.CANDIDATES).extract(
        TALKS, kinds=["negotiations"], deadline=EndsWithTheFirstAnswer(0.0)
    )

    assert extraction.status == "partial"
    assert {failure.code for failure in extraction.failures} == {"deadline_exceeded"}
    assert len(extraction.failures) + len(model.questions) == extraction.questions == 200
