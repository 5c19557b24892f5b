"""The name of a kind as an option; the kinds are looked up only when somebody names one or asks for help."""

import click

from service.kinds import load_kinds
from service.settings import Settings


class KindName(click.ParamType[str]):
    """One of the kinds that this installation has."""

    name = "kind"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002
        return f"[{'|'.join(_names())}]"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        names = _names()
        if value not in names:
            self.fail(f"{value!r} is not one of {', '.join(map(repr, names))}.", param, ctx)
        return value


def _names() -> tuple[str, ...]:
    return load_kinds(Settings()).names
