"""What is sent: the rules, the definitions or examples of the kinds, then the article's numbered sentences.

Everything up to the last message depends on the kinds alone, so that a server's prefix cache keeps it from window to
window and from article to article. Every line of the article begins with a number of ours: no text in it can end
the fence, open a new one or pass for a sentence number.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError

from prompts import Example, Prompt
from schemas.definitions import Definition, definition_of
from schemas.draft import CITATIONS, complete, draft_of
from schemas.fields import ANYTHING, Mention, Record, inside, values_of
from service.extraction.analysis import read
from service.extraction.candidates.candidates import Lead, leads
from service.extraction.model import Message
from service.extraction.text.quotes import Passage, numbered, passages
from service.extraction.text.sentences import Sentence, segment
from service.extraction.text.windows import Window

_EXAMPLE_NUMBERS = 30
"""Distance between the sentence numbers of one example and the next."""
_EXAMPLES_LANGUAGE = "en"
_GIST_WORDS = 8
"""How much of a quotation tells which one is meant."""


def preamble(record: type[Record], prompt: Prompt, *, field_guide: bool = True) -> tuple[Message, ...]:
    """The part that is the same for every article: rules, fields and examples of one kind."""
    draft = draft_of(record)
    messages = [_system(prompt.system, record, draft, field_guide=field_guide)]
    for example, sentences, first in _examples(prompt):
        answer = {"records": [_example(draft, said, first) for said in example.records]}
        shown = article(prompt.task, example.text, Window(sentences), passages(example.text))
        messages += [Message("user", shown), Message("assistant", _json(answer))]
    return tuple(messages)


def guided_preamble(records: Sequence[type[Record]], rules: str) -> tuple[Message, ...]:
    """The same for several kinds at once: no examples, but what each kind, field and value means."""
    parts = [rules, *("\n".join(_defined(record)) for record in records)]
    return (Message("system", "\n\n".join(parts)),)


def _defined(record: type[Record]) -> Iterator[str]:
    definition = definition_of(record.kind)
    yield f"## {record.kind}: {record.__doc__}"
    if definition:
        yield f"None of it: {definition.outside}."
        yield from definition.one_record
    # What the numbers of sentences are is one of the rules for all.
    yield from _guide(draft_of(record, frozenset({"evidence"}), bounded=False), definition=definition)


def led_preamble(
    record: type[Record], prompt: Prompt, *, field_guide: bool = True, lean: bool = False
) -> tuple[Message, ...]:
    """The same, where the model is shown leads: the examples' leads are found as an article's are."""
    guide = draft_of(record, frozenset({"evidence"}), lean=lean)
    messages = [_system(f"{prompt.leads}\n{prompt.task}", record, guide, field_guide=field_guide)]
    for example, sentences, first in _examples(prompt):
        article = read(example.text, sentences, passages(example.text), _EXAMPLES_LANGUAGE)
        for lead in leads(record, article, is_example=True) or ():
            shown = led_article(example.text, lead)
            said = _stated(lead, example, first)
            if said is None and lead.certain:
                continue
            draft = draft_of(record, lead.known, lean=lean, choices=lead.choices if lean else ANYTHING)
            try:
                answer = said and draft.model_validate(_as_asked(draft, said, shown)).model_dump(exclude_defaults=True)
            except ValidationError:
                continue  # what it must say is not shown
            messages += [Message("user", shown), Message("assistant", _json({"record": answer}))]
    return tuple(messages)


def _system(rules: str, record: type[Record], draft: type[BaseModel], *, field_guide: bool) -> Message:
    guide = _guide(draft) if field_guide else []
    return Message("system", f"{rules}\n\n{record.kind}: {record.__doc__}\n" + "\n".join(guide))


def _examples(prompt: Prompt) -> Iterator[tuple[Example, tuple[Sentence, ...], int]]:
    """Each example with its numbered sentences, and what was added to their numbers.

    Each counts from a number of its own: with 1 to 9 in all of them, a small model learns to cite those numbers,
    whatever article it is shown.
    """
    for position, example in enumerate(prompt.examples, 1):
        first = position * _EXAMPLE_NUMBERS
        yield example, tuple(replace(s, number=s.number + first) for s in segment(example.text)), first


def _example(draft: type[BaseModel], said: dict[str, Any], first: int) -> dict[str, Any]:
    completed = complete(draft, said)
    return {**completed, CITATIONS: [number + first for number in completed[CITATIONS]]}


def _stated(lead: Lead, example: Example, first: int) -> dict[str, Any] | None:
    """The record that one of a lead's sentences states."""
    numbers = {sentence.number - first for place in lead.places for sentence in place.sentences}
    return next((record for record in example.records if numbers.intersection(record[CITATIONS])), None)


def _as_asked(draft: type[BaseModel], said: dict[str, Any], shown: str) -> dict[str, Any]:
    """An example's record in the words which the model could use: what is not shown would teach it to invent."""
    asked = {name: value for name, value in said.items() if name in draft.model_fields}
    return complete(draft, {name: _sayable(draft.model_fields[name].annotation, v, shown) for name, v in asked.items()})


def _sayable(annotation: Any, value: Any, shown: str) -> Any:
    """A value without what is not shown, in the form in which it is to choose from."""
    inner = inside(annotation)
    if isinstance(value, list):
        items = [_sayable(inner, item, shown) for item in value]
        return [item for item in items if item is not None]
    if isinstance(value, dict):
        return _as_asked(inner, value, shown)
    if get_origin(inner) is Literal:
        options = get_args(inner)
        if value in options or value not in shown:
            return value if value in options else None
        return next((o for o in options if re.search(rf"(?<!\w){re.escape(o)}(?!\w)", value)), None)
    return value if not isinstance(value, str) or value in shown else None


def _json(answer: Any) -> str:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


def article(task: str, text: str, window: Window, found: Sequence[Passage]) -> str:
    """The message with one window of an article."""
    labels = {passage.start: f"Q{number}" for number, passage in enumerate(numbered(text, found, window), 1)}
    lines = [f"[{s.number}] {_labelled(text, s.start, s.end, labels)}" for s in window.sentences]
    return "\n".join([*([task, ""] if task else []), "ARTICLE", *lines, "END"])


def led_article(text: str, lead: Lead) -> str:
    """The message with a lead: its sentences, and what is known and guessed of it."""
    lines = [f"[{s.number}] {_labelled(text, s.start, s.end, {})}" for s in lead.sentences]
    lists = (value for value in lead.places[0].settled.values() if isinstance(value, list))
    words = [items[0] for items in lists if items and isinstance(items[0], Mention)]
    known = {name: value.text for name, value in lead.settled.items() if isinstance(value, Mention)}
    asked = [
        f"LEAD [{lead.places[0].sentences[0].number}]",
        *(f'"{_shortened(part.text)}"' for part in words),
        *(f"{name}={_one_line(value)}" for name, value in {**known, **lead.hints}.items()),
    ]
    return "\n".join([*lines, " ".join(asked)])


def _shortened(words: str) -> str:
    said = words.split()
    return " ".join(said[:_GIST_WORDS]) + (" ..." if len(said) > _GIST_WORDS else "")


def _one_line(words: str) -> str:
    return " ".join(words.split())


def _labelled(text: str, start: int, end: int, labels: dict[int, str]) -> str:
    """A sentence on one line, with the number of each passage in front of its opening mark."""
    parts: list[str] = []
    done = start
    for position in sorted(p for p in labels if start <= p - 1 < end):
        parts += [text[done : position - 1], f"{labels[position]} "]
        done = position - 1
    return _one_line("".join([*parts, text[done:end]]))


def _guide(draft: type[BaseModel], indent: str = "", definition: Definition | None = None) -> list[str]:
    """The fields of a draft as lines, for servers which do not show the schema to the model.

    With a definition each says all that is known of the field and of its values.
    """
    lines: list[str] = []
    for name, field in draft.model_fields.items():
        inner = inside(field.annotation)
        values = [value if definition is None else definition.of_value(name, value) for value in values_of(inner)]
        described = field.description if definition is None else definition.asked(name, field.description)
        said = ": ".join(filter(None, (described, (", " if definition is None else "; ").join(values))))
        if said or definition is None:
            lines.append(f"{indent}- {name}: {said}" if said else f"{indent}- {name}")
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            lines += _guide(inner, indent + "  ", definition)
    return lines
