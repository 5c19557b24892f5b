"""Checks and prepares the job store before a command uses it."""

import click

from service.app import database_url
from service.cli import ConfigurationError
from service.jobs.database import upgrade
from service.jobs.errors import StoreUnavailableError
from service.settings import Settings


def require_shared_store(settings: Settings) -> None:
    """Pass if the settings name a store. The default is a file of this user, which other processes may not share.

    Raises:
        ConfigurationError: they do not.

    """
    if settings.database_url is None:
        raise ConfigurationError("DRAGOMAN_DATABASE_URL: name the store of jobs; worker and service must share it")


def prepare_store(settings: Settings) -> None:
    """Migrate the tables to the newest version.

    Raises:
        ClickException: the store is out of reach.

    """
    try:
        upgrade(database_url(settings))
    except (StoreUnavailableError, OSError) as error:
        advice = "Is the server up, and may this user write there? See DRAGOMAN_DATABASE_URL."
        raise click.ClickException(f"The store of jobs cannot be opened. {advice}") from error
