"""Who an article names where, and what is a person's name."""

import pytest

from service.extraction.entities.mentions import Mentions
from service.extraction.text.lexicon import SPEECH, lexicon_for
from service.extraction.text.quotes import find_passages, speech_passages
from service.extraction.text.sentences import segment
from service.extraction.text.spans import Span


def mentions_of(text: str) -> Mentions:
    speech = speech_passages(text, find_passages(text))
    return Mentions(text, segment(text, "en"), speech, lexicon_for(SPEECH, "en"))


def named(text: str) -> list[str]:
    """The persons and organisations that an article names, in order."""
    return [text[span.start : span.end] for span in mentions_of(text).between(0, len(text))]


def span_of(text: str, words: str) -> Span:
    start = text.rindex(words)
    return Span(start, start + len(words))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Nobody met Ilsa Varn.", ["Ilsa Varn"]),
        ("Nobody met Ilsa Varn. Varn left.", ["Ilsa Varn", "Varn"]),
        ("Nobody met Varn.", []),
        # phrases around a noun
        ("Nobody met the rebel leader.", ["the rebel leader"]),
        ("Nobody met Vostria’s bakery ministry.", ["Vostria’s bakery ministry"]),
        ("Nobody read the Saudi Bakery Agency.", ["the Saudi Bakery Agency"]),
        ("Nobody met a tired resident of the town.", ["a tired resident"]),
        # only what stands outside of quotation marks
        ("“We met Ilsa Varn at the oven,” they said.", []),
        # where or which
        ("They waited in Port Adra for the Varn campaign.", ["the Varn campaign"]),
        # not whose something is
        ("Ilsa Varn’s ovens are old.", []),
        # a headline
        ("Ilsa Varn Opens Ovens In Tolmi Town\n\nNobody met Varn.", []),
    ],
)
def test_persons_and_organisations_are_named(text: str, names: list[str]) -> None:
    assert named(text) == names


def test_stretch_has_those_that_begin_in_it() -> None:
    text = "Nobody met Ilsa Varn. Nobody met Oke Marl."
    found = mentions_of(text)

    assert [text[span.start : span.end] for span in found.between(0, 21)] == ["Ilsa Varn"]
    assert [text[span.start : span.end] for span in found.between(12, len(text))] == ["Oke Marl"]
    assert list(found.between(21, 25)) == []


@pytest.mark.parametrize(
    ("text", "word", "full"),
    [
        ("Nobody met Ilsa Varn. Varn left.", "Varn", "Ilsa Varn"),
        ("Nobody met Ilsa Varn. Then came Oke Varn. Varn left.", "Varn", "Oke Varn"),
        ("Varn left. Nobody met Ilsa Marl.", "Varn", "Varn"),
    ],
)
def test_full_name_is_the_nearest_before(text: str, word: str, full: str) -> None:
    span = mentions_of(text).full_name(span_of(text, word))

    assert text[span.start : span.end] == full


@pytest.mark.parametrize(
    ("name", "is_other"),
    [
        ("Ilsa Varn", False),
        ("Russian President Oleg Marl", False),
        ("Kyiv Mayor Oleg Marl", False),
        ("Oleg al-Marl", False),
        ("Marl", True),
        ("Lakes Council", True),
        ("Northern Herald", True),
        ("United States", True),
        ("Foreign Minister", True),
        ("However Ilsa", True),
        ("Monday Varn", True),
    ],
)
def test_name_is_a_persons_or_not(name: str, is_other: bool) -> None:
    assert mentions_of(f"She met {name}.").is_organization_or_place(span_of(f"She met {name}.", name)) is is_other


def test_word_of_a_persons_full_name_is_a_persons() -> None:
    text = "Nobody met Ilsa Varn. Varn left."

    assert mentions_of(text).is_organization_or_place(span_of(text, "Varn")) is False


@pytest.mark.parametrize(
    ("word", "may_be"), [("Marl", True), ("NATO", False), ("Norway", False), ("Council", False), ("marl", False)]
)
def test_single_word_may_be_a_surname(word: str, may_be: bool) -> None:
    assert mentions_of(word).may_be_surname(Span(0, len(word))) is may_be


@pytest.mark.parametrize(
    ("phrase", "describes"),
    [("a source in the service", True), ("the spokesman", True), ("the ministry", False), ("President Varn", False)],
)
def test_phrase_without_a_name_describes_a_person(phrase: str, describes: bool) -> None:
    assert mentions_of(phrase).describes_person(Span(0, len(phrase))) is describes
