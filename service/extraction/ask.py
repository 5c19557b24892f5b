"""What is sent: the rules and examples of one kind, then the article's numbered sentences.

Everything up to the last message depends on the kind alone, so that a server's prefix cache keeps it from window to
window and from article to article. Every line of the article begins with a number of ours: no text in it can end
the fence, open a new one or pass for a sentence number.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError

from prompts import Example, Prompt
from schemas.draft import CITATIONS, complete, draft_of, settled
from schemas.fields import Mention, Record
from service.extraction.cues import SPEECH, cues, section
from service.extraction.leads import Batch, Lead, batches, leads
from service.extraction.model import Message
from service.extraction.plan import Window, tokens
from service.extraction.quotation import Passage, numbered, passages
from service.extraction.segment import Sentence, segment
from service.extraction.speech import attributions

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


def led_preamble(
    record: type[Record], prompt: Prompt, *, field_guide: bool = True, lean: bool = False
) -> tuple[Message, ...]:
    """The same, where the model is shown leads: the examples' leads are found as an article's are."""
    draft = draft_of(record, settled(record), lean=lean)
    messages = [_system(f"{prompt.leads}\n{prompt.task}", record, draft, field_guide=field_guide)]
    for example, sentences, first in _examples(prompt):
        said = attributions(example.text, sentences, passages(example.text), cues(SPEECH, _EXAMPLES_LANGUAGE))
        found = leads(record, example.text, sentences, said, cues(section(record), _EXAMPLES_LANGUAGE))
        for batch in batches(found, sentences, tokens(example.text)):
            shown = led_article(example.text, batch)
            answers = {
                f"L{number}": _led(draft, lead, shown, example, first) for number, lead in enumerate(batch.leads, 1)
            }
            messages += [Message("user", shown), Message("assistant", _json(answers))]
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


def _led(draft: type[BaseModel], lead: Lead, shown: str, example: Example, first: int) -> dict[str, Any] | None:
    """What an example says to a lead: the record that one of the lead's sentences states, as far as it is shown."""
    numbers = {sentence.number - first for sentence in lead.sentences}
    said = next((record for record in example.records if numbers.intersection(record[CITATIONS])), None)
    if said is None:
        return None
    answer = {name: _shown(draft, name, value, shown) for name, value in said.items() if name in draft.model_fields}
    try:
        return draft.model_validate(complete(draft, answer)).model_dump(exclude_defaults=True)
    except ValidationError:
        return None  # nothing that it must say is shown


def _shown(draft: type[BaseModel], name: str, value: Any, shown: str) -> Any:
    """An example's value without words of sentences that are not shown: they would teach the model to invent."""
    if _judged(draft, name):
        return value
    if isinstance(value, list):
        return [item for item in value if not isinstance(item, str) or item in shown]
    return value if not isinstance(value, str) or value in shown else None


def _judged(draft: type[BaseModel], name: str) -> bool:
    return (
        get_origin(_inner(draft.model_fields[name].annotation)) is Literal
        or draft.model_fields[name].annotation is bool
    )


def _json(answer: Any) -> str:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


def article(task: str, text: str, window: Window, found: Sequence[Passage]) -> str:
    """The message with one window of an article."""
    labels = {passage.start: f"Q{number}" for number, passage in enumerate(numbered(text, found, window), 1)}
    lines = [f"[{s.number}] {_labelled(text, s.start, s.end, labels)}" for s in window.sentences]
    return "\n".join([task, "", "ARTICLE", *lines, "END"])


def led_article(text: str, batch: Batch) -> str:
    """The message with a batch of leads and the sentences they stand in."""
    lines = [f"[{s.number}] {_labelled(text, s.start, s.end, {})}" for s in batch.sentences]
    return "\n".join([*lines, *map(_lead, range(1, len(batch.leads) + 1), batch.leads)])


def _lead(number: int, lead: Lead) -> str:
    words = [value[0] for value in lead.places[0].settled.values() if isinstance(value, list)]
    guesses = {name: value.text if isinstance(value, Mention) else value for name, value in lead.proposed.items()}
    return " ".join(
        [
            f"L{number} [{lead.sentences[0].number}]",
            *(f'"{_shortened(part.text)}"' for part in words),
            *(f"{name}={_one_line(value)}" for name, value in guesses.items()),
        ]
    )


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
