"""What is asked: some kinds, with all that is said before an article, and the part of it that they are asked about."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import BaseModel

import prompts
from schemas.answers import JointAnswer, answer_of, joint_answer_of
from schemas.fields import Record
from service.extraction.candidates.candidates import Lead
from service.extraction.model import Message
from service.extraction.questions.messages import guided_preamble, led_preamble, preamble
from service.extraction.text.windows import Window, tokens

_TELL_AN_ORDER = 2
"""Records which show in what order a model goes through a window."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked for in one question, and everything that is said to the model before an article."""

    lists: Mapping[str, type[Record]]
    """The kinds, by the names of their lists in an answer about a window."""
    line: str
    """What is said above an article; may be empty."""
    preamble: tuple[Message, ...]
    led_preamble: tuple[Message, ...] = ()
    joint: bool = False
    """Whether the lists have their kinds' names."""
    schema_tokens: int = 0
    """Of the schema, which providers count as part of the prompt, or show to the model in it."""

    @classmethod
    def searching(cls, record: type[Record], *, field_guide: bool, lean: bool) -> "Task":
        """Look for one kind, by examples."""
        prompt = prompts.load(record.kind)
        searching = preamble(record, prompt, field_guide=field_guide)
        following = led_preamble(record, prompt, field_guide=field_guide, lean=lean)
        return cls({"records": record}, prompt.task, searching, following)

    @classmethod
    def guided(cls, records: Sequence[type[Record]]) -> "Task":
        """Look for several kinds at once, by their definitions."""
        schema = json.dumps(joint_answer_of(tuple(records), bounded=False).model_json_schema(), separators=(",", ":"))
        return cls(
            {record.kind: record for record in records},
            "",
            guided_preamble(records, prompts.guided()),
            joint=True,
            schema_tokens=tokens(schema),
        )

    @property
    def record(self) -> type[Record]:
        """The kind of a task that has one."""
        (record,) = self.lists.values()
        return record

    def form(self, *, bounded: bool) -> type[BaseModel]:
        """The form of an answer about a window."""
        if self.joint:
            return joint_answer_of(tuple(self.lists.values()), bounded=bounded)
        return answer_of(self.record, bounded=bounded)

    def unsaid(self, answer: BaseModel) -> tuple[str, ...]:
        """The kinds of which an answer has no list."""
        left_out = type(answer).model_fields.keys() - answer.model_fields_set
        return tuple(record.kind for name, record in self.lists.items() if name in left_out)

    def last(self, answer: BaseModel) -> str:
        """The kind whose list an answer that was cut off was in."""
        order = answer.order if isinstance(answer, JointAnswer) else ()
        return self.lists[order[-1] if order else next(iter(self.lists))].kind


Tasks = Callable[[tuple[str, ...]], Task]
"""The task of some kinds."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: which kinds, and about what."""

    kinds: tuple[str, ...]
    unit: Window | Lead
    shown: Window | None = None
    """What is shown instead of a window that begins in it: names may stand in what was asked about before."""

    def less(self) -> "Sequence[Asked]":
        """The same as two questions, about half of the kinds each or else half of the window; none if that is all."""
        middle = len(self.kinds) // 2
        if middle:
            return [Asked(self.kinds[:middle], self.unit), Asked(self.kinds[middle:], self.unit)]
        halves = self.unit.halves() if isinstance(self.unit, Window) else None
        return [Asked(self.kinds, half) for half in halves or ()]

    def going_on(self, kind: str, records: Sequence[Record], *, in_sight: bool) -> "Sequence[Asked]":
        """What is left of one kind, with what was shown before in sight, or not."""
        left = replace(self, kinds=(kind,), shown=None).since(records)
        if not in_sight or len(left) > 1 or not isinstance(self.unit, Window):
            return left
        return [replace(one, shown=self.shown or self.unit) for one in left]

    def since(self, records: Sequence[Record]) -> "Sequence[Asked]":
        """What is to be asked about one kind after an answer that had no room for more than these records.

        A model goes through a window in its order, as a rule. Then only what begins with the last record is left, for
        the sentence that states it may state more. Where that cannot be told, as by a single record that may have been
        the most telling one, or is no less, it is both halves.
        """
        begun = [record.evidence[0].sentence for record in records]
        window = self.unit
        if not isinstance(window, Window):
            return ()
        in_order = len(begun) >= _TELL_AN_ORDER and begun == sorted(begun)
        if in_order and begun[-1] > window.sentences[0].number:
            return [Asked(self.kinds, window.since(begun[-1]))]
        return self.less()
