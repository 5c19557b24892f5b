"""Passages in quotation marks: found by code, numbered for the model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.draft import marked
from schemas.fields import Derived, Mention
from schemas.kinds.quoted_officials import QuotedOfficial
from service.extraction.normalize.rules import ArticleContext, derive
from service.extraction.text.quotes import find_passages, is_speech, numbered_passages, speech_passages
from service.extraction.text.sentences import segment
from service.extraction.text.windows import Window

WORDS = "we did not come here"


def inner(text: str) -> list[str]:
    return [text[passage.start : passage.end] for passage in find_passages(text)]


@pytest.mark.parametrize(
    "quoted",
    [
        f"“{WORDS}”",
        f"„{WORDS}“",
        f"„{WORDS}”",
        f"«{WORDS}»",
        f"»{WORDS}«",
        f"‘{WORDS}’",
        f'"{WORDS}"',
        f"「{WORDS}」",
        f"『{WORDS}』",
    ],
)
@pytest.mark.parametrize("around", ["{}", "He said, {}.", "{}, she said. No more.", "({})", "said:{}!"])
def test_passage_stands_between_its_marks(quoted: str, around: str) -> None:
    if around == "said:{}!" and quoted[0] == "‘":
        around = "said: {}!"
    assert inner(around.format(quoted)) == [WORDS]


def test_french_marks_keep_their_spaces_inside() -> None:
    assert inner("« Nous n’avons plus le temps », dit-il.") == [" Nous n’avons plus le temps "]


@pytest.mark.parametrize(
    "text",
    [
        "It’s the ministers’ duty, and the army’s.",
        "It's the ministers' duty, and the army's.",
        "Rock ’n’ roll in the ’90s.",
        'A 5" shell and a 7" gun.',
        "6'2\" tall",
        "",
        "“”",
        "« »",
        "Nothing here.",
        "»",
        '"',
        "“short",
        "‘never closed, however long the rest of the line is",
        "«never closed, however long the rest of the line is",
    ],
)
def test_text_without_a_quotation_has_no_passage(text: str) -> None:
    assert inner(text) == []


def test_apostrophe_does_not_close_a_single_quotation() -> None:
    assert inner("‘It’s the army’s word,’ he said.") == ["It’s the army’s word,"]


def test_outermost_passage_is_found_alone() -> None:
    assert inner("“I told them, ‘Count the cars,’ and they did,” he said.") == [
        "I told them, ‘Count the cars,’ and they did,"
    ]
    assert inner("„Ein Schild ist kein ‚Vertrag‘, aber ein Anfang.“") == [
        "Ein Schild ist kein ‚Vertrag‘, aber ein Anfang."
    ]
    assert inner("«Он сказал: «Нет», и ушёл», — передаёт агентство.") == ["Он сказал: «Нет», и ушёл"]


def test_quotation_split_around_its_cue_is_two_passages() -> None:
    assert inner("“The guests,” she said, “have been siphoning petrol.”") == [
        "The guests,",
        "have been siphoning petrol.",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("«Держава не продасть «Лірпром», — сказала Варн.", "Держава не продасть «Лірпром"),
        ("Варн сказала: «Держава не продасть «Лірпром».", "Держава не продасть «Лірпром"),
        ("«Держава» не продасть «Лірпром», — сказала Варн.", "Держава"),
    ],
)
def test_one_mark_may_close_a_quotation_and_the_name_at_its_end(text: str, words: str) -> None:
    first = find_passages(text)[0]

    assert text[first.start : first.end] == words


def test_short_end_of_an_interrupted_quotation_is_speech() -> None:
    text = "«Devolveremos los cuadros», dijo Varn, «aunque tarde». El barco «La Mar» zarpó."

    speech = speech_passages(text, find_passages(text))

    assert [text[one.start : one.end] for one in speech] == ["Devolveremos los cuadros", "aunque tarde"]


def test_unclosed_speech_ends_with_its_paragraph() -> None:
    text = "“This goes on in the next paragraph.\n\n“And it ends here,” he said.\r\nNo quotation."

    assert inner(text) == ["This goes on in the next paragraph.", "And it ends here,"]


def test_unclosed_speech_at_the_end_ends_with_the_text() -> None:
    assert inner("He said, “we will go on until the end") == ["we will go on until the end"]


@pytest.mark.parametrize(
    ("text", "speech"),
    [
        ("“We will not come back.”", True),
        ("the “Centre” group", False),
        ("the “final word”", False),
        ("「まだ決めていません」", True),
        ("「和平」", False),
        ("«Активи фірми заблоковано»", True),
    ],
)
def test_names_in_quotation_marks_are_no_speech(text: str, speech: bool) -> None:
    assert is_speech(text, find_passages(text)[0]) is speech


def test_numbers_count_the_speeches_of_a_window() -> None:
    text = "“One two three,” he said. The “Centre” group left.\n“Four five six,” she said. “Seven eight nine.”"
    sentences = segment(text)
    second = [sentence for sentence in sentences if sentence.paragraph == 1]

    def shown(window: Window) -> list[str]:
        return [text[p.start : p.end] for p in numbered_passages(text, find_passages(text), window)]

    assert shown(Window(tuple(sentences))) == ["One two three,", "Four five six,", "Seven eight nine."]
    assert shown(Window(tuple(second))) == ["Four five six,", "Seven eight nine."]


TEXT = 'He said, “We agreed on nothing,” and denied that “a truce” was near. "So be it", she said.'


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("We agreed on nothing,", "direct"),
        ("agreed on nothing", "direct"),
        ("“We agreed on nothing,”", "direct"),
        ("So be it", "direct"),
        ("denied that “a truce” was near", "mixed"),
        ("We agreed on nothing,” and denied", "mixed"),
        ("denied", "indirect"),
        ("she said", "indirect"),
    ],
)
def test_quote_type_follows_from_the_marks(content: str, expected: str) -> None:
    start = TEXT.index(content)
    mark = marked(QuotedOfficial.model_fields["quote_type"], Derived)
    assert mark is not None
    mention = Mention(start=start, end=start + len(content), text=content)

    assert derive(mark, {"content": [mention]}, ArticleContext(tuple(find_passages(TEXT)), None, None)) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (["We agreed on nothing,", "So be it"], "direct"),
        (["We agreed on nothing,", "a truce"], "direct"),
        (["We agreed on nothing,", "was near"], "mixed"),
        (["denied", "a truce"], "mixed"),
        (["denied", "was near"], "indirect"),
    ],
)
def test_quote_type_is_of_all_parts_together(parts: list[str], expected: str) -> None:
    mark = marked(QuotedOfficial.model_fields["quote_type"], Derived)
    assert mark is not None
    content = [Mention(start=TEXT.index(part), end=TEXT.index(part) + len(part), text=part) for part in parts]

    assert derive(mark, {"content": content}, ArticleContext(tuple(find_passages(TEXT)), None, None)) == expected


@given(st.text(st.sampled_from("“”„‟«»‘’\"'「」『』ab1 .,\n\r🧇"), max_size=60))
def test_passages_never_overlap_and_hold_something(text: str) -> None:
    end = 0
    for passage in find_passages(text):
        assert end <= passage.start - 1 < passage.start < passage.end <= len(text)
        assert text[passage.start : passage.end].strip()
        assert "\n\n" not in text[passage.start : passage.end]
        end = passage.end
