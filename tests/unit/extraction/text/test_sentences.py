"""Segmentation: nothing of a text is lost, and every offset is exact."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.extraction.text.sentences import MAX_SENTENCE, Sentence, segment, split_text

ARTICLES = sorted(Path("tests/articles").glob("*.txt"))
LANGUAGES = [None, "en", "uk", "ru", "tr", "ar", "zh", "zh-Hant", "pt_BR", "xx", "tlh"]

UKRAINIAN = "Делегації зустрілися 14 травня о 10 год. ранку. «Ми домовилися», — сказав він. Далі буде."
RUSSIAN = "Стороны встретились в г. Минске. Переговоры шли 5 ч. и завершились. Что дальше? Неизвестно!"
TURKISH = "Heyetler Ankara’da görüştü. Toplantı 5 saat sürdü! “Masadan kalkan olmadı,” dedi. Peki sonra?"
ARABIC = "التقى الوفدان في الدوحة. هل اتفقا؟ لم يعلن شيء! قال المتحدث: «سنعود»."
CHINESE = "双方周三在多哈会谈。“我们同意了。”特使说。会谈会继续吗？会的！"
EMOJI = "Waffles 🧇 were served. Thumbs up 👍🏽! A family 👨‍👩‍👧‍👦 waved. Flags: 🇺🇦🇹🇷. The end ❤️."
WRAPPED = (
    "The two delegations sat in separate rooms of a hotel in the west\n"
    "of the town while officials carried drafts between them, as the\n"
    "minister who chaired the session told reporters on the steps of\n"
    "the building. A second round is planned for the end of the month\n"
    "in the same place. It has not been confirmed.\n"
    "\n"
    "Relief agencies say that the grain has been waiting for weeks in\n"
    "the warehouses on the coast."
)
HARD = [
    UKRAINIAN,
    RUSSIAN,
    TURKISH,
    ARABIC,
    CHINESE,
    EMOJI,
    WRAPPED,
    "One.\r\n\r\nTwo.\r\nThree.\r\rFour.",
    "No final newline",
    "Final newlines.\n\n\n",
    "\ufeffByte order mark. Two.",
    "A line\u2028separator. A\u0085next line. A\x0cform feed.\x00 NUL.",
    # sentencex panics where a white space of several bytes stands before a full stop
    "Attendez\u00a0... Oui\u202f. Non\u3000.",
    "A\u2028.",
    "Half a \ud83d pair. \udc00 Another half.",
    "\ud83d",
    "e\u0301 decomposed. Nin\u0303o said so.",
    "x" * 50_000,
    "word " * 10_000,
    "слово, " * 7_000 + "x" * 1_000,
    "他说" * 25_000,
]

texts = st.one_of(
    st.text(st.characters(), max_size=300),  # surrogates included
    st.lists(
        st.sampled_from(
            [
                *UKRAINIAN,
                *ARABIC,
                *CHINESE,
                *EMOJI,
                "\u00a0.",
                "\u2028",
                "\r\n",
                "\n",
                "\r",
                ". ",
                "! ",
                " \t",
                "\ud83d",
            ]
        ),
        max_size=150,
    ).map("".join),
)


def assert_exact(text: str, sentences: list[Sentence]) -> None:
    """What holds for the sentences of any text."""
    assert [sentence.number for sentence in sentences] == list(range(1, len(sentences) + 1))
    end = 0
    for sentence in sentences:
        assert text[end : sentence.start].strip() == ""
        assert text[sentence.start : sentence.end] == sentence.text == sentence.text.strip() != ""
        assert len(sentence.text) <= MAX_SENTENCE
        end = sentence.end
    assert text[end:].strip() == ""
    paragraphs = [sentence.paragraph for sentence in sentences]
    assert paragraphs == sorted(paragraphs)


@given(texts, st.sampled_from(LANGUAGES))
@example("a\r\r\nb", None)
def test_pieces_joined_are_the_text(text: str, language: str | None) -> None:
    assert "".join(split_text(text, language)) == text


@given(texts, st.sampled_from(LANGUAGES))
def test_sentences_hold_everything_but_white_space(text: str, language: str | None) -> None:
    assert_exact(text, segment(text, language))


@pytest.mark.parametrize("text", HARD, ids=range(len(HARD)))
@pytest.mark.parametrize("language", [None, "uk", "zh", "xx"])
def test_hard_text_is_cut_exactly(text: str, language: str | None) -> None:
    assert "".join(split_text(text, language)) == text
    assert_exact(text, segment(text, language))


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)
def test_article_is_cut_exactly_and_into_sentences(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        text = file.read()

    sentences = segment(text)

    assert "".join(split_text(text)) == text
    assert_exact(text, sentences)
    assert len(sentences) >= 10
    assert max(len(sentence.text) for sentence in sentences) < 500


@pytest.mark.parametrize(
    ("text", "language", "sentences"),
    [
        (UKRAINIAN, "uk", 3),
        (TURKISH, "tr", 4),
        (ARABIC, "ar", 4),
        (CHINESE, "zh", 5),
        ("他说。我们走！好吗？", "zh", 3),
        ("The U.S. envoy, Dr. Smith, left at 5 p.m. on Monday. He did not speak.", "en", 2),
        ("Prices rose 1.5 percent to $58.20. Freight fell.", None, 2),
        ("Title without a stop\nThe envoys met.", None, 2),
        ("", None, 0),
        (" \r\n\t\n", None, 0),
    ],
)
def test_sentences_are_counted_as_a_reader_does(text: str, language: str | None, sentences: int) -> None:
    assert len(segment(text, language)) == sentences


def test_line_break_in_hard_wrapped_text_ends_neither_sentence_nor_paragraph() -> None:
    first, second, third, fourth = segment(WRAPPED)

    assert first.text.count("\n") == 3
    assert [s.paragraph for s in (first, second, third)] == [0, 0, 0]
    assert fourth.paragraph == 1


def test_line_break_between_headlines_ends_both() -> None:
    title, lead, _ = segment("Talks end without result\r\nEnvoys met in Doha. They left.\r\n")

    assert title.text == "Talks end without result"
    assert (title.paragraph, lead.paragraph) == (0, 1)


def test_long_line_is_cut_at_spaces() -> None:
    sentences = segment("word " * 10_000)

    assert len(sentences) > 40
    assert {word for sentence in sentences for word in sentence.text.split()} == {"word"}


@pytest.mark.parametrize(
    ("language", "text", "sentences"),
    [
        ("fr", "C’est le four, a dit M. Tarn. Mme Berg l’a vu.", 2),
        ("fr", "Le pain est pour MM. Tarn et Berg.", 1),
        ("es", "El pan es del Sr. Varn. La Sra. Varn lo vio.", 2),
        ("fr", "Voici le plan M2. Tarn est là.", 2),
    ],
)
def test_title_ends_no_sentence_in_its_language(language: str, text: str, sentences: int) -> None:
    assert len(segment(text, language)) == sentences
