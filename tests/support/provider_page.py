"""Writes docs/model-servers.md: what to set for each model server, and what comes of the faults that they show.

python -m tests.support.provider_page    (make providers)
"""

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from service.llm.request_format import OutputMode, RequestFormat
from service.llm.server_capabilities import PROBE_SECONDS, THINKING_TOKENS, ServerCapabilities
from service.telemetry import logs
from tests.support.fault_page import table
from tests.support.providers import PROVIDERS, playing
from tests.support.providers.cases import CASES, Case
from tests.support.providers.playing import Came
from tests.support.providers.provider import Provider

PAGE = Path(__file__).parents[2] / "docs" / "model-servers.md"
_MOST_OF_A_LINE = 150

INTRODUCTION = f"""\
What to set for the model servers that people use, what to expect of each, and what comes of the faults that they show.
`dragoman check` tries a server with the settings at hand. The lines of each server are environment variables: export
them in the shell, or put them into the file that a container (`--env-file`) or a service manager (`EnvironmentFile`)
reads. Dragoman reads no file by itself. A server that asks for no key needs no `OPENAI_API_KEY`.

How a server is asked is found out, unless `DRAGOMAN_PROFILE` names a profile. `auto`, the default, asks the first
question as OpenAI documents it: the schema as `json_schema` with `strict`, the limit as `max_completion_tokens`, the
temperature 0. What the server refuses is given up, one thing at a time, and the question asked again: a keyword of the
schema, the temperature, the name of the limit, and last the form of the answer, which steps down from the schema to
the call of a tool, a JSON object and the prompt alone. Where a server does not say what it refuses, these are tried one
after the other, once. Other questions wait meanwhile, for {PROBE_SECONDS:g} seconds at most.

What was found out holds until the process ends: the first article pays for it with a few refused calls, which providers
do not bill, and the second needs none. Each step is a line of the log. An answer that does not fit the schema shows
that the server ignores it; from then on the model reads the schema in the prompt. A model that uses up its room by
thinking gets {THINKING_TOKENS:,} tokens more from then on, for all questions; that is one billed call for nothing.
`DRAGOMAN_ANSWER_TOKENS` gives the room from the beginning, `DRAGOMAN_REASONING_EFFORT` has a model think less where its
server knows the parameter, `DRAGOMAN_EXTRA_BODY` says it in the server's own words.

Named profiles (`openai`, `llama_cpp`, `vllm`, `ollama`, `json_object`) stay as they are: only the temperature and
what makes a stream are left out where they are refused.

For a caller who has records sent as they are found ([streaming.md](streaming.md)) the server is asked to stream its
answers, with `stream` and `stream_options`. What it refuses of that is given up as well: Mistral takes no
`stream_options` and tells the cost all the same (*openai-agents-python#442, 2025-04*), Groq streams no answer that is
held to a schema (*any-llm#1178, 2026-07*). A server that refuses without saying why, or does not tell the cost of a
streamed answer, is asked for whole answers from then on.
"""
CURRENT = """\
Made by `make providers`, which plays every server to the service; a test checks that it is current. The servers are
scripted, from the sources named (`repository#issue`, date), and play one model each; how long that one thinks is made
up. What nobody has confirmed is marked so.
"""
AT_A_GLANCE = """\
Calls are those of one question: of the first article of a process, with those that are refused in brackets, and of the
second.
"""
FAULTS = """\
Each line is one article, or several in a row, posted to a service that was just started with the lines above. Calls are
those of each article, in brackets how many were refused; what is the same for all stands once. What the log says is
shown in part.
"""
_OUTPUT_MODES = {
    OutputMode.JSON_SCHEMA: "JSON Schema",
    OutputMode.TOOL: "call of a tool",
    OutputMode.JSON_OBJECT: "JSON object",
    OutputMode.PROMPT: "prompt alone",
}


Outcome = tuple[list[Came], ServerCapabilities]


def page(tried: Callable[..., Outcome] = playing.tried, play: Callable[[Case], Outcome] = playing.play) -> str:
    """Play everything, or ask those who have done so, and write it down. Takes half a minute."""
    return "\n".join(_parts(tried, play))


def _parts(tried: Callable[..., Outcome], play: Callable[[Case], Outcome]) -> Iterator[str]:
    yield "# Model servers\n"
    yield from (_filled(INTRODUCTION), _filled(CURRENT))
    yield from ("## At a glance\n", _filled(AT_A_GLANCE))
    heads = ("server", "the answer comes as", "limit", "left out", "room for thinking", "calls")
    seen = {kind: tried(kind) for kind in PROVIDERS}
    yield table(heads, (_glance(kind, *seen[kind]) for kind in PROVIDERS))
    yield "## Server by server\n"
    for kind in PROVIDERS:
        yield from _section(kind, *seen[kind], tried(kind, optional=True)[0] if kind.optional else [])
    yield from ("## Faults\n", _filled(FAULTS))
    for title, cases in CASES.items():
        yield f"### {title}\n"
        heads = ("the server", "known from", "calls", "the caller gets", "the log says")
        yield table(heads, (_row(case, play(case)[0]) for case in cases))


def _glance(kind: type[Provider], came: Sequence[Came], capabilities: ServerCapabilities) -> Sequence[str]:
    request_format = capabilities.request_format
    room = f"{capabilities.thinking_tokens:,}" if capabilities.thinking_tokens else ""
    limit = f"`{request_format.limit_name}`" if request_format.limit_name else "none"
    return (_linked(kind.name), _form(request_format), limit, ", ".join(_left_out(request_format)), room, _calls(came))


def _section(
    kind: type[Provider], came: Sequence[Came], capabilities: ServerCapabilities, optional_too: Sequence[Came]
) -> Iterator[str]:
    yield f"### {kind.name}\n"
    if kind.about:
        yield _filled(kind.about)
    optional = f"\n# {kind.optional_for}:\n# {kind.optional}" if kind.optional else ""
    yield f"```sh\n{kind.env}{optional}\n```\n"
    yield _filled(" ".join(_ends_up(kind, came, capabilities, optional_too)))
    yield "\n".join(_point(f"{note.text} *{note.source}*") for note in kind.notes) + "\n"


def _ends_up(
    kind: type[Provider], came: Sequence[Came], capabilities: ServerCapabilities, optional_too: Sequence[Came]
) -> Iterator[str]:
    changes = [change.description for change in capabilities.changes]
    steps_down = f"`auto` steps down: it is asked {', then '.join(changes)}."
    yield steps_down if changes else "It is asked as OpenAI documents it."
    if capabilities.thinking_tokens:
        yield f"Answers get {capabilities.thinking_tokens:,} tokens more, for thinking."
    first, second = came
    refused = f", {first.refused} of them refused" if first.refused else ""
    yield f"First article: {_count(first.calls)}{refused}; second: {_count(second.calls)}."
    if optional_too:
        with_first, with_second = optional_too
        yield f"With the last line: {_count(with_first.calls)}, then {_count(with_second.calls)}."
    yield f"Tried against {kind.tried}."


def _row(case: Case, came: Sequence[Came]) -> Sequence[str]:
    source = case.provider.name if case.confirmed else f"{case.provider.name} (not confirmed)"
    return (case.does, source, _calls(came), _gets(came), _said(case, came))


def _calls(came: Sequence[Came]) -> str:
    return _runs([f"{one.calls} ({one.refused})" if one.refused else str(one.calls) for one in came])


def _gets(came: Sequence[Came]) -> str:
    return _runs([one.gets if one.status != 200 else f"200 {one.gets}" for one in came], "; ")


def _runs(texts: Sequence[str], between: str = ", ") -> str:
    """Texts in a row, and how often each comes."""
    runs = [(text, len(list(same))) for text, same in groupby(texts)]
    return between.join(text if times == 1 or len(runs) == 1 else f"{times} × {text}" for text, times in runs)


def _said(case: Case, came: Sequence[Came]) -> str:
    """The lines of the log that matter, without what only repeats them."""
    lines = [line for one in came for line in one.log]
    chosen = [next((line for line in lines if re.search(pattern, line)), "") for pattern in case.log]
    return "; ".join(_cell(line) for line in dict.fromkeys(filter(None, chosen)))


def _cell(line: str) -> str:
    text = " ".join(line.split()).replace("|", r"\|")
    return text if len(text) <= _MOST_OF_A_LINE else f"{text[:_MOST_OF_A_LINE].rstrip()} …"


def _form(request_format: RequestFormat) -> str:
    return _OUTPUT_MODES[request_format.mode] + (", shown in the prompt too" if request_format.schema_in_prompt else "")


def _left_out(request_format: RequestFormat) -> list[str]:
    lax = [] if request_format.strict else ["strict"]
    return [f"`{name}`" for name in sorted({*request_format.omitted, *request_format.omitted_keywords, *lax})]


def _linked(title: str) -> str:
    anchor = re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
    return f"[{title}](#{anchor})"


def _count(calls: int) -> str:
    return "1 call" if calls == 1 else f"{calls} calls"


def _point(text: str) -> str:
    return textwrap.fill(text, 120, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False)


def _filled(text: str) -> str:
    paragraphs: Iterable[str] = text.strip().split("\n\n")
    return "\n\n".join(textwrap.fill(one, 120, break_on_hyphens=False) for one in paragraphs) + "\n"


if __name__ == "__main__":
    logs.configure("CRITICAL")
    PAGE.write_text(page(), encoding="utf-8")
