"""Everything that a model server is known to do wrong, and what the caller gets.

`tests/unit/llm/test_faults.py` holds the model layer to these cases, one question each. What becomes of whole articles
is in `article_faults`.
"""

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate

from schemas.result import Usage
from service.deadline import Deadline
from service.errors import DragomanError
from service.extraction.model import UsageMeter
from service.llm.profiles import PROFILES
from service.settings import ProfileName
from tests.support.model_server import NEVER, ModelServer, Script, Scripted, answer, refusal
from tests.support.people import (
    ARTICLE,
    ATTEMPTS,
    KEY,
    People,
    accept,
    complain,
    complain_about_first,
    model_for,
    people,
    people_question,
)
from tests.support.still_time import StillTime


@dataclass(frozen=True)
class Case:
    """One fault.

    Args:
        got: the code of the error, or the name in the answer: `first` or `second`, as the server wrote them.
        waits: seconds waited between calls, where the jitter is always none.
        answer_seconds: limit for one call, where the case needs a short one.
    """

    fault: str
    script: tuple[Script, ...]
    calls: int
    got: str
    waits: tuple[float, ...] | None = None
    review: Callable[[People], str | None] = accept
    profile: ProfileName = ProfileName.OPENAI
    answer_seconds: float | None = None
    deadline_seconds: float = 30.0
    reasks: int = 1


@dataclass
class Outcome:
    calls: int
    got: str
    waits: list[float] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    error: DragomanError | None = None
    late: float = 0.0
    """By how many seconds it came after the deadline."""


def run(case: Case) -> Outcome:
    """Put one question to a server that plays the case."""
    profile = PROFILES[case.profile]
    if case.answer_seconds is not None:
        profile = dataclasses.replace(profile, answer_seconds=case.answer_seconds)
    meter = UsageMeter()
    with ModelServer(*case.script) as server, StillTime(server.loop) as still:
        deadline = Deadline.after(case.deadline_seconds)

        async def ask() -> tuple[str, DragomanError | None]:
            model = model_for(server, profile, backoff=still.backoff, reasks=case.reasks)
            try:
                found = await model.fill(people_question(case.review), deadline=deadline, usage=meter)
            except DragomanError as failure:
                return failure.code, failure
            finally:
                await model.close()
            return found.records[0].name, None

        got, error = still.run(ask())
        return Outcome(len(server.chats), got, still.waits, meter.total, error, still.now - deadline.at)


FIRST = answer(people("first"))
SECOND = answer(people("second"))
JSON_TEXT = json.dumps(people("first"))
UNFIT = answer(people("first", role="king"))
EMPTY_CHOICES = Scripted(body={"id": "x", "object": "chat.completion", "choices": []})
PROXY_PAGE = Scripted(body=b"<html>Bad gateway</html>", headers={"Content-Type": "text/html"})
BUSY = refusal(429, "Rate limit reached", type="requests", code="rate_limit_exceeded")


def _busy_until_a_date(_: object) -> Scripted:
    now = 1_700_000_000
    return refusal(429, headers={"Retry-After": formatdate(now + 7, usegmt=True), "Date": formatdate(now, usegmt=True)})


CASES = (
    # Failures that may pass: repeated.
    Case("429 once", (BUSY, FIRST), 2, "first", waits=(0.5,)),
    Case("429, Retry-After in seconds", (refusal(429, headers={"Retry-After": "7"}), FIRST), 2, "first", (7.5,)),
    Case("429, Retry-After as a date", (_busy_until_a_date, FIRST), 2, "first", (7.5,)),
    Case("429, retry-after-ms", (refusal(429, headers={"retry-after-ms": "250"}), FIRST), 2, "first", (0.75,)),
    Case("429 for ever", (BUSY,) * ATTEMPTS, ATTEMPTS, "model_unavailable", (0.5, 1.0, 2.0)),
    Case("429, Retry-After past the deadline", (refusal(429, headers={"Retry-After": "60"}),), 1, "model_unavailable"),
    *(
        Case(f"{status} once", (refusal(status), FIRST), 2, "first", (0.5,))
        for status in (408, 409, 500, 502, 503, 529)
    ),
    Case("503 for ever", (refusal(503),) * ATTEMPTS, ATTEMPTS, "model_unavailable"),
    Case("connection reset before the answer", (Scripted(breaks="reset"), FIRST), 2, "first", (0.5,)),
    Case("connection closed without an answer", (Scripted(breaks="closed"), FIRST), 2, "first", (0.5,)),
    Case("connection reset in the body", (dataclasses.replace(FIRST, breaks="reset_in_body"), FIRST), 2, "first"),
    Case("no answer within the call's limit", (answer({}, delay=NEVER), FIRST), 2, "first", answer_seconds=0.5),
    Case("headers without end", (Scripted(breaks="endless_headers"), FIRST), 2, "first", answer_seconds=0.5),
    Case(
        "body that stalls", (dataclasses.replace(FIRST, breaks="stalled_body"), FIRST), 2, "first", answer_seconds=0.5
    ),
    Case("no answer by the deadline", (answer({}, delay=NEVER),), 1, "deadline_exceeded", deadline_seconds=0.5),
    Case(
        "headers without end, to the deadline",
        (Scripted(breaks="endless_headers"),),
        1,
        "deadline_exceeded",
        deadline_seconds=0.5,
    ),
    Case("200 with a proxy's page once", (PROXY_PAGE, FIRST), 2, "first", (0.5,)),
    Case("200 with a proxy's page for ever", (PROXY_PAGE,) * ATTEMPTS, ATTEMPTS, "model_unavailable"),
    Case("200 with half of the JSON", (Scripted(body=b'{"choices": ['), FIRST), 2, "first"),
    Case("empty `choices` once", (EMPTY_CHOICES, FIRST), 2, "first", ()),
    Case("empty `choices` for ever", (EMPTY_CHOICES,) * 2, 2, "answer_refused"),
    Case("`choices` null", (Scripted(body={"choices": None}), FIRST), 2, "first"),
    Case(
        "400: the model takes no temperature",
        (refusal(400, "Unsupported value", param="temperature", code="unsupported_value"), FIRST),
        2,
        "first",
    ),
    # Failures that stay: not repeated.
    Case("429, quota spent", (refusal(429, code="insufficient_quota"),), 1, "model_refused_credentials"),
    Case("401", (refusal(401, f"Incorrect API key provided: {KEY}"),), 1, "model_refused_credentials"),
    Case("403", (refusal(403),), 1, "model_refused_credentials"),
    Case("400", (refusal(400, f"bad: {ARTICLE}", type="invalid_request_error"),), 1, "model_refused_request"),
    Case("404", (refusal(404, code="model_not_found"),), 1, "model_refused_request"),
    Case("422", (refusal(422),), 1, "model_refused_request"),
    Case("307 to another place", (Scripted(307, headers={"Location": "/elsewhere"}),), 1, "model_refused_request"),
    Case("400, content policy", (refusal(400, code="content_policy_violation"),), 1, "answer_refused"),
    Case("400, prompt too long (OpenAI)", (refusal(400, code="context_length_exceeded"),), 1, "context_too_long"),
    Case(
        "400, prompt too long (llama.cpp)",
        (refusal(400, "the request exceeds the available context size", type="exceed_context_size_error", code=400),),
        1,
        "context_too_long",
    ),
    Case(
        "400, prompt too long (vLLM)",
        (
            Scripted(
                400, {"object": "error", "message": "This model's maximum context length is 4096 tokens.", "code": 400}
            ),
        ),
        1,
        "context_too_long",
    ),
    Case("413", (refusal(413),), 1, "context_too_long"),
    Case(
        "prompt cut in silence (Ollama)",
        (answer(people("first"), usage=(5, 5, 0)),),
        1,
        "context_too_long",
        profile=ProfileName.OLLAMA,
    ),
    # Answers that are none.
    Case("refusal", (answer(None, refusal="I cannot help with that."),), 1, "answer_refused"),
    Case("content filter", (answer(None, finish_reason="content_filter"),), 1, "answer_refused"),
    Case("finish_reason=length", (answer('{"records": [', finish_reason="length"),), 1, "answer_truncated"),
    # Good answers in bad wrapping.
    Case("fenced", (answer(f"```json\n{JSON_TEXT}\n```"),), 1, "first"),
    Case(
        "fenced, with prose around",
        (answer(f"Here it is:\n```\n{JSON_TEXT}\n```\nI used {{2}} names."),),
        1,
        "first",
    ),
    Case(
        "after <think>…</think>",
        (answer('<think>{"records": []}?</think>\n' + JSON_TEXT),),
        1,
        "first",
    ),
    Case(
        "after …</think> alone",
        (answer("Let me see {x}.\n</think>" + JSON_TEXT),),
        1,
        "first",
    ),
    Case(
        "in reasoning_content, content null (vLLM)",
        (answer(None, reasoning_content=JSON_TEXT),),
        1,
        "first",
        profile=ProfileName.VLLM,
    ),
    Case(
        "content in parts",
        (Scripted(body={"choices": [{"message": {"content": [{"type": "text", "text": JSON_TEXT}]}}]}),),
        1,
        "first",
    ),
    Case("no usage", (answer(people("first"), usage=None),), 1, "first"),
    # Answers that are asked for again.
    Case("content null once", (answer(None), SECOND), 2, "second"),
    Case("content null for ever", (answer(None),) * 2, 2, "answer_malformed"),
    Case("content empty once", (answer(""), SECOND), 2, "second"),
    Case("message null once", (Scripted(body={"choices": [{"message": None}]}), SECOND), 2, "second"),
    Case("not JSON once", (answer("Sorry, which people?"), SECOND), 2, "second"),
    Case("breaks the schema once", (UNFIT, SECOND), 2, "second"),
    Case("breaks the schema for ever", (UNFIT,) * 2, 2, "answer_malformed"),
    Case("breaks the schema, no re-ask allowed", (UNFIT,), 1, "answer_malformed", reasks=0),
    Case("breaks the schema, then 429 in the re-ask", (UNFIT, BUSY, SECOND), 3, "second"),
    Case("not in the article once", (FIRST, SECOND), 2, "second", review=complain_about_first),
    Case("not in the article for ever", (FIRST, SECOND), 2, "second", review=complain),
    Case("not in the article, no re-ask allowed", (FIRST,), 1, "first", review=complain, reasks=0),
    # What happens in a re-ask does not lose the answer before it.
    Case("not in the article, then breaks the schema", (FIRST, UNFIT), 2, "first", review=complain),
    Case("not in the article, then refusal", (FIRST, answer(None, refusal="No.")), 2, "first", review=complain),
    Case("not in the article, then cut off", (FIRST, answer("{", finish_reason="length")), 2, "first", review=complain),
    Case(
        "not in the article, then 500 for ever",
        (FIRST, *(refusal(500),) * ATTEMPTS),
        1 + ATTEMPTS,
        "first",
        review=complain,
    ),
    Case("not in the article, then 401", (FIRST, refusal(401)), 2, "first", review=complain),
    Case(
        "not in the article, then no answer by the deadline",
        (FIRST, answer({}, delay=NEVER)),
        2,
        "first",
        review=complain,
        deadline_seconds=0.5,
    ),
)
