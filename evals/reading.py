"""Putting items to the service's own core, one after another, so that the seconds of each are its own."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import Any

from evals.memory import Memory, busy
from evals.suites import Item
from schemas.article import Article
from service.deadline import Deadline
from service.errors import DragomanError
from service.extraction.model import StructuredModel
from service.extraction.pipeline import Extractor

PATIENCE_SECONDS = 3_600.0
"""For one item. What is found is not to depend on how fast this machine is; how long it took stands beside it."""

Answer = dict[str, Any]


def read(
    items: Sequence[Item], extractor: Extractor, model: StructuredModel, memory: Memory, kinds: Sequence[str] | None
) -> Iterator[Answer]:
    """Yield the answer to each item as soon as it is there; the model is closed at the end.

    Args:
        items: what is read.
        extractor: built on `model`, whose calls go through `memory`.
        model: is closed.
        memory: knows when calls were made.
        kinds: None for all.

    """
    with asyncio.Runner() as runner:
        try:
            for item in items:
                yield runner.run(_answer(item, extractor, memory, kinds))
        finally:
            runner.run(model.close())


async def _answer(item: Item, extractor: Extractor, memory: Memory, kinds: Sequence[str] | None) -> Answer:
    article = Article.model_validate(
        {"text": item.text, "published_at": item.published_at, "language": item.language, "id": item.id}
    )
    memory.take()
    started = time.monotonic()
    try:
        found = await extractor.extract(article, kinds=kinds, deadline=Deadline.after(PATIENCE_SECONDS))
        said = found.model_dump(mode="json", exclude={"id", "article_id", "duration_seconds"})
    except DragomanError as exc:
        said = {"records": {}, "error": f"{exc.code}: {exc}"}
    spent = time.monotonic() - started
    asked, remembered = memory.take()
    return {"id": item.id, "seconds": round(spent - busy(asked) + busy([*asked, *remembered]), 3), **said}
