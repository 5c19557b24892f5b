"""What becomes of a message."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.article import Article
from service.errors import ModelUnavailableError, RequestError
from service.jobs.states import JobRequest, State
from service.jobs.store import JobStore
from tests.queue.conftest import Work
from tests.queue.wire import Sender, article, ended, eventually, has
from tests.support.patience import PATIENCE
from tests.support.scripted_model import NOTHING, ScriptedModel

DATABASES = ("sqlite",)
DOWN = ModelUnavailableError("the model server is down")


async def test_message_of_any_program_becomes_a_result(sender: Sender, work: Work, store: JobStore) -> None:
    reader = await sender.listen("complete")
    await work()

    await sender.send(article(id="job-1"))

    told = await reader.read()
    assert (told["id"], told["article_id"], told["state"], told["attempts"]) == ("job-1", "a-1", "complete", 1)
    assert told["error"] is None
    assert told["result"]["records"] == {"sanctions": []}
    assert told["result"] == store.result("job-1")


async def test_message_is_gone_after_its_end_was_told(sender: Sender, work: Work, store: JobStore) -> None:
    reader = await sender.listen()
    worker = await work()
    await sender.send(article(id="job-1"))
    await reader.read()
    worker.stop()

    assert await reader.stays_empty()
    assert [await sender.size(queue) for queue in sender.topology.queues()] == [0, 0, 0, 0]
    assert store.counts() == {State.COMPLETE: 1}
    assert store.unannounced(10) == []


async def test_job_without_an_id_is_named_after_its_message(sender: Sender, work: Work, store: JobStore) -> None:
    await work()

    await sender.send(article(), message_id="message-7")

    assert (await ended(store, "message-7")).state is State.COMPLETE


async def test_message_without_any_name_gets_one_before_it_is_worked_on(sender: Sender, work: Work) -> None:
    reader = await sender.listen()
    await work()

    await sender.send(article(), message_id="no id of a job: it has spaces", correlation_id="c-1")

    message = await reader.message()
    assert json.loads(message.body)["id"] == message.message_id
    assert len(message.message_id or "") == 32
    assert message.correlation_id == "c-1"


async def test_same_id_is_done_once(sender: Sender, work: Work, store: JobStore) -> None:
    model = ScriptedModel(otherwise=NOTHING)
    reader = await sender.listen()
    await work(model)

    await sender.send(article(id="job-1"))
    await reader.read()
    await eventually(lambda: _is_announced(store, "job-1"))
    await sender.send(article(id="job-1"))

    assert await reader.stays_empty(1.0)
    assert len(model.questions) == 1
    assert store.counts() == {State.COMPLETE: 1}


async def test_same_id_twice_at_a_time_is_done_once_and_told_alike(sender: Sender, work: Work, store: JobStore) -> None:
    model = ScriptedModel(otherwise=NOTHING)
    reader = await sender.listen()
    await work(model)

    await sender.send(article(id="job-1"))
    await sender.send(article(id="job-1"))

    assert await reader.only_repeats(await reader.read())
    assert len(model.questions) == 1
    assert store.counts() == {State.COMPLETE: 1}


async def test_reply_comes_to_the_queue_that_the_message_names(sender: Sender, work: Work) -> None:
    inbox = await sender.inbox()
    await work()

    await sender.send(article(id="job-1", reply_to=inbox.name))

    assert (await inbox.read())["id"] == "job-1"


async def test_reply_comes_with_the_correlation_of_the_message(sender: Sender, work: Work) -> None:
    inbox = await sender.inbox()
    await work()

    await sender.send(article(id="job-1"), reply_to=inbox.name, correlation_id="call-9")

    message = await inbox.message()
    assert (message.correlation_id, message.message_id) == ("call-9", "job-1")


async def test_one_who_asks_again_for_an_ended_job_gets_his_reply(sender: Sender, work: Work) -> None:
    reader, inbox = await sender.listen(), await sender.inbox()
    await work()
    await sender.send(article(id="job-1"))
    first = await reader.read()

    await sender.send(article(id="job-1"), reply_to=inbox.name)

    assert await inbox.read() == first
    assert await reader.stays_empty()


async def test_one_who_asks_again_in_the_body_gets_his_reply(sender: Sender, work: Work) -> None:
    reader, inbox = await sender.listen(), await sender.inbox()
    await work()
    await sender.send(article(id="job-1"))
    first = await reader.read()

    await sender.send(article(id="job-1", reply_to=inbox.name))

    assert await inbox.read() == first


async def test_job_of_before_an_upgrade_is_the_same_job(sender: Sender, work: Work, store: JobStore) -> None:
    """A fingerprint is another one with each model and set of prompts; the article is not."""
    store.add(
        JobRequest.model_validate(article()), fingerprint="of another model", job_id="job-1", already_published=True
    )
    await work()

    await sender.send(article(id="job-1", deadline_seconds=5))

    assert (await ended(store, "job-1")).state is State.COMPLETE
    assert await has(sender, sender.topology.dead_letters, 0)


async def test_direct_reply_reaches_its_caller(sender: Sender, work: Work) -> None:
    direct = await sender.channel.get_queue("amq.rabbitmq.reply-to", ensure=False)
    replies: asyncio.Queue[Any] = asyncio.Queue()
    await direct.consume(replies.put, no_ack=True)
    await work()

    await sender.send(article(id="job-1"), reply_to="amq.rabbitmq.reply-to")

    message = await asyncio.wait_for(replies.get(), PATIENCE)
    assert json.loads(message.body)["state"] == "complete"


async def test_reply_to_a_queue_that_is_gone_holds_nothing_up(sender: Sender, work: Work, store: JobStore) -> None:
    reader = await sender.listen()
    await work()

    await sender.send(article(id="job-1", reply_to="nobody-has-this-queue"))

    assert (await reader.read())["id"] == "job-1"
    await eventually(lambda: _is_announced(store, "job-1"))


async def test_job_of_a_service_that_knows_more_than_the_worker_ends(
    sender: Sender, work: Work, store: JobStore
) -> None:
    job_request = JobRequest(article=Article(text="Envoys met."), kinds=["weather"])
    store.add(job_request, fingerprint="f", job_id="job-1", already_published=True)
    await work()

    await sender.send(job_request.model_dump(mode="json"), message_id="job-1")

    job = await ended(store, "job-1")
    assert job.error is not None
    assert (job.state, job.error.code) == (State.FAILED, "unknown_kind")


async def test_job_that_the_service_took_in_is_not_judged_again(sender: Sender, work: Work, store: JobStore) -> None:
    def refuse(job_request: JobRequest) -> None:
        raise RequestError("no webhook goes there")

    job_request = JobRequest(article=Article(text="Envoys met."), callback_url="https://example.org/")
    store.add(job_request, fingerprint="f", job_id="job-1", already_published=True)
    await work(check_request=refuse)

    await sender.send(job_request.model_dump(mode="json"), message_id="job-1")

    assert (await ended(store, "job-1")).state is State.COMPLETE


async def test_passing_fault_is_tried_again_after_a_pause(sender: Sender, work: Work, store: JobStore) -> None:
    reader = await sender.listen()
    await work(ScriptedModel(DOWN, otherwise=NOTHING))

    await sender.send(article(id="job-1"), correlation_id="c-1")

    message = await reader.message()
    told = json.loads(message.body)
    assert (told["state"], told["attempts"], message.correlation_id) == ("complete", 2, "c-1")
    assert await reader.stays_empty()


async def test_article_that_waits_for_its_next_try_blocks_nobody(sender: Sender, work: Work, store: JobStore) -> None:
    await work(ScriptedModel(DOWN, otherwise=NOTHING), concurrency=1, retry_delay=30.0)
    await sender.send(article(id="job-1"))
    await eventually(lambda: _is_waiting(store, "job-1"))

    await sender.send(article(id="job-2"))

    assert (await ended(store, "job-2")).state is State.COMPLETE
    job = store.job("job-1")
    assert job is not None
    assert (job.state, job.attempts) == (State.QUEUED, 1)


async def test_exhausted_article_fails_and_is_kept_with_the_reason(sender: Sender, work: Work) -> None:
    reader = await sender.listen("failed")
    await work(ScriptedModel(DOWN, DOWN, DOWN), attempts=3)

    await sender.send(article(id="job-1"))

    told = await reader.read()
    assert (told["state"], told["result"], told["attempts"]) == ("failed", None, 3)
    assert told["error"] == {"code": "model_unavailable", "detail": "the model server is down"}
    letter = await sender.dead_letter()
    assert json.loads(letter.body) == article(id="job-1")
    assert letter.headers["x-dragoman-code"] == "model_unavailable"
    assert letter.headers["x-dragoman-attempts"] == 3
    assert await reader.stays_empty()


async def test_message_of_a_job_that_was_given_up_is_dropped(
    sender: Sender, work: Work, store: JobStore, zero_limit_store: JobStore
) -> None:
    reader = await sender.listen()
    store.add(JobRequest.model_validate(article()), fingerprint="f", job_id="job-1", already_published=True)
    assert zero_limit_store.time_out_jobs() == 1
    store.mark_announced(["job-1"])
    model = ScriptedModel()
    worker = await work(model)

    await sender.send(article(id="job-1"))
    await sender.send(article(id="job-1"))

    assert await reader.stays_empty(1.0)
    worker.stop()
    assert [await sender.size(queue) for queue in sender.topology.queues()] == [0, 0, 0, 0]
    assert not model.questions
    assert store.counts() == {State.FAILED: 1}


async def test_message_that_has_waited_for_days_is_done(sender: Sender, work: Work, store: JobStore) -> None:
    """A job's time begins when it gets into the store: no worker was there before."""
    await sender.send(article(id="job-1"), timestamp=datetime.now(UTC) - timedelta(days=2))
    assert store.time_out_jobs() == 0
    await work()

    job = await ended(store, "job-1")

    assert (job.state, store.time_out_jobs()) == (State.COMPLETE, 0)


async def test_cancelled_job_is_told_of(sender: Sender, work: Work, store: JobStore) -> None:
    begun = asyncio.Event()

    async def think(_: object) -> dict[str, Any]:
        begun.set()
        await asyncio.sleep(60)
        return {}

    reader = await sender.listen("cancelled")
    await work(ScriptedModel(think), lease=0.3)
    await sender.send(article(id="job-1"))
    await begun.wait()

    store.cancel("job-1")

    told = await reader.read()
    assert (told["state"], told["result"], told["error"]) == ("cancelled", None, None)


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

    reader = await sender.listen()
    await work(ScriptedModel(otherwise=think), concurrency=3)

    for number in range(9):
        await sender.send(article(id=f"job-{number}", reuse=False))
    for _ in range(9):
        await reader.read()

    assert most == 3


async def _is_announced(store: JobStore, job_id: str) -> bool:
    job = store.job(job_id)
    return job is not None and job.finished_at is not None and store.announcement(job_id) is None


async def _is_waiting(store: JobStore, job_id: str) -> bool:
    job = store.job(job_id)
    return job is not None and job.state is State.QUEUED and job.not_before is not None
