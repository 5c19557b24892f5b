"""Writes docs/faults.md: what the caller of the service gets when the model server fails.

python -m tests.support.fault_page    (make faults)
"""

import logging
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from service.llm.client import FAIR_SHARE
from service.llm.profiles import PROFILES
from service.settings import Settings
from service.telemetry import logs
from tests.support.article_faults import (
    ANSWERS,
    KIND,
    OUTAGES,
    PASSING,
    SPLITTING,
    STAYING,
    ArticleFault,
    Seen,
    enduring,
    play,
)
from tests.support.fault_stories import SLOW, breaker_story, overload, silence_story

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
HANGING = ("nothing comes back", "headers without end", "body that stalls")
SECONDS = 6.0
"""Deadline of articles that are kept waiting."""

INTRODUCTION = """\
What a caller of `POST /v1/extractions` gets, from real runs: each line is one article posted to the service while its
model server, on loopback, does what the line says. The settings are the defaults. Waits are those of one question, in
seconds; they are drawn at random, and shown is the longest that each can be. Here they take no time.
"""
CURRENT = "Made by `make faults`; a test checks that it is current."

ONCE = """\
A failure that may pass is repeated. A call has a limit of its own, here one second, so that a server which falls silent
costs a call and not the article.
"""
STAYS = """\
Another try would end the same way, so there is none. Where other parts of the article have an answer, they are kept.
"""
UNUSABLE = """\
What is only wrapped badly is unwrapped. An answer or a record that cannot be used is asked for once more, with the
complaint (`DRAGOMAN_REASKS`), and then left out with the reason; a value in a record that can be used is left out at
once.
"""
TOO_LONG = """\
Several kinds are asked about in two questions. Where it is one kind, as here, the window is cut in two and each half
asked about. Of an answer that was cut, the whole records are kept and what comes after the last one is asked about. A
model that used up its room by thinking gets more, once. No request is sent twice.
"""
DEADLINE = f"""\
The article has {SECONDS:g} seconds. What was found by then is kept. All other faults that do not end are held to the
same by `tests/api/test_faults.py`. No time passes here but in waiting: `benchmarks/deadline.py` measures what a machine
takes beside that, for 32 articles of 200,000 characters that are posted together.
"""
OUTAGE = """\
After {failures} failed calls in a row (`DRAGOMAN_BREAKER_FAILURES`) the server is left alone for a second, then for
twice as long, and so on: one call at a time, the probe, finds out whether it is back. An outage of up to {seconds:g}
seconds (`DRAGOMAN_BREAKER_SECONDS`) is waited out by an article in work, if its deadline allows; new articles are
refused at once.
"""
SILENT = """\
A server may take calls and answer none, and articles may end before the profile's limit for a call. A call that was cut
off by its article's deadline counts where it had a fair time, and for each fair time in which nobody was answered: a
tenth of the profile's limit ({fair:g} s for `{profile}`, as here), or twice what the server's slowest answers take.
What has a shorter deadline says nothing about the server.
"""


def caller_gets(seen: Seen) -> str:
    if seen.status != 200:
        after = f", `Retry-After: {seen.retry_after}`" if seen.retry_after else ""
        return f"{seen.status} `{seen.body['code']}`{after}"
    records = len(seen.body["records"][KIND])
    parts = [f"200 `{seen.body['status']}`, {_count(records, 'record')}"]
    if seen.body["rejected"]:
        parts.append(f"{len(seen.body['rejected'])} rejected")
    failures = Counter(failure["code"] for failure in seen.body["failures"])
    parts += [f"{count} × failure `{code}`" for code, count in failures.items()]
    return ", ".join(parts)


def waits(seen: Seen) -> str:
    return ", ".join(f"{seconds:g}" for seconds in seen.waits)


def promptly(seen: Seen) -> str:
    if seen.late < 0:
        return "before it"
    return f"{seen.late:g} s after it" if seen.late else "at it"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines) + "\n"


def page() -> str:
    """Play everything and write it down. Takes some seconds."""
    logging.disable(logging.CRITICAL)  # what the service logs about faults that are wanted
    try:
        return "\n".join(_parts())
    finally:
        logging.disable(logging.NOTSET)


def _played(cases: Iterable[ArticleFault]) -> list[tuple[ArticleFault, Seen]]:
    return [(case, play(case)) for case in cases]


def _outcomes(cases: Sequence[ArticleFault]) -> str:
    rows = [(case.fault, seen.calls, waits(seen), caller_gets(seen)) for case, seen in _played(cases)]
    return table(("the server", "calls", "waits", "the caller gets"), rows)


def _parts() -> Iterable[str]:
    settings = Settings()
    yield "# When the model server fails\n"
    yield from (_filled(INTRODUCTION), f"{CURRENT}\n")
    yield from ("## Once, then all is well\n", _filled(ONCE), _outcomes(PASSING))
    yield from ("## Failures that stay\n", _filled(STAYS), _outcomes(STAYING))
    yield from ("## Answers that are none, or not quite\n", _filled(UNUSABLE), _outcomes(ANSWERS))

    cut = [(case.fault, seen.calls, seen.different, caller_gets(seen)) for case, seen in _played(SPLITTING)]
    yield from ("## Too long\n", _filled(TOO_LONG))
    yield table(("the server", "calls", "different ones", "the caller gets"), cut)

    late = [(c.fault, s.calls, promptly(s), caller_gets(s)) for c, s in _played(enduring(SECONDS, HANGING))]
    yield from ("## Until the deadline\n", _filled(DEADLINE))
    yield table(("the server", "calls", "the answer comes", "the caller gets"), late)

    outage = OUTAGE.format(failures=settings.breaker_failures, seconds=settings.breaker_seconds)
    yield from ("## An outage\n", _filled(outage), _outcomes(OUTAGES), "Articles one after the other:\n")
    story = [(said, seen.calls, waits(seen), caller_gets(seen)) for said, seen in breaker_story()]
    yield table(("an article", "calls", "waits", "its caller gets"), story)

    silent = SILENT.format(fair=FAIR_SHARE * PROFILES[SLOW].answer_seconds, profile=SLOW)
    yield from ("## A server that falls silent\n", _filled(silent))
    rows = [(said, seen.calls, caller_gets(seen)) for said, seen in silence_story()]
    yield table(("an article", "calls", "its caller gets"), rows)

    refused = overload()
    yield "## Overload\n"
    row = ("one more than `DRAGOMAN_MAX_ARTICLES`", refused.calls, caller_gets(refused))
    yield table(("an article", "calls", "its caller gets"), [row])


def _filled(text: str) -> str:
    return textwrap.fill(text, 120, break_on_hyphens=False) + "\n"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


if __name__ == "__main__":
    logs.configure("CRITICAL")
    PAGE.write_text(page(), encoding="utf-8")
