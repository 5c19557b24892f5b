"""Language packs: what code knows of the words of each language.

`<code>/about.toml` names a language (ISO 639-1) and says what its pack leaves out. Beside it lie `speech.toml`,
`names.toml`, `grammar.toml`, `dates.toml`, `numbers.toml`, `countries.toml` and a file for each kind of record.
`common/` has the same files with what is applied whatever the language is. A list has one word or pattern a line; in a
word `*` stands for any ending, and an apostrophe for either of the two that are written. The modules of the same names
and `kinds` say what each list is for; `words` says what a list may hold.

Files are found on the search path of `prompts`, so that a folder of one's own can replace one or add a language.
"""

import tomllib
import warnings
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TypeVar

from pydantic import Field, ValidationError

from prompts.files import PromptError, find, listing, on_change
from prompts.languages.countries import Countries
from prompts.languages.dates import Dates
from prompts.languages.grammar import Grammar
from prompts.languages.kinds import KindWords
from prompts.languages.names import Names
from prompts.languages.numbers import Numbers
from prompts.languages.speech import Speech
from prompts.languages.words import Patterns, Section, Words, WordsByValue

__all__ = [
    "COMMON",
    "About",
    "Countries",
    "Dates",
    "Grammar",
    "KindWords",
    "LanguagePack",
    "Names",
    "Numbers",
    "PackWarning",
    "Patterns",
    "Section",
    "Speech",
    "Words",
    "WordsByValue",
    "codes",
    "pack",
]

COMMON = "common"
"""The pack that is applied whatever the language is."""
_FOLDER = "languages"
_S = TypeVar("_S", bound=Section)


class PackWarning(UserWarning):
    """A language pack says nothing of a list, neither its words nor that the language has none."""


class About(Section):
    """`about.toml`: which language a pack is of."""

    name: str = Field(description='The language\'s name: "English".')
    only_if_known: bool = Field(
        False,
        description="Whether its words of speech, names and numbers count only in articles that are known to be in it, "
        'since many mean something else in others: "on" and "or" of French in English, "miles" of Spanish.',
    )
    leaves_out: Words = Field(
        (),
        description='Lists that the language does not have, such as "speech.clause_final_verbs" in English, or whole '
        "sections.",
    )


class LanguagePack(Section):
    """All words of one language."""

    about: About
    speech: Speech = Speech()
    names: Names = Names()
    grammar: Grammar = Grammar()
    dates: Dates = Dates()
    numbers: Numbers = Numbers()
    countries: Countries = Countries()
    kinds: Mapping[str, KindWords] = {}


_SECTIONS: Mapping[str, type[Section]] = {
    "speech": Speech,
    "names": Names,
    "grammar": Grammar,
    "dates": Dates,
    "numbers": Numbers,
    "countries": Countries,
}


@cache
def codes() -> tuple[str, ...]:
    """The languages that have a pack, by their ISO 639-1 codes, in alphabetical order."""
    return tuple(
        name for name in listing(_FOLDER) if name != COMMON and find(f"{_FOLDER}/{name}/about.toml") is not None
    )


@cache
def pack(code: str) -> LanguagePack | None:
    """The pack of a language, given by its code or as `COMMON`; None if there is none.

    Raises:
        PromptError: a file of it is not one, or declares to leave out a list that is there. The message names the
            file and the list.

    Warns:
        PackWarning: a list is neither there nor in the common pack nor declared to be left out.

    """
    if code not in (COMMON, *codes()):
        return None
    files = [name.removesuffix(".toml") for name in listing(f"{_FOLDER}/{code}")]
    read = LanguagePack(
        about=_read(code, "about", About),
        **{name: _read(code, name, section) for name, section in _SECTIONS.items() if name in files},
        kinds={name: _read(code, name, KindWords) for name in files if name not in (*_SECTIONS, "about")},
    )
    _check_omissions(code, read)
    return read


def _read(code: str, name: str, section: type[_S]) -> _S:
    """One file of a pack."""
    path = f"{_FOLDER}/{code}/{name}.toml"
    file = find(path)
    if file is None:
        raise PromptError(f"prompts/{_FOLDER}/{code}/{name}: not a .toml file")
    try:
        return section.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as exc:
        raise PromptError(f"prompts/{path}: {exc}") from exc
    except ValidationError as exc:
        wrong = exc.errors()[0]
        raise PromptError(f"prompts/{path}: {'.'.join(map(str, wrong['loc']))}: {wrong['msg']}") from exc


def _check_omissions(code: str, read: LanguagePack) -> None:
    """See that what a pack has not is declared, and nothing that it has.

    Raises:
        PromptError: what is declared to be left out is there, or there is no such list.

    Warns:
        PackWarning: a list is neither there nor declared. A pack of one's own goes on when there is a new list.

    """
    has = dict(_lists(read))
    declared = set(read.about.leaves_out)
    left_out = {path for path in has if path in declared or path.partition(".")[0] in declared}
    about = f"prompts/{_FOLDER}/{code}/about.toml: leaves_out"
    sections = {path.partition(".")[0] for path in has}
    for path in declared - has.keys() - sections:
        raise PromptError(f"{about}: {path!r} is the name of no list")
    for path in sorted(left_out):
        if has[path]:
            raise PromptError(f"{about}: {path!r} is there")
    common = None if code == COMMON else pack(COMMON)
    everywhere = {path for path, there in _lists(common) if there} if common else set()
    for path in has if code != COMMON else ():
        section, _, name = path.partition(".")
        if section in _SECTIONS and not has[path] and path not in left_out | everywhere:
            missing = f"prompts/{_FOLDER}/{code}/{section}.toml: {name}"
            warnings.warn(
                f"{missing}: missing; add it, or name it in `leaves_out` of about.toml", PackWarning, stacklevel=3
            )


def _lists(read: LanguagePack) -> Iterator[tuple[str, bool]]:
    """Every list and table that a pack may have, such as `speech.speech_verbs`, and whether it has it."""
    sections = {name: getattr(read, name) for name in _SECTIONS} | dict(read.kinds)
    for name, section in sections.items():
        for key in type(section).model_fields:
            yield f"{name}.{key}", key in section.model_fields_set


on_change(codes.cache_clear)
on_change(pack.cache_clear)
