"""Words that tell where a kind may be stated: data of `prompts/cues`, compiled.

In a cue `*` stands for any ending or inner letters of one word, alone for any word, and white space for any white
space.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

import prompts
from schemas.draft import spoken
from schemas.fields import Record
from service.extraction.text.language import subtag


@dataclass(frozen=True, slots=True)
class Cues:
    """The cues of one kind in one language, or in all of them together.

    Each list is a pattern that matches one of its words as a whole word. `values` holds, for fields whose value a word
    can suggest, the words of each value; the first that matches counts.
    """

    lists: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, re.Pattern[str]]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> re.Pattern[str]:
        return self.lists.get(name, _NEVER)

    def __bool__(self) -> bool:
        return bool(self.lists)


_NEVER = re.compile(r"(?!)")
_ANY_WORD = r"\w{2,}"
"""Not the `s` of a possessive."""


SPEECH = "speech"
"""The section that tells who says something; also that of kinds whose records are somebody's words."""


_FUNCTION_WORDS = ("pronouns", "conjunctions", "joints", "complementizers", "adverbials")
_ENOUGH = 0.1
"""Share of a text's words that are function words of its language, at least; the lists hold some of them only."""
_CLEARLY = 2.0
"""How many times more of them than of any other language's."""
_GLANCE = 4_000
"""Code points that are looked at."""


def language_of(text: str) -> str | None:
    """The language, of those that have cues, in which a text is written; None if that is not clear."""
    glance = text[:_GLANCE]
    words = len(glance.split())
    counts = sorted(
        (
            (sum(len(cues(SPEECH, code)[name].findall(glance)) for name in _FUNCTION_WORDS), code)
            for code in prompts.cues()
        ),
        reverse=True,
    )
    (most, code), (next_most, _), *_ = counts
    return code if most >= _ENOUGH * words and most > _CLEARLY * next_most else None


def section(record: type[Record]) -> str:
    """Name of the section in which a kind's cues stand."""
    return SPEECH if spoken(record) else record.kind


def has_cues(language: str | None) -> bool:
    """Whether a language, given by its BCP 47 tag, has cues of its own."""
    return subtag(language) in prompts.cues()


@cache
def cues(name: str, language: str | None) -> Cues:
    """The cues of a section for an article's language; those of all languages where it is not known or has none."""
    known = prompts.cues()
    code = subtag(language)
    chosen = [known[code]] if code in known else list(known.values())
    sections = [said[name] for said in chosen if name in said]
    lists: dict[str, list[str]] = {}
    values: dict[str, dict[str, list[str]]] = {}
    for part in sections:
        for key, said in part.items():
            if isinstance(said, dict):
                for value, words in said.items():
                    values.setdefault(key, {}).setdefault(value, []).extend(words)
            else:
                lists.setdefault(key, []).extend(said)
    return Cues(
        {name: _pattern(words) for name, words in lists.items()},
        {name: {value: _pattern(words) for value, words in table.items()} for name, table in values.items()},
    )


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    # The longest first, so that "pointed out" is not taken for another word's beginning.
    ordered = sorted(words, key=len, reverse=True)
    if not ordered:
        return _NEVER
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(_expression, ordered))})(?!\w)", re.IGNORECASE)


def _expression(word: str) -> str:
    return r"\s+".join(_ANY_WORD if part == "*" else re.escape(part).replace(r"\*", r"\w*") for part in word.split())
