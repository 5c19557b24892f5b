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
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any


class PromptError(Exception):
    """A prompt file is missing or does not say what it must. The message names the file."""


@dataclass(frozen=True, slots=True)
class Example:
    """An article and the records it states. Fields that a record leaves out are null or empty."""

    text: str
    records: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model is told about one kind."""

    system: str
    leads: str
    """What is said instead of `system` where the model is shown leads."""
    task: str
    examples: tuple[Example, ...]

    @property
    def content(self) -> str:
        """All of it as one string, for hashing."""
        return repr((self.system, self.leads, self.task, self.examples))


def load(kind: str, folder: Traversable | None = None) -> Prompt:
    """Read the prompt of one kind.

    Args:
        kind: name of the kind, which is the name of its file.
        folder: where the files are, if not in this package.

    Raises:
        PromptError: a file is missing or malformed.

    """
    root = folder if folder is not None else files(__name__)
    name = f"{kind}.toml"
    try:
        said = tomllib.loads((root / name).read_text(encoding="utf-8"))
        examples = tuple(_example(root, example) for example in said["examples"])
        system, leads = ((root / file).read_text(encoding="utf-8").strip() for file in ("system.txt", "leads.txt"))
        return Prompt(system, leads, said["task"], examples)
    except FileNotFoundError as exc:
        raise PromptError(f"prompts/{name}: {exc.filename} is missing") from exc
    except (tomllib.TOMLDecodeError, KeyError) as exc:
        raise PromptError(f"prompts/{name}: {exc}") from exc


@cache
def going_on() -> str:
    """What is said behind an article of which a part has been asked about, with the `number` of the next sentence."""
    return (files(__name__) / "going_on.txt").read_text(encoding="utf-8").strip()


@cache
def guided() -> str:
    """The rules for a model that is told the definitions of the kinds."""
    return (files(__name__) / "guided.txt").read_text(encoding="utf-8").strip()


def version(contents: Sequence[str], *, with_cues: bool = False) -> str:
    """Hash over the content of prompts: 12 hexadecimal digits.

    Args:
        contents: what is said for each kind, in their order, or for all at once.
        with_cues: whether the cues count, which decide what is asked about where code looks for leads.

    """
    parts = [*contents, *([_cues_content()] if with_cues else [])]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Trial:
    """A tiny article, the kind that it states and how many records of it: for trying a model server."""

    text: str
    kind: str
    records: int


def trial() -> Trial:
    """What a model server is tried with."""
    return Trial(**tomllib.loads((files(__name__) / "trial" / "article.toml").read_text(encoding="utf-8")))


@cache
def _cues_content() -> str:
    return repr(cues())


def _example(root: Traversable, said: dict[str, Any]) -> Example:
    text = (
        said["text"] if "text" in said else (root / "examples" / f"{said['article']}.txt").read_text(encoding="utf-8")
    )
    return Example(text.strip(), said["records"])


@cache
def cues() -> dict[str, dict[str, dict[str, Any]]]:
    """The words that tell where a kind may be stated: by language (ISO 639-1), kind and list, or field and value."""
    folder = files(__name__) / "cues"
    return {
        file.name.removesuffix(".toml"): tomllib.loads(file.read_text(encoding="utf-8"))
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".toml")
    }
