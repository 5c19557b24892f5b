"""Answers of model servers, kept on disk, so that a run goes on where it stopped and a changed scorer costs no calls.

An answer is found again by the whole request that was sent for it: model, messages, answer schema, limit. With it is
kept when the call was made, so that a run on remembered answers reports the cost of the calls that were made for them.
"""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from schemas.result import Usage
from service.extraction.model import UsageMeter
from service.llm.bodies import OnText
from service.llm.chat import Chat
from service.llm.completion import Completion

Period = tuple[float, float]
"""When a call was in flight: seconds since 1970."""


class Memory:
    """One for a run; `around` is put between the model and the wire.

    Args:
        folder: where answers are kept.
        fresh: ask anew, and remember the new answers.

    """

    def __init__(self, folder: Path, *, fresh: bool = False) -> None:
        self._folder = folder
        self._fresh = fresh
        self.asked: list[Period] = []
        """Calls made by this process."""
        self.remembered: list[Period] = []
        """Calls that were made some time before."""

    def around(self, chat: Chat) -> Chat:
        return _Remembering(chat, self)

    def take(self) -> tuple[list[Period], list[Period]]:
        """The calls since it was last asked: those made now, and those made before."""
        taken = self.asked, self.remembered
        self.asked, self.remembered = [], []
        return taken

    def recall(self, body: Mapping[str, Any]) -> Completion | None:
        path = self._path(body)
        if self._fresh or not path.exists():
            return None
        kept = json.loads(path.read_text(encoding="utf-8"))
        self.remembered.append((kept["started"], kept["ended"]))
        return Completion.model_validate(kept["completion"])

    def keep(self, body: Mapping[str, Any], completion: Completion, period: Period) -> None:
        self.asked.append(period)
        path = self._path(body)
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = {"completion": completion.model_dump(by_alias=True), "started": period[0], "ended": period[1]}
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
        partial.replace(path)

    def _path(self, body: Mapping[str, Any]) -> Path:
        # Not sorted: a constrained answer follows the order of its schema.
        digest = hashlib.sha256(json.dumps(body).encode()).hexdigest()
        return self._folder / digest[:2] / f"{digest}.json"


class _Remembering:
    """A `Chat` that asks another one only what it does not remember. Failed calls are not remembered."""

    def __init__(self, chat: Chat, memory: Memory) -> None:
        self._chat = chat
        self._memory = memory

    async def complete(
        self, body: Mapping[str, Any], *, usage: UsageMeter, repeats: Usage, on_text: OnText | None = None
    ) -> Completion:
        known = self._memory.recall(body)
        if known is not None:
            usage.add(Usage(calls=1) + repeats + known.usage)
            return known
        started = time.time()
        completion = await self._chat.complete(body, usage=usage, repeats=repeats, on_text=on_text)
        self._memory.keep(body, completion, (started, time.time()))
        return completion

    async def ready(self) -> bool:
        return await self._chat.ready()

    async def close(self) -> None:
        await self._chat.close()


def busy(periods: Sequence[Period]) -> float:
    """Seconds in which at least one call was in flight."""
    seconds, until = 0.0, 0.0
    for started, ended in sorted(periods):
        seconds += max(0.0, ended - max(started, until))
        until = max(until, ended)
    return seconds
