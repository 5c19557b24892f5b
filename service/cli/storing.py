"""The store of jobs made ready by a command, before anything uses it."""

import click

from service.app import database_url
from service.cli import ConfigurationError
from service.jobs.database import upgrade
from service.jobs.errors import StoreUnavailableError
from service.settings import Settings


def require_shared_store(settings: Settings) -> None:
    """Pass if the settings name the store: without, a file of this user's is no store that anybody shares.

    Raises:
        ConfigurationError: they do not.

    """
    if settings.database_url is None:
        raise ConfigurationError("DRAGOMAN_DATABASE_URL: name the store of jobs; worker and service must share it")


def prepare_store(settings: Settings) -> None:
    """Bring the tables to their newest form.

    Raises:
        ClickException: the store is out of reach.

    """
    try:
        upgrade(database_url(settings))
    except (StoreUnavailableError, OSError) as error:
        advice = "Is the server up, and may this user write there? See DRAGOMAN_DATABASE_URL."
        raise click.ClickException(f"The store of jobs cannot be opened. {advice}") from error
