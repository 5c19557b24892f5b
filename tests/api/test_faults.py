"""What callers get while the model server fails. `docs/faults.md` shows more of it, case by case."""

from dataclasses import replace

import pytest

from service.extraction import planning
from tests.api.conftest import problem_of
from tests.support.article_faults import (
    DOWN,
    ENDURING,
    KIND,
    SILENCE,
    SPLITTING,
    ArticleFault,
    application,
    enduring,
    play,
    post,
)
from tests.support.fast_time import FastTime
from tests.support.model_server import ModelServer, Received, Scripted
from tests.support.plausible import plausible_answer

SECONDS = 6.0


@pytest.mark.parametrize("case", list(enduring(SECONDS))[: len(ENDURING)], ids=lambda case: case.fault)
def test_deadline_is_kept_with_what_was_found_so_far(case: ArticleFault) -> None:
    outcome = play(case)

    assert outcome.late <= 0
    assert outcome.status == 200
    assert outcome.body["records"][KIND]
    assert outcome.body["status"] == "partial" or outcome.body["rejected"]


@pytest.mark.parametrize("case", list(enduring(SECONDS))[len(ENDURING) :], ids=lambda case: case.fault)
def test_deadline_is_kept_where_nothing_was_found(case: ArticleFault) -> None:
    outcome = play(case)

    assert outcome.late <= 0
    if outcome.status == 200:
        assert outcome.body["records"][KIND] == []
        assert outcome.body["failures"] or outcome.body["rejected"]
    else:
        assert outcome.status in (503, 504)
        assert (outcome.retry_after is not None) == (outcome.status == 503)


@pytest.mark.parametrize("case", SPLITTING, ids=lambda case: case.fault)
def test_request_about_too_much_is_never_sent_again(case: ArticleFault) -> None:
    outcome = play(case)

    assert outcome.calls > 1
    assert outcome.different == outcome.calls


def test_article_is_refused_at_once_while_the_server_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = FastTime()
    with ModelServer(otherwise=DOWN) as server, application(server, backoff=passed.backoff) as app:
        post(app)
        calls = len(server.chats)
        monkeypatch.setattr(planning, "segment", lambda *_: pytest.fail("the article was read"))
        passed.now += 0.5
        waits = len(passed.waits)
        refused = post(app)

    problem = problem_of(refused)
    assert (problem["status"], problem["code"]) == (503, "model_unavailable")
    assert refused.headers["Retry-After"] == "16"  # what is left of the pause, rounded up
    assert len(server.chats) == calls
    assert len(passed.waits) == waits


def test_wrong_request_is_told_so_even_then() -> None:
    with ModelServer(otherwise=DOWN) as server, application(server, backoff=FastTime().backoff) as app:
        post(app)
        assert post(app, kinds=["weather"]).status_code == 422


def test_article_in_work_outlasts_an_outage_of_twenty_seconds() -> None:
    passed = FastTime()

    def reply(request: Received) -> Scripted:
        return DOWN if passed.now < 20 else plausible_answer(request)

    with ModelServer(otherwise=reply) as server, application(server, backoff=passed.backoff) as app:
        answered = post(app)

    assert answered.status_code == 200
    assert answered.get_json()["status"] == "complete"
    assert answered.get_json()["records"][KIND]
    assert 20 < passed.now < 35
    assert len(server.chats) < 12


def test_article_without_time_for_the_pause_is_not_kept_waiting() -> None:
    passed = FastTime()
    long = replace(passed.backoff, jitter=lambda _: 12.0)  # more than there is, and an outage that would be waited out
    with ModelServer(otherwise=DOWN) as server, application(server, breaker_failures=1, backoff=long) as app:
        answers = [post(app, deadline_seconds=10) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [503, 503]
    assert passed.waits == []
    assert len(server.chats) == 1


def test_silent_server_does_not_open_the_breaker_before_a_call_is_over() -> None:
    """Callers with short deadlines must not have the server taken for dead."""
    silent = True

    # Not so many silences: a call that is cut off before it is sent would leave one to the last caller.
    def reply(request: Received) -> Scripted:
        return SILENCE if silent else plausible_answer(request)

    with ModelServer(otherwise=reply) as server, application(server) as app:
        late = [post(app, deadline_seconds=0.05).status_code for _ in range(8)]
        assert set(late) == {504}
        silent = False
        assert post(app).status_code == 200
