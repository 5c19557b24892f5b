"""The JSON in what a model wrote."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.llm.json_extraction import complete_truncated, extract_answer, has_object


def reads(text: str) -> bool:
    """Whether it is an answer with records."""
    try:
        return isinstance(json.loads(text).get("records"), list)
    except ValueError:
        return False


INNER = '{"records": [{"name": "a } b", "note": "```"}]}'


@pytest.mark.parametrize(
    "written",
    [
        INNER,
        f"  {INNER}\n",
        f"```json\n{INNER}\n```",
        f"```\n{INNER}```",
        f"Sure!\n{INNER}\nHope this helps :}}",
        f"<think>\nFirst {{, then }}.\n</think>\n\n{INNER}",
        f"First {{, then }}.</think>{INNER}",
        f"<think></think>```json\n{INNER}\n```\n",
    ],
)
def test_object_is_found_in_its_wrapping(written: str) -> None:
    assert extract_answer(written, reads) == INNER


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("", ""),
        (" \n", ""),
        ("I cannot.", "I cannot."),
        ('{"records": [{"name":', '{"records": [{"name":'),
        ("<think>thinking still", "<think>thinking still"),
        ("<think>done</think>", ""),
        ('{"a": ' * 100_000, ('{"a": ' * 100_000).strip()),
    ],
)
def test_what_has_no_object_is_left_as_it_is(written: str, left: str) -> None:
    assert extract_answer(written, reads) == left


def test_closing_tag_inside_the_answer_is_text() -> None:
    written = '{"name": "he wrote </think> and {left}"}'
    assert extract_answer(written, reads) == written


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text())), st.sampled_from(["", "\n", "  "]))
def test_any_object_survives_a_fence(value: dict[str, object], before: str) -> None:
    for written in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=2)):
        assert json.loads(extract_answer(f"{before}```json\n{written}\n```\n", reads)) == json.loads(written)


FINAL = '{"records": [{"name": "last"}]}'
DRAFT = '{"records": []}'


@pytest.mark.parametrize(
    "written",
    [
        f"First try: {DRAFT}. That misses one. Final answer: {FINAL}",
        f"<thinking>{DRAFT}</thinking>{FINAL}",
        f"<draft>{DRAFT}</draft>\n<answer>{FINAL}</answer>",
        f"<thought>maybe {DRAFT}\n</thought> {FINAL}",
        f"<reasoning>{{set of}} {{envoys}}</reasoning>{FINAL}",
        f"The set {{x, y}} and {{ this: }} first. {FINAL}",
        f'{FINAL}\nNotes: [1] {{}} and {{"footnote": 1}}',
        f"\ufeff{FINAL}",
        f"{FINAL}<think>Should I have said {DRAFT}?",
        f"{{{FINAL}",
    ],
)
def test_last_object_that_fits_counts_and_no_draft_does(written: str) -> None:
    assert extract_answer(written, reads) == FINAL


def test_draft_in_thinking_is_no_answer_even_if_nothing_follows() -> None:
    assert extract_answer(f"<think>{DRAFT}</think>\n", reads) == ""


def test_of_objects_none_of_which_fits_the_last_is_complained_of() -> None:
    assert extract_answer('{"a": 1} {"b": 2}', reads) == '{"b": 2}'


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('{"records": ["a\nb\tc"]}', "a\nb\tc"),
        (r'{"records": ["lost \ud83d half"]}', "lost \ufffd half"),
        (r'{"records": ["a \ud83d\ude00 face"]}', "a \U0001f600 face"),
    ],
)
def test_what_strict_readers_refuse_is_written_anew(written: str, value: str) -> None:
    read = extract_answer(written, reads)
    assert json.loads(read) == {"records": [value]}
    assert read.isprintable()


@pytest.mark.parametrize(
    ("written", "whole"),
    [
        ('{"records":[{"a":1},{"b":[{"c":2}]},{"d":"never end', '{"records":[{"a":1},{"b":[{"c":2}]}]}'),
        ('```json\n{"records":[{"a":"}]"},{"b":', '{"records":[{"a":"}]"}]}'),
        (f'Draft: {DRAFT} Answer: {{"records":[{{"a":1}},', '{"records":[{"a":1}]}'),
        ('<think>{"records":[{"x":1},</think>{"records":[{"a":1}', '{"records":[{"a":1}]}'),
        ('{"records":[{"a":"\\"}]"},{"b":"\\', '{"records":[{"a":"\\"}]"}]}'),
    ],
)
def test_whole_records_of_a_cut_answer_are_kept(written: str, whole: str) -> None:
    assert complete_truncated(written, reads) == whole


@pytest.mark.parametrize(
    "written", ["", "I think", '{"records":[', '{"records":[{"a":1', '{"record":{"a":1,', "{]", "[{}"]
)
def test_nothing_is_whole_where_no_record_ends(written: str) -> None:
    assert complete_truncated(written, reads) is None


@given(st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text()))), st.data())
def test_wherever_an_answer_is_cut_its_whole_records_are_a_beginning(items: list[object], data: st.DataObject) -> None:
    text = json.dumps({"records": items}, ensure_ascii=False)
    cut = text[: data.draw(st.integers(0, len(text) - 1))]
    whole = complete_truncated(cut, reads)
    kept = [] if whole is None else json.loads(whole)["records"]
    assert kept == items[: len(kept)]


@given(st.text(alphabet='{}[]":,a\\ <think>/', max_size=200))
def test_anything_written_is_read_without_an_error(written: str) -> None:
    extract_answer(written, reads)
    complete_truncated(written, reads)
    has_object(written)


@pytest.mark.parametrize(
    ("written", "begun"), [("", False), ("Hm.", False), ("<think>{", False), ('x {"records"', True)]
)
def test_an_answer_begins_with_its_object(written: str, *, begun: bool) -> None:
    assert has_object(written) is begun
