"""What becomes of several articles while the model server fails: told in `docs/faults.md` article by article."""

import threading
import time

from service.settings import ProfileName
from tests.support.article_faults import DOWN, SILENCE, Seen, application, post, seen
from tests.support.fast_time import FastTime
from tests.support.model_server import ModelServer, Received, Script, Scripted
from tests.support.plausible import plausible_answer

SLOW = ProfileName.LLAMA_CPP
"""A kind of server that may take longer for a call than an article has."""


def breaker_story() -> list[tuple[str, Seen]]:
    """Articles that come one after the other while the server is down, and when it is back."""
    passed = FastTime()
    told: list[tuple[str, Seen]] = []
    with ModelServer(otherwise=DOWN) as server, application(server, backoff=passed.backoff) as app:

        def step(said: str) -> None:
            server.chats.clear()
            waited = len(passed.waits)
            response = post(app)
            told.append((said, seen(response, server, len(server.chats), passed.waits[waited:])))

        step("is in work while the server begins to answer 503, and goes on")
        step("is posted next")
        passed.now += 60
        step("is posted after the pause; the server still answers 503")
        step("is posted next")
        passed.now += 60
        server.then(plausible_answer, plausible_answer)
        step("is posted after the pause; the server is back")
        step("is posted next")
    return told


def silence_story() -> list[tuple[str, Seen]]:
    """Articles that come one after the other while the server takes calls and answers none, and when it does again.

    The clock of the breaker is moved on by what each of them has; it waits for less.
    """
    passed = FastTime()
    told: list[tuple[str, Seen]] = []

    def silent_for(seconds: float) -> Script:
        def reply(_: Received) -> Scripted:
            passed.now += seconds
            return SILENCE

        return reply

    with (
        ModelServer() as server,
        application(server, backoff=passed.backoff, profile=SLOW) as app,
    ):

        def step(said: str, *script: Script, deadline_seconds: float = 0.3) -> None:
            server.chats.clear()
            server.then(*script)
            response = post(app, deadline_seconds=deadline_seconds)
            told.append((said, seen(response, server, len(server.chats))))

        for _ in range(6):
            step("is one of six that have a second each", silent_for(1))
        del told[1:]
        step("has 300 seconds", silent_for(300))
        step("is posted next")
        passed.now += 60
        step("is posted after the pause, with 300 seconds", silent_for(300))
        step("is posted next")
        passed.now += 60
        step("is posted after the pause; the server answers again", plausible_answer, deadline_seconds=100)
        step("is posted next", plausible_answer, deadline_seconds=100)
    return told


def overload() -> Seen:
    """One article more than the process takes; the calls are those of this article."""
    with ModelServer(otherwise=SILENCE) as server, application(server, max_articles=1) as app:
        first = threading.Thread(target=post, args=(app,), kwargs={"deadline_seconds": 1.0})
        first.start()
        while not server.chats:
            time.sleep(0.01)
        response = post(app)
        first.join()
    return seen(response, server, len(server.chats) - 1)
