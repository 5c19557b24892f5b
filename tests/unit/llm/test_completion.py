"""Reading what servers send."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import DragomanError, ModelUnavailableError
from service.llm.completion import Completion

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
        completion.first_choice()
    except DragomanError:
        return
    assert completion.usage.prompt_tokens >= 0


@given(st.binary(max_size=50).filter(lambda body: not body.strip().startswith(b"{")))
def test_bytes_that_are_no_object_are_worth_another_try(body: bytes) -> None:
    with pytest.raises(ModelUnavailableError) as raised:
        Completion.read(body)
    assert raised.value.__context__ is None
