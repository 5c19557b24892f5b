"""Messages that were given up: looked at, and tried again."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from service.errors import ModelUnavailableError
from service.jobs import messages
from service.jobs.broker import Broker
from service.jobs.database import Database
from service.jobs.dead_letters import DeadLetters
from service.jobs.failed_jobs import FailedJobs
from service.jobs.relay import Relay
from service.jobs.states import State
from service.jobs.store import JobStore, utc_now
from service.jobs.topology import DELIVERY_LIMIT
from tests.queue.conftest import Work
from tests.queue.wire import Sender, article, ended, eventually, has
from tests.support.scripted_model import NOTHING, ScriptedModel

DOWN = ModelUnavailableError("the model server is down")


@pytest.fixture
def failed_jobs(database_url: str) -> Iterator[FailedJobs]:
    database = Database(database_url)
    yield FailedJobs(database, utc_now)
    database.close()


@pytest.fixture
def dead(broker: Broker, failed_jobs: FailedJobs) -> DeadLetters:
    return DeadLetters(broker, failed_jobs.restart)


async def test_letters_have_the_reason_and_stay_where_they_are(sender: Sender, work: Work, dead: DeadLetters) -> None:
    await work(ScriptedModel(DOWN), attempts=1)
    await sender.send(b"no JSON", message_id="m-1")
    await eventually(lambda: has(sender, sender.topology.dead_letters, 1))
    await sender.send(article(id="job-1"))
    await eventually(lambda: has(sender, sender.topology.dead_letters, 2))

    for _ in range(DELIVERY_LIMIT + 5):
        letters = await dead.list_all()

    assert [(letter.name, letter.code, letter.reason, letter.attempts) for letter in letters] == [
        ("m-1", "message_malformed", "the message is not JSON", 0),
        ("job-1", "model_unavailable", "the model server is down", 1),
    ]
    assert letters[0].body == b"no JSON"
    assert json.loads(letters[1].body) == article(id="job-1")
    assert all(letter.died_at and abs((utc_now() - letter.died_at).total_seconds()) < 60 for letter in letters)


async def test_letter_that_the_broker_gave_up_says_so(sender: Sender, dead: DeadLetters) -> None:
    await sender.send(article(id="job-1"), message_id="m-1")
    queue = await sender.channel.get_queue(sender.topology.articles)
    for _ in range(DELIVERY_LIMIT + 1):
        message = await eventually(lambda: queue.get(fail=False))
        await message.nack(requeue=True)
    await eventually(lambda: has(sender, sender.topology.dead_letters, 1))

    [letter] = await dead.list_all()

    assert (letter.name, letter.code, letter.attempts) == ("m-1", "delivery_limit", 0)
    assert "delivered too often" in letter.reason


async def test_failed_job_begins_anew_under_its_id(
    sender: Sender, work: Work, store: JobStore, broker: Broker, dead: DeadLetters
) -> None:
    failed, complete = await sender.listen("failed"), await sender.listen("complete")
    await work(ScriptedModel(DOWN, DOWN, otherwise=NOTHING), attempts=2)
    await sender.send(article(id="job-1"))
    assert (await failed.read())["attempts"] == 2
    await eventually(lambda: has(sender, sender.topology.dead_letters, 1))

    assert await dead.requeue(["job-1"]) == ["job-1"]
    await Relay(store, broker)._publish_batch()

    assert (await complete.read())["attempts"] == 1
    job = await ended(store, "job-1")
    assert (job.state, job.error) == (State.COMPLETE, None)
    assert await dead.list_all() == []


async def test_article_under_the_id_of_another_is_not_lost_when_it_is_requeued(
    sender: Sender, work: Work, store: JobStore, dead: DeadLetters
) -> None:
    failed, inbox = await sender.listen("failed"), await sender.inbox()
    await work(ScriptedModel(DOWN), attempts=1)
    await sender.send(article(id="job-1"))
    await failed.read()
    await sender.dead_letter()
    await sender.send(article(id="job-1", kinds=["negotiations"]), reply_to=inbox.name)
    assert (await inbox.read())["error"]["code"] == "id_reused"
    await eventually(lambda: has(sender, sender.topology.dead_letters, 1))

    assert await dead.requeue(["job-1"]) == ["job-1"]

    assert (await inbox.read())["error"]["code"] == "id_reused"
    assert store.counts() == {State.FAILED: 1}


async def test_job_that_was_given_up_begins_anew_with_all_of_its_time(
    sender: Sender, work: Work, store: JobStore, zero_limit_store: JobStore, broker: Broker, dead: DeadLetters
) -> None:
    job_request = messages.parse_article_message(json.dumps(article()).encode()).job_request
    publishing = Relay(store, broker, grace=timedelta(0))
    store.add(job_request, fingerprint="f", job_id="job-1", already_published=True)
    zero_limit_store.time_out_jobs()
    await publishing._publish_batch()
    assert [letter.code for letter in await dead.list_all()] == ["job_timed_out"]

    assert await dead.requeue(["job-1"]) == ["job-1"]
    assert store.time_out_jobs() == 0
    await publishing._publish_batch()
    await work()

    assert (await ended(store, "job-1")).state is State.COMPLETE
    assert await dead.list_all() == []


async def test_named_letters_alone_are_requeued(sender: Sender, dead: DeadLetters) -> None:
    for name in ("m-1", "m-2", "m-3"):
        await sender.dead_letter_message(b"no JSON", message_id=name)

    assert await dead.requeue(["m-2", "m-9"]) == ["m-2"]

    assert [letter.name for letter in await dead.list_all()] == ["m-1", "m-3"]
    assert await sender.size(sender.topology.articles) == 1


async def test_all_letters_are_requeued_once_even_if_they_die_again_at_once(
    sender: Sender, work: Work, dead: DeadLetters
) -> None:
    await work()
    for name in ("m-1", "m-2"):
        await sender.dead_letter_message(b"no JSON", message_id=name)

    assert await dead.requeue() == ["m-1", "m-2"]

    await eventually(lambda: has(sender, sender.topology.dead_letters, 2))
    assert {letter.name for letter in await dead.list_all()} == {"m-1", "m-2"}


async def test_jobs_that_have_not_failed_are_not_reopened(
    store: JobStore, failed_jobs: FailedJobs, work: Work, sender: Sender
) -> None:
    await work()
    await sender.send(article(id="job-1"))
    before = await ended(store, "job-1")

    assert not failed_jobs.restart("job-1")
    assert not failed_jobs.restart("job-2")
    assert store.job("job-1") == before
