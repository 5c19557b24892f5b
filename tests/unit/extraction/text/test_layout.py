"""Line breaks that end a paragraph are told from those that only wrap a line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.extraction.text.layout import paragraph_breaks


def paragraphs(text: str) -> list[str]:
    starts, stops = [0], []
    for stop in paragraph_breaks(text):
        stops.append(stop.start)
        starts.append(stop.end)
    return [text[start:end] for start, end in zip(starts, [*stops, len(text)], strict=True)]


@pytest.mark.parametrize(
    "text",
    [
        "The army said on Sunday that it had taken\nthe bridge of Amvar after three days.",
        "The army said on Sunday that it had taken\r\nthe bridge of Amvar after three days.",
        "> The army said on Sunday that it had taken\n> the bridge of Amvar after three days.",
        "The commission has begun its negoti-\nations with the harbour board.",
        # the column is known by two lines that go on in small letters
        (
            "The army said on Sunday that it had taken the\nbridge of Amvar after three days of fighting in\n"
            "the hills around it. Nobody was left behind.\nThe bridge had been held by rebels since spring."
        ),
        # over 120 characters, two breaks only
        (
            f"The army said on Sunday that {'it had taken the bridge and ' * 4}that nobody was left in the village of "
            f"the\nnorth, and that {'the road was open and ' * 5}the mill was closed by then, as far as it knew of\nit."
        ),
    ],
)
def test_wrapped_lines_are_one_paragraph(text: str) -> None:
    assert paragraphs(text) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "The army took the bridge.\nThe rebels left the town.",
        "Bridge of Amvar taken\nThe army said on Sunday that it had taken it.",
        "The plan has three parts as follows:\n- rents are frozen\n- offices become flats",
        "It was read out in the house on Monday\nQ: Why?\nA: Because of the rain.",
        "We have agreed on all of the articles\nSECRETARY HOLLIS: We have.",
        "Nothing was heard of them until noon\n14:05 The last bus has left.",
        "bread\nmilk\nsalt",
    ],
)
def test_lines_of_their_own_are_paragraphs(text: str) -> None:
    assert paragraphs(text) == text.split("\n")


def test_full_line_before_a_paragraph_of_wrapped_text_ends_it_where_the_next_word_had_room() -> None:
    text = (
        "The army said on Sunday that it had taken the\nbridge of Amvar after three days of fighting in\n"
        "the hills around it.\nThe bridge had been held by rebels."
    )

    assert paragraphs(text) == [text[: text.index("\nThe bridge")], "The bridge had been held by rebels."]


def test_lines_of_a_block_that_are_alike_are_wrapped_where_one_goes_on() -> None:
    wrapped = (
        "The village was taken without a fight, the people\ncame out with white sheets, reported Major Egor\nSnitnik."
    )
    named = (
        "Villagers left with white sheets\nBy Ilsa Varn\n\nThe village was taken without a fight and the\npeople left."
    )

    assert len(paragraph_breaks(wrapped)) == 0
    assert [named[stop.start : stop.end] for stop in paragraph_breaks(named)] == ["\n", "\n\n"]


def test_blank_lines_end_a_paragraph_once() -> None:
    assert paragraphs("One.\n \n\r\nTwo.") == ["One.", "Two."]


@given(st.text(st.sampled_from("ab A.,“”>-\n\r 1"), max_size=80))
def test_paragraphs_are_the_text_in_order(text: str) -> None:
    end = 0
    for stop in paragraph_breaks(text):
        assert end <= stop.start < stop.end <= len(text)
        assert not text[stop.start : stop.end].strip(" >\t\r\n")
        end = stop.end
