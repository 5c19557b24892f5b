import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.extraction.text.alternatives import Atoms, alternatives

LETTERS = ("a", "b", r"\w*", r"\w{2,}", r"\s+")
EXPRESSIONS = st.lists(st.lists(st.sampled_from(LETTERS), min_size=1, max_size=4).map(tuple), min_size=1, max_size=8)
TEXTS = ["".join(letters) for length in range(5) for letters in product("ab ", repeat=length)]


@pytest.mark.parametrize(
    ("words", "expression"),
    [
        (["said"], "said"),
        (["saying", "said", "says"], "sa(?:ying|id|ys)"),
        (["said so", "said"], "sa(?:id so|id)"),
        (["told", "said", "tell"], "t(?:old|ell)|said"),
        (["a", "a"], "a"),
        (["abc", "ab"], "ab(?:c)?"),
    ],
)
def test_beginnings_stand_once(words: list[str], expression: str) -> None:
    assert alternatives([tuple(word) for word in words]) == expression


@given(EXPRESSIONS)
def test_same_words_are_matched_as_by_one_alternative_after_the_other(expressions: list[Atoms]) -> None:
    longest_first = sorted(expressions, key=len, reverse=True)
    plain = re.compile(rf"(?:{'|'.join(map(''.join, longest_first))})(?!\w)")
    shared = re.compile(rf"(?:{alternatives(longest_first)})(?!\w)")

    assert [found.span() for text in TEXTS for found in shared.finditer(text)] == [
        found.span() for text in TEXTS for found in plain.finditer(text)
    ]
