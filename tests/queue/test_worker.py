"""What becomes of a message."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.article import Article
from service.errors import ModelUnavailableError, RequestError
from service.jobs.states import Order, State
from service.jobs.store import JobStore
from tests.queue.conftest import Work
from tests.queue.wire import Sender, article, ended, eventually, has
from tests.support.scripted_model import NOTHING, ScriptedModel

DATABASES = ("sqlite",)
DOWN = ModelUnavailableError("the model server is down")


async def test_message_of_any_program_becomes_a_result(sender: Sender, work: Work, store: JobStore) -> None:
    ear = await sender.listen("complete")
    await work()

    await sender.send(article(id="job-1"))

    told = await ear.heard()
    assert (told["id"], told["article_id"], told["state"], told["attempts"]) == ("job-1", "a-1", "complete", 1)
    assert told["error"] is None
    assert told["result"]["records"] == {"sanctions": []}
    assert told["result"] == store.result("job-1")


async def test_message_is_gone_after_its_end_was_told(sender: Sender, work: Work, store: JobStore) -> None:
    ear = await sender.listen()
    worker = await work()
    await sender.send(article(id="job-1"))
    await ear.heard()
    worker.stop()

    assert await ear.silent()
    assert [await sender.size(queue) for queue in sender.topology.queues()] == [0, 0, 0, 0]
    assert store.counts() == {State.COMPLETE: 1}
    assert store.unannounced(10) == []


async def test_job_without_an_id_is_named_after_its_message(sender: Sender, work: Work, store: JobStore) -> None:
    await work()

    await sender.send(article(), message_id="message-7")

    assert (await ended(store, "message-7")).state is State.COMPLETE


async def test_message_without_any_name_gets_one_before_it_is_worked_on(sender: Sender, work: Work) -> None:
    ear = await sender.listen()
    await work()

    await sender.send(article(), message_id="no id of a job: it has spaces", correlation_id="c-1")

    message = await ear.message()
    assert json.loads(message.body)["id"] == message.message_id
    assert len(message.message_id or "") == 32
    assert message.correlation_id == "c-1"


async def test_same_id_is_done_once(sender: Sender, work: Work, store: JobStore) -> None:
    model = ScriptedModel(otherwise=NOTHING)
    ear = await sender.listen()
    await work(model)

    await sender.send(article(id="job-1"))
    await ear.heard()
    await eventually(lambda: _is_announced(store, "job-1"))
    await sender.send(article(id="job-1"))

    assert await ear.silent(1.0)
    assert len(model.questions) == 1
    assert store.counts() == {State.COMPLETE: 1}


async def test_same_id_twice_at_a_time_is_done_once_and_told_alike(sender: Sender, work: Work, store: JobStore) -> None:
    model = ScriptedModel(otherwise=NOTHING)
    ear = await sender.listen()
    await work(model)

    await sender.send(article(id="job-1"))
    await sender.send(article(id="job-1"))
    first = await ear.heard()

    await asyncio.sleep(1.0)
    # The second message may find the end before it is marked as told.
    again = [await ear.heard() for _ in range(await sender.size(ear.name))]
    assert again in ([], [first])
    assert len(model.questions) == 1
    assert store.counts() == {State.COMPLETE: 1}


async def test_reply_comes_to_the_queue_that_the_message_names(sender: Sender, work: Work) -> None:
    inbox = await sender.inbox()
    await work()

    await sender.send(article(id="job-1", reply_to=inbox.name))

    assert (await inbox.heard())["id"] == "job-1"


async def test_reply_comes_with_the_correlation_of_the_message(sender: Sender, work: Work) -> None:
    inbox = await sender.inbox()
    await work()

    await sender.send(article(id="job-1"), reply_to=inbox.name, correlation_id="call-9")

    message = await inbox.message()
    assert (message.correlation_id, message.message_id) == ("call-9", "job-1")


async def test_one_who_asks_again_for_an_ended_job_gets_his_reply(sender: Sender, work: Work) -> None:
    ear, inbox = await sender.listen(), await sender.inbox()
    await work()
    await sender.send(article(id="job-1"))
    first = await ear.heard()

    await sender.send(article(id="job-1"), reply_to=inbox.name)

    assert await inbox.heard() == first
    assert await ear.silent()


async def test_one_who_asks_again_in_the_body_gets_his_reply(sender: Sender, work: Work) -> None:
    ear, inbox = await sender.listen(), await sender.inbox()
    await work()
    await sender.send(article(id="job-1"))
    first = await ear.heard()

    await sender.send(article(id="job-1", reply_to=inbox.name))

    assert await inbox.heard() == first


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
        store.add(Order.model_validate(article()), fingerprint="f", job_id="job-1", sent=True)
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


async def test_job_of_before_an_upgrade_is_the_same_job(sender: Sender, work: Work, store: JobStore) -> None:
    """A fingerprint is another one with each model and set of prompts; the article is not."""
    store.add(Order.model_validate(article()), fingerprint="of another model", job_id="job-1", sent=True)
    await work()

    await sender.send(article(id="job-1", deadline_seconds=5))

    assert (await ended(store, "job-1")).state is State.COMPLETE
    assert await has(sender, sender.topology.dead, 0)


async def test_of_two_articles_that_come_at_once_under_an_id_one_is_refused(
    sender: Sender, work: Work, store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = store.add

    def late(order: Order, **options: Any) -> Any:
        add(Order(article=Article(text="Envoys met."), kinds=["sanctions"]), **options)
        return add(order, **options)

    monkeypatch.setattr(store, "add", late)
    await work()

    await sender.send(article(id="job-1"))

    assert (await sender.dead_letter()).headers["x-dragoman-code"] == "id_reused"
    stored = store.order("job-1")
    assert stored is not None
    assert stored.article.text == "Envoys met."


async def test_direct_reply_reaches_its_caller(sender: Sender, work: Work) -> None:
    direct = await sender.channel.get_queue("amq.rabbitmq.reply-to", ensure=False)
    replies: asyncio.Queue[Any] = asyncio.Queue()
    await direct.consume(replies.put, no_ack=True)
    await work()

    await sender.send(article(id="job-1"), reply_to="amq.rabbitmq.reply-to")

    message = await asyncio.wait_for(replies.get(), 30)
    assert json.loads(message.body)["state"] == "complete"


async def test_reply_to_a_queue_that_is_gone_holds_nothing_up(sender: Sender, work: Work, store: JobStore) -> None:
    ear = await sender.listen()
    await work()

    await sender.send(article(id="job-1", reply_to="nobody-has-this-queue"))

    assert (await ear.heard())["id"] == "job-1"
    await eventually(lambda: _is_announced(store, "job-1"))


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
    answer = await inbox.heard()
    assert (answer["state"], answer["error"]["code"]) == ("failed", code)


@pytest.mark.parametrize("members", [{"colour": "red"}, {"kinds": ["weather"]}, {"article": None}])
async def test_poison_is_named_and_answered_as_its_body_says(
    sender: Sender, work: Work, members: dict[str, Any]
) -> None:
    inbox = await sender.inbox()
    await work()

    await sender.send(article(id="job-1", reply_to=inbox.name, **members), message_id="m-1")

    assert (await sender.dead_letter()).message_id == "job-1"
    answer = await inbox.heard()
    assert (answer["id"], answer["state"]) == ("job-1", "failed")


@pytest.mark.parametrize("reply_to", [7, ["a queue"], "x" * 256, "amq.rabbitmq.reply-to.made-up"])
async def test_unusable_reply_to_of_poison_is_left_out(sender: Sender, work: Work, reply_to: Any) -> None:
    await work()

    await sender.send(article(id="has spaces", reply_to=reply_to), message_id="m-1")

    letter = await sender.dead_letter()
    assert (letter.message_id, letter.reply_to) == ("m-1", None)


async def test_poison_ends_no_job_that_is_only_called_the_same(sender: Sender, work: Work, store: JobStore) -> None:
    for name in ("job-1", "m-1"):
        store.add(Order.model_validate(article()), fingerprint="f", job_id=name, sent=True)
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
    def refuse(order: Order) -> None:
        if order.callback_url:
            raise RequestError("no webhook goes there")

    await work(accept=refuse)

    await sender.send(article(callback_url="http://127.0.0.1/"))

    assert (await sender.dead_letter()).headers["x-dragoman-code"] == "invalid_request"


async def test_job_of_a_service_that_knows_more_than_the_worker_ends(
    sender: Sender, work: Work, store: JobStore
) -> None:
    order = Order(article=Article(text="Envoys met."), kinds=["weather"])
    store.add(order, fingerprint="f", job_id="job-1", sent=True)
    await work()

    await sender.send(order.model_dump(mode="json"), message_id="job-1")

    job = await ended(store, "job-1")
    assert job.trouble is not None
    assert (job.state, job.trouble.code) == (State.FAILED, "unknown_kind")


async def test_job_that_the_service_took_in_is_not_judged_again(sender: Sender, work: Work, store: JobStore) -> None:
    def refuse(order: Order) -> None:
        raise RequestError("no webhook goes there")

    order = Order(article=Article(text="Envoys met."), callback_url="https://example.org/")
    store.add(order, fingerprint="f", job_id="job-1", sent=True)
    await work(accept=refuse)

    await sender.send(order.model_dump(mode="json"), message_id="job-1")

    assert (await ended(store, "job-1")).state is State.COMPLETE


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


async def test_passing_fault_is_tried_again_after_a_pause(sender: Sender, work: Work, store: JobStore) -> None:
    ear = await sender.listen()
    await work(ScriptedModel(DOWN, otherwise=NOTHING))

    await sender.send(article(id="job-1"), correlation_id="c-1")

    message = await ear.message()
    told = json.loads(message.body)
    assert (told["state"], told["attempts"], message.correlation_id) == ("complete", 2, "c-1")
    assert await ear.silent()


async def test_article_that_waits_for_its_next_try_blocks_nobody(sender: Sender, work: Work, store: JobStore) -> None:
    await work(ScriptedModel(DOWN, otherwise=NOTHING), concurrency=1, pause=30.0)
    await sender.send(article(id="job-1"))
    await eventually(lambda: _is_waiting(store, "job-1"))

    await sender.send(article(id="job-2"))

    assert (await ended(store, "job-2")).state is State.COMPLETE
    job = store.job("job-1")
    assert job is not None
    assert (job.state, job.attempts) == (State.QUEUED, 1)


async def test_exhausted_article_fails_and_is_kept_with_the_reason(sender: Sender, work: Work) -> None:
    ear = await sender.listen("failed")
    await work(ScriptedModel(DOWN, DOWN, DOWN), attempts=3)

    await sender.send(article(id="job-1"))

    told = await ear.heard()
    assert (told["state"], told["result"], told["attempts"]) == ("failed", None, 3)
    assert told["error"] == {"code": "model_unavailable", "detail": "the model server is down"}
    letter = await sender.dead_letter()
    assert json.loads(letter.body) == article(id="job-1")
    assert letter.headers["x-dragoman-code"] == "model_unavailable"
    assert letter.headers["x-dragoman-attempts"] == 3
    assert await ear.silent()


async def test_message_of_a_job_that_was_given_up_is_dropped(
    sender: Sender, work: Work, store: JobStore, impatient: JobStore
) -> None:
    ear = await sender.listen()
    store.add(Order.model_validate(article()), fingerprint="f", job_id="job-1", sent=True)
    assert impatient.give_up() == 1
    store.mark_announced(["job-1"])
    model = ScriptedModel()
    worker = await work(model)

    await sender.send(article(id="job-1"))
    await sender.send(article(id="job-1"))

    assert await ear.silent(1.0)
    worker.stop()
    assert [await sender.size(queue) for queue in sender.topology.queues()] == [0, 0, 0, 0]
    assert not model.questions
    assert store.counts() == {State.FAILED: 1}


async def test_message_that_has_waited_for_days_is_done(sender: Sender, work: Work, store: JobStore) -> None:
    """A job's time begins when it gets into the store: no worker was there before."""
    await sender.send(article(id="job-1"), timestamp=datetime.now(UTC) - timedelta(days=2))
    assert store.give_up() == 0
    await work()

    job = await ended(store, "job-1")

    assert (job.state, store.give_up()) == (State.COMPLETE, 0)


async def test_cancelled_job_is_told_of(sender: Sender, work: Work, store: JobStore) -> None:
    begun = asyncio.Event()

    async def think(_: object) -> dict[str, Any]:
        begun.set()
        await asyncio.sleep(60)
        return {}

    ear = await sender.listen("cancelled")
    await work(ScriptedModel(think), lease=0.3)
    await sender.send(article(id="job-1"))
    await begun.wait()

    store.cancel("job-1")

    told = await ear.heard()
    assert (told["state"], told["result"], told["error"]) == ("cancelled", None, None)


async def test_bug_buries_the_message_and_not_the_worker(
    sender: Sender, work: Work, store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = store.add

    def fail(order: Order, **options: Any) -> Any:
        if options["job_id"] == "job-1":
            raise ZeroDivisionError
        return add(order, **options)

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
        store.add(Order.model_validate(article()), fingerprint="f", job_id=name, sent=True)

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
    ear, announcement = await sender.listen(), store.announcement

    def fail_once(job_id: str) -> Any:
        monkeypatch.setattr(store, "announcement", announcement)
        raise ZeroDivisionError

    monkeypatch.setattr(store, "announcement", fail_once)
    await work()

    await sender.send(article(id="job-1"))

    assert (await ear.heard())["state"] == "complete"
    await eventually(lambda: has(sender, sender.topology.articles, 0))
    assert await has(sender, sender.topology.dead, 0)


async def test_no_more_messages_are_in_work_than_the_setting_says(sender: Sender, work: Work) -> None:
    at_once, most, full = 0, 0, asyncio.Event()

    async def think(_: object) -> Any:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        if at_once == 3:
            full.set()
        await full.wait()
        await asyncio.sleep(0.05)
        at_once -= 1
        return NOTHING

    ear = await sender.listen()
    await work(ScriptedModel(otherwise=think), concurrency=3)

    for number in range(9):
        await sender.send(article(id=f"job-{number}", reuse=False))
    for _ in range(9):
        await ear.heard()

    assert most == 3


async def _is_announced(store: JobStore, job_id: str) -> bool:
    job = store.job(job_id)
    return job is not None and job.finished_at is not None and store.announcement(job_id) is None


async def _is_waiting(store: JobStore, job_id: str) -> bool:
    job = store.job(job_id)
    return job is not None and job.state is State.QUEUED and job.not_before is not None
