"""The one thing the pipeline needs from a language model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel

from schemas.result import Usage
from service.deadline import Deadline

Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Message:
    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(slots=True)
class UsageMeter:
    """Adds up what the calls of one article cost; also those which ended in an error."""

    total: Usage = field(default_factory=Usage)

    def add(self, usage: Usage) -> None:
        self.total = self.total + usage


@dataclass(frozen=True, slots=True)
class Question(Generic[Answer]):
    """One call: what is sent, the form of the answer, and how the answer is reviewed.

    Args:
        messages: the whole conversation, the static part first.
        answer: pydantic model the answer must fit; its `model_json_schema()` is what the server is given.
        review: looks at an answer that fits the schema; returns a complaint, which is put to the model in a
            re-ask, or None when there is nothing to ask again. It is called once per answer.
        max_tokens: what the answer itself is expected to need at most.
        most_tokens: what the model's context leaves for an answer and all thinking before it, which is never less than
            `max_tokens`; 0 where that is not known.
        on_partial: called, where the server sends an answer piece by piece, with each item of its lists as soon as
            that is whole: as an answer with this item alone. It may not be in the answer in the end.

    """

    messages: Sequence[Message]
    answer: type[Answer]
    review: Callable[[Answer], str | None]
    max_tokens: int
    most_tokens: int = 0
    on_partial: Callable[[Answer], None] | None = None


class StructuredModel(Protocol):
    """A model that fills pydantic models. Implementations are safe for concurrent use on one event loop."""

    @property
    def name(self) -> str:
        """The model's name, as the server knows it."""

    @property
    def context_tokens(self) -> int:
        """How many tokens prompt and answer may have together."""

    async def fill(self, question: Question[Answer], *, deadline: Deadline, usage: UsageMeter) -> Answer:
        """Ask, retry and re-ask until there is an answer that fits, or raise.

        Raises:
            ModelCallError: the call failed and retrying does not help, or not in time.
            AnswerError: there was an answer, and it cannot be used.

        """

    async def ready(self) -> bool:
        """Whether the server answers; never a billed call."""

    def check(self) -> None:
        """Pass if a call may be made now. Safe on any thread.

        Raises:
            BreakerOpenError: the server keeps failing and is left alone for now.

        """

    async def available(self) -> None:
        """Wait until a call may be made."""

    async def close(self) -> None: ...
