"""Where webhooks go: redirects, addresses that are refused, certificates."""

import ssl

import pytest
from standardwebhooks import Webhook

from service.jobs.states import Delivery
from service.jobs.store import JobStore
from tests.jobs.webhooks.receiving import OK, PUBLIC, SECRET, Internet, Receiver, answer, ended, state, webhooks
from tests.support.databases import Clock

# Redirects


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirect_gets_the_same_message(store: JobStore, clock: Clock, status: int) -> None:
    async with Receiver() as target, Receiver(answer(status, Location=target.url("/new"))) as receiver:
        job_id = ended(store, receiver.url())
        await webhooks(store, clock).deliver_due()

    [first], [second] = receiver.received, target.received
    assert (second.method, second.target, second.body) == ("POST", "/new", first.body)
    assert second.headers["host"] == f"127.0.0.1:{target.port}"
    Webhook(SECRET).verify(second.body, second.headers)
    assert state(store, job_id).state is Delivery.DELIVERED


async def test_relative_redirect_is_followed(store: JobStore, clock: Clock) -> None:
    async with Receiver(answer(308, Location="../b"), OK) as receiver:
        ended(store, receiver.url("/a/x/hook"))
        await webhooks(store, clock).deliver_due()

    assert [request.target for request in receiver.received] == ["/a/x/hook", "/a/b"]


async def test_redirects_in_a_circle_are_left(store: JobStore, clock: Clock) -> None:
    async with Receiver(answer(307, Location="/again")) as receiver:
        job_id = ended(store, receiver.url())
        await webhooks(store, clock).deliver_due()

    assert len(receiver.received) == 4
    assert (state(store, job_id).state, state(store, job_id).detail) == (Delivery.PENDING, "more than 3 redirects")


@pytest.mark.parametrize("location", ["http://[", "https://hooks.example:port/"])
async def test_redirect_to_no_url_is_no_delivery(store: JobStore, clock: Clock, location: str) -> None:
    async with Receiver(answer(307, Location=location)) as receiver:
        job_id = ended(store, receiver.url())
        await webhooks(store, clock).deliver_due()

    assert state(store, job_id).state is not Delivery.DELIVERED
    assert len(receiver.received) == 1


# Where webhooks do not go


@pytest.mark.parametrize("url", ["https://127.0.0.1:{port}/", "http://127.0.0.1:{port}/", "https://localhost:{port}/"])
async def test_private_address_is_refused_for_good(store: JobStore, clock: Clock, url: str) -> None:
    async with Receiver() as receiver:
        job_id = ended(store, url.format(port=receiver.port))
        await webhooks(store, clock, allow_private=False).deliver_due()

    found = state(store, job_id)
    assert found.state is Delivery.GIVEN_UP
    assert (found.detail or "").startswith("refused: ")
    assert receiver.connections == 0


async def test_name_of_a_private_address_is_refused(store: JobStore, clock: Clock) -> None:
    async with Receiver() as receiver:
        internet = Internet(receiver)
        job_id = ended(store, "https://hooks.example/")
        sender = webhooks(store, clock, allow_private=False, network=internet.guarded([PUBLIC, "10.0.0.1"]))
        await sender.deliver_due()

    found = state(store, job_id)
    assert (found.state, found.detail) == (Delivery.GIVEN_UP, "refused: the address is not public")
    assert internet.dialled == []


async def test_name_that_turns_private_between_attempts_is_refused(
    store: JobStore, clock: Clock, tls: ssl.SSLContext, certificates: ssl.SSLContext
) -> None:
    async with Receiver(answer(500), tls=tls) as receiver:
        internet = Internet(receiver)
        job_id = ended(store, "https://hooks.example/")
        sender = webhooks(
            store,
            clock,
            allow_private=False,
            network=internet.guarded([PUBLIC], ["127.0.0.1"]),
            certificates=certificates,
        )
        await sender.deliver_due()
        assert state(store, job_id).detail == "HTTP 500"
        clock.pass_by(seconds=5)
        await sender.deliver_due()

    assert state(store, job_id).state is Delivery.GIVEN_UP
    assert internet.dialled == [(PUBLIC, 443)]
    assert receiver.connections == 1


@pytest.mark.parametrize(
    "location",
    [
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://localhost/",
        "https://user:password@hooks.example/",
        "http://hooks.example/",
        "file:///etc/passwd",
    ],
)
async def test_redirect_to_a_forbidden_address_is_refused(
    store: JobStore, clock: Clock, tls: ssl.SSLContext, certificates: ssl.SSLContext, location: str
) -> None:
    async with Receiver(answer(307, Location=location), tls=tls) as receiver:
        internet = Internet(receiver)
        job_id = ended(store, "https://hooks.example/")
        sender = webhooks(
            store, clock, allow_private=False, network=internet.guarded([PUBLIC]), certificates=certificates
        )
        await sender.deliver_due()

    found = state(store, job_id)
    assert found.state is Delivery.GIVEN_UP
    assert (found.detail or "").startswith("refused: ")
    assert internet.dialled == [(PUBLIC, 443)]


async def test_redirect_to_a_name_of_a_private_address_is_refused(
    store: JobStore, clock: Clock, tls: ssl.SSLContext, certificates: ssl.SSLContext
) -> None:
    """The same name too: it is resolved and checked anew."""
    async with Receiver(answer(307, Location="/again"), tls=tls) as receiver:
        internet = Internet(receiver)
        job_id = ended(store, "https://hooks.example/")
        network = internet.guarded([PUBLIC], ["127.0.0.1"])
        await webhooks(store, clock, allow_private=False, network=network, certificates=certificates).deliver_due()

    assert state(store, job_id).state is Delivery.GIVEN_UP
    assert internet.dialled == [(PUBLIC, 443)]


# Encryption


@pytest.mark.parametrize("host", ["hooks.example", "hooks.example."])
async def test_certificate_is_checked_for_the_name_and_not_for_the_address(
    store: JobStore, clock: Clock, tls: ssl.SSLContext, certificates: ssl.SSLContext, host: str
) -> None:
    async with Receiver(tls=tls) as receiver:
        internet = Internet(receiver)
        job_id = ended(store, f"https://{host}:8443/hook")
        sender = webhooks(
            store, clock, allow_private=False, network=internet.guarded([PUBLIC]), certificates=certificates
        )
        await sender.deliver_due()

    assert state(store, job_id).state is Delivery.DELIVERED
    assert internet.dialled == [(PUBLIC, 8443)]
    assert receiver.names == ["hooks.example"]
    assert receiver.received[0].headers["host"] == f"{host}:8443"


@pytest.mark.parametrize("trusted", [True, False])
async def test_certificate_for_another_name_or_of_a_stranger_is_not_trusted(
    store: JobStore, clock: Clock, tls: ssl.SSLContext, certificates: ssl.SSLContext, trusted: bool
) -> None:
    async with Receiver(tls=tls) as receiver:
        job_id = ended(store, f"https://{'other' if trusted else 'hooks'}.example/")
        sender = webhooks(
            store,
            clock,
            allow_private=False,
            network=Internet(receiver).guarded([PUBLIC]),
            certificates=certificates if trusted else None,
        )
        await sender.deliver_due()

    found = state(store, job_id)
    assert found.state is Delivery.PENDING
    assert found.detail == "the receiver has no trusted certificate for its host name"
    assert receiver.received == []
