"""Servers that people run themselves."""

from collections.abc import Mapping
from typing import Any

from tests.support.model_server import Received, Scripted, refusal
from tests.support.providers.provider import Body, Form, Note, Provider, Written
from tests.support.providers.reading import read_tokens, text_of


class _Local(Provider):
    """A server without a key."""

    def knows_key(self, headers: Mapping[str, str]) -> bool:
        return True


def _without_thinking(body: Body) -> bool:
    return (body.get("chat_template_kwargs") or {}).get("enable_thinking") is False


class VLLM(_Local):
    """vLLM with a parser of reasoning."""

    name = "vLLM"
    about = "Started with `--reasoning-parser`."
    env = "OPENAI_BASE_URL=http://localhost:8000/v1\nDRAGOMAN_MODEL=Qwen/Qwen3-32B"
    optional = """DRAGOMAN_EXTRA_BODY='{"chat_template_kwargs": {"enable_thinking": false}}'"""
    optional_for = "no thinking"
    notes = (
        Note("Both names of the limit are taken.", "claude-code-best#272 (2026-04)"),
        Note(
            "Thinking comes in `reasoning`, in older versions in `reasoning_content`; without a parser in `<think>`.",
            "vllm-project/router#115 (2026-03)",
        ),
        Note(
            "Where the end of the thinking is missing, all of the answer is filed under it and content is null.",
            "ai-dynamo/dynamo#14991",
        ),
        Note(
            "Errors have had three forms: fields at the top, an object, and a Python list as text for fields that old "
            "versions did not know.",
            "vllm#20409 (2025-07), vllm#33425 (2026-01), void#128 (2024-10)",
        ),
        Note("A schema that its grammar cannot express is refused without a word which.", "vllm#26421 (2025-10)"),
    )
    thinking = 2_600

    def thought(self, body: Body) -> int:
        return 0 if _without_thinking(body) else super().thought(body)

    def message(self, written: Written, form: Form) -> dict[str, Any]:
        return {"content": written.text or None, "reasoning": written.thinking or None, "tool_calls": []}

    def usage(self, written: Written) -> dict[str, Any]:
        return self.plain_usage(written)

    def unknown_model(self, name: str) -> Scripted:
        return refusal(404, f"The model `{name}` does not exist.", type="NotFoundError", param=None, code=404)


class SGLang(_Local):
    name = "SGLang"
    about = "Started with `--reasoning-parser`."
    env = "OPENAI_BASE_URL=http://localhost:30000/v1\nDRAGOMAN_MODEL=Qwen/Qwen3-32B"
    optional = """DRAGOMAN_EXTRA_BODY='{"chat_template_kwargs": {"enable_thinking": false}}'"""
    optional_for = "no thinking; the answer then comes in the field for it, which is read all the same"
    notes = (
        Note("That the model's name is not looked at is likely, not confirmed.", "sglang"),
        Note(
            "With thinking switched off, the answer may come in `reasoning_content` and content be null; tokens of "
            "thinking stand at the top of `usage`.",
            "sglang#14821 (2025-12)",
        ),
        Note("Errors have no object around them.", "sglang: serving_base.py at c5695a4b"),
        Note("A prompt that is too long is told with the numbers of both.", "QwenLM/Qwen3#1321 (2025-04)"),
    )
    thinking = 2_600

    def knows_model(self, name: str) -> bool:
        return True

    def thought(self, body: Body) -> int:
        return 0 if _without_thinking(body) else super().thought(body)

    def message(self, written: Written, form: Form) -> dict[str, Any]:
        if written.thought:
            return {"content": written.text or None, "reasoning_content": written.thinking}
        return {"content": None, "reasoning_content": written.text}

    def usage(self, written: Written) -> dict[str, Any]:
        return {**self.plain_usage(written), "reasoning_tokens": written.thought}


class TGI(_Local):
    name = "Text Generation Inference"
    env = "OPENAI_BASE_URL=http://localhost:3000/v1\nDRAGOMAN_MODEL=tgi"
    notes = (
        Note(
            "`response_format` has a spelling of its own; OpenAI's is refused with a 422 of plain text. Read from its "
            "code, not run.",
            "text-generation-inference: lib.rs at db931fcf (2026-01-08), text-generation-inference#2959 (2025-01)",
        ),
        Note(
            "Tools are enforced by a grammar; grammar and tools together are refused.",
            "text-generation-inference: infer/mod.rs at db931fcf",
        ),
        Note("Errors are a text and an `error_type`.", "text-generation-inference: server.rs at db931fcf"),
        Note(
            "Both names of the limit are one; prompt and answer are bounded together, in one sentence.",
            "text-generation-inference: validation.rs at db931fcf",
        ),
    )
    heeds = frozenset({"tool"})

    def refused(self, body: Body) -> Scripted | None:
        if "max_tokens" in body and "max_completion_tokens" in body:
            return _deserialised("duplicate field `max_tokens`")
        asked = body.get("response_format")
        if asked and body.get("tools"):
            return Scripted(
                422, {"error": "Tool error: Grammar and tools are mutually exclusive", "error_type": "tool_error"}
            )
        if asked and "value" not in asked:
            return _deserialised("response_format: missing field `value` at line 1 column 8192")
        return None

    def usage(self, written: Written) -> dict[str, Any]:
        return self.plain_usage(written)


def _deserialised(why: str) -> Scripted:
    """How a server written in Rust refuses a body."""
    told = f"Failed to deserialize the JSON body into the target type: {why}"
    return Scripted(422, told.encode(), {"Content-Type": "text/plain; charset=utf-8"})


class Ollama(_Local):
    """Ollama with a model that thinks.

    Args:
        context: of prompt and answer together; what is too long of a prompt is dropped in silence.
    """

    name = "Ollama"
    about = (
        "It drops the beginning of a prompt that is too long and does not say so: give the model a context "
        "(`OLLAMA_CONTEXT_LENGTH`) of at least 16,000 tokens, or name the profile `ollama`, which keeps prompts short."
    )
    env = "OPENAI_BASE_URL=http://localhost:11434/v1\nDRAGOMAN_MODEL=qwen3:8b"
    optional = "DRAGOMAN_REASONING_EFFORT=none"
    optional_for = "no thinking"
    notes = (
        Note(
            "JSON Schema is enforced. `max_completion_tokens` and `tool_choice` are not among the fields that it "
            "reads, "
            "nor is a form that it does not know: all are ignored in silence.",
            "ollama: openai.go at fb307609 (2026-08-21)",
        ),
        Note(
            "A prompt that is too long loses its oldest messages, the last one its beginning. The tokens that it says "
            "it read are then a multiple of 1,024, by which `auto` notices. It knows Ollama by its fingerprint.",
            "ollama: server/prompt.go and openai/openai.go at fb307609",
        ),
        Note("Thinking comes in `reasoning` and is not counted apart.", "ollama: openai.go at fb307609"),
        Note("With some models the answer comes there as well, and content is empty.", "ollama#15288 (2026-04)"),
    )
    thinking = 1_800
    limits = ("max_tokens",)

    def __init__(self, *, context: int = 16_384, **chosen: Any) -> None:
        super().__init__(**chosen)
        self.context = context

    def message(self, written: Written, form: Form) -> dict[str, Any]:
        return {"content": written.text, "reasoning": written.thinking}

    def unknown_model(self, name: str) -> Scripted:
        return refusal(404, f"model '{name}' not found", type="not_found_error", param=None, code=None)

    def read(self, body: Body) -> int:
        return read_tokens(self.left(body))

    def left(self, body: Body) -> list[Mapping[str, Any]]:
        """What fits: the instructions and the latest messages; if need be, the end of the last one."""
        first, *others = body["messages"]
        while len(others) > 1 and read_tokens([first, *others]) > self.context:
            others.pop(0)
        too_much = read_tokens([first, *others]) - self.context
        if too_much > 0:
            others = [{**others[0], "content": text_of(others[0])[4 * too_much :]}]
        return [first, *others]

    def said(self, body: Body) -> str:
        return super().said({**body, "messages": self.left(body)})

    def usage(self, written: Written) -> dict[str, Any]:
        return self.plain_usage(written)

    def response(self, completion: Mapping[str, Any]) -> Scripted:
        return super().response({**completion, "system_fingerprint": "fp_ollama"})


class LMStudio(_Local):
    name = "LM Studio"
    about = "The address needs its `/v1`."
    env = "OPENAI_BASE_URL=http://localhost:1234/v1\nDRAGOMAN_MODEL=qwen2.5-14b-instruct"
    notes = (
        Note(
            "JSON Schema is enforced, JSON objects are refused; an error is a text, not an object.",
            "tada#16 (2026-01), arboris-novel#23 (2025-11)",
        ),
        Note(
            "An address without `/v1` is answered with 200 and an error.",
            "lmstudio-bug-tracker#618 (2025-04), lmstudio-bug-tracker#1323 (2025-12)",
        ),
        Note(
            "A prompt that is too long is told as tokens that are to be kept; newer versions answer 200 with an error, "
            "or with nothing.",
            "openclaude#353 (2026-04), lmstudio-bug-tracker#2322, lmstudio-bug-tracker#2339 (2026-08)",
        ),
    )
    heeds = frozenset({"json_schema", "tool"})

    def refused(self, body: Body) -> Scripted | None:
        if (body.get("response_format") or {}).get("type", "text") not in ("json_schema", "text"):
            return Scripted(400, {"error": "'response_format.type' must be 'json_schema' or 'text'"})
        return None

    def wrong_path(self, request: Received) -> Scripted:
        return Scripted(200, {"error": f"Unexpected endpoint or method. ({request.method} {request.path})"})


class LlamaCpp(_Local):
    """llama.cpp's server.

    Args:
        context: of prompt and answer together. Its tokens are shorter than we reckon.
    """

    name = "llama.cpp"
    about = (
        "`make demo` and `make serve` without settings run the built-in model on it, with the profile `llama_cpp`, "
        "which "
        "keeps prompts short for small models."
    )
    env = "OPENAI_BASE_URL=http://localhost:8080/v1\nDRAGOMAN_MODEL=qwen3-8b"
    optional = """DRAGOMAN_EXTRA_BODY='{"chat_template_kwargs": {"enable_thinking": false}}'"""
    optional_for = "no thinking"
    notes = (
        Note("The schema becomes a grammar; `strict` is ignored.", "llama.cpp: server-common.cpp at 006639c3"),
        Note(
            "A grammar that cannot be read is left out, and the answer free, without an error.",
            "llama.cpp#19051 (2026-01)",
        ),
        Note(
            "A prompt that is too long is an `exceed_context_size_error` with both numbers; for some months of 2025 "
            "its "
            "status was 200.",
            "llama.cpp#15780 (2025-09), textgen#7257 (2025-10), continue#9797 (2026-01)",
        ),
        Note(
            "A tool call that is demanded is not enforced: the answer may be content of any shape.",
            "findings/llamacpp-forced-tool-is-not-forced.sh (2026-11-29)",
        ),
        Note("The model's name is not looked at.", "llama.cpp: server-common.cpp at 006639c3"),
        Note("That older versions ignore `max_completion_tokens` is likely, not confirmed.", "llama.cpp"),
    )
    tried = "a scripted server, and the real one with the built-in models (`make demo`, `make test-live`)"
    thinking = 1_800

    def __init__(self, *, context: int = 16_384, **chosen: Any) -> None:
        super().__init__(**chosen)
        self.context = context

    def knows_model(self, name: str) -> bool:
        return True

    def thought(self, body: Body) -> int:
        return 0 if _without_thinking(body) else super().thought(body)

    def refused(self, body: Body) -> Scripted | None:
        if self.read(body) >= self.context:
            return self.too_long(self.read(body), self.context, self.limit(body))
        return None

    def too_long(self, read: int, context: int, limit: int) -> Scripted:
        told = "the request exceeds the available context size, try increasing it"
        error = {"code": 400, "message": told, "type": "exceed_context_size_error"}
        return Scripted(400, {"error": {**error, "n_prompt_tokens": read, "n_ctx": context}})

    def read(self, body: Body) -> int:
        return read_tokens(body["messages"], characters=3.6)

    def limit(self, body: Body) -> int:
        return min(super().limit(body), max(1, self.context - self.read(body)))

    def message(self, written: Written, form: Form) -> dict[str, Any]:
        return {"content": written.text, "reasoning_content": written.thinking}

    def usage(self, written: Written) -> dict[str, Any]:
        return self.plain_usage(written)


class Older(_Local):
    """A server that knows what OpenAI's knew in 2023, and refuses everything else, one thing at a time."""

    name = "An older compatible server"
    about = "It knows what OpenAI's knew in the summer of 2023, and refuses everything else, one thing at a time."
    env = "OPENAI_BASE_URL=http://localhost:8000/v1\nDRAGOMAN_MODEL=mistral-7b-instruct"
    notes = (
        Note(
            "`response_format`, tools and `max_completion_tokens` are arguments that it does not recognise.",
            "openai-php/client#251 (2023-11), llm_wiki#336 (2026-06)",
        ),
    )
    limits = ("max_tokens",)
    heeds = frozenset()
    known = frozenset({"model", "messages", "temperature", "max_tokens"})

    def refused(self, body: Body) -> Scripted | None:
        unknown = next((name for name in reversed(body) if name not in self.known), None)
        if unknown is None:
            return None
        told = f"Unrecognized request argument supplied: {unknown}"
        return refusal(400, told, type="invalid_request_error", param=None, code=None)

    def usage(self, written: Written) -> dict[str, Any]:
        return self.plain_usage(written)


LOCAL = (VLLM, SGLang, TGI, Ollama, LMStudio, LlamaCpp, Older)
