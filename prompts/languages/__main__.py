"""What a language pack may hold, and whether a pack is whole.

python -m prompts.languages                          each file, its lists, and what each is for
python -m prompts.languages en uk                    checks these packs and counts the words of each list
python -m prompts.languages --folder FOLDER pl       with a folder as DRAGOMAN_PROMPTS_DIR names it
"""

import argparse
import inspect
import sys
import textwrap
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from prompts.files import PromptError, use
from prompts.languages import COMMON, KindWords, LanguagePack, PackWarning, Section, codes, pack

_WIDTH = 120
_INDENT = " " * 4


def described() -> Iterator[str]:
    """Every file of a pack with its lists and what each is for."""
    for file, section in _files():
        yield f"{file}.toml: {' '.join((inspect.getdoc(section) or '').split()).partition(': ')[2]}"
        for name, field in section.model_fields.items():
            yield from textwrap.wrap(
                f"{name}: {field.description}",
                _WIDTH,
                initial_indent=_INDENT,
                subsequent_indent=_INDENT * 2,
            )
        yield ""


def counted(read: LanguagePack) -> Iterator[str]:
    """Every list of a pack with the number of its words, or why it has none."""
    common = pack(COMMON)
    left_out = set(read.about.leaves_out)
    sections = [(name, getattr(read, name), getattr(common, name)) for name, _ in _files() if name in _own_sections()]
    sections += [(kind, words, None) for kind, words in read.kinds.items()]
    for name, section, everywhere in sections:
        yield f"{name}.toml"
        for key in type(section).model_fields:
            if key in section.model_fields_set:
                yield f"{_INDENT}{key}: {_size(getattr(section, key))}"
            elif f"{name}.{key}" in left_out or name in left_out:
                yield f"{_INDENT}{key}: left out"
            elif everywhere is not None and key in everywhere.model_fields_set:
                yield f"{_INDENT}{key}: {COMMON}"
            else:
                yield f"{_INDENT}{key}: none"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="*", metavar="CODE", help="ISO 639-1 code, such as en")
    parser.add_argument("--folder", type=Path, help="laid out as prompts/ is; its files go before ours")
    chosen = parser.parse_args()
    if chosen.folder:
        use([chosen.folder.resolve()])
    if not chosen.languages:
        click.echo("\n".join(described()))
        return
    warnings.simplefilter("error", PackWarning)
    for code in chosen.languages:
        try:
            read = pack(code)
        except (PromptError, PackWarning) as wrong:
            sys.exit(str(wrong))
        if read is None:
            sys.exit(f"there is no pack of {code!r}; there are {', '.join(codes())}")
        click.echo("\n".join([f"{code}: {read.about.name}", *counted(read), ""]))


def _files() -> Iterator[tuple[str, type[Section]]]:
    """The name of each file of a pack, without its ending, and its form."""
    for name, field in LanguagePack.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            yield name, field.annotation
    yield "KIND", KindWords


def _own_sections() -> set[str]:
    return set(LanguagePack.model_fields) - {"about", "kinds"}


def _size(value: Any) -> str:
    """How much a list holds, or what a setting says."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_size(words)}" for name, words in value.items())
    return str(len(value)) if isinstance(value, tuple) else str(value)


if __name__ == "__main__":
    main()
