"""The built-in model for commands that were told of no other."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import click
from pydantic import SecretStr

from service.settings import ProfileName, Settings
from service.strategy import Strategy

SIZE = "0.5b"
"""Which of the built-in models."""
SLOTS = 4
"""One for each kind, whose instructions stay there from call to call: they are longer than what is asked about."""
CONTEXT_TOKENS = 4_096
"""Per slot."""
WINDOW_TOKENS = 400
CALLS = 2
"""Calls at the same time; on two cores more of them mostly wait for each other."""
REASKS = 0
"""What re-asks cost this model, and that their gain is not shown: docs/adr/0004-no-re-asks-on-the-built-in-model.md."""


def configured(settings: Settings) -> bool:
    """Whether the settings name a model server."""
    return settings.openai_base_url is not None or settings.openai_api_key is not None


def configured_or_built_in(settings: Settings, size: str = SIZE) -> AbstractContextManager[Settings]:
    """The settings as they are, or, where they name no model server, those of a built-in model that runs meanwhile."""
    return nullcontext(settings) if configured(settings) else _running(settings, size)


@contextmanager
def _running(settings: Settings, size: str) -> Iterator[Settings]:
    # The built-in model is an extra: whoever has not installed it can use a model elsewhere.
    from service.local.errors import LocalModelError  # noqa: PLC0415 -- see above
    from service.local.release import RELEASES  # noqa: PLC0415 -- see above
    from service.local.server import running_model  # noqa: PLC0415 -- see above

    try:
        with running_model(release=RELEASES[size], n_ctx=SLOTS * CONTEXT_TOKENS, n_parallel=SLOTS) as url:
            yield served_at(url, settings, size)
    except LocalModelError as error:
        failure = click.ClickException(str(error))
        failure.exit_code = error.exit_code  # type: ignore[misc]  # click declares it for the class and reads it here
        raise failure from error


def served_at(url: str, settings: Settings, size: str = SIZE) -> Settings:
    """The settings for a built-in model, where it answers at `url`."""
    from service.local.release import RELEASES  # noqa: PLC0415 -- as above

    return settings.model_copy(
        update={
            "openai_base_url": url,
            "openai_api_key": SecretStr("unused"),
            "model": RELEASES[size].model,
            "profile": ProfileName.LLAMA_CPP,
            "context_tokens": CONTEXT_TOKENS,
            "window_tokens": settings.window_tokens or WINDOW_TOKENS,
            "max_calls": CALLS,
            "max_calls_per_prompt": 1,
            "field_guide": False,
            "reasks": REASKS,
            "strategy": Strategy.CANDIDATES,
        }
    )
