"""Whatever is published is done, or is with the dead letters for a reason; the worker goes on, and spoils no other."""

import json
import math
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import decode
from pamqp.commands import Basic

from service.app import build_callback_policy
from service.jobs.broker import ATTEMPTS_HEADER, CODE_HEADER, MAX_COUNT, REASON_HEADER, WAITS_HEADER
from service.jobs.dead_letters import DeadLetters
from service.jobs.errors import StoreUnavailableError
from service.jobs.job_runner import JobRunner
from service.jobs.lenient_decoding import ignore_undecodable_properties
from service.jobs.states import JobRequest, State
from service.jobs.store import JobStore
from service.settings import Settings
from tests.queue.conftest import Work
from tests.queue.wire import QueueReader, Sender, article, ended, eventually, has, none
from tests.support.bad_inputs import bounded, texts, written
from tests.support.scripted_model import ScriptedModel, answering

LONGEST = 255


def short(text: str) -> str:
    """The text as AMQP can carry it beside a message."""
    return text.encode(errors="replace")[:LONGEST].decode(errors="ignore")


names = texts.map(short)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | names | st.binary(max_size=20).map(bytearray),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=2),
    max_leaves=4,
)
ours = st.fixed_dictionaries(
    {}, optional=dict.fromkeys((WAITS_HEADER, CODE_HEADER, ATTEMPTS_HEADER, REASON_HEADER, "x-death"), values)
)
properties = st.fixed_dictionaries(
    {},
    optional={
        "message_id": names,
        "content_type": names,
        "content_encoding": names,
        "type": names,
        "app_id": names,
        "priority": st.integers(0, 255),
        "timestamp": st.datetimes(datetime(1970, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC)),  # noqa: DTZ001
        "headers": ours | st.dictionaries(names, values, max_size=3),
    },
)


@pytest.fixture
async def worker(work: Work) -> None:
    """One for all examples: a message that a worker had in hand when it ended comes again."""
    callbacks = build_callback_policy(Settings())
    await work(
        ScriptedModel(otherwise=answering), check_request=lambda job_request: callbacks.check(job_request.callback_url)
    )


@pytest.mark.usefixtures("worker")
@bounded
@given(batch=st.lists(st.tuples(written, properties), min_size=1, max_size=8))
async def test_any_message_is_answered_and_kept_if_it_is_none(
    sender: Sender, batch: list[tuple[bytes, dict[str, Any]]]
) -> None:
    inbox = await sender.inbox()
    asked = {uuid4().hex for _ in batch}
    for name, (body, beside) in zip(asked, batch, strict=True):
        await sender.send(body, **beside, correlation_id=name, reply_to=inbox.name)

    failed = set()
    while asked:
        told = await inbox.message()
        asked.discard(told.correlation_id or "")
        if json.loads(told.body)["state"] == State.FAILED:
            failed.add(told.correlation_id)
    dead = set()
    while dead < failed:
        letter = await sender.dead_letter()
        dead.add(letter.correlation_id)
        assert letter.headers[CODE_HEADER]
        assert letter.headers[REASON_HEADER]
        assert letter.headers[CODE_HEADER] != "internal_error"

    assert dead == failed
    assert await has(sender, sender.topology.articles, 0)


class Raw(str):
    """Bytes that the library sends for a text."""

    __slots__ = ("data",)

    def __new__(cls, data: bytes) -> Self:
        made = super().__new__(cls, "raw")
        made.data = data
        return made

    def encode(self, *_: Any) -> bytes:
        return self.data


class Late(datetime):
    """A time that the library can send and not read."""

    def timestamp(self) -> float:
        return float(2**62)


LATE = Late(2026, 1, 1, tzinfo=UTC)
JOB_REQUEST_UNREADABLE = {
    "message id": {"message_id": Raw(b"\xff")},
    "correlation id": {"correlation_id": Raw(b"\xc3")},
    "reply to": {"reply_to": Raw(b"\x80")},
    "content type": {"content_type": Raw(b"\xff\x00")},
    "time": {"timestamp": LATE},
    "name of a header": {"headers": {Raw(b"\xff"): 1}},
    "header": {"headers": {"at": LATE}},
}


async def publish(sender: Sender, body: bytes, beside: dict[str, Any]) -> None:
    """Send what aio-pika would refuse to send."""
    channel = await sender.channel.get_underlay_channel()
    await channel.basic_publish(
        body, routing_key=sender.topology.articles, properties=Basic.Properties(delivery_mode=2, **beside)
    )


@pytest.mark.parametrize("beside", JOB_REQUEST_UNREADABLE.values(), ids=JOB_REQUEST_UNREADABLE.keys())
async def test_unreadable_property_spoils_neither_its_message_nor_others(
    sender: Sender, work: Work, store: JobStore, beside: dict[str, Any]
) -> None:
    await publish(sender, json.dumps(article(id="odd")).encode(), beside)
    await publish(sender, b"{", beside)
    for number in range(4):
        await sender.send(article(id=f"job-{number}"))

    await work(concurrency=6)

    for name in ("odd", *(f"job-{number}" for number in range(4))):
        assert (await ended(store, name)).attempts == 1
    letter = await sender.dead_letter()
    assert letter.headers[CODE_HEADER] == "message_malformed"
    assert await has(sender, sender.topology.dead_letters, 0)


async def test_dead_letter_with_an_unreadable_name_is_listed(sender: Sender, broker: Any) -> None:
    channel = await sender.channel.get_underlay_channel()
    properties = Basic.Properties(message_id=Raw(b"\xff"), timestamp=LATE)
    await channel.basic_publish(b"{", routing_key=sender.topology.dead_letters, properties=properties)

    [letter] = await DeadLetters(broker, lambda _: False).list_all()

    assert (letter.name, letter.died_at, letter.body) == ("", None, b"{")


@pytest.mark.parametrize("body", [json.dumps(article(id="odd")).encode(), b"{"])
async def test_direct_reply_address_that_somebody_made_up_stops_nobody(
    sender: Sender, work: Work, store: JobStore, body: bytes
) -> None:
    reader = await sender.listen()
    await sender.send(body, reply_to="amq.rabbitmq.reply-to.g1h2AAoAAA.made-up")
    for number in range(4):
        await sender.send(article(id=f"job-{number}"))

    await work()

    awaited = {f"job-{number}" for number in range(4)} | ({"odd"} if b"odd" in body else set())
    while awaited:
        awaited.discard((await reader.read())["id"])
    if b"odd" not in body:
        assert (await sender.dead_letter()).headers[CODE_HEADER] == "message_malformed"
    await eventually(lambda: has(sender, sender.topology.articles, 0))
    assert await has(sender, sender.topology.dead_letters, 0)
    await eventually(lambda: none(store.unannounced))


@pytest.mark.parametrize("queue", ["amq.rabbitmq.reply-to", "amq.rabbitmq.reply-to.g1h2AAoAAA.made-up"])
async def test_direct_reply_in_the_body_is_refused(sender: Sender, work: Work, queue: str) -> None:
    await work()

    await sender.send(article(reply_to=queue))

    letter = await sender.dead_letter()
    assert letter.headers[CODE_HEADER] == "message_fields_invalid"
    assert "direct reply" in str(letter.headers[REASON_HEADER])


@pytest.mark.parametrize("waited", [-(2**31), MAX_COUNT, 2**63 - 1, "6", math.pi])
async def test_message_waits_for_its_job_whatever_it_says_of_its_waits(
    sender: Sender, work: Work, store: JobStore, waited: Any
) -> None:
    store.add(JobRequest.model_validate(article()), fingerprint="f", job_id="job-1")
    assert store.claim("job-1", timedelta(seconds=0.5)) is not None
    await work()

    await sender.send(article(id="job-1"), headers={WAITS_HEADER: waited})

    assert (await ended(store, "job-1")).state is State.COMPLETE
    assert await has(sender, sender.topology.dead_letters, 0)


@pytest.mark.parametrize("body", [json.dumps(article(id="odd")).encode(), b"{"], ids=["a bug", "poison"])
async def test_message_that_ends_badly_while_the_store_is_away_waits_for_it(
    sender: Sender, work: Work, store: JobStore, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    def bug(*_: Any) -> str:
        raise RuntimeError("a bug")

    def away(*_: Any) -> None:
        monkeypatch.undo()
        monkeypatch.setattr(JobRunner, "fingerprint", bug)
        raise StoreUnavailableError("the database of jobs is out of reach")

    monkeypatch.setattr(JobRunner, "fingerprint", bug)
    monkeypatch.setattr(JobStore, "claim", away)
    await work(concurrency=1)

    await sender.send(body, message_id="odd")

    letter = await sender.dead_letter()
    assert letter.headers[CODE_HEADER] == ("message_malformed" if body == b"{" else "internal_error")
    assert await QueueReader(await sender.channel.get_queue(sender.topology.dead_letters)).stays_empty(1.0)
    await sender.send(b"}")  # there is room for one: the first was acknowledged
    assert (await sender.dead_letter()).headers[CODE_HEADER] == "message_malformed"


def test_what_is_left_out_is_as_long_as_it_was() -> None:
    ignore_undecodable_properties()
    deep = b"F" + b"\x00\x00\x00\x00"
    for _ in range(3_000):
        table = b"\x00" + deep
        deep = b"F" + len(table).to_bytes(4, "big") + table

    for data, kind in ((b"\x02\xff\xfe", "shortstr"), (b"\xff" * 8, "timestamp"), (deep[1:], "table")):
        assert decode.by_type(data + b"rest", kind) == (len(data), None)
    assert decode.by_type(b"\x01a", "shortstr") == (2, "a")
