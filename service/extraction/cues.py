"""Words that tell where a kind may be stated: data of `prompts/cues`, compiled.

In a cue `*` stands for any ending or inner letters of one word, and white space for any white space.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

import prompts


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


@cache
def cues(kind: str, language: str | None) -> Cues:
    """The cues of a kind for an article's language; those of all languages where it is not known or has none."""
    known = prompts.cues()
    code = (language or "").replace("_", "-").split("-")[0].lower()
    chosen = [known[code]] if code in known else list(known.values())
    sections = [said[kind] for said in chosen if kind in said]
    lists: dict[str, list[str]] = {}
    values: dict[str, dict[str, list[str]]] = {}
    for section in sections:
        for name, said in section.items():
            if isinstance(said, dict):
                for value, words in said.items():
                    values.setdefault(name, {}).setdefault(value, []).extend(words)
            else:
                lists.setdefault(name, []).extend(said)
    return Cues(
        {name: _pattern(words) for name, words in lists.items()},
        {name: {value: _pattern(words) for value, words in table.items()} for name, table in values.items()},
    )


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    # The longest first, so that "pointed out" is not taken for another word's beginning.
    ordered = sorted(words, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(_expression, ordered))})(?!\w)", re.IGNORECASE)


def _expression(word: str) -> str:
    return r"\s+".join(re.escape(part).replace(r"\*", r"\w*") for part in word.split())
