"""What is sent: the rules and examples of one kind, then the article's numbered sentences.

Everything up to the last message depends on the kind alone, so that a server's prefix cache keeps it from window to
window and from article to article. Every line of the article begins with a number of ours: no text in it can end
the fence, open a new one or pass for a sentence number.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from prompts import Prompt
from schemas.draft import CITATIONS, Draft, complete, draft_of
from schemas.fields import Record
from service.extraction.model import Message
from service.extraction.plan import Window
from service.extraction.quotation import Passage, numbered, passages
from service.extraction.segment import segment

_EXAMPLE_NUMBERS = 30
"""Distance between the sentence numbers of one example and the next."""


def preamble(record: type[Record], prompt: Prompt, *, field_guide: bool = True) -> tuple[Message, ...]:
    """The part that is the same for every article: rules, fields and examples of one kind."""
    draft = draft_of(record)
    system = f"{prompt.system}\n\n{record.kind}: {record.__doc__}\n" + "\n".join(_guide(draft) if field_guide else [])
    messages = [Message("system", system)]
    for position, example in enumerate(prompt.examples, 1):
        # Each example counts from a number of its own: with 1 to 9 in all of them, a small model learns to cite
        # those numbers, whatever article it is shown.
        first = position * _EXAMPLE_NUMBERS
        window = Window(tuple(replace(s, number=s.number + first) for s in segment(example.text)))
        answer = {"records": [_example(draft, said, first) for said in example.records]}
        messages.append(Message("user", article(prompt.task, example.text, window, passages(example.text))))
        messages.append(Message("assistant", json.dumps(answer, ensure_ascii=False, separators=(",", ":"))))
    return tuple(messages)


def _example(draft: type[Draft], said: dict[str, Any], first: int) -> dict[str, Any]:
    completed = complete(draft, said)
    return {**completed, CITATIONS: [number + first for number in completed[CITATIONS]]}


def article(task: str, text: str, window: Window, found: Sequence[Passage]) -> str:
    """The message with one window of an article."""
    labels = {passage.start: f"Q{number}" for number, passage in enumerate(numbered(text, found, window), 1)}
    lines = [f"[{s.number}] {_labelled(text, s.start, s.end, labels)}" for s in window.sentences]
    return "\n".join([task, "", "ARTICLE", *lines, "END"])


def _labelled(text: str, start: int, end: int, labels: dict[int, str]) -> str:
    """A sentence on one line, with the number of each passage in front of its opening mark."""
    parts: list[str] = []
    done = start
    for position in sorted(p for p in labels if start <= p - 1 < end):
        parts += [text[done : position - 1], f"{labels[position]} "]
        done = position - 1
    return " ".join("".join([*parts, text[done:end]]).split())


def _guide(draft: type[BaseModel], indent: str = "") -> list[str]:
    """The fields of a draft as lines, for servers which do not show the schema to the model."""
    lines: list[str] = []
    for name, field in draft.model_fields.items():
        inner = _inner(field.annotation)
        values = ", ".join(map(str, get_args(inner)))
        said = ": ".join(part for part in (field.description, values) if part)
        lines.append(f"{indent}- {name}: {said}" if said else f"{indent}- {name}")
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            lines += _guide(inner, indent + "  ")
    return lines


def _inner(annotation: Any) -> Any:
    """What a list holds or an optional field may be; the annotation itself otherwise."""
    if get_origin(annotation) is list:
        return get_args(annotation)[0]
    if type(None) in get_args(annotation):
        return get_args(annotation)[0]
    return annotation
