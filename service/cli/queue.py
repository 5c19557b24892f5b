"""The broker client for the commands that need one."""

from service.app import build_broker
from service.cli import ConfigurationError
from service.jobs.broker import Broker
from service.settings import Settings


def configured_broker(settings: Settings, name: str) -> Broker:
    """Make the broker client. It connects on first use. `name` is that of our connection in the broker's listings.

    Raises:
        ConfigurationError: the settings name no broker.
        SettingError: its address is invalid.

    """
    broker = build_broker(settings, name)
    if broker is None:
        raise ConfigurationError("DRAGOMAN_BROKER_URL: name a RabbitMQ, such as amqp://user:password@host:5672/")
    return broker
