"""Prompts as data: one TOML file per kind, the rules common to all, and the articles their examples refer to.

A kind's file holds `task`, one sentence, and `examples`: an article (the name of a file in `examples/`, or its own
`text`) with the records it states, in the draft's fields. `service.extraction.questions.messages` makes messages of
them.
"""

import hashlib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from prompts.files import PromptError, find, listing, on_change, text_of, use

__all__ = [
    "Complaint",
    "Example",
    "Messages",
    "Prompt",
    "PromptError",
    "Reasons",
    "Trial",
    "find",
    "going_on",
    "guided",
    "listing",
    "load",
    "messages",
    "on_change",
    "trial",
    "use",
    "version",
]


@dataclass(frozen=True, slots=True)
class Example:
    """An article and the records it states. Fields that a record leaves out are null or empty."""

    text: str
    records: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model is told about one kind."""

    system: str
    candidates: str
    """What is said instead of `system` where the model is shown candidates."""
    task: str
    examples: tuple[Example, ...]

    @property
    def content(self) -> str:
        """All of it as one string, for hashing."""
        return repr((self.system, self.candidates, self.task, self.examples))


def load(kind: str) -> Prompt:
    """Read the prompt of one kind.

    Args:
        kind: name of the kind, which is the name of its file.

    Raises:
        PromptError: a file is missing or malformed.

    """
    name = f"{kind}.toml"
    try:
        said = tomllib.loads(text_of(name))
        examples = tuple(_example(example) for example in said["examples"])
        return Prompt(text_of("system.txt").strip(), text_of("candidates.txt").strip(), said["task"], examples)
    except (tomllib.TOMLDecodeError, KeyError) as exc:
        raise PromptError(f"prompts/{name}: {exc}") from exc


@dataclass(frozen=True, slots=True)
class Complaint:
    """How what is wrong with an answer is put to the model."""

    begins: str
    line: str
    line_with_value: str
    ends: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why something in an answer cannot be used, for the model and for callers."""

    not_found: str
    is_number: str
    is_speaker: str
    unsupported: str
    named_elsewhere: str
    bad_form: str
    no_list: str


@dataclass(frozen=True, slots=True)
class Messages:
    """What stands around an article and its sentences, with places in braces for what differs."""

    article_begins: str
    article_ends: str
    sentence: str
    passage: str
    candidate: str
    known_value: str
    kind: str
    kind_in_guide: str
    outside: str
    complaint: Complaint
    reasons: Reasons


@cache
def messages() -> Messages:
    """The words of `messages.toml`.

    Raises:
        PromptError: a line is missing, or one means nothing.

    """
    try:
        said = tomllib.loads(text_of("messages.toml"))
        parts = {"complaint": Complaint(**said["complaint"]), "reasons": Reasons(**said["reasons"])}
        return Messages(**{**said, **parts})
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as exc:
        raise PromptError(f"prompts/messages.toml: {exc}") from exc


@cache
def going_on() -> str:
    """What is said behind an article of which a part has been asked about, with the `number` of the next sentence."""
    return text_of("going_on.txt").strip()


@cache
def guided() -> str:
    """The rules for a model that is told the definitions of the kinds."""
    return text_of("guided.txt").strip()


def version(contents: Sequence[str], *, with_languages: bool = False) -> str:
    """Hash over all that is said to a model: 12 hexadecimal digits.

    Args:
        contents: what is said before an article, with a question as it is asked.
        with_languages: whether the language packs count, which decide what is asked about where code looks for
            candidates.

    """
    parts = [*contents, text_of("messages.toml"), *([_languages()] if with_languages else [])]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Trial:
    """A tiny article, the kind that it states and how many records of it: for trying a model server."""

    text: str
    kind: str
    records: int


def trial() -> Trial:
    """What a model server is tried with."""
    return Trial(**tomllib.loads(text_of("trial/article.toml")))


@cache
def _languages() -> str:
    """What all files of the language packs say."""
    return "\0".join(
        f"{language}/{name}\0{file.read_text(encoding='utf-8')}"
        for language in listing("languages")
        for name, file in listing(f"languages/{language}").items()
        if name.endswith(".toml")
    )


def _example(said: dict[str, Any]) -> Example:
    text = said["text"] if "text" in said else text_of(f"examples/{said['article']}.txt")
    return Example(text.strip(), said["records"])


for _cached in (messages, going_on, guided, _languages):
    on_change(_cached.cache_clear)
