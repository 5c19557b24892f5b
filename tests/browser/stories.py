"""Articles written for these tests, and a model server that has read them.

`articles/NAME.txt` is a story, `articles/NAME.json` what a model says of it: drafts by kind, with the numbers of the
sentences that they cite. A few of them are wrong on purpose. Persons, firms and events are invented.
"""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from schemas.draft import CITATIONS, complete, draft_of
from schemas.registry import built_in
from tests.support.model_server import ModelServer, Received, Scripted, answer
from tests.support.plausible import plausible_answer

FOLDER = Path(__file__).with_name("articles")
LINE = re.compile(r"^\[(\d+)\] (.+)$", re.MULTILINE)
LABEL = re.compile(r"\bQ\d+ ")
PUBLISHED = "2026-03-09"


@dataclass(frozen=True)
class Story:
    """An article, and what is said of it."""

    name: str

    @cached_property
    def text(self) -> str:
        return (FOLDER / f"{self.name}.txt").read_text(encoding="utf-8")

    @property
    def title(self) -> str:
        return self.text.partition("\n")[0]

    @cached_property
    def drafts(self) -> dict[str, list[dict[str, Any]]]:
        said = json.loads((FOLDER / f"{self.name}.json").read_text(encoding="utf-8"))
        return {kind: [complete(draft_of(built_in()[kind]), one) for one in drafts] for kind, drafts in said.items()}

    def has(self, line: str) -> bool:
        """Whether a line of a question is of this article."""
        return " ".join(LABEL.sub("", line).split()) in " ".join(self.text.split())


VALLETTA = Story("valletta")
"""All four kinds, sentences that state several of them, and words that no sentence has."""
MUSCAT = Story("muscat")
"""The same in Arabic, shorter."""
MARKUP = Story("markup")
"""Tags, scripts and references as words of an article; characters that JavaScript counts twice."""
PIECES = {"DRAGOMAN_WINDOW_TOKENS": "100"}
"""Settings with which the first of them is read in five pieces."""
LAST = 10
"""A sentence in the last piece."""
STORIES = (VALLETTA, MUSCAT, MARKUP)


@dataclass(frozen=True)
class Asked:
    """What one request asks about."""

    story: Story
    sentences: frozenset[int]
    kinds: tuple[str, ...]

    def said(self) -> Scripted:
        """The drafts that cite nothing but sentences which are shown."""
        return answer(
            {
                kind: [draft for draft in self.story.drafts[kind] if self.sentences.issuperset(draft[CITATIONS])]
                for kind in self.kinds
            }
        )


def asked(request: Received) -> Asked | None:
    """What a request asks about; None if it is of no story."""
    # After the article there may be a complaint about an earlier answer.
    shown = next(lines for m in reversed(request.body["messages"]) if (lines := LINE.findall(m["content"])))
    story = next((story for story in STORIES if story.has(shown[0][1])), None)
    numbers = frozenset(int(number) for number, _ in shown)
    kinds = tuple(request.body["response_format"]["json_schema"]["schema"]["required"])
    return Asked(story, numbers, kinds) if story else None


class Reader(ModelServer):
    """Answers questions about the stories, except for those that are held back or play something else."""

    def __init__(self) -> None:
        super().__init__(otherwise=self._says)
        self.behave()

    def behave(self) -> None:
        """Answer everything, and at once."""
        self.holds: Callable[[Asked], bool] = lambda _: False
        self.plays: Callable[[Asked], Scripted | None] = lambda _: None

    @contextmanager
    def holding(self, holds: Callable[[Asked], bool] = lambda _: True) -> Iterator[None]:
        """Keep back the answers to some questions until the end of the block."""
        self.holds = holds
        try:
            yield
        finally:
            self.holds = lambda _: False

    def _says(self, request: Received) -> Scripted:
        question = asked(request)
        if question is None:
            return plausible_answer(request)
        return self.plays(question) or question.said()

    async def _reply(self, request: Received, writer: asyncio.StreamWriter) -> bool:
        question = asked(request) if request.body else None
        while question and self.holds(question):  # noqa: ASYNC110 - tests set it from their own thread
            await asyncio.sleep(0.01)
        return await super()._reply(request, writer)
