"""Every known fault of a model server: the calls it got, and what the caller got."""

import logging
import traceback
from email.utils import formatdate
from types import SimpleNamespace

import pytest

from service.deadline import Deadline
from service.errors import (
    ModelCredentialsError,
    ModelUnavailableError,
)
from service.extraction.model import UsageMeter
from service.llm import server_errors
from service.llm.server_errors import parse_retry_after
from tests.support.fast_time import FastTime
from tests.support.fault_table import CASES, Case, run
from tests.support.model_server import ModelServer, refusal
from tests.support.people import ARTICLE, ATTEMPTS, KEY, model_for, people_question


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.fault)
def test_fault_ends_as_the_table_says(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    outcome = run(case)

    assert (outcome.calls, outcome.got) == (case.calls, case.got)
    assert outcome.usage.calls == case.calls
    assert outcome.usage.retries + outcome.usage.reasks == case.calls - 1
    if case.waits is not None:
        assert tuple(outcome.waits) == case.waits
    assert outcome.late <= 0
    shown = "\n".join(traceback.format_exception(outcome.error)) if outcome.error else ""
    for text in (caplog.text, shown, repr(outcome.error)):
        assert KEY not in text
        assert "Doha" not in text
        assert "king" not in text
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_fault_table_names_each_fault_once() -> None:
    assert len({case.fault for case in CASES}) == len(CASES)


async def test_retry_after_past_the_deadline_is_told_to_the_caller(server: ModelServer) -> None:
    server.then(refusal(503, headers={"Retry-After": "60"}))
    model = model_for(server)
    with pytest.raises(ModelUnavailableError) as raised:
        await model.fill(people_question(), deadline=Deadline.after(10), usage=UsageMeter())
    await model.close()
    assert raised.value.retry_after == 60


async def test_server_words_stay_out_of_the_whole_chain_of_errors(server: ModelServer) -> None:
    server.then(refusal(401, f"Incorrect API key provided: {KEY} for {ARTICLE}"))
    model = model_for(server)
    with pytest.raises(ModelCredentialsError) as raised:
        await model.fill(people_question(), deadline=Deadline.after(10), usage=UsageMeter())
    await model.close()
    error: BaseException | None = raised.value
    while error is not None:
        assert KEY not in f"{error!s}{error!r}"
        assert "Doha" not in f"{error!s}{error!r}"
        error = error.__cause__ or error.__context__


async def test_unreachable_server_is_tried_and_then_unavailable() -> None:
    with ModelServer() as server:
        model = model_for(server)
    time = FastTime()
    model = model_for(server, time=time)
    meter = UsageMeter()
    with pytest.raises(ModelUnavailableError, match="connection to the model server failed") as raised:
        await model.fill(people_question(), deadline=Deadline.after(30), usage=meter)
    await model.close()
    assert (meter.total.calls, meter.total.retries) == (ATTEMPTS, ATTEMPTS - 1)
    assert time.waits == [0.5, 1.0, 2.0]
    assert raised.value.__cause__ is not None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": formatdate(1_000_030, usegmt=True)}, 30.0),
        ({"retry-after": formatdate(999_000, usegmt=True)}, 0.0),
        # The server's clock is ten seconds ahead of ours.
        ({"retry-after": formatdate(1_000_040, usegmt=True), "date": formatdate(1_000_010, usegmt=True)}, 30.0),
        ({"retry-after": formatdate(1_000_030, usegmt=True), "date": "yesterday"}, 30.0),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after-ms": "x", "retry-after": "7"}, 7.0),
    ],
)
def test_wait_asked_for_reads_every_form(
    monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], seconds: float | None
) -> None:
    monkeypatch.setattr(server_errors, "time", SimpleNamespace(time=lambda: 1_000_000.0))
    assert parse_retry_after(headers) == seconds
