"""Messages that no worker can do anything with, and bugs: what is said of them, and that nobody else suffers."""

import json
from typing import Any

import pytest

from schemas.article import Article
from service.errors import RequestError
from service.jobs.states import JobRequest, State
from service.jobs.store import JobStore
from tests.queue.conftest import Work
from tests.queue.wire import Sender, article, ended, eventually, has

DATABASES = ("sqlite",)


@pytest.mark.parametrize(
    "other",
    [{"article": {"text": "Envoys met."}}, {"kinds": ["negotiations"]}, {"kinds": ["weather"]}],
    ids=["article", "kinds", "unknown kind"],
)
@pytest.mark.parametrize("is_done", [True, False])
async def test_id_of_another_article_is_refused_and_that_one_is_left_alone(
    sender: Sender, work: Work, store: JobStore, other: dict[str, Any], is_done: bool
) -> None:
    inbox = await sender.inbox()
    if is_done:
        await work()
        await sender.send(article(id="job-1"))
        await ended(store, "job-1")
    else:
        store.add(JobRequest.model_validate(article()), fingerprint="f", job_id="job-1", already_published=True)
        await work()
    kept, result = store.job("job-1"), store.result("job-1")

    await sender.send(article(id="job-1", **other), message_id="m-2", reply_to=inbox.name, correlation_id="call-9")

    letter = await sender.dead_letter()
    assert (letter.message_id, letter.headers["x-dragoman-code"]) == ("job-1", "id_reused")
    assert "an id of its own" in str(letter.headers["x-dragoman-reason"])
    told = await inbox.message()
    answer = json.loads(told.body)
    assert (answer["state"], answer["error"]["code"], answer["result"]) == ("failed", "id_reused", None)
    assert told.correlation_id == "call-9"
    assert (store.job("job-1"), store.result("job-1")) == (kept, result)


async def test_of_two_articles_that_come_at_once_under_an_id_one_is_refused(
    sender: Sender, work: Work, store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = store.add

    def late(job_request: JobRequest, **options: Any) -> Any:
        add(JobRequest(article=Article(text="Envoys met."), kinds=["sanctions"]), **options)
        return add(job_request, **options)

    monkeypatch.setattr(store, "add", late)
    await work()

    await sender.send(article(id="job-1"))

    assert (await sender.dead_letter()).headers["x-dragoman-code"] == "id_reused"
    stored = store.job_request("job-1")
    assert stored is not None
    assert stored.article.text == "Envoys met."


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"\xff\xfe not json", "message_malformed"),
        (b"[" * 100_000, "message_malformed"),
        (b'{"article": {"text": "x"}, "id": ' + b"9" * 5_000 + b"}", "message_malformed"),
        (b'{"article": {"text": "half a \\ud83d"}}', "message_malformed"),
        ({"article": {"text": "x"}, "id": "has spaces"}, "message_fields_invalid"),
        ({"article": {"text": "x"}, "colour": "red"}, "message_fields_invalid"),
        ({"article": {"text": ""}}, "message_fields_invalid"),
        ("just a text", "message_fields_invalid"),
        (article(kinds=["weather"]), "unknown_kind"),
    ],
)
async def test_poison_ends_in_the_dead_letters_with_its_reason(
    sender: Sender, work: Work, store: JobStore, body: Any, code: str
) -> None:
    inbox = await sender.inbox()
    await work()

    await sender.send(body, message_id="m-1", reply_to=inbox.name)

    letter = await sender.dead_letter()
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    assert (letter.body, letter.message_id) == (sent, "m-1")
    assert letter.headers["x-dragoman-code"] == code
    assert letter.headers["x-dragoman-reason"]
    assert store.counts() == {}
    answer = await inbox.read()
    assert (answer["state"], answer["error"]["code"]) == ("failed", code)


@pytest.mark.parametrize("members", [{"colour": "red"}, {"kinds": ["weather"]}, {"article": None}])
async def test_poison_is_named_and_answered_as_its_body_says(
    sender: Sender, work: Work, members: dict[str, Any]
) -> None:
    inbox = await sender.inbox()
    await work()

    await sender.send(article(id="job-1", reply_to=inbox.name, **members), message_id="m-1")

    assert (await sender.dead_letter()).message_id == "job-1"
    answer = await inbox.read()
    assert (answer["id"], answer["state"]) == ("job-1", "failed")


@pytest.mark.parametrize("reply_to", [7, ["a queue"], "x" * 256, "amq.rabbitmq.reply-to.made-up"])
async def test_unusable_reply_to_of_poison_is_left_out(sender: Sender, work: Work, reply_to: Any) -> None:
    await work()

    await sender.send(article(id="has spaces", reply_to=reply_to), message_id="m-1")

    letter = await sender.dead_letter()
    assert (letter.message_id, letter.reply_to) == ("m-1", None)


async def test_poison_ends_no_job_that_is_only_called_the_same(sender: Sender, work: Work, store: JobStore) -> None:
    for name in ("job-1", "m-1"):
        store.add(JobRequest.model_validate(article()), fingerprint="f", job_id=name, already_published=True)
    await work()

    await sender.send(article(id="job-1", colour="red"), message_id="m-1")

    await sender.dead_letter()
    assert store.counts() == {State.QUEUED: 2}


async def test_reason_repeats_nothing_of_the_message(sender: Sender, work: Work) -> None:
    await work()
    secret = "Minister Tamm resigns " * 10

    await sender.send({"article": {"text": secret, "published_at": secret}, secret: secret, "kinds": secret})

    reason = str((await sender.dead_letter()).headers["x-dragoman-reason"])
    assert "kinds" in reason
    assert "Tamm" not in reason


async def test_order_that_is_not_accepted_is_poison(sender: Sender, work: Work) -> None:
    def refuse(job_request: JobRequest) -> None:
        if job_request.callback_url:
            raise RequestError("no webhook goes there")

    await work(check_request=refuse)

    await sender.send(article(callback_url="http://127.0.0.1/"))

    assert (await sender.dead_letter()).headers["x-dragoman-code"] == "invalid_request"


@pytest.mark.parametrize("reply_to", ["é" * 200, "x" * 256])
async def test_queue_whose_name_is_too_long_is_poison(sender: Sender, work: Work, reply_to: str) -> None:
    await work()

    await sender.send(article(reply_to=reply_to))

    assert (await sender.dead_letter()).headers["x-dragoman-code"] == "message_fields_invalid"


async def test_poison_does_not_stop_those_behind_it(sender: Sender, work: Work, store: JobStore) -> None:
    await work(concurrency=1)

    for _ in range(5):
        await sender.send(b"poison")
    await sender.send(article(id="job-1"))

    assert (await ended(store, "job-1")).state is State.COMPLETE


async def test_bug_buries_the_message_and_not_the_worker(
    sender: Sender, work: Work, store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = store.add

    def fail(job_request: JobRequest, **options: Any) -> Any:
        if options["job_id"] == "job-1":
            raise ZeroDivisionError
        return add(job_request, **options)

    monkeypatch.setattr(store, "add", fail)
    await work()

    await sender.send(article(id="job-1"), message_id="m-1")
    await sender.send(article(id="job-2"))

    letter = await sender.dead_letter()
    assert (letter.message_id, letter.headers["x-dragoman-code"]) == ("job-1", "internal_error")
    assert (await ended(store, "job-2")).state is State.COMPLETE


async def test_bug_ends_the_job_of_the_body_and_not_that_of_the_message(
    sender: Sender, work: Work, store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("job-1", "m-1"):
        store.add(JobRequest.model_validate(article()), fingerprint="f", job_id=name, already_published=True)

    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(store, "add", fail)
    await work()

    await sender.send(article(id="job-1"), message_id="m-1")

    assert (await sender.dead_letter()).message_id == "job-1"
    job, other = store.job("job-1"), store.job("m-1")
    assert job is not None
    assert other is not None
    assert (job.state, other.state) == (State.FAILED, State.QUEUED)


async def test_bug_after_the_end_of_a_job_buries_nothing(
    sender: Sender, work: Work, store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, announcement = await sender.listen(), store.announcement

    def fail_once(job_id: str) -> Any:
        monkeypatch.setattr(store, "announcement", announcement)
        raise ZeroDivisionError

    monkeypatch.setattr(store, "announcement", fail_once)
    await work()

    await sender.send(article(id="job-1"))

    assert (await reader.read())["state"] == "complete"
    await eventually(lambda: has(sender, sender.topology.articles, 0))
    assert await has(sender, sender.topology.dead_letters, 0)
