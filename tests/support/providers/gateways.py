"""Gateways, which put a face of their own on the models of others."""

import json
from collections.abc import Mapping
from typing import Any

from tests.support.model_server import Scripted, refusal
from tests.support.providers.hosted import OpenAI
from tests.support.providers.provider import Body, Form, Note, Provider, Written


class OpenRouter(Provider):
    """OpenRouter with an open model that thinks."""

    name = "OpenRouter"
    about = "An open model that thinks, at whichever upstream has it."
    env = "OPENAI_BASE_URL=https://openrouter.ai/api/v1\nOPENAI_API_KEY=sk-or-...\nDRAGOMAN_MODEL=qwen/qwen3-235b-a22b"
    optional = """DRAGOMAN_EXTRA_BODY='{"reasoning": {"enabled": false}}'"""
    optional_for = "no thinking"
    notes = (
        Note(
            "An upstream's error may come with status 200, as an object with the real status as its `code`, and "
            "without "
            "choices.",
            "openrouter.ai: errors and debugging, inspect_ai#1534 (2025-03), pydantic-ai#2323 (2025-07)",
        ),
        Note("The upstream's own words are JSON in `metadata.raw`.", "dottxt-ai/outlines#1666 (2025-06)"),
        Note(
            "Parameters that an upstream lacks are dropped in silence, a schema too: the answer may be free prose.",
            "openstory#1302, openstory#1317 (2026-08)",
        ),
        Note(
            "402 may mean that a shorter answer would be affordable.",
            "openclaude#1125 (2026-05), Agora#8 (2026-06)",
        ),
        Note("A finish reason `error` is one that may pass.", "openrouter.ai: API announcement (2025-01-23)"),
        Note("White space may come before the answer.", "cline#60 (2024-08)"),
    )
    thinking = 2_400

    def thought(self, body: Body) -> int:
        return 0 if body.get("reasoning") == {"enabled": False} else super().thought(body)

    def message(self, written: Written, form: Form) -> dict[str, Any]:
        return {"content": written.text, "reasoning": written.thinking, "refusal": None}

    def unknown_model(self, name: str) -> Scripted:
        return self.error(400, f"{name} is not a valid model ID")

    def wrong_key(self) -> Scripted:
        return self.error(401, "User not found.")

    def response(self, completion: Mapping[str, Any]) -> Scripted:
        return Scripted(body=b"\n         \n" + json.dumps(completion).encode())

    @staticmethod
    def error(code: int, message: str, *, status: int | None = None, **metadata: Any) -> Scripted:
        """Its error; `status` is the one of HTTP, where that is another one."""
        said = {"error": {"message": message, "code": code, "metadata": metadata}, "user_id": "user_1"}
        return Scripted(status or code, said)


class LiteLLM(OpenAI):
    """LiteLLM's proxy in front of OpenAI."""

    name = "LiteLLM"
    about = "The proxy in front of a model of OpenAI's that thinks."
    env = "OPENAI_BASE_URL=http://localhost:4000/v1\nOPENAI_API_KEY=sk-...\nDRAGOMAN_MODEL=gpt-5-mini"
    notes = (
        Note(
            "Errors are long texts with the upstream's JSON inside; `code` is a text, `type` null or the text None, "
            "`param` null even where the upstream named one.",
            "litellm#13327 (2025-08), litellm#37761 (2026)",
        ),
        Note(
            "A temperature that the upstream would not take is refused by the proxy.",
            "litellm-vscode-chat#18 (2026-01), litellm#14146 (2025-09), litellm#39829 (2026-09)",
        ),
        Note("An unknown model is a 400.", "Decepticon#747 (2026-07), litellm#8821 (2025-02)"),
        Note("A content filter's refusal is wrapped twice.", "litellm#16231 (2025-11)"),
        Note(
            "Finish reasons that it does not know become `stop`: a failure may look like an end.",
            "litellm: core_helpers.py at 004c2c43",
        ),
    )

    def wrong_temperature(self) -> Scripted:
        told = (
            "litellm.UnsupportedParamsError: gpt-5 models (including gpt-5-codex) don't support temperature=0.0. "
            "Only temperature=1 is supported. For gpt-5.1, temperature is supported when reasoning_effort='none'. "
            "To drop unsupported params set `litellm.drop_params = True`. Received Model Group=gpt-5-mini\n"
            "Available Model Group Fallbacks=None"
        )
        return self.error(told)

    def unknown_model(self, name: str) -> Scripted:
        told = (
            f"/chat/completions: Invalid model name passed in model={name}. Call `/v1/models` to view available models "
            "for your key."
        )
        return self.error(told)

    @staticmethod
    def error(message: str, status: int = 400) -> Scripted:
        return refusal(status, message, type="None", param=None, code=str(status))


class BedrockGateway(Provider):
    """The gateway that AWS gives as a sample, in front of a model that thinks."""

    name = "Bedrock access gateway"
    about = "The sample gateway of AWS, in front of a model that thinks."
    env = (
        "OPENAI_BASE_URL=https://GATEWAY/api/v1\nOPENAI_API_KEY=...\n"
        "DRAGOMAN_MODEL=us.anthropic.claude-sonnet-4-20250514-v1:0"
    )
    notes = (
        Note(
            "`response_format` is unknown to it and ignored in silence; `strict` too.",
            "aws-samples/bedrock-access-gateway: schema.py at 95794585 (2026-05-14)",
        ),
        Note("Thinking stands in `<think>` before the answer.", "aws-samples/bedrock-access-gateway: bedrock.py"),
        Note(
            "Errors are a `detail`, in AWS's words; an unknown model is a 400, a request that does not validate a 400 "
            "of plain text.",
            "aws-samples/bedrock-access-gateway: app.py, schema.py",
        ),
        Note("Models behind it refuse bounds of lists in a schema, some a temperature.", "vercel/ai#17597 (2026-07)"),
    )
    thinking = 1_200
    heeds = frozenset({"tool"})

    def wrong_key(self) -> Scripted:
        return Scripted(401, {"detail": "Invalid API Key"})

    def unknown_model(self, name: str) -> Scripted:
        told = f"Unsupported model {name}, please use models API to get a list of supported models"
        return Scripted(400, {"detail": told})

    @staticmethod
    def validation(message: str) -> Scripted:
        """What Bedrock says of a request, as the gateway passes it on."""
        told = f"An error occurred (ValidationException) when calling the Converse operation: {message}"
        return Scripted(400, {"detail": told})

    def message(self, written: Written, form: Form) -> dict[str, Any]:
        thinking = f"<think>{written.thinking}</think>" if written.thought else ""
        return {"content": thinking + written.text, "reasoning_content": None}

    def knows_model(self, name: str) -> bool:
        return name == self.model

    def refused(self, body: Body) -> Scripted | None:
        if body.get("reasoning_effort") not in (None, "low", "medium", "high"):
            told = b"1 validation error\nbody.reasoning_effort\n  Input should be 'low', 'medium' or 'high'"
            return Scripted(400, told, {"Content-Type": "text/plain; charset=utf-8"})
        return None


GATEWAYS = (OpenRouter, LiteLLM, BedrockGateway)
