"""More articles than there is room for, and articles that take too long."""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
from flask import Flask

from benchmarks.overhead import service
from benchmarks.overload import OVER, ask, post
from service.app import runtime_of
from service.extraction.pipeline import Extractor
from tests.api.conftest import Serve, problem_of
from tests.support.model_server import ModelServer, Received, Scripted, smallest_answer
from tests.support.patience import PATIENCE
from tests.support.scripted_model import NOTHING, ScriptedModel

ARTICLE = {"article": {"text": "The envoys met."}}


class WaitingModel(ScriptedModel):
    """Answers nothing until it is released."""

    def __init__(self) -> None:
        super().__init__(otherwise=self._wait)
        self.asked = threading.Event()
        self.released = threading.Event()
        self.cancelled = threading.Event()

    async def _wait(self, _question: Any) -> Mapping[str, Any]:
        self.asked.set()
        try:
            await asyncio.to_thread(self.released.wait, 5)
        except asyncio.CancelledError:
            self.cancelled.set()
            self.released.set()
            raise
        return NOTHING


def test_article_over_the_limit_is_503_with_retry_after(build: Callable[..., Flask]) -> None:
    model = WaitingModel()
    app = build(model, max_articles=1)

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(app.test_client().post, "/v1/extractions", json=ARTICLE)
        assert model.asked.wait(PATIENCE)
        second = app.test_client().post("/v1/extractions", json=ARTICLE)
        probe = app.test_client().get("/readyz")
        model.released.set()

    assert problem_of(second)["code"] == "overloaded"
    assert second.status_code == 503
    assert second.headers["Retry-After"] == "1"
    assert probe.status_code == 200
    assert first.result().status_code == 200


def test_late_article_is_504_and_cancelled(serve: Serve) -> None:
    model = WaitingModel()

    response = serve(model).post("/v1/extractions", json={**ARTICLE, "deadline_seconds": 0.05})

    assert problem_of(response)["code"] == "deadline_exceeded"
    assert response.status_code == 504
    assert model.cancelled.wait(PATIENCE)


def test_stopping_service_takes_no_article(build: Callable[..., Flask]) -> None:
    app = build()
    runtime_of(app).drain(0)

    response = app.test_client().post("/v1/extractions", json=ARTICLE)

    assert problem_of(response)["code"] == "overloaded"
    assert response.headers["Retry-After"] == "5"


def test_article_cut_short_by_the_stop_is_503(build: Callable[..., Flask]) -> None:
    model = WaitingModel()
    app = build(model)

    with ThreadPoolExecutor(1) as pool:
        article = pool.submit(app.test_client().post, "/v1/extractions", json=ARTICLE)
        assert model.asked.wait(PATIENCE)
        runtime_of(app).drain(0)

    assert problem_of(article.result())["code"] == "overloaded"


def test_tenfold_overload_is_refused_unread_and_leaves_nothing_behind(
    build: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_question: Any) -> Mapping[str, Any]:
        await asyncio.sleep(60)
        return NOTHING

    model = ScriptedModel(otherwise=never)
    app = build(model, max_articles=8)
    article = {"article": {"text": "The envoys met. " * 10_000}, "kinds": ["negotiations"]}

    def refuse() -> None:
        response = app.test_client().post("/v1/extractions", json=article)
        assert (response.status_code, response.headers["Retry-After"]) == (503, "1")

    with ThreadPoolExecutor(8) as pool:
        taken = [pool.submit(app.test_client().post, "/v1/extractions", json=ARTICLE) for _ in range(8)]
        while len(model.questions) < len(taken):
            time.sleep(0.01)
        monkeypatch.setattr(Extractor, "extract", lambda *_, **__: pytest.fail("the article was read"))
        for _ in range(100):
            refuse()
        memory = psutil.Process().memory_info().rss
        for _ in range(300):
            refuse()
        growth = psutil.Process().memory_info().rss - memory
        runtime_of(app).drain(0)

    assert growth < 16 * 2**20  # of 48 MB of articles
    assert {future.result().status_code for future in taken} == {503}


async def test_tenfold_overload_over_sockets_is_answered_to_the_last_caller(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)  # programs that are started keep their files there
    room = 3
    may_answer = threading.Event()

    def reply(request: Received) -> Scripted:
        may_answer.wait()
        return smallest_answer(request)

    with ModelServer(otherwise=reply) as model, service(model.base_url, room, room) as (_, port):
        callers = {asyncio.create_task(ask(port, post())) for _ in range(room * OVER)}
        while len(callers) > room:
            refused, callers = await asyncio.wait(callers, return_when=asyncio.FIRST_COMPLETED)
            assert {(one.result().status, one.result().is_fit) for one in refused} == {(503, True)}
        may_answer.set()
        answers = await asyncio.gather(*callers)
        later = await ask(port, post())

    assert [answer.status for answer in answers] == [200] * room
    assert later.status == 200
