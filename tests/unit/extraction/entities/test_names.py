"""Names by their capitals: which are found, which only begin a sentence, and what holds for any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.extraction.entities.names import find_names
from service.extraction.text.sentences import segment


def found(text: str, language: str | None = "en") -> list[list[str]]:
    """The names of each sentence."""
    sentences = segment(text, language)
    said = find_names(sentences, language)
    assert list(said) == [sentence.number for sentence in sentences]
    return [list(said[sentence.number]) for sentence in sentences]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Envoys met in Port Adra.", ["Port Adra"]),
        ("Envoys met Ilsa Varn’s aides and Marl's.", ["Ilsa Varn", "Marl"]),
        ("Envoys met Gen. Oke Marl of the Harbour Guard.", ["Gen. Oke Marl of the Harbour Guard"]),
        ("Envoys met in the U.S. on Sunday and in May.", ["U.S."]),
        ("Envoys of Vostria met.", ["Vostria"]),
        ("In Tolmi, the envoys met.", ["Tolmi"]),
        ("The Kalmere envoys met Kalmere.", ["Kalmere"]),
        ("He met the envoys of Sella, Tolmi and Sella.", ["Sella", "Tolmi"]),
        ("Envoys met Ilsa\u00a0Varn.", ["Ilsa Varn"]),
        ("PORT ADRA, Vostria (Wire) — Envoys met in Tolmi.", ["Tolmi"]),
        ("Делегації зустрілися в Толмі.", ["Толмі"]),
        ("停战谈判在多哈举行。", []),
        ("envoys met in tolmi.", []),
    ],
)
def test_names_of_a_sentence_are_its_capitalised_phrases(sentence: str, expected: list[str]) -> None:
    assert found(sentence) == [expected]


@pytest.mark.parametrize(
    ("language", "sentence", "expected"),
    [
        ("fr", "L’Iran et l’Ukraine parlent d’Ankara à la Mer du Nord.", ["Iran", "Ukraine", "Ankara", "Mer du Nord"]),
        (
            "fr",
            "Selon l'Agence de la Sécurité, M. Berg et Mme Tarn sont là.",
            ["Agence de la Sécurité", "Berg", "Tarn"],
        ),
        ("fr", "Le Sénat parle du Caire et de La Haye.", ["Sénat", "Caire", "La Haye"]),
        ("es", "La panadera llegó a El Salvador con Varn.", ["El Salvador", "Varn"]),
        ("es", "En Tolmi habló el Ministerio de la Harina.", ["Tolmi", "Ministerio de la Harina"]),
    ],
)
def test_small_words_of_a_language_join_names_or_do_not(language: str, sentence: str, expected: list[str]) -> None:
    assert found(sentence, language) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # one word with which something begins
        ("Envoys met.", [[]]),
        ("She left: Nobody met.", [[]]),
        ("She said: “Bakers know.”", [[]]),
        ("Marl left.", [[]]),
        # a name elsewhere
        ("Marl left. Nobody met Marl.", [["Marl"], ["Marl"]]),
        ("Varn left. Nobody met Ilsa Varn.", [["Varn"], ["Ilsa Varn"]]),
        ("Nobody met the Kalmere bakers. “Kalmere is cold,” she said.", [["Kalmere"], ["Kalmere"]]),
        ("Vostria left. Envoys of Vostria met.", [["Vostria"], ["Vostria"]]),
        # several words
        ("Ilsa Varn left.", [["Ilsa Varn"]]),
    ],
)
def test_single_word_that_begins_something_is_a_name_if_it_is_one_elsewhere(
    text: str, expected: list[list[str]]
) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "language", "country"),
    [
        ("Moldova left.", "en", "Moldova"),
        ("Молдова пішла.", "uk", "Молдова"),
        ("Germany left.", None, "Germany"),
        ("Türkei ging.", "de", "Türkei"),
    ],
)
def test_country_that_begins_a_sentence_is_a_name(text: str, language: str | None, country: str) -> None:
    assert found(text, language) == [[country]]


def test_there_are_at_most_sixteen_names() -> None:
    sentence = "She met " + ", ".join(f"Varn{letter}" for letter in "abcdefghijklmnopqrst") + "."

    assert found(sentence) == [[f"Varn{letter}" for letter in "abcdefghijklmnop"]]


@pytest.mark.parametrize(
    "sentence",
    ["UN envoys met Ilsa Varn — a baker — in Tolmi.", "EU bakers left Ilsa Varn – nobody knew why – in Tolmi."],
)
def test_dashes_round_an_aside_are_no_dateline(sentence: str) -> None:
    assert "Ilsa Varn" in found(sentence)[0]


PIECES = [
    *(
        "Ilsa Varn ",
        "Mr. ",
        "U.S. ",
        "of the ",
        "Varn’s ",
        "TOLMI, Vostria — ",
        "In ",
        "The ",
        "Sunday ",
        "İzmir ",
        "ǅ",
    ),
    *(". ", "“", "” ", ": ", "\n", "\t", "\u00a0", "\u2028", "\x1c", "\ud83d", "🧇", "-", "'", "’", "Ілса", "e\u0301 "),
]


@given(
    st.one_of(st.text(st.characters(), max_size=100), st.lists(st.sampled_from(PIECES), max_size=30).map("".join)),
    st.sampled_from(["en", "uk", "de", "tlh", None]),
)
def test_names_of_any_text_stand_in_their_sentences(text: str, language: str | None) -> None:
    sentences = segment(text, language)

    for sentence, said in zip(sentences, found(text, language), strict=True):
        assert len(said) == len(set(said)) <= 16
        for name in said:
            assert name in " ".join(sentence.text.split())
