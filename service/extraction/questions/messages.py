"""The messages that are sent: rules, definitions or examples of the kinds, then the article's numbered sentences.

Everything up to the last message depends on the kinds alone, so that a server's prefix cache keeps it from window to
window and from article to article. Every line of the article begins with a number of ours: no text in it can end
the fence, open a new one or pass for a sentence number. The words themselves stand in `prompts/`.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError

import prompts
from schemas.definitions import Definition, definition_of
from schemas.draft import ANYTHING, CITATIONS, complete, draft_of
from schemas.fields import Mention, Record, inside, values_of
from service.extraction.analysis import analyse
from service.extraction.candidates.candidate import Candidate
from service.extraction.candidates.candidates import find_candidates
from service.extraction.model import Message
from service.extraction.questions.examples import as_asked, stated_record
from service.extraction.text.quotes import Passage, find_passages, numbered_passages
from service.extraction.text.sentences import Sentence, segment
from service.extraction.text.windows import Window

_EXAMPLE_NUMBERS = 30
"""Distance between the sentence numbers of one example and the next."""
_EXAMPLES_LANGUAGE = "en"
_GIST_WORDS = 8
"""How much of a quotation tells which one is meant."""


def search_preamble(record: type[Record], prompt: prompts.Prompt, *, field_guide: bool = True) -> tuple[Message, ...]:
    """What is said before a window to a model that finds records of one kind: rules, fields and examples."""
    draft = draft_of(record)
    messages = [_system(prompt.system, record, draft, field_guide=field_guide)]
    for example, sentences, first in _examples(prompt):
        answer = {"records": [_example(draft, said, first) for said in example.records]}
        shown = window_message(prompt.task, example.text, Window(sentences), find_passages(example.text))
        messages += [Message("user", shown), Message("assistant", _json(answer))]
    return tuple(messages)


def guided_preamble(records: Sequence[type[Record]], rules: str) -> tuple[Message, ...]:
    """The same for several kinds at once: no examples, but what each kind, field and value means."""
    parts = [rules, *("\n".join(_defined(record)) for record in records)]
    return (Message("system", "\n\n".join(parts)),)


def candidate_preamble(
    record: type[Record], prompt: prompts.Prompt, *, field_guide: bool = True, lean: bool = False
) -> tuple[Message, ...]:
    """The same before a candidate: the candidates of the examples are found as an article's are."""
    guide = draft_of(record, frozenset({"evidence"}), lean=lean)
    messages = [_system(f"{prompt.candidates}\n{prompt.task}", record, guide, field_guide=field_guide)]
    for example, sentences, first in _examples(prompt):
        article = analyse(example.text, sentences, find_passages(example.text), _EXAMPLES_LANGUAGE)
        for candidate in find_candidates(record, article, is_example=True) or ():
            shown = candidate_message(example.text, candidate)
            said = stated_record(candidate, example, first)
            if said is None and candidate.certain:
                continue
            allowed = candidate.reader.allowed(candidate.choices) if lean else ANYTHING
            draft = draft_of(record, candidate.not_asked, lean=lean, allowed=allowed)
            try:
                answer = said and draft.model_validate(as_asked(draft, said, shown)).model_dump(exclude_defaults=True)
            except ValidationError:
                continue  # what it must say is not shown
            messages += [Message("user", shown), Message("assistant", _json({"record": answer}))]
    return tuple(messages)


def window_message(task: str, text: str, window: Window, found: Sequence[Passage]) -> str:
    """The message with one window of an article.

    Args:
        task: what is said above it; may be empty.
        text: the article.
        window: what is shown of it.
        found: its passages in quotation marks, those of which get numbers that begin in the window.

    """
    words = prompts.messages()
    labels = {
        passage.start: words.passage.format(number=number)
        for number, passage in enumerate(numbered_passages(text, found, window), 1)
    }
    lines = (_sentence(s.number, _labelled(text, s.start, s.end, labels)) for s in window.sentences)
    return "\n".join([*([task, ""] if task else []), words.article_begins, *lines, words.article_ends])


def candidate_message(text: str, candidate: Candidate) -> str:
    """The message with a candidate: its sentences, and what is known and guessed of it."""
    words = prompts.messages()
    lines = [_sentence(s.number, _labelled(text, s.start, s.end, {})) for s in candidate.sentences]
    first = candidate.occurrences[0]
    lists = (value for value in first.prefilled.values() if isinstance(value, list))
    quoted = [items[0] for items in lists if items and isinstance(items[0], Mention)]
    known = {name: value.text for name, value in candidate.prefilled.items() if isinstance(value, Mention)}
    asked = [
        words.candidate.format(number=first.sentences[0].number),
        *(f'"{_shortened(part.text)}"' for part in quoted),
        *(
            words.known_value.format(field=name, value=_one_line(value))
            for name, value in {**known, **candidate.hints}.items()
        ),
    ]
    return "\n".join([*lines, " ".join(asked)])


def _system(rules: str, record: type[Record], draft: type[BaseModel], *, field_guide: bool) -> Message:
    guide = _guide(draft) if field_guide else []
    kind = prompts.messages().kind.format(kind=record.kind, definition=record.__doc__)
    return Message("system", f"{rules}\n\n{kind}\n" + "\n".join(guide))


def _defined(record: type[Record]) -> Iterator[str]:
    words, definition = prompts.messages(), definition_of(record)
    yield words.kind_in_guide.format(kind=record.kind, definition=record.__doc__)
    if definition:
        yield words.outside.format(outside=definition.outside)
        yield from definition.one_record
    # What the numbers of sentences are is one of the rules for all.
    yield from _guide(draft_of(record, frozenset({"evidence"}), bounded=False), definition=definition)


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


def _examples(prompt: prompts.Prompt) -> Iterator[tuple[prompts.Example, tuple[Sentence, ...], int]]:
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


def _json(answer: Any) -> str:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


def _sentence(number: int, text: str) -> str:
    return prompts.messages().sentence.format(number=number, text=text)


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
