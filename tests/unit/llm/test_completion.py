"""Reading what servers send."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.extraction.errors import DragomanError, ModelUnavailableError
from service.llm.completion import Completion, bare_json

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
def test_bare_json_finds_the_object(written: str) -> None:
    assert bare_json(written) == INNER


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
def test_bare_json_leaves_what_has_no_object(written: str, left: str) -> None:
    assert bare_json(written) == left


def test_closing_tag_inside_the_answer_is_text() -> None:
    written = '{"name": "he wrote </think> and {left}"}'
    assert bare_json(written) == written


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text())), st.sampled_from(["", "\n", "  "]))
def test_any_object_survives_a_fence(value: dict[str, object], before: str) -> None:
    for written in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=2)):
        assert bare_json(f"{before}```json\n{written}\n```\n") == written


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["choices", "message", "content", "usage", "prompt_tokens", "finish_reason", "text", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(ANYTHING)
def test_any_json_is_read_or_refused_as_one_of_our_errors(body: object) -> None:
    try:
        completion = Completion.read(json.dumps(body).encode())
        completion.text(reads_reasoning=True)
    except DragomanError:
        return
    assert completion.usage.prompt_tokens >= 0


@given(st.binary(max_size=50).filter(lambda body: not body.strip().startswith(b"{")))
def test_bytes_that_are_no_object_are_worth_another_try(body: bytes) -> None:
    with pytest.raises(ModelUnavailableError) as raised:
        Completion.read(body)
    assert raised.value.__context__ is None
