"""`dragoman check`: tries the configured model server with one tiny article and says how it answers."""

import asyncio
import difflib
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click
import httpx2

import prompts
from schemas.article import Article
from schemas.result import Extraction
from service.app import build_extractor, build_model
from service.cli.built_in import configured_or_built_in
from service.deadline import Deadline
from service.errors import DragomanError, ModelCredentialsError, ModelRequestError, ModelUnavailableError
from service.llm.profiles import OPENAI_URL
from service.llm.request_format import OutputMode
from service.settings import OPENAI_MODEL, ProfileName, Settings

if TYPE_CHECKING:
    from service.llm.client import InstructorModel
    from service.llm.transport import Listing

EXIT_NO_ANSWER = 4
EXIT_UNREACHED = 69
"""EX_UNAVAILABLE of BSD's sysexits.h, as the next two are of it."""
EXIT_REFUSED = 77
EXIT_SETTING = 78

SECONDS = 180.0
LIST_SECONDS = 10.0
REFUSALS = "service.llm.transport"
"""Name of the logger that logs refusals."""
MOST_NAMES = 20
OUTPUT_MODES = {
    OutputMode.JSON_SCHEMA: "JSON Schema",
    OutputMode.TOOL: "call of a tool",
    OutputMode.JSON_OBJECT: "JSON object, with the schema in the prompt",
    OutputMode.PROMPT: "prompt alone",
}


@click.command()
@click.option(
    "--seconds", type=click.FloatRange(min=1), default=SECONDS, show_default=True, help="Longest wait for an answer."
)
def command(seconds: float) -> None:
    """Try the model server that the settings name with one tiny article, and say how it answers.

    Tells whether it was reached, whether it knows the model, what it refused, in which form it answers, and what to
    set. Costs a call or a few. Without OPENAI_BASE_URL and OPENAI_API_KEY the built-in model is tried.

    Exit codes: 0 it can be used, 2 wrong usage, 4 it gave no answer that can be used, 69 it was not reached, 77 it
    refused the key, 78 a setting is wrong.
    """
    with configured_or_built_in(Settings()) as settings:
        sys.exit(asyncio.run(_check(settings, seconds)))


async def _check(settings: Settings, seconds: float) -> int:
    named = settings.model is not None or settings.openai_base_url is None
    model = build_model(settings if named else settings.model_copy(update={"model": OPENAI_MODEL}))
    try:
        listing = await model.listing(LIST_SECONDS)
        _say("server", f"{_address(settings)} {_reached(listing)}")
        if listing.status is None:
            _say("to do", "see that the server runs and that OPENAI_BASE_URL is its address, with its /v1")
            return EXIT_UNREACHED
        if not named:
            return _choose(listing)
        _say("model", f"{model.name}: {_known(model.name, listing)}")
        return await _try(settings, model, seconds)
    finally:
        await model.close()


def _address(settings: Settings) -> str:
    """The server's address without the parts that may be keys."""
    url = httpx2.URL(settings.openai_base_url or OPENAI_URL)
    return str(url.copy_with(username=None, password=None, query=b"..." if url.query else None))


def _reached(listing: "Listing") -> str:
    if listing.status is None:
        return f"was not reached: {listing.reason}"
    if listing.status == 200 and not listing.reason:
        return f"was reached and lists {_count(len(listing.models), 'model')}"
    return f"was reached; it does not list its models ({listing.status}{', ' * bool(listing.reason)}{listing.reason})"


def _choose(listing: "Listing") -> int:
    """Tell which models can be set."""
    _say("model", "DRAGOMAN_MODEL is not set")
    if not listing.models:
        _say("to do", "set DRAGOMAN_MODEL to the name of a model that the server has")
        return EXIT_SETTING
    _say("to do", "set DRAGOMAN_MODEL to one that the server has:")
    for name in listing.models[:MOST_NAMES]:
        _say("", f"  {name}")
    if len(listing.models) > MOST_NAMES:
        _say("", f"  and {len(listing.models) - MOST_NAMES} more")
    return EXIT_SETTING


def _known(name: str, listing: "Listing") -> str:
    if not listing.models:
        return "the server does not tell whether it has it"
    if {name, f"models/{name}", f"{name}:latest"}.intersection(listing.models):
        return "the server has it"
    close = difflib.get_close_matches(name, listing.models, n=3, cutoff=0.4)
    return "not in the server's list" + (f", which has {', '.join(close)}" if close else "")


async def _try(settings: Settings, model: "InstructorModel", seconds: float) -> int:
    """Have the model read the trial article, and report how that went."""
    trial = prompts.trial()
    error: DragomanError | None = None
    found: Extraction | None = None
    began = time.monotonic()
    with _collected_refusals() as collector:
        try:
            found = await build_extractor(settings, model).extract(
                Article(text=trial.text), kinds=[trial.kind], deadline=Deadline.after(seconds)
            )
        except DragomanError as failure:
            error = failure
    took = time.monotonic() - began
    for line in collector.lines:
        _say("heard", line)
    if found is None or found.failures:
        reason = str(error) if found is None else found.failures[0].reason
        _say("answer", f"none that can be used, after {took:.1f} s: {reason}")
        return _exit_code(error)
    _report(found, model, took)
    for line in _advice(found, settings, model):
        _say("to set", line)
    return 0


def _report(found: Extraction, model: "InstructorModel", took: float) -> None:
    usage, request_format = found.usage, model.capabilities.request_format
    records, stated = _count(_records(found), "record"), prompts.trial().records
    _say("answer", f"{records}, where the article states {stated}; {took:.1f} s, {_count(usage.calls, 'call')}")
    strict = ", strict" * (request_format.strict and request_format.sends_schema)
    shown = ", and in the prompt as well" * (request_format.schema_in_prompt and request_format.sends_schema)
    held = "asked again once, it did not fit at first" if usage.reasks else "it fitted"
    _say("form", f"{OUTPUT_MODES[request_format.mode]}{strict}{shown}; {held}")
    for change in model.capabilities.changes:
        _say("asked", change.description)
    thought = f", of which {usage.reasoning_tokens} for thinking" if usage.reasoning_tokens else ""
    _say("tokens", f"{usage.prompt_tokens} in the prompt, {usage.completion_tokens} written{thought}")


def _records(found: Extraction) -> int:
    return sum(map(len, found.records.values()))


def _advice(found: Extraction, settings: Settings, model: "InstructorModel") -> Iterator[str]:
    capabilities = model.capabilities
    if capabilities.thinking_tokens:
        yield (
            f"DRAGOMAN_ANSWER_TOKENS={capabilities.thinking_tokens}: the model thinks, and with it the first answers "
            "of a process have room for it at once"
        )
    if found.usage.reasoning_tokens > 0 and settings.reasoning_effort is None:
        yield "DRAGOMAN_REASONING_EFFORT=low, where the server knows it: less thinking costs less"
    if not _records(found):
        yield "another model: this one missed what the article says in plain words"
    if capabilities.context_reported:
        yield f"DRAGOMAN_CONTEXT_TOKENS={capabilities.context_tokens}: longer prompts are then cut before they are sent"
    if settings.profile is ProfileName.AUTO and capabilities.changes:
        yield "nothing else: each process finds out how to ask, with refused requests that nobody bills"
    elif settings.profile is ProfileName.AUTO:
        yield "nothing else: it is asked as OpenAI documents it"


def _exit_code(error: DragomanError | None) -> int:
    if isinstance(error, ModelCredentialsError):
        return EXIT_REFUSED
    if isinstance(error, ModelUnavailableError):
        return EXIT_UNREACHED
    return EXIT_SETTING if isinstance(error, ModelRequestError) else EXIT_NO_ANSWER


@dataclass
class _RefusalCollector(logging.Handler):
    """Collects the logged refusals of the server, each once."""

    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(logging.WARNING)

    __hash__ = object.__hash__

    def emit(self, record: logging.LogRecord) -> None:
        line = record.getMessage()
        if record.name == REFUSALS and line not in self.lines:
            self.lines.append(line)


@contextmanager
def _collected_refusals() -> Iterator[_RefusalCollector]:
    """Collect the warnings of the model layer instead of logging them."""
    logger, collector = logging.getLogger("service.llm"), _RefusalCollector()
    propagated, logger.propagate = logger.propagate, False
    logger.addHandler(collector)
    try:
        yield collector
    finally:
        logger.removeHandler(collector)
        logger.propagate = propagated


def _say(what: str, line: str) -> None:
    click.echo(f"{what:8}{line}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
