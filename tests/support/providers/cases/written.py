"""What stands around an answer, and where the answer stands."""

import json
from typing import Any

from tests.support.model_server import Received, Scripted, refusal
from tests.support.providers.cases.case import (
    DONE,
    Case,
    Compatible,
    Plain,
    as_stream,
    changed,
    with_message,
)
from tests.support.providers.hosted import (
    Groq,
    Mistral,
)
from tests.support.providers.local import TGI, VLLM, Ollama, SGLang
from tests.support.providers.provider import Form, Written


class StrandedVLLM(VLLM):
    """vLLM which finds no end of the thinking, and files everything under it."""

    thinking = 0

    def message(self, written: Written, form: Form) -> dict[str, Any]:
        return {"content": None, "reasoning": f"The reader wants records.\n{written.text}"}


class Gemma(Ollama):
    """Ollama with a model whose answer it files under reasoning."""

    thinking = 0

    def message(self, written: Written, form: Form) -> dict[str, Any]:
        return {"content": "", "reasoning": written.text}


def _drafted(text: str) -> str:
    return f'My first draft is {{"sanctions": []}}, but sentence 1 states a sanction. So:\n\n{text}'


def _in_braces(text: str) -> str:
    return f"The set {{Estonia, Latvia}} imposed {{sanctions}}.\n{text}\nI left out {{talks}} and {{claims}}."


def _broken_lines(text: str) -> str:
    return text.replace("two shipping companies", "two shipping\ncompanies").replace("{", "{\n\t")


def _half(text: str) -> str:
    return text.replace('"program": null', '"program": "\\ud83d"', 1)


def _as_object(message: dict[str, Any]) -> dict[str, Any]:
    call = message["tool_calls"][0]
    function = {**call["function"], "arguments": json.loads(call["function"]["arguments"])}
    return {**message, "tool_calls": [{**call, "function": function}]}


def _not_passed_on(request: Received, text: str | None = None) -> Scripted:
    told = "Failed to generate JSON. Please adjust your prompt. See 'failed_generation' for more details."
    said = Groq().said(request.body) if text is None else text
    return refusal(400, told, type="invalid_request_error", code="json_validate_failed", failed_generation=said)


WRITTEN = (
    Case("writes a draft before the answer", Compatible(_drafted)),
    Case(
        "thinks between tags of its own, with a draft in it",
        Compatible(lambda text: f'<reasoning>Perhaps {{"sanctions": []}}?</reasoning>\n{text}'),
    ),
    Case("thinks between `<thought>` tags", Compatible(lambda text: f"<thought>{{}}</thought>{text}")),
    Case("leaves out the opening `<think>`", Compatible(lambda text: f'I see {{"sanctions": []}}.\n</think>\n{text}')),
    Case("writes braces into its prose", Compatible(_in_braces)),
    Case("puts a byte order mark before the JSON", Compatible(lambda text: f"\ufeff{text}"), confirmed=False),
    Case(
        "puts a byte order mark before the response",
        Compatible(),
        then=changed(Compatible(), lambda said: Scripted(body=b"\xef\xbb\xbf" + json.dumps(said).encode())),
        confirmed=False,
    ),
    Case("breaks lines inside strings", Compatible(_broken_lines)),
    Case(
        "writes half of a surrogate pair into a field",
        Compatible(_half),
        confirmed=False,
        gets=(f"{DONE}, 1 rejected",),
    ),
    Case("sends content as a list of parts", Mistral(), calls=(2,), refused=1),
    Case("sends the answer in the field for thinking, content null", SGLang(thinks=0)),
    Case("the same, with the thinking before it", StrandedVLLM()),
    Case("the same, content empty", Gemma()),
    Case("sends a stream that nobody asked for", Plain(), then=changed(Plain(), as_stream)),
    Case(
        "sends the arguments of a tool as an object",
        TGI(),
        then=changed(TGI(), with_message(lambda message: _as_object(message))),
        calls=(2,),
        refused=1,
    ),
    Case(
        "wraps the completion into `data`",
        Compatible(),
        then=changed(Compatible(), lambda said: {"success": True, "data": said}),
    ),
    Case(
        "refuses to pass on an answer and shows it in `failed_generation`",
        Groq(),
        first=(Groq(), lambda request: _not_passed_on(request)),
        calls=(2,),
        refused=2,
    ),
    Case(
        "the same without the answer, once",
        Groq(),
        first=(Groq(), lambda request: _not_passed_on(request, "")),
        calls=(3,),
        refused=2,
    ),
)
