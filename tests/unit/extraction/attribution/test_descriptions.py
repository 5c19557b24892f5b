"""Where an article describes a speaker."""

import pytest

from service.extraction.attribution.descriptions import Descriptions
from service.extraction.text.lexicon import SPEECH, lexicon_for
from service.extraction.text.spans import Span

ENGLISH = lexicon_for(SPEECH, "en")


def span_of(text: str, words: str) -> Span:
    return Span(text.index(words), text.index(words) + len(words))


def around(text: str, speaker: str) -> list[str]:
    """The words beside a speaker's name."""
    found = Descriptions(text, ENGLISH)
    return [found.text_of(span).strip() for span in found.around_name(span_of(text, speaker))]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Foreign Minister Ilsa Varn", "Foreign Minister Ilsa Varn"),
        ("the deputy minister Ilsa Varn", "Ilsa Varn"),
        ("Ferris of the United States", "Ferris"),
        ("Hamad al-Marl", "Hamad al-Marl"),
        ("Jan van der Varn", "Jan van der Varn"),
        ("a baker from Tolmi", "Tolmi"),
        ("the baker", None),
    ],
)
def test_name_of_a_speaker_is_told_from_the_words_around_it(words: str, name: str | None) -> None:
    found = Descriptions(words, ENGLISH)
    span = found.name_in(Span(0, len(words)))

    assert (span and found.text_of(span)) == name


@pytest.mark.parametrize(
    ("words", "bare"),
    [
        ("President Ilsa Varn", "Ilsa Varn"),
        ("Ilsa Varn", "Ilsa Varn"),
        ("Deputy Director Ilsa Varn", "Ilsa Varn"),
        ("Minister", "Minister"),
    ],
)
def test_title_before_a_name_is_left_out(words: str, bare: str) -> None:
    found = Descriptions(words, ENGLISH)

    assert found.text_of(found.without_title(Span(0, len(words)))) == bare


@pytest.mark.parametrize(
    ("text", "speaker", "beside"),
    [
        ("“We wait,” said Ilsa Varn, Tolmia’s minister.", "Ilsa Varn", ["Tolmia’s minister"]),
        ("Tolmia’s minister, Ilsa Varn, smiled.", "Ilsa Varn", ["Tolmia’s minister", "smiled"]),
        ("The army spokesman Ilsa Varn smiled.", "Ilsa Varn", ["The army spokesman"]),
        ("Ilsa Varn of the defence ministry said so.", "Ilsa Varn", ["of the defence ministry"]),
        ("Ilsa Varn, 51, a judge, said so.", "Ilsa Varn", ["a judge"]),
        ("Ilsa Varn, who heads the council, said so.", "Ilsa Varn", ["who heads the council"]),
        # nothing that tells who it is
        ("Ilsa Varn, when asked, said so.", "Ilsa Varn", []),
        ("Ilsa Varn, but not Marl, said so.", "Ilsa Varn", []),
        ("After talks with the minister, Ilsa Varn said so.", "Ilsa Varn", []),
        ("Ilsa Varn said so.", "Ilsa Varn", []),
        # where the name stands first
        ("Ilsa Varn, a judge, came. “We wait,” she said. Varn left.", "Varn left", ["a judge"]),
    ],
)
def test_words_beside_a_name_tell_who_it_is(text: str, speaker: str, beside: list[str]) -> None:
    assert around(text, speaker.removesuffix(" left")) == beside


def test_abbreviation_is_expanded_where_the_article_does_so() -> None:
    text = "The Union of Free Bakers (UFB) met. The UFB’s spokesman left. So did the OAK."
    found = Descriptions(text, ENGLISH)
    span = found.expand_abbreviation("The UFB’s spokesman")

    assert span is not None
    assert found.text_of(span).strip().endswith("Union of Free Bakers")
    assert found.expand_abbreviation("the OAK") is None
    assert found.expand_abbreviation("the spokesman") is None


@pytest.mark.parametrize(
    ("words", "relative"), [("who leads it", True), ("who", False), ("the one who leads it", False), ("whose", False)]
)
def test_relative_clause_is_told_by_its_first_word(words: str, relative: bool) -> None:
    assert Descriptions("", ENGLISH).is_relative_clause(words) is relative


@pytest.mark.parametrize(("words", "noun"), [("its spokesman", True), ("a diplomat", True), ("the bridge", False)])
def test_person_noun_is_an_office_or_what_persons_are_called(words: str, noun: bool) -> None:
    assert Descriptions("", ENGLISH).has_person_noun(words) is noun
