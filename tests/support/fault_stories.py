"""What becomes of several articles while the model server fails: told in `docs/faults.md` article by article."""

import threading

from service.settings import ProfileName
from tests.support.article_faults import DOWN, SILENCE, Seen, application, post, seen
from tests.support.model_server import ModelServer, Received, Script, Scripted
from tests.support.plausible import plausible_answer
from tests.support.still_time import StillTime

SLOW = ProfileName.LLAMA_CPP
"""A kind of server that may take longer for a call than an article has."""


def breaker_story() -> list[tuple[str, Seen]]:
    """Articles that come one after the other while the server is down, and when it is back."""
    told: list[tuple[str, Seen]] = []
    with (
        ModelServer(otherwise=DOWN) as server,
        StillTime(server.loop) as still,
        application(server, backoff=still.backoff) as app,
    ):

        def step(said: str) -> None:
            server.chats.clear()
            waited = len(still.waits)
            response = post(app)
            told.append((said, seen(response, server, len(server.chats), still.waits[waited:])))

        step("is in work while the server begins to answer 503, and goes on")
        step("is posted next")
        still.now += 60
        step("is posted after the pause; the server still answers 503")
        step("is posted next")
        still.now += 60
        server.then(plausible_answer, plausible_answer)
        step("is posted after the pause; the server is back")
        step("is posted next")
    return told


def silence_story() -> list[tuple[str, Seen]]:
    """Articles that come one after the other while the server takes calls and answers none, and when it does again."""
    told: list[tuple[str, Seen]] = []
    with (
        ModelServer() as server,
        StillTime(server.loop) as still,
        application(server, backoff=still.backoff, profile=SLOW) as app,
    ):

        def step(said: str, *script: Script, deadline_seconds: float = 1.0) -> None:
            server.chats.clear()
            server.then(*script)
            response = post(app, deadline_seconds=deadline_seconds)
            told.append((said, seen(response, server, len(server.chats))))

        for _ in range(6):
            step("is one of six that have a second each", SILENCE)
        del told[1:]
        step("has 300 seconds", SILENCE, deadline_seconds=300)
        step("is posted next")
        still.now += 60
        step("is posted after the pause, with 300 seconds", SILENCE, deadline_seconds=300)
        step("is posted next")
        still.now += 60
        step("is posted after the pause; the server answers again", plausible_answer, deadline_seconds=100)
        step("is posted next", plausible_answer, deadline_seconds=100)
    return told


def overload() -> Seen:
    """One article more than the process takes; the calls are those of this article."""
    asked, may_answer = threading.Event(), threading.Event()

    def reply(request: Received) -> Scripted:
        asked.set()
        may_answer.wait()
        return plausible_answer(request)

    with ModelServer(otherwise=reply) as server, application(server, max_articles=1) as app:
        first = threading.Thread(target=post, args=(app,))
        first.start()
        asked.wait()
        response = post(app)
        may_answer.set()
        first.join()
    return seen(response, server, len(server.chats) - 1)
