"""Providers on the internet that run models of their own."""

import json
from collections.abc import Mapping
from typing import Any

from tests.support.model_server import Received, Scripted, refusal
from tests.support.providers.provider import Body, Form, Note, Provider, Written, forced_tool, holds
from tests.support.providers.reading import text_of


class OpenAI(Provider):
    """OpenAI with a model that thinks.

    Args:
        starves_with_400: whether it says 400 where thinking has used up the limit, and not 200 without content.
    """

    name = "OpenAI"
    about = "A model that thinks; `gpt-4o-mini`, which does not, is answered at the first call."
    env = "OPENAI_API_KEY=sk-...\nDRAGOMAN_MODEL=gpt-5-mini"
    optional = "DRAGOMAN_REASONING_EFFORT=minimal"
    optional_for = "less thinking"
    notes = (
        Note(
            "Models that think take no temperature but 1 (`unsupported_value`), or none at all "
            "(`unsupported_parameter`, some with `code` null).",
            "vercel/ai#6034, llmcomp#69 (2026-04), pal-mcp-server#78 (2025-06), OpenHands/software-agent-sdk#1837 "
            "(2026-01)",
        ),
        Note("`max_tokens` is refused; `max_completion_tokens` bounds thinking and answer.", "YPrompt#26 (2025-12)"),
        Note(
            "Where thinking uses up the limit, the answer is empty with `length` and billed, or a 400 says that the "
            "message could not be finished.",
            "covan-ai/covan#112 (2026-09), spiceai#7126 (2025-09), goclaw#245 (2026-03)",
        ),
        Note(
            "A strict schema needs `additionalProperties: false` and every property among the required ones.",
            "dottxt-ai/outlines#844 (2024-10), agentscope-java#2548 (2026-08)",
        ),
        Note(
            "A prompt that is too long is told in three forms, one of them a 429 that no wait cures.",
            "NextChat#3195 (2023-11), cline#5474 (2025-08), vanna-flask#11 (2024-06)",
        ),
        Note("Money that is spent is a 429 with `insufficient_quota`.", "NVIDIA-NeMo/Guardrails#371 (2024-03)"),
    )
    thinking = 3_000
    limits = ("max_completion_tokens",)

    def __init__(self, *, starves_with_400: bool = False, **chosen: Any) -> None:
        super().__init__(**chosen)
        self.starves_with_400 = starves_with_400

    def refused(self, body: Body) -> Scripted | None:
        if "max_tokens" in body:
            return self.unsupported("max_tokens", "Use 'max_completion_tokens' instead.")
        if body.get("temperature", 1) != 1:
            return self.wrong_temperature()
        if (wrong := _not_strict(body)) is not None:
            return wrong
        written = self.written(body)
        if self.starves_with_400 and written.cut and not written.text:
            told = (
                "Could not finish the message because max_tokens or model output limit was reached. "
                "Please try again with higher max_tokens."
            )
            return refusal(400, told, type="invalid_request_error", param=None, code=None)
        return None

    def wrong_temperature(self) -> Scripted:
        told = (
            "Unsupported value: 'temperature' does not support 0 with this model. "
            "Only the default (1) value is supported."
        )
        return refusal(400, told, type="invalid_request_error", param="temperature", code="unsupported_value")

    def unsupported(self, name: str, hint: str = "") -> Scripted:
        told = f"Unsupported parameter: '{name}' is not supported with this model. {hint}".strip()
        return refusal(400, told, type="invalid_request_error", param=name, code="unsupported_parameter")


def _not_strict(body: Body) -> Scripted | None:
    """OpenAI's complaint about a schema that is said to be strict and is not."""
    asked = (body.get("response_format") or {}).get("json_schema") or {}
    if not asked.get("strict"):
        return None
    for node in _objects(asked["schema"]):
        missing = "'additionalProperties'" if node.get("additionalProperties") is not False else ""
        told = f"{missing} is required to be supplied and to be false." if missing else ""
        if not missing and set(node.get("properties", {})) != set(node.get("required", ())):
            told = "'required' is required to be supplied and to be an array including every key in properties."
        if told:
            message = f"Invalid schema for response_format '{asked['name']}': In context=(), {told}"
            return refusal(400, message, type="invalid_request_error", param="response_format", code=None)
    return None


def _objects(node: Any) -> list[Mapping[str, Any]]:
    if isinstance(node, list):
        return [found for item in node for found in _objects(item)]
    if not isinstance(node, dict):
        return []
    inner = [found for item in node.values() for found in _objects(item)]
    return [node, *inner] if node.get("type") == "object" else inner


class Azure(OpenAI):
    name = "Azure OpenAI"
    about = "The address of a deployment with its `api-version`, as the portal shows it; the newer `/openai/v1` too."
    env = (
        ""
        "OPENAI_BASE_URL=https://RESOURCE.openai.azure.com/openai/deployments/DEPLOYMENT?api-version=2025-04-01-preview\n"
        "OPENAI_API_KEY=...\n"
        "DRAGOMAN_MODEL=DEPLOYMENT"
    )
    optional = "DRAGOMAN_REASONING_EFFORT=low"
    notes = (
        Note(
            "The key goes in the header `api-key`; the query has to be on every request.",
            "BAML's documentation, learn.microsoft.com: API version lifecycle (2025-08)",
        ),
        Note("Parameters are refused as OpenAI does it, `code` mostly null.", "litellm#13327 (2025-08)"),
        Note(
            "A blocked prompt is a 400 with `content_filter` and what was found in `innererror`.",
            "compl-ai#20 (2025-02), helm#3327 (2025-02)",
        ),
        Note("An unknown deployment is a 404 `DeploymentNotFound`, without type and param.", "farfalle#79 (2024-07)"),
        Note('A wrong key is a 401 whose `code` is the text "401".', "smart-chatbot-ui#169, vscode#294841 (2026-07)"),
    )

    def knows_key(self, headers: Mapping[str, str]) -> bool:
        return headers.get("api-key") == self.key and "authorization" not in headers

    def wrong_key(self) -> Scripted:
        told = "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key."
        return refusal(401, told, code="401")

    def wrong_path(self, request: Received) -> Scripted:
        return refusal(404, "Resource not found", code="404")

    def unknown_model(self, name: str) -> Scripted:
        told = (
            "The API deployment for this resource does not exist. If you created the deployment within the last "
            "5 minutes, please wait a moment and try again."
        )
        return refusal(404, told, code="DeploymentNotFound")

    def wrong_temperature(self) -> Scripted:
        told = "Unsupported parameter: 'temperature' is not supported with this model."
        return refusal(400, told, type="invalid_request_error", param="temperature", code=None)


BLOCKED_BY_AZURE = (
    "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. "
    "Please modify your prompt and retry."
)


def blocked_by_azure() -> Scripted:
    """Azure's refusal of a prompt."""
    found = {"hate": {"filtered": False, "severity": "safe"}, "violence": {"filtered": True, "severity": "medium"}}
    error = {
        "message": BLOCKED_BY_AZURE,
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
        "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": found},
    }
    return Scripted(400, {"error": error})


class Gemini(Provider):
    """Google's endpoint for OpenAI's clients."""

    name = "Gemini"
    about = "Google's endpoint for OpenAI's clients."
    env = (
        "OPENAI_BASE_URL=https://generativelanguage.googleapis.com/v1beta/openai/\n"
        "OPENAI_API_KEY=AIza...\n"
        "DRAGOMAN_MODEL=gemini-2.5-flash"
    )
    optional = "DRAGOMAN_REASONING_EFFORT=none"
    optional_for = "no thinking"
    notes = (
        Note(
            "JSON Schema and temperature are taken; that either name of the limit is, is likely, not confirmed.",
            "ai.google.dev: OpenAI compatibility",
        ),
        Note(
            "Thinking is not shown, and is missing from `completion_tokens` though not from the total; that both hold "
            "at this endpoint is likely, not confirmed.",
            "any-llm#1291 (2026-08), CLIProxyAPI#5733 (2026-09)",
        ),
        Note("Where thinking uses up the limit, the message has no content.", "fast-agent#184 (2025-05)"),
        Note(
            "A blocked prompt is a 200 without choices, or with a choice without a message; finish reasons may be "
            "Google's own, in capitals.",
            "VLMEvalKit#1550 (2026-05), Vibe-Trading#308 (2026-06), pydantic-ai#7816 (2026-08)",
        ),
        Note(
            "Bounds of lists in a schema have a budget; beyond it the request has an invalid argument, and no more is "
            "said.",
            "python-genai#2170 (2026-03), vercel/ai#21192 (2026-09)",
        ),
        Note("Errors may come in a list; a wrong key is a 400.", "gemini-cli#6678 (2025-08), continue#12960 (2026-07)"),
    )
    thinking = 2_500

    def knows_key(self, headers: Mapping[str, str]) -> bool:
        return headers.get("authorization") == f"Bearer {self.key}"

    def wrong_key(self) -> Scripted:
        details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]
        return google(400, "API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT", details=details)

    def unknown_model(self, name: str) -> Scripted:
        told = (
            f"models/{name} is not found for API version v1main, or is not supported for generateContent. "
            "Call ListModels to see the list of available models and their supported methods."
        )
        return google(404, told, "NOT_FOUND")

    def message(self, written: Written, form: Form) -> dict[str, Any]:
        return {"content": written.text} if written.text else {}

    def usage(self, written: Written) -> dict[str, Any]:
        total = written.read + written.thought + written.tokens
        return {"prompt_tokens": written.read, "completion_tokens": written.tokens, "total_tokens": total}


def google(status: int, message: str, kind: str, **more: Any) -> Scripted:
    """An error of Google's, in the list around it."""
    return Scripted(status, [{"error": {"code": status, "message": message, "status": kind, **more}}])


class Anthropic(Provider):
    """Anthropic's endpoint for OpenAI's clients."""

    name = "Anthropic"
    about = "Anthropic's endpoint for OpenAI's clients."
    env = "OPENAI_BASE_URL=https://api.anthropic.com/v1/\nOPENAI_API_KEY=sk-ant-...\nDRAGOMAN_MODEL=claude-opus-5"
    notes = (
        Note(
            "`response_format`, `reasoning_effort` and `strict` are ignored in silence: the model has to be shown the "
            "schema. Whether `response_format` still is, nobody has confirmed for 2026.",
            "platform.claude.com: OpenAI SDK compatibility (2025-11)",
        ),
        Note("Newer models take no temperature; the error names no `param`.", "picoclaw#2939 (2026-05)"),
        Note(
            "They think without being asked to; the text of it is not returned, and the limit bounds it.",
            "wafflebase#571 (2026-07)",
        ),
        Note("A prompt that is too long is told without the word context.", "claude-code#59696 (2026-05)"),
    )
    thinking = 1_000
    heeds = frozenset({"tool"})

    def refused(self, body: Body) -> Scripted | None:
        if "temperature" in body:
            told = "temperature is deprecated for this model."
            return refusal(400, told, code="invalid_request_error", type="invalid_request_error")
        return None

    def unknown_model(self, name: str) -> Scripted:
        return refusal(404, f"model: {name}", code="not_found_error", type="not_found_error")

    def wrong_key(self) -> Scripted:
        return refusal(401, "invalid x-api-key", code="authentication_error", type="authentication_error")

    def thought(self, body: Body) -> int:
        return self.thinks

    def usage(self, written: Written) -> dict[str, Any]:
        return self.plain_usage(written)


class Mistral(Provider):
    """Mistral with a model that thinks."""

    name = "Mistral"
    about = "A model that thinks."
    env = "OPENAI_BASE_URL=https://api.mistral.ai/v1\nOPENAI_API_KEY=...\nDRAGOMAN_MODEL=magistral-small-latest"
    notes = (
        Note(
            "Fields that it does not know are refused, `max_completion_tokens` among them: 422, in one of three "
            "wrappings.",
            "openclaude#739 (2026-04), eca#231 (2025-12), php-mistral#76 (2025-11)",
        ),
        Note(
            "Content of models that think is a list of parts.",
            "vercel/ai#13703, vercel/ai#17779 (2026-07), agent-framework#6978 (2026-07)",
        ),
        Note(
            "A lack of capacity, which passes, is typed as an invalid request.",
            "continue#6185 (2025-06)",
        ),
        Note("A wrong key is told outside of any error object, or without a body.", "CoolCline#36 (2025-03)"),
        Note(
            "Of a stream it takes no `stream_options`, and tells the cost all the same.",
            "openai-agents-python#442 (2025-04)",
        ),
    )
    thinking = 1_500
    limits = ("max_tokens",)
    known = frozenset(
        {"model", "messages", "temperature", "max_tokens", "response_format", "tools", "tool_choice", "stream"}
    )

    def refused(self, body: Body) -> Scripted | None:
        unknown = [name for name in body if name not in self.known]
        return self.extra(body, unknown) if unknown else None

    def extra(self, body: Body, names: list[str]) -> Scripted:
        """Its complaint about fields that it does not know."""
        inner = {"detail": forbidden(body, names)}
        said = {"object": "error", "message": inner, "type": "invalid_request_error", "param": None, "code": None}
        return Scripted(422, said)

    def wrong_key(self) -> Scripted:
        return Scripted(401, {"message": "Unauthorized", "request_id": "8a5f"})

    def unknown_model(self, name: str) -> Scripted:
        said = {"object": "error", "message": f"Invalid model: {name}", "type": "invalid_model", "code": "1500"}
        return Scripted(400, said)

    def message(self, written: Written, form: Form) -> dict[str, Any]:
        thinking = {"type": "thinking", "thinking": [{"type": "text", "text": written.thinking}], "closed": True}
        parts = [thinking] if written.thought else []
        return {"content": [*parts, {"type": "text", "text": written.text}] if written.text else parts}

    def usage(self, written: Written) -> dict[str, Any]:
        return self.plain_usage(written)


def forbidden(body: Body, names: list[str]) -> list[dict[str, Any]]:
    """What pydantic says of fields that are too many."""
    told = "Extra inputs are not permitted"
    return [{"type": "extra_forbidden", "loc": ["body", name], "msg": told, "input": body.get(name)} for name in names]


class Groq(Provider):
    """Groq with a model that thinks and is held to a schema."""

    name = "Groq"
    about = "A model that thinks and takes JSON Schema; others there take JSON objects alone."
    env = "OPENAI_BASE_URL=https://api.groq.com/openai/v1\nOPENAI_API_KEY=gsk_...\nDRAGOMAN_MODEL=openai/gpt-oss-120b"
    optional = "DRAGOMAN_REASONING_EFFORT=low"
    optional_for = "less thinking"
    notes = (
        Note("Keywords of a schema are refused by name, without code and param.", "beeai-framework#1215 (2025-10)"),
        Note(
            "What the model writes and does not fit is a 400 with the text in `failed_generation`.",
            "amurex-backend#38 (2025-02), groq-typescript#28 (2024-05)",
        ),
        Note(
            "A 413 stands for more tokens than a minute has, the limit of the answer counted with the prompt.",
            "ha-groq-cloud-api#27 (2026-05), koassistant#106 (2026-09)",
        ),
        Note(
            "Thinking comes in `reasoning`. That this model takes a `reasoning_effort` is likely, not confirmed.",
            "console.groq.com: reasoning",
        ),
        Note(
            "An answer that is held to a schema is not streamed.", "langchain#23629 (2024-06), any-llm#1178 (2026-07)"
        ),
    )
    thinking = 800

    def refused(self, body: Body) -> Scripted | None:
        if body.get("stream") and "response_format" in body:
            return refusal(400, "`response_format` does not support streaming", type="invalid_request_error")
        if holds(body.get("response_format"), "minItems"):
            told = (
                "invalid schema for response format: response_format/json_schema/sentences: minItems is not supported"
            )
            return refusal(400, told, type="invalid_request_error")
        return None

    def message(self, written: Written, form: Form) -> dict[str, Any]:
        return {"content": written.text, "reasoning": written.thinking}


class DeepSeek(Provider):
    """DeepSeek, whose models think unless told otherwise."""

    name = "DeepSeek"
    about = "Its models think unless told otherwise."
    env = "OPENAI_BASE_URL=https://api.deepseek.com\nOPENAI_API_KEY=sk-...\nDRAGOMAN_MODEL=deepseek-v4-flash"
    optional = """DRAGOMAN_EXTRA_BODY='{"thinking": {"type": "disabled"}}'"""
    optional_for = "no thinking, and then the schema is enforced by a tool"
    notes = (
        Note(
            "`json_schema` is refused, in words that name the form and no parameter.",
            "llm-exe#662 (2026-07), Vane#969 (2026-01)",
        ),
        Note("While it thinks, no tool can be demanded.", "DeepSeek-V3#1376 (2026-08), litellm#37470 (2026-07)"),
        Note("A JSON object needs the word json in the prompt.", "api-docs.deepseek.com: JSON output"),
        Note(
            "`max_completion_tokens` is not listed among its parameters; that it is ignored in silence is likely, not "
            "confirmed.",
            "openstory#1317 (2026-08)",
        ),
        Note("Empty lines come before the answer while a request waits.", "api-docs.deepseek.com: rate limit"),
        Note(
            "Where thinking uses up the limit, content is empty and all of it is billed.", "DeepSeek-V3#1610 (2026-08)"
        ),
        Note("Content that it will not read is a 400 with the words alone.", "BettaFish#108 (2025-11)"),
        Note("402: the balance is spent.", "api-docs.deepseek.com: error codes, continue#11787 (2026-03)"),
    )
    thinking = 2_200
    limits = ("max_tokens",)
    usual_limit = 32_000
    heeds = frozenset({"json_object", "tool"})

    def refused(self, body: Body) -> Scripted | None:
        form = (body.get("response_format") or {}).get("type")
        if form == "json_schema":
            return self.wrong("This response_format type is unavailable now")
        if form == "json_object" and not any("json" in text_of(one).lower() for one in body["messages"]):
            return self.wrong(
                "Prompt must contain the word 'json' in some form to use 'response_format' of type 'json_object'."
            )
        if forced_tool(body) and self.thought(body):
            return self.wrong("Thinking mode does not support this tool_choice")
        return None

    def wrong(self, message: str) -> Scripted:
        return refusal(400, message, type="invalid_request_error", param=None, code="invalid_request_error")

    def unknown_model(self, name: str) -> Scripted:
        return self.wrong("Model Not Exist")

    def thought(self, body: Body) -> int:
        return 0 if body.get("thinking") == {"type": "disabled"} else self.thinks

    def message(self, written: Written, form: Form) -> dict[str, Any]:
        return {"content": written.text, "reasoning_content": written.thinking}

    def response(self, completion: Mapping[str, Any]) -> Scripted:
        return Scripted(body=b"\n\n\n" + json.dumps(completion).encode())


HOSTED = (OpenAI, Azure, Gemini, Anthropic, Mistral, Groq, DeepSeek)
