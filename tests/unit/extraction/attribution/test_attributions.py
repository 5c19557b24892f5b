"""Which sentences are read together, and what holds for the attributions of any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.extraction.attribution.attribution import Attribution
from service.extraction.text.lexicon import SPEECH, Lexicon, lexicon_for
from tests.unit.extraction.attribution.reading import read, said


def test_quoted_sentence_without_a_cue_goes_on_with_the_one_before() -> None:
    text = "“The ovens are cold,” said Ilsa Varn. “They stay cold. Nobody has flour.” The market opened."

    [attribution] = read(text)

    assert said(text) == [("Ilsa Varn", "said", ["The ovens are cold,", "They stay cold. Nobody has flour."])]
    assert [sentence.number for sentence in attribution.sentences][:2] == [1, 2]
    assert all("market" not in sentence.text for sentence in attribution.sentences)


def test_quotation_after_other_sentences_is_a_new_attribution_of_the_last_speaker() -> None:
    text = "“The ovens are cold,” said Ilsa Varn. The market opened at nine. “We wait for flour from the north.”"

    assert said(text) == [
        ("Ilsa Varn", "said", ["The ovens are cold,"]),
        ("Ilsa Varn", None, ["We wait for flour from the north."]),
    ]


def test_next_quotation_with_a_cue_of_its_own_is_another_attribution() -> None:
    text = "“We bake every day,” said Ilsa Varn. “Nobody has flour,” added Oke Marl."

    assert said(text) == [
        ("Ilsa Varn", "said", ["We bake every day,"]),
        ("Oke Marl", "added", ["Nobody has flour,"]),
    ]


def test_quotation_that_nobody_says_has_no_speaker() -> None:
    assert said("“We wait for flour every day.”") == [(None, None, ["We wait for flour every day."])]


def test_somebody_on_each_side_of_a_semicolon_is_an_attribution_each() -> None:
    text = "Ilsa Varn said that it was late; Oke Marl said that it was cold."

    assert said(text) == [("Ilsa Varn", "said", ["it was late"]), ("Oke Marl", "said", ["it was cold"])]


def test_language_that_is_not_known_has_the_words_of_all() -> None:
    for text in ("Ilsa Varn said that it was late.", "Ілса Варненко сказала, що печі холодні."):
        assert len(said(text, None)) == len(said(text, "tlh")) == 1


@pytest.mark.parametrize("words", [Lexicon(), lexicon_for(SPEECH, "en")])
def test_without_a_cue_only_sentences_that_are_quotations_are_somebodys_words(words: Lexicon) -> None:
    text = "The sign “closed for the whole long winter” hung there. “We wait for flour every day.”"

    [attribution] = read(text, words=words)

    assert attribution.cue is attribution.speaker is None
    assert [text[part.start : part.end] for part in attribution.parts] == ["We wait for flour every day."]


# What holds for any text

LANGUAGES = ["en", "en-GB", "uk", "ru", "de", "tlh", None]
PIECES = [
    *"“”„‟«»‘’\"'「」『』()—–-,.;:!?…",
    *(
        "\n",
        "\r\n",
        "\r",
        " ",
        " ",
        "\u00a0",
        "\u2028",
        "\x00",
        "\ue000",
        "\ud83d",
        "🧇",
        "👨‍👩‍👧‍👦",
        "e\u0301",
        "İ",
        "ß",
    ),
    *(" said ", " said that ", " and warned that ", " according to ", "According to ", ", said ", " told ", " claims "),
    *(" called ", " asked", " she added", " he ", " that ", " on Monday", " who ", " the reports "),
    *(" сказала ", ", що ", " за словами ", " заявил, что ", " sagte ", ", dass ", " laut ", " dedi", " söyledi."),
    *("Ilsa Varn", "Varn", "Oke Marl, a baker,", "The mayor of Tolmi", "In Tolmi,", "Ілса Варненко", "die Bäckerin"),
    *(
        "“We wait for flour every day,”",
        "“Nobody has flour.” ",
        "«Печі сьогодні холодні»",
        "the ovens were cold",
        "We. ",
    ),
]

texts = st.one_of(
    st.text(st.characters(), max_size=200),  # surrogates included
    st.lists(st.sampled_from(PIECES), max_size=40).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join),
)


def assert_sound(text: str, found: list[Attribution]) -> None:
    """What holds for the attributions of any text."""
    for attribution in found:
        assert attribution.sentences
        assert attribution.parts
        for span in (*attribution.parts, attribution.cue, attribution.speaker):
            if span:
                assert 0 <= span.start < span.end <= len(text)
                assert text[span.start : span.end].strip()
        end = attribution.sentences[0].start
        for part in attribution.parts:
            assert end <= part.start
            end = part.end
        assert end <= attribution.sentences[-1].end


@given(texts, st.sampled_from(LANGUAGES))
def test_attributions_of_any_text_are_in_it_and_in_order(text: str, language: str | None) -> None:
    assert_sound(text, read(text, language))


LENGTH = 20_000


@pytest.mark.parametrize(
    "line",
    [
        "word ",
        "x",
        "he said ",
        "said, ",
        "Ilsa Varn said that ",
        "according to Ilsa, ",
        "very slowly also later ",
        "A of the ",
        "“we go on. ",
        "“we go on now” ",
        "“we go on now,” said Ilsa. ",
        "“we go on. It is so” and Ilsa said and “they are. So” ",
        "— ",
        "🧇 said ",
        "сказала, що ",
        "“",
        '"',
    ],
)
def test_very_long_line_is_read(line: str) -> None:
    text = (line * (LENGTH // len(line) + 1))[:LENGTH]

    assert_sound(text, read(text))


def test_quotation_of_three_thousand_characters_is_one_attribution() -> None:
    words = ("We go on. " * 300).strip()

    assert said(f"“{words}” said Ilsa Varn.") == [("Ilsa Varn", "said", [words])]


@pytest.mark.parametrize(
    "text",
    [
        "“We wait for flour every day, said Ilsa Varn.\r\nShe left.",
        "Ilsa Varn said, “We wait for flour",
        "“We wait for flour every day.\r\n\r\n“Nobody has any,” said Ilsa Varn.",
        "”“ said ”“",
        "said",
        "According to",
        "According to , it rains.",
        "🧇 said 🧇 that 🧇.",
        "\ue000\ue000 said \ue000",
        "“\ue000\ue000 a b” said \ue000.",
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_odd_text_is_read(text: str, language: str | None) -> None:
    assert_sound(text, read(text, language))
