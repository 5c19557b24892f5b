"""The command line: `dragoman check | extract | serve | worker | dead | reviews | model | demo | eval`."""

from importlib import import_module

import click
from pydantic import ValidationError

from service.settings import SettingError, Settings

SUBCOMMANDS = {
    "check": "service.cli.check:command",
    "extract": "service.cli.extract:command",
    "serve": "service.cli.serve:command",
    "worker": "service.cli.worker:command",
    "dead": "service.cli.dead:group",
    "reviews": "service.cli.reviews:group",
    "model": "service.cli.model:group",
    "demo": "service.cli.demo:command",
    "eval": "service.cli.evaluate:group",
}

EXIT_CONFIGURATION = 78
"""EX_CONFIG of BSD's sysexits.h: a setting is wrong."""


class ConfigurationError(click.ClickException):
    """A setting is wrong; the message names it."""

    exit_code = EXIT_CONFIGURATION


class Subcommands(click.Group):
    """Imports a subcommand when it is asked for: `extract` does not wait for the web server's modules."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- click's
        if cmd_name not in SUBCOMMANDS:
            return None
        module, _, name = SUBCOMMANDS[cmd_name].partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)  # noqa: S101 -- each of the modules above defines one
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except ValidationError as error:
            if error.title != Settings.__name__:
                raise
            raise ConfigurationError(_wrong_settings(error)) from None
        except SettingError as error:
            raise ConfigurationError(str(error)) from error


@click.group(cls=Subcommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dragoman")
def main() -> None:
    """Turn news articles into records, each tied to the words that state it."""


def _wrong_settings(error: ValidationError) -> str:
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{_variable(fault['loc'])}: {fault['msg'].removeprefix('Value error, ')}" for fault in faults)


def _variable(location: tuple[str | int, ...]) -> str:
    """Name the environment variable that a setting is read from."""
    name = str(location[0])
    return f"DRAGOMAN_{name.upper()}" if name in Settings.model_fields else name
