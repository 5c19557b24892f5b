"""The word lists of a language pack, compiled into patterns.

In a word `*` stands for any ending or inner letters, alone for any word, white space for any white space, and an
apostrophe for either of the two that are written. What ends in one stands before a word without a space: "d'" Ankara.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, TypeVar

from prompts.files import on_change
from prompts.languages import COMMON, LanguagePack, Section, codes, pack
from service.extraction.text.alternatives import Atoms, alternatives
from service.extraction.text.language import subtag

Key = TypeVar("Key")
Value = TypeVar("Value")

_PARTICIPLES = {
    "speech_verbs": "perfect_participles",
    "quote_only_verbs": "quote_only_participles",
    "ambiguous_verbs": "ambiguous_participles",
}
"""Lists of verbs, and those of the participles that are such verbs behind an auxiliary."""
SPEECH = "speech"
"""The section that tells who says something, which is also that of kinds whose records are somebody's words."""
_AMBIGUOUS = (SPEECH, "numbers")
"""Sections of words that mean something else in other languages, if a language has such words."""
_NEVER = re.compile(r"(?!)")
_ANY_WORD = r"\w{2,}"
"""Not the `s` of a possessive."""
_ATOMS = {"*": r"\w*", "'": "['’]"}
"""Letters that stand for others."""


class _OnDemand(Mapping[Key, Value]):
    """Values that are made when they are first asked for: an article needs few of the thousands of words of a pack."""

    def __init__(self, keys: Iterable[Key], make: Callable[[Key], Value]) -> None:
        self._made: dict[Key, Value | None] = dict.fromkeys(keys)
        self._make = make

    def __getitem__(self, key: Key) -> Value:
        value = self._made[key]
        if value is None:
            value = self._made[key] = self._make(key)
        return value

    def __contains__(self, key: object) -> bool:
        return key in self._made

    def __iter__(self) -> Iterator[Key]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """The words of one section of a language pack, or of those of all languages together.

    Two lexicons are equal only if they are one, so that patterns made of their words can be cached.

    Args:
        lists: by name, a pattern that matches any word of a list as a whole word.
        values: by field, then by value, a pattern for the words that suggest it; the first value that matches counts.
        expressions: by name, the words of a list as a regular expression.

    """

    lists: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, re.Pattern[str]]] = field(default_factory=dict)
    expressions: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> re.Pattern[str]:
        """The pattern of a list, which matches nothing where there is no such list."""
        return self.lists.get(name, _NEVER)

    def expression(self, *names: str) -> str:
        """A regular expression for any word of some lists, to be a part of a larger one, without word boundaries."""
        return f"(?:{'|'.join(self.expressions[name] for name in names if name in self.expressions) or _NEVER.pattern})"

    def opening(self, *names: str) -> str:
        """Like `expression`, with what separates such a word from the next one: white space, or only an apostrophe."""
        return rf"{self.expression(*names)}(?:(?<=['’])|\s+)"

    def __bool__(self) -> bool:
        return bool(self.lists)


_FUNCTION_WORDS = ("pronouns", "conjunctions", "clause_linkers", "complementizers", "adverbial_openers")
_FOREIGN = 2
"""How many of them a word counts against that only a language like it has."""
_ENOUGH = 0.1
"""Share of a text's words that are function words of its language, at least; the lists hold some of them only."""
_CLEARLY = 2.0
"""How many times more of them than of any other language's."""
_GLANCE = 4_000
"""Code points that are looked at."""


def detect_language(text: str) -> str | None:
    """The language, of those that have a pack, in which a text is written; None if that is not clear."""
    glance = text[:_GLANCE]
    words = len(glance.split())
    counts = sorted(((_function_words(glance, code), code) for code in codes()), reverse=True)
    (most, code), (next_most, _), *_ = counts
    return code if most >= _ENOUGH * words and most > _CLEARLY * next_most else None


def _function_words(text: str, language: str) -> int:
    """How many function words of a language stand in a text; those that it does not have count against it."""
    lexicon = lexicon_for(SPEECH, language)
    own = sum(len(lexicon[name].findall(text)) for name in _FUNCTION_WORDS)
    return own - _FOREIGN * len(lexicon["foreign_words"].findall(text))


def has_lexicon(language: str | None) -> bool:
    """Whether a language, given by its BCP 47 tag, has a pack of its own."""
    return subtag(language) in codes()


def lexicon_for(name: str, language: str | None) -> Lexicon:
    """The words of a section for an article's language.

    Args:
        name: `SPEECH`, which comes with the words in and around names, another section, or a kind.
        language: BCP 47 tag; None and languages without a pack have the words of all languages, but those of speech,
            names and numbers not of languages in which many mean something else in others.

    """
    code = subtag(language)
    return joint_lexicon(name, (code,) if code and code in codes() else _together(name))


@cache
def _together(name: str) -> tuple[str, ...]:
    """The languages whose words of a section count where no language is known."""
    packs = {code: pack(code) for code in codes()}
    return tuple(code for code, one in packs.items() if name not in _AMBIGUOUS or not (one and one.about.only_if_known))


@cache
def joint_lexicon(name: str, languages: tuple[str, ...]) -> Lexicon:
    """The words of a section for some languages, with those of the common pack."""
    lists: dict[str, list[str]] = {}
    values: dict[str, dict[str, list[str]]] = {}
    packs = list(filter(None, map(pack, (COMMON, *languages))))
    sections = [section for one in packs for section in _sections(one, name)]
    # What is read by a language's grammar is wrong of another's.
    sections += [packs[-1].grammar] if name == SPEECH and len(languages) == 1 else []
    for section in sections:
        for key, words in _tables(section):
            if isinstance(words, Mapping):
                for value, said in words.items():
                    values.setdefault(key, {}).setdefault(value, []).extend(said)
            elif isinstance(words, tuple) and words:
                lists.setdefault(key, []).extend(words)
    expressions = _OnDemand(lists, partial(_expression, lists))
    return Lexicon(
        _OnDemand(lists, lambda key: _compiled(expressions[key])),
        {key: _OnDemand(table, partial(_suggesting, table)) for key, table in values.items()},
        expressions,
    )


on_change(joint_lexicon.cache_clear)
on_change(_together.cache_clear)


def _sections(of: LanguagePack, name: str) -> list[Section]:
    """The sections of a pack that a lexicon is made of."""
    if name == SPEECH:
        return [of.speech, of.names]
    section = of.kinds.get(name) or getattr(of, name, None)
    return [section] if isinstance(section, Section) else []


def _tables(section: Section) -> Iterator[tuple[str, Any]]:
    """The lists of a section, and its tables of words by value, each with its name."""
    for key, words in section:
        if key == "values":
            yield from words.items()
        else:
            yield key, words


def _expression(lists: Mapping[str, Sequence[str]], name: str) -> str:
    """The words of a list as one regular expression.

    Verbs come with the forms that a language builds of several words: "a déclaré", "dit-il", "a-t-elle dit".
    """
    plain = _alternatives(name, lists[name])
    participles = _PARTICIPLES.get(name)
    if participles is None or not ("joined_pronouns" in lists or participles in lists):
        return plain
    joined, adverbs, auxiliaries, forms = (
        _alternatives(key, lists[key]) if key in lists else ""
        for key in ("joined_pronouns", "perfect_adverbs", "perfect_auxiliaries", participles)
    )
    pronoun = rf"(?:-(?:{joined}))?" if joined else ""
    simple = rf"(?:{plain}){pronoun}"
    if not (auxiliaries and forms):
        return simple
    between = rf"(?:(?:{adverbs})\s+){{0,2}}" if adverbs else ""
    return rf"(?:{auxiliaries}){pronoun}\s+{between}(?:{forms})|{simple}"


def _suggesting(table: Mapping[str, Sequence[str]], value: str) -> re.Pattern[str]:
    """The words that suggest a value."""
    return _compiled(_alternatives(str(value), table[value]))


def _compiled(expression: str) -> re.Pattern[str]:
    """A pattern that matches an expression as a whole word, or as one that an apostrophe joins to the next."""
    return re.compile(rf"(?<!\w)(?:{expression})(?:(?<=['’])|(?!\w))", re.IGNORECASE) if expression else _NEVER


def _alternatives(name: str, words: Iterable[str]) -> str:
    """The words of a list as one regular expression; those of a list of patterns are expressions already."""
    if name.endswith("_patterns"):
        return "|".join(words)
    # The longest first, so that "pointed out" is not taken for another word's beginning.
    return alternatives([_atoms(word) for word in sorted(words, key=len, reverse=True)])


def _atoms(word: str) -> Atoms:
    """A word in the parts of its regular expression."""
    atoms: list[str] = []
    for part in word.split():
        if atoms:
            atoms.append(r"\s+")
        atoms += [_ANY_WORD] if part == "*" else (_ATOMS.get(letter) or re.escape(letter) for letter in part)
    return tuple(atoms)
