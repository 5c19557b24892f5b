"""All that a model is told of some kinds before it is shown an article, and the form in which it answers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from pydantic import BaseModel

import prompts
from schemas.answers import JointAnswer, answer_of, joint_answer_of
from schemas.fields import Record
from schemas.registry import Registry
from service.extraction.model import Message
from service.extraction.questions.messages import (
    candidate_preamble,
    guided_preamble,
    search_preamble,
    window_message,
)
from service.extraction.text.quotes import find_passages
from service.extraction.text.sentences import segment
from service.extraction.text.windows import Window, estimate_tokens
from service.strategy import Strategy


@dataclass(frozen=True, slots=True)
class Instructions:
    """What is asked for in one question, and everything that is said to the model before an article.

    Args:
        lists: the kinds, by the names of their lists in an answer about a window.
        task: what is said above an article; may be empty.
        preamble: the messages before one with a window.
        candidate_preamble: the messages before one with a candidate.
        joint: whether the lists have their kinds' names.
        schema_tokens: of the answer's schema, which providers count as part of the prompt, or show to the model in it.

    """

    lists: Mapping[str, type[Record]]
    task: str
    preamble: tuple[Message, ...]
    candidate_preamble: tuple[Message, ...] = ()
    joint: bool = False
    schema_tokens: int = 0

    @classmethod
    def by_examples(
        cls, record: type[Record], *, field_guide: bool, lean: bool, by_candidates: bool = True
    ) -> "Instructions":
        """Of one kind, by examples; `by_candidates` tells whether it may be asked about candidates, too."""
        prompt = prompts.load(record.kind)
        searching = search_preamble(record, prompt, field_guide=field_guide)
        judging = candidate_preamble(record, prompt, field_guide=field_guide, lean=lean) if by_candidates else ()
        return cls({"records": record}, prompt.task, searching, judging)

    @classmethod
    def by_definitions(cls, records: Sequence[type[Record]]) -> "Instructions":
        """Of several kinds at once, by their definitions."""
        return cls(
            {record.kind: record for record in records},
            "",
            guided_preamble(records, prompts.guided()),
            joint=True,
            schema_tokens=_schema_tokens(tuple(records)),
        )

    @property
    def record(self) -> type[Record]:
        """The kind, where there is one."""
        (record,) = self.lists.values()
        return record

    def answer_model(self, *, bounded: bool) -> type[BaseModel]:
        """The form of an answer about a window."""
        if self.joint:
            return joint_answer_of(tuple(self.lists.values()), bounded=bounded)
        return answer_of(self.record, bounded=bounded)

    def missing_kinds(self, answer: BaseModel) -> tuple[str, ...]:
        """The kinds of which an answer has no list."""
        left_out = type(answer).model_fields.keys() - answer.model_fields_set
        return tuple(record.kind for name, record in self.lists.items() if name in left_out)

    def unfinished_kind(self, answer: BaseModel) -> str:
        """The kind whose list an answer was in when it was cut off."""
        order = answer.order if isinstance(answer, JointAnswer) else ()
        return self.lists[order[-1] if order else next(iter(self.lists))].kind


class InstructionBook:
    """The instructions about kinds, each made once, and which kinds are asked for together."""

    def __init__(
        self, registry: Registry, strategy: Strategy, *, field_guide: bool, lean: bool, together: bool
    ) -> None:
        """Read the prompts of every kind.

        Args:
            registry: the kinds.
            strategy: how records are looked for.
            field_guide: whether the prompt describes every field; the examples alone are shorter.
            lean: whether answers about candidates leave out what is null or empty.
            together: whether a guided model is asked for all kinds at once.

        Raises:
            PromptError: a kind has no usable prompt.

        """
        self._registry = registry
        self._strategy = strategy
        self._field_guide = field_guide
        self._lean = lean
        self._together = together and strategy is Strategy.GUIDED
        self._made: dict[tuple[str, ...], Instructions] = {}
        for kinds in self.groups(registry.names):
            self.of(kinds)

    def groups(self, kinds: Sequence[str]) -> list[tuple[str, ...]]:
        """Which of some kinds are asked for in one question."""
        return [tuple(kinds)] if self._together else [(kind,) for kind in kinds]

    def of(self, kinds: tuple[str, ...]) -> Instructions:
        """The instructions about kinds that are asked for in one question."""
        if kinds not in self._made:
            records = [self._registry[kind] for kind in kinds]
            self._made[kinds] = (
                Instructions.by_definitions(records)
                if self._strategy is Strategy.GUIDED
                else Instructions.by_examples(
                    *records,
                    field_guide=self._field_guide,
                    lean=self._lean,
                    by_candidates=self._strategy is Strategy.CANDIDATES,
                )
            )
        return self._made[kinds]

    def version(self, kinds: Sequence[str]) -> str:
        """Hash over all that is said to the model about some kinds: 12 hexadecimal digits.

        With a question as it is asked, so that what changes how articles are shown changes the version.
        """
        by_candidates = self._strategy is Strategy.CANDIDATES
        said: list[str] = []
        for group in self.groups(kinds):
            instructions = self.of(group)
            preamble = instructions.candidate_preamble if by_candidates else instructions.preamble
            said += [message.content for message in (*preamble, *instructions.preamble)]
            said.append(_sample(instructions.task))
        return prompts.version([*said, prompts.going_on()], with_languages=by_candidates)


@cache
def _schema_tokens(records: tuple[type[Record], ...]) -> int:
    schema = joint_answer_of(records, bounded=False).model_json_schema()
    return estimate_tokens(json.dumps(schema, separators=(",", ":")))


@cache
def _sample(task: str) -> str:
    """A tiny article as it is shown."""
    text = prompts.trial().text
    return window_message(task, text, Window(tuple(segment(text))), find_passages(text))


prompts.on_change(_sample.cache_clear)
