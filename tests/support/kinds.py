"""Kinds of records that do not ship with Dragoman, in folders that tests write."""

import importlib
import sys
from pathlib import Path

import prompts
from schemas.registry import FOLDER_PACKAGE

OMENS = '''
"""Omens."""

from typing import ClassVar, Literal

from pydantic import Field

from schemas.fields import Mention, Record


class Omen(Record):
    """A sign of what is to come."""

    kind: ClassVar[str] = "omens"
    order: ClassVar[int] = 9
    identity: ClassVar[tuple[str, ...]] = ("sign",)
    actors: ClassVar[tuple[str, ...]] = ("teller",)

    sign: Mention = Field(description="what is seen")
    teller: Mention | None = Field(description="who tells what it means")
    meaning: Literal["luck", "harm"] = Field(description="what is to come")
'''
PROMPT = """
task = "Report omens."

[[examples]]
text = "A raven sat on the gate of Ulmen, which means harm, the miller said."

[[examples.records]]
sentences = [1]
sign = "A raven"
teller = "the miller"
meaning = "harm"
"""


def write_kind(
    folder: Path,
    name: str,
    module: str = OMENS,
    *,
    definition: str | None = None,
    reader: str | None = None,
    prompt: str | None = PROMPT,
) -> Path:
    """Write the package of a kind into a folder; returns the package's folder."""
    package = folder / name
    prompts_of = package / "prompts"
    prompts_of.mkdir(parents=True)
    files = {
        package / "__init__.py": module,
        package / "definition.toml": definition,
        package / "reader.py": reader,
        prompts_of / f"{name}.toml": prompt,
    }
    for path, words in files.items():
        if words is not None:
            path.write_text(words, encoding="utf-8")
    importlib.invalidate_caches()
    return package


def forget_kinds() -> None:
    """Have neither the kinds of a folder nor their prompts in this process any more."""
    for name in [name for name in sys.modules if name.split(".")[0] == FOLDER_PACKAGE]:
        del sys.modules[name]
    prompts.use([])
