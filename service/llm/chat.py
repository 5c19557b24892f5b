"""The interface of `ChatClient`. In a module of its own because the client takes a second to import."""

from collections.abc import Mapping
from typing import Any, Protocol

from schemas.result import Usage
from service.extraction.model import UsageMeter
from service.llm.bodies import OnText
from service.llm.completion import Completion


class Chat(Protocol):
    """What a conversation needs of a client. For the methods see `ChatClient`."""

    async def complete(
        self, body: Mapping[str, Any], *, usage: UsageMeter, repeats: Usage, on_text: OnText | None = None
    ) -> Completion: ...

    async def ready(self) -> bool: ...

    async def close(self) -> None: ...
