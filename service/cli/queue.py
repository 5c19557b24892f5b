"""The broker that the settings name, for the commands that need one."""

from service.app import build_broker
from service.cli import ConfigurationError
from service.jobs.broker import Broker
from service.settings import Settings


def configured_broker(settings: Settings, name: str) -> Broker:
    """Make the broker; nothing is opened yet. `name` is what its listings call our connection.

    Raises:
        ConfigurationError: there is none.
        SettingError: its address is none.

    """
    broker = build_broker(settings, name)
    if broker is None:
        raise ConfigurationError("DRAGOMAN_BROKER_URL: name a RabbitMQ, such as amqp://user:password@host:5672/")
    return broker
