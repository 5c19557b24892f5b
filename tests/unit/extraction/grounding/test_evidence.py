"""Which sentences state a record: those cited, checked against the record's own words."""

from typing import Any

import pytest

from schemas.draft import complete, draft_of
from schemas.kinds.negotiations import Negotiation
from schemas.kinds.quoted_officials import QuotedOfficial
from service.extraction.grounding.evidence import stating_sentences
from service.extraction.grounding.finder import WordFinder
from service.extraction.text.quotes import find_passages
from service.extraction.text.sentences import segment
from service.extraction.text.windows import Window

TEXT = (
    "Envoys of Vostria and Kalmere met in Sella. Schools stay closed. Rain fell on Vostria. "
    "“Nobody was there at all,” said Oke Brandt. “We left,” he said."
)
WHOLE = Window(tuple(segment(TEXT)))


def stating(record: type, said: dict[str, Any], *, as_cited: bool = False, window: Window = WHOLE) -> list[int]:
    form = draft_of(record)
    draft = form.model_validate(complete(form, said))
    finder = WordFinder(TEXT, find_passages(TEXT))
    return [one.number for one in stating_sentences(finder, record, draft, window, as_cited=as_cited)]


def talks(*sentences: int, parties: tuple[str, ...] = ("Vostria", "Kalmere"), **said: Any) -> dict[str, Any]:
    judged = {"format": "bilateral", "status": "held", "stage": "ceasefire"}
    return {"sentences": list(sentences), "parties": list(parties), **judged, **said}


def quotation(*sentences: int, **said: Any) -> dict[str, Any]:
    judged = {"speaker_type": "person", "is_official": False, "sector": "unknown"}
    return {"sentences": list(sentences), "content": ["Q1"], "speaker": "Oke Brandt", **judged, **said}


@pytest.mark.parametrize(
    ("cited", "numbers"),
    [
        ((1,), [1]),
        ((2, 1), [1, 2]),  # a word of it stands in one of them
        ((3,), [3]),  # "Vostria" stands in it
        ((1, 1, 99, 0, -1), [1]),
    ],
)
def test_sentences_that_are_cited_state_a_record_if_any_holds_a_word_of_it(
    cited: tuple[int, ...], numbers: list[int]
) -> None:
    assert stating(Negotiation, talks(*cited)) == numbers


@pytest.mark.parametrize("cited", [(2,), (99,)])
def test_miscounted_citation_gives_way_to_the_sentence_that_holds_most_words(cited: tuple[int, ...]) -> None:
    assert stating(Negotiation, talks(*cited)) == [1]


def test_one_word_does_not_tell_which_sentence_it_was() -> None:
    assert stating(Negotiation, talks(2, parties=("Sella",))) == []
    assert stating(Negotiation, talks(2, parties=("Atlantis", "Lemuria"))) == []


def test_sentences_that_are_cited_are_taken_without_a_word_of_the_record_where_that_is_said() -> None:
    assert stating(Negotiation, talks(2, parties=("Sella",)), as_cited=True) == [2]
    assert stating(Negotiation, talks(99), as_cited=True) == [1]


@pytest.mark.parametrize(("cited", "numbers"), [((4,), [4]), ((2,), [4]), ((5,), [4, 5])])
def test_sentence_of_the_passage_is_among_them(cited: tuple[int, ...], numbers: list[int]) -> None:
    assert stating(QuotedOfficial, quotation(*cited, cue="said")) == numbers


def test_sentences_outside_of_the_window_state_nothing() -> None:
    last = Window(WHOLE.sentences[3:])

    assert stating(Negotiation, talks(1), window=last) == []
    assert stating(QuotedOfficial, quotation(1, 4), window=last) == [4]
