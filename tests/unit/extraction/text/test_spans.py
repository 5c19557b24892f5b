"""Places in a text."""

import pytest

from service.extraction.text.spans import Span


@pytest.mark.parametrize(
    ("inner", "contained"),
    [
        (Span(2, 6), True),
        (Span(3, 5), True),
        (Span(2, 2), True),
        (Span(1, 5), False),
        (Span(3, 7), False),
        (Span(7, 9), False),
    ],
)
def test_span_contains_another_with_its_ends(inner: Span, contained: bool) -> None:
    assert Span(2, 6).contains(inner) is contained


def test_spans_of_the_same_place_are_one() -> None:
    assert len({Span(0, 4), Span(0, 4), Span(0, 5)}) == 2
