"""A small article, its gold, and answers to it."""

from collections.abc import Callable
from typing import Any

import pytest

from evals.gold import GoldArticle, GoldRecord
from service.extraction.text.spans import Span

TEXT = (
    "Envoys of Norvia and Tellan met in Geneva on Tuesday. The Norvian army said it had shelled Port Emmel, "
    "killing 12 soldiers. Tellan denied it. “We talk,” President Ana Rell said, “because we must.”"
)

Find = Callable[[str], dict[str, Any]]


def at(words: str) -> Span:
    start = TEXT.index(words)
    return Span(start, start + len(words))


def said(words: str) -> dict[str, Any]:
    """Words of the article as an answer has them."""
    return {"start": at(words).start, "end": at(words).end, "text": words}


def sentence(beginning: str) -> Span:
    start = TEXT.index(beginning)
    return Span(start, TEXT.index(".", start) + 1)


def cited(beginning: str) -> list[dict[str, Any]]:
    span = sentence(beginning)
    return [{"start": span.start, "end": span.end, "text": TEXT[span.start : span.end], "sentence": 1}]


def gold(kind: str, beginning: str, *, optional: bool = False, **fields: Any) -> GoldRecord:
    return GoldRecord(kind, (sentence(beginning),), fields, optional)


@pytest.fixture
def article() -> Callable[..., GoldArticle]:
    return lambda *records: GoldArticle("talks", TEXT, {}, records)
