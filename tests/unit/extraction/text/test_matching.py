"""Finding words in a text: tolerant of typography, never of paraphrase."""

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from service.extraction.text.matching import TextIndex, fold
from service.extraction.text.spans import Span


def found(text: str, words: str, *within: Span) -> str | None:
    span = TextIndex(text).find(words, within or [Span(0, len(text))])
    return text[span.start : span.end] if span else None


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        # quotation marks and apostrophes
        ("the “Centre” group left", 'the "Centre" group', "the “Centre” group"),
        ("Sudan’s army", "Sudan's army", "Sudan’s army"),
        ("міністр Лук’ян Затула", "Лук'ян Затула", "Лук’ян Затула"),
        ("der „letzte“ Tag", "der «letzte» Tag", "der „letzte“ Tag"),
        ("ООН «Дністер»", "Дністер", "Дністер"),
        # dashes
        ("Belgrade–Pristina session", "Belgrade-Pristina session", "Belgrade–Pristina session"),
        ("on 4—5 May", "4-5 May", "4—5 May"),
        ("40‑50 officers", "40–50 officers", "40‑50 officers"),
        # white space
        ("€12\u202f500\u00a0000 lost", "€12 500 000", "€12\u202f500\u00a0000"),
        ("Port\nSudan", "Port Sudan", "Port\nSudan"),
        ("Port\r\n   Sudan", "Port Sudan", "Port\r\n   Sudan"),
        ("Port Sudan", "  Port \t Sudan\n", "Port Sudan"),
        ("the envoy .", "the envoy", "the envoy"),
        # case
        ("The RSF delegation", "the rsf DELEGATION", "The RSF delegation"),
        ("МІНІСТЕРСТВО", "міністерство", "МІНІСТЕРСТВО"),
        ("İstanbul’da", "istanbul", "İstanbul"),
        ("ISPARTA", "Isparta", "ISPARTA"),
        ("KIZIL UFUK", "Kızıl Ufuk", "KIZIL UFUK"),
        # composed and decomposed, ligatures of case
        ("Fédération", "Fe\u0301de\u0301ration", "Fédération"),
        ("Nin\u0303o said", "Niño", "Nin\u0303o"),
        ("Ни\u0306ас", "Нйас", "Ни\u0306ас"),
        ("die Straße", "die STRASSE", "die Straße"),
        ("die STRASSE", "die Straße", "die STRASSE"),
        ("wait… and see", "wait... and see", "wait… and see"),
        # what cannot be seen
        ("al\u00adlies met", "allies", "al\u00adlies"),
        ("the\u200b army", "the army", "the\u200b army"),
        ("\u200eRiyadh\u200f met", "Riyadh", "Riyadh"),
        ("Riyadh", "\ufeffRiyadh", "Riyadh"),
        ("love ❤️ wins", "love ❤ wins", "love ❤️ wins"),
        ("love ❤ wins", "❤️", "❤"),
        # punctuation at the ends of what the model says
        ("said Tayfur", "Tayfur,", "Tayfur"),
        ("the U.S. envoy", "U.S.", "U.S"),
        ("“Nobody signed.”", "“Nobody signed.”", "Nobody signed"),
        # scripts without spaces between words
        ("特使在多哈说", "多哈", "多哈"),
        ("まだ決めていません", "決めて", "決めて"),
        # Arabic
        ("قالت وزارة الدفاع السودانية إن", "وزارة الدفاع", "وزارة الدفاع"),
        ("Ankara’nın arabuluculuğunda", "Ankara", "Ankara"),
    ],
)
def test_same_words_are_found_whatever_their_typography(text: str, words: str, expected: str) -> None:
    assert found(text, words) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a list of names", "ist"),
        ("a list of names", "list of name"),
        ("the army said", "the armed forces said"),
        ("Kyiv", "Kiev"),
        ("Sudan's army", "Sudans army"),
        ("two envoys met", "envoys two met"),
        ("Vostria", "Austria"),
        ("", "anything"),
        ("anything", ""),
        ("anything …", "…"),
        ("anything", " . "),
        ("Straße", "Stras"),
        ("Straße", "se"),
        ("wait… here", "wait."[:4] + ".. here"),
        ("café", "caf"),
        ("cafe\u0301s", "cafe"),
        ("élan", "lan"),
        ("e\u0301lan", "lan"),
        ("al\u00adlies", "lies"),
        ("al\u00adlies", "al"),
        ("की बात", "क"),
        ("مُدَرِّس", "مدرس"),
        ("over 40,000 people", "40"),
        ("over 40,000 people", "000"),
        ("1.5 million", "1"),
        ("1.5 million", "5 million"),
        ("38\u202f000 comments", "38"),
        ("1,234,567", "234"),
        ("İstanbul", "stanbul"),
        ("Київ", "Ки"),
        ("وزارة", "زار"),
    ],
)
def test_other_words_are_not_found(text: str, words: str) -> None:
    assert found(text, words) is None


def test_figure_before_punctuation_is_found() -> None:
    assert found("In 2024, 300 left. Of 40, 12.", "2024") == "2024"
    assert found("In 2024, 300 left. Of 40, 12.", "12") == "12"
    assert found("costs 1.5 million", "1.5 million") == "1.5 million"


def test_first_span_that_has_the_words_is_taken() -> None:
    text = "Doha. Nairobi. Doha."

    assert TextIndex(text).find("Doha", [Span(6, 20), Span(0, 20)]) == Span(15, 19)
    assert TextIndex(text).find("Nairobi", [Span(15, 20), Span(0, 20)]) == Span(6, 13)
    assert TextIndex(text).find("Nairobi", [Span(0, 5), Span(15, 20)]) is None


def test_words_that_reach_out_of_a_span_are_not_in_it() -> None:
    text = "Port Sudan"

    assert TextIndex(text).find("Port Sudan", [Span(0, 4)]) is None
    assert TextIndex(text).find("Port Sudan", [Span(1, 10)]) is None


def test_later_whole_word_is_found_behind_a_part_of_another() -> None:
    assert TextIndex("listless list").find("list", [Span(0, 13)]) == Span(9, 13)


ALPHABET = "abcXYZ éß…İıŞşҐїйЁ’'“”\"«»–-,.;\n\r\t\u00a0\u200b\u00ad\ufe0fe\u0301مر حبا中文会议ขก🧇👍🏽12 3"
articles = st.one_of(st.text(st.sampled_from(ALPHABET), min_size=1, max_size=80), st.text(min_size=1, max_size=60))


def _at_word_borders(text: str, start: int, end: int) -> bool:
    """Whether a slice begins and ends beside white space or the text's end, as the test may know it by itself."""
    return (start == 0 or text[start - 1].isspace()) and (end == len(text) or text[end].isspace())


@given(articles, st.data())
def test_any_slice_at_word_borders_is_found_again(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    words = text[start:end]
    assume(_at_word_borders(text, start, end))
    assume(fold(words) and not unicodedata.category(fold(words)[0]).startswith("M"))

    span = TextIndex(text).find(words, [Span(0, len(text))])

    assert span is not None
    assert fold(text[span.start : span.end]) == fold(words)


@given(articles, articles)
def test_whatever_is_found_is_the_same_words(text: str, words: str) -> None:
    span = TextIndex(text).find(words, [Span(0, len(text))])

    if span is not None:
        assert 0 <= span.start < span.end <= len(text)
        assert fold(text[span.start : span.end]) == fold(words)


@given(articles, st.data())
def test_form_of_the_words_does_not_matter(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    words = text[start:end]
    here = TextIndex(text).find(words, [Span(start, end)])
    assume(here is not None)
    change = data.draw(
        st.sampled_from(
            [
                str.upper,
                lambda said: said.replace(" ", "\u00a0 "),
                lambda said: said.replace("’", "'").replace("–", "-"),
                lambda said: "\u200e" + said,
                lambda said: f"“{said}”",
            ]
        )
    )

    changed = change(words)

    assume(fold(changed) == fold(words))
    assert TextIndex(text).find(changed, [Span(start, end)]) == here
