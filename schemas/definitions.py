"""What each kind is, field by field and value by value: the `definition.toml` in the kind's package.

It is the only place where this is said. Large models are told all of it, the JSON Schema of a record and
docs/records.md are made with it, and the gold of `evals` is annotated by it. A model is told a field's line instead of
the description in the schema, which says what the field is in as few words as a small model can bear; a reader of the
page is told both. Fields and values that explain themselves have no line.
"""

import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class Definition(BaseModel):
    """What is said of one kind. `fields` and `values` hold the fields of the models inside a record, too."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    outside: str = Field(description="What looks like the kind and is none of it.")
    one_record: tuple[str, ...] = Field(
        description="When several sentences are one record, and when one sentence is several."
    )
    fields: Mapping[str, str] = Field({}, description="Rules for a field, by its name.")
    values: Mapping[str, Mapping[str, str]] = Field(
        {}, description="What the values of a field mean, by field and value."
    )
    found: Mapping[str, str] = Field(
        {}, description="What a reader is told of a field instead, where a model is told how to cite."
    )

    def asked(self, name: str, description: str | None) -> str:
        """What a model is told of a field; nothing but its values where their meanings say it all."""
        return self.fields.get(name, "" if name in self.values else description or "")

    def told(self, name: str, description: str | None) -> str:
        """What a reader is told of a field of a record."""
        return self.found.get(name) or "; ".join(filter(None, (description, self.fields.get(name))))

    def of_value(self, name: str, value: str) -> str:
        """A value with its meaning, if it has one."""
        meaning = self.values.get(name, {}).get(value)
        return f"{value} = {meaning}" if meaning else value


class DefinitionError(Exception):
    """A `definition.toml` does not say what it must. The message names the key."""


def package_of(record: type) -> Traversable | None:
    """The files of the package that declares a kind; None where a plain module does."""
    module = sys.modules.get(record.__module__)
    return files(module) if module is not None and hasattr(module, "__path__") else None


@cache
def definition_of(record: type) -> Definition | None:
    """The definition of a kind; None where there is none in its package.

    Raises:
        DefinitionError: it is not TOML, a key is missing or there is one that means nothing.

    """
    package = package_of(record)
    file = package / "definition.toml" if package is not None else None
    if file is None or not file.is_file():
        return None
    try:
        return Definition.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as exc:
        raise DefinitionError(f"definition.toml: {exc}") from exc
    except ValidationError as exc:
        wrong = exc.errors()[0]
        raise DefinitionError(f"definition.toml: {'.'.join(map(str, wrong['loc']))}: {wrong['msg']}") from exc
