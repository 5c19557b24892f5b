"""The broker that the settings name, for the commands that need it."""

from service.cli import ConfigurationError
from service.jobs.connection import BrokerConnection
from service.jobs.topology import Topology
from service.settings import Settings


def broker_connection(settings: Settings, *, name: str) -> BrokerConnection:
    """Make the connection; nothing is opened yet. `name` is what RabbitMQ's listings call it.

    Raises:
        ConfigurationError: there is no broker, or its address is none.

    """
    if settings.broker_url is None:
        raise ConfigurationError("DRAGOMAN_BROKER_URL: name a RabbitMQ, such as amqp://user:password@host:5672/")
    try:
        return BrokerConnection(settings.broker_url.get_secret_value(), Topology(settings.queue_prefix), name=name)
    except ValueError as error:
        raise ConfigurationError(f"DRAGOMAN_BROKER_URL: {error}.") from error
