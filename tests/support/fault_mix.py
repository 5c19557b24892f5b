"""A model server that fails at random: what it does is drawn anew for each call.

In tests: `ModelServer(otherwise=FaultMix({...}, seed=1))`. As a program, for tests that take long:

    python -m tests.support.fault_mix --port 0 --seed 1 --rate 0.3 --delay 0.05

prints its address. `GET /counts` says what it did so far.
"""

import argparse
import dataclasses
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from email.utils import formatdate
from typing import Any

from tests.support.model_server import ModelServer, Received, Script, Scripted, answer, refusal
from tests.support.plausible import named, plausible_answer


def _good(change: Callable[[str], Scripted]) -> Script:
    """A good answer in another form."""

    def reply(request: Received) -> Scripted:
        return change(plausible_answer(request).body["choices"][0]["message"]["content"])

    return reply


def _breaks(how: Any) -> Script:
    return lambda request: dataclasses.replace(plausible_answer(request), breaks=how)


def _busy_until_a_date(_: Received) -> Scripted:
    return refusal(429, headers={"Retry-After": formatdate(usegmt=True)})


PASSING: Mapping[str, Script] = {
    "429": refusal(429),
    "429 with seconds": refusal(429, headers={"Retry-After": "1"}),
    "429 with a date": _busy_until_a_date,
    **{str(status): refusal(status) for status in (408, 500, 502, 503)},
    "reset": Scripted(breaks="reset"),
    "closed": Scripted(breaks="closed"),
    "reset in the body": _breaks("reset_in_body"),
    "invalid JSON": Scripted(body=b"<html>Bad gateway</html>"),
    "truncated JSON": Scripted(body=b'{"choices": [{"message"'),
    "no choices": Scripted(body={"choices": []}),
}
"""Another try helps."""
ANSWERS: Mapping[str, Script] = {
    "fenced": _good(lambda text: answer(f"```json\n{text}\n```")),
    "thinking": _good(lambda text: answer(f"<think>{{?}}</think>{text}")),
    "no usage": _good(lambda text: answer(text, usage=None)),
    "null": answer(None),
    "wrong schema": lambda request: answer(named(request, {"sentences": "all"})),
    "truncated answer": answer('{"sanctions": [{"sentences": [1'),
    "length": answer('{"sanctions": [{"sentences": [1', finish_reason="length"),
    "cut in silence": _good(lambda text: answer(text, usage=(5, 20, 0))),
}
"""Answers that are good in a bad form, or not good and asked for again or about less.

That a prompt was cut in silence is noticed only where servers are known to do that: with the profile `ollama`.
"""
STAYING: Mapping[str, Script] = {
    "401": refusal(401),
    "404": refusal(404, code="model_not_found"),
    "too long": refusal(400, code="context_length_exceeded"),
    "refusal": answer(None, refusal="I cannot help with that."),
    "content filter": answer(None, finish_reason="content_filter"),
}
"""Another try would not help: a part of the article has no answer."""
HANGING: Mapping[str, Script] = {
    "silence": answer({}, delay=3600),
    "endless headers": Scripted(breaks="endless_headers"),
    "stalled body": _breaks("stalled_body"),
}
"""Nothing ends them but the caller's own limit."""
RESTARTS: Mapping[str, Script] = {"restart": Scripted(breaks="restart")}
"""All calls are cut off, and new connections refused for a moment."""
FAULTS: Mapping[str, Script] = {**PASSING, **ANSWERS, **STAYING, **HANGING, **RESTARTS}


def evenly(rate: float, faults: Mapping[str, Script]) -> dict[str, float]:
    """The rate shared out among faults."""
    return dict.fromkeys(faults, rate / len(faults))


class FaultMix:
    """Does to each call what is drawn for it: a fault, or else a plausible answer.

    Args:
        rates: how often each of `FAULTS` happens, from 0 to 1; together at most 1.
        seed: the same seed draws the same faults in the same order.
    """

    def __init__(self, rates: Mapping[str, float], *, seed: int) -> None:
        if sum(rates.values()) > 1:
            raise ValueError("faults cannot happen more often than always")
        self._names = [*rates, "answered"]
        self._weights = [*rates.values(), 1 - sum(rates.values())]
        self._random = random.Random(seed)
        self._counts: Counter[str] = Counter()

    def __call__(self, request: Received) -> Scripted:
        (name,) = self._random.choices(self._names, self._weights)
        self._counts[name] += 1
        script = FAULTS.get(name, plausible_answer)
        return script if isinstance(script, Scripted) else script(request)

    def counts(self) -> dict[str, int]:
        """How often each thing was done."""
        return {"calls": self._counts.total(), **self._counts}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=0.3, help="share of calls that fail or are answered badly")
    parser.add_argument("--staying", type=float, default=0.0, help="share of calls refused for good")
    parser.add_argument("--hanging", type=float, default=0.0, help="share of calls that hang for ever")
    parser.add_argument("--restarts", type=float, default=0.0, help="share of calls at which the server restarts")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    chosen = parser.parse_args(arguments)
    rates = {
        **evenly(chosen.rate, {**PASSING, **ANSWERS}),
        **evenly(chosen.staying, STAYING),
        **evenly(chosen.hanging, HANGING),
        **evenly(chosen.restarts, RESTARTS),
    }
    mix = FaultMix(rates, seed=chosen.seed)
    server = ModelServer(otherwise=mix, host=chosen.host, port=chosen.port, delay=chosen.delay, remembers=False)
    server.pages["/counts"] = mix.counts
    print(f"listening on {server.base_url}", flush=True)  # noqa: T201 - the program's one line
    with suppress(KeyboardInterrupt):
        server.run()


if __name__ == "__main__":
    main()
