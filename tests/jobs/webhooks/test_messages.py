"""What a webhook says, how it is signed, and what it keeps to itself."""

import asyncio
import json
from collections.abc import MutableMapping
from datetime import timedelta, timezone
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from schemas.article import Article
from service.jobs.states import CallbackState, Delivery, Job, JobError, JobOutcome, JobRequest, State
from service.jobs.store import JobStore
from service.jobs.webhook_payload import WebhookSigner
from service.jobs.webhooks import RETRY_DELAYS
from tests.jobs.webhooks.receiving import (
    NEW_SECRET,
    OK,
    SECRET,
    WORDS,
    Internet,
    Receiver,
    answer,
    ended,
    state,
    webhooks,
)
from tests.support.databases import Clock

# What is sent


async def test_webhook_tells_of_the_job(store: JobStore, clock: Clock) -> None:
    async with Receiver() as receiver:
        job_id = ended(store, receiver.url("/hook?token=1"))

        assert await webhooks(store, clock, public_url="https://dragoman.example/").deliver_due() == 1

    [request] = receiver.received
    assert (request.method, request.target) == ("POST", "/hook?token=1")
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.body) == {
        "type": "job.complete",
        "timestamp": clock.time.isoformat().replace("+00:00", "Z"),
        "data": {
            "id": job_id,
            "article_id": "a1",
            "batch_id": None,
            "state": "complete",
            "result_url": f"https://dragoman.example/v1/jobs/{job_id}/result",
        },
    }
    assert state(store, job_id) == CallbackState(
        receiver.url("/hook?token=1"), Delivery.DELIVERED, 1, "answered 204", None
    )


@pytest.mark.parametrize(
    ("job_outcome", "result"),
    [
        (JobOutcome(State.PARTIAL, {"id": "1"}), True),
        (JobOutcome(State.FAILED, error=JobError("article_empty", "the article has no text")), False),
    ],
)
async def test_type_is_the_state_and_result_is_named_where_there_is_one(
    store: JobStore, clock: Clock, job_outcome: JobOutcome, result: bool
) -> None:
    async with Receiver() as receiver:
        job_id = ended(store, receiver.url(), job_outcome)
        await webhooks(store, clock).deliver_due()

    [request] = receiver.received
    assert json.loads(request.body)["type"] == f"job.{job_outcome.state}"
    assert request.data["result_url"] == (f"/v1/jobs/{job_id}/result" if result else None)


async def test_cancelled_job_has_a_webhook(store: JobStore, clock: Clock) -> None:
    async with Receiver() as receiver:
        job_request = JobRequest(article=Article(text=WORDS), callback_url=receiver.url())
        store.cancel(store.add(job_request, fingerprint="f").id)

        assert await webhooks(store, clock).deliver_due() == 1

    assert json.loads(receiver.received[0].body)["type"] == "job.cancelled"


async def test_unfinished_job_has_none(store: JobStore, clock: Clock) -> None:
    async with Receiver() as receiver:
        store.add(JobRequest(article=Article(text=WORDS), callback_url=receiver.url()), fingerprint="f")

        assert await webhooks(store, clock).deliver_due() == 0

    assert receiver.connections == 0


async def test_webhook_is_sent_once(store: JobStore, clock: Clock) -> None:
    async with Receiver() as receiver:
        ended(store, receiver.url())
        sender = webhooks(store, clock)
        await sender.deliver_due()
        clock.pass_by(seconds=90_000)

        assert await sender.deliver_due() == 0

    assert len(receiver.received) == 1


async def test_two_processes_do_not_send_the_same(store: JobStore, clock: Clock) -> None:
    async with Receiver() as receiver:
        for _ in range(6):
            ended(store, receiver.url())

        counts = await asyncio.gather(webhooks(store, clock).deliver_due(), webhooks(store, clock).deliver_due())

    assert sum(counts) == 6
    assert len({request.data["id"] for request in receiver.received}) == len(receiver.received) == 6


async def test_ipv6_address_is_a_receiver(store: JobStore, clock: Clock) -> None:
    async with Receiver() as receiver:
        internet = Internet(receiver)
        ended(store, "http://[2606:2800:220::1]:81/hook")
        await webhooks(store, clock, network=internet.guarded()).deliver_due()

    assert internet.dialled == [("2606:2800:220::1", 81)]
    assert receiver.received[0].headers["host"] == "[2606:2800:220::1]:81"


# Signatures


async def test_signature_is_what_receivers_verify(store: JobStore, clock: Clock) -> None:
    async with Receiver() as receiver:
        ended(store, receiver.url())
        await webhooks(store, clock).deliver_due()

    [request] = receiver.received
    assert Webhook(SECRET).verify(request.body, request.headers)["type"] == "job.complete"
    assert request.headers["webhook-timestamp"] == str(int(clock.time.timestamp()))
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(request.body.replace("complete", "failed"), request.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW_SECRET).verify(request.body, request.headers)


async def test_every_secret_signs(store: JobStore, clock: Clock) -> None:
    async with Receiver() as receiver:
        ended(store, receiver.url())
        await webhooks(store, clock, secrets=[NEW_SECRET, SECRET]).deliver_due()

    [request] = receiver.received
    for secret in (SECRET, NEW_SECRET):
        Webhook(secret).verify(request.body, request.headers)


async def test_retry_has_the_same_id_and_body_and_its_own_time(store: JobStore, clock: Clock) -> None:
    async with Receiver(answer(500), OK) as receiver:
        ended(store, receiver.url())
        sender = webhooks(store, clock)
        await sender.deliver_due()
        clock.pass_by(seconds=RETRY_DELAYS[0])
        await sender.deliver_due()

    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == RETRY_DELAYS[0]
    Webhook(SECRET).verify(second.body, second.headers)


async def test_id_has_no_dot_though_the_job_has(store: JobStore, clock: Clock) -> None:
    async with Receiver() as receiver:
        ended(store, receiver.url(), job_id="feed.1")
        ended(store, receiver.url(), job_id="feed.2")
        await webhooks(store, clock).deliver_due()

    ids = {request.headers["webhook-id"] for request in receiver.received}
    assert len(ids) == 2
    assert not any("." in one for one in ids)


def test_time_of_any_zone_is_signed_as_it_is_sent(clock: Clock) -> None:
    job = Job("1", State.COMPLETE, clock.time, clock.time)

    headers = WebhookSigner([SECRET]).headers(job, clock.time.astimezone(timezone(timedelta(hours=5))), "{}")

    Webhook(SECRET).verify("{}", headers)


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJC",
        "whsec_c2hvcnQ=",
        "whsec_QkJCQkJCQkJCQkJCQkJCQkJCQ2La LaSw",
        "whsec_QkJCQkJCQkJCQkJCQkJCQkJCQ2LaLa-_",
        "whsec_ключQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJC",
        "whsec_" + "QUFB" * 22,
    ],
)
def test_text_that_is_no_secret_is_refused_and_not_shown(secret: str) -> None:
    with pytest.raises(ValueError, match="a secret for webhooks is whsec_") as refused:
        WebhookSigner([SECRET, secret])

    assert not secret.removeprefix("whsec_") or secret.removeprefix("whsec_") not in str(refused.value)


def test_unpadded_secret_is_taken(clock: Clock) -> None:
    unpadded = "whsec_" + "QUFB" * 8 + "QQ"
    job = Job("1", State.COMPLETE, clock.time, clock.time)

    Webhook(unpadded).verify("{}", WebhookSigner([unpadded]).headers(job, clock.time, "{}"))


def test_webhooks_need_a_secret(store: JobStore, clock: Clock) -> None:
    with pytest.raises(ValueError, match="need a secret"):
        webhooks(store, clock, secrets=[])


# What stays inside


async def test_proxy_of_the_environment_is_not_used(
    store: JobStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with Receiver() as receiver:
        job_id = ended(store, receiver.url())
        await webhooks(store, clock).deliver_due()

    assert state(store, job_id).state is Delivery.DELIVERED


async def test_cookies_and_addresses_are_not_carried_from_receiver_to_receiver(store: JobStore, clock: Clock) -> None:
    async with Receiver(answer(200, Set_Cookie="a=1")) as receiver:
        ended(store, receiver.url("/one"))
        ended(store, receiver.url("/two"))
        sender = webhooks(store, clock, concurrency=1)
        await sender.deliver_due()
        await sender.deliver_due()

    assert receiver.connections == 2
    allowed = {"host", "content-type", "content-length", "user-agent", "connection"}
    signed = {"webhook-id", "webhook-timestamp", "webhook-signature"}
    assert all(set(request.headers) == allowed | signed for request in receiver.received)


async def test_neither_article_nor_secret_nor_address_is_logged_or_kept(
    store: JobStore, clock: Clock, logged: list[MutableMapping[str, Any]]
) -> None:
    words = b"HTTP/1.1 500 the receivers own words\r\nContent-Length: 4\r\n\r\nword"
    async with Receiver(OK, words, answer(410), answer(307, Location="https://u:p4ss@x.example/")) as receiver:
        ids = [ended(store, receiver.url("/hook-t0ken")) for _ in range(4)]
        sender = webhooks(store, clock, concurrency=1)
        for _ in ids:
            await sender.deliver_due()

    said = str(logged) + "".join(state(store, job_id).detail or "" for job_id in ids)
    assert all(job_id in said for job_id in ids)
    for hidden in (WORDS, SECRET.removeprefix("whsec_"), "t0ken", "p4ss", "own words", "127.0.0.1"):
        assert hidden not in said
    assert all(WORDS not in request.body for request in receiver.received)
