"""Every setting, its default and what it does. Read once, at the edge, and passed down as values.

The table in README.md is made from this module (`make docs`), and a test checks that it is current.
"""

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from service.strategy import Strategy

OUR_HEADERS = frozenset({"connection", "content-length", "content-type", "host", "transfer-encoding"})
OUR_MEMBERS = frozenset(
    {"model", "messages", "response_format", "tools", "tool_choice", "max_tokens", "max_completion_tokens", "stream"}
)
"""Members of a request that say what is asked, and in which form."""


def _named(name: str) -> str:
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):  # RFC 9110, 5.6.2
        raise ValueError("the name of a header has to be of letters, digits and -")
    if name.lower() in OUR_HEADERS:
        raise ValueError(f"the header {name} is set by the connection itself")
    return name


def _sendable(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if not text.isascii() or not text.isprintable() or text != text.strip():
        raise ValueError("the value of a header has to be visible ASCII without spaces around it")
    return value


HeaderName = Annotated[str, AfterValidator(_named)]
HeaderValue = Annotated[SecretStr, AfterValidator(_sendable)]

OPENAI_MODEL = "gpt-4o-mini"
"""Asked at OpenAI's own address where no model is named."""


class SettingError(ValueError):
    """A setting has the right form and cannot be used; the message names it and repeats no secret."""


class ProfileName(StrEnum):
    AUTO = "auto"
    OPENAI = "openai"
    LLAMA_CPP = "llama_cpp"
    VLLM = "vllm"
    OLLAMA = "ollama"
    JSON_OBJECT = "json_object"


class Settings(BaseSettings):
    """Settings from environment variables."""

    model_config = SettingsConfigDict(
        env_prefix="DRAGOMAN_",
        extra="ignore",
        populate_by_name=True,
        hide_input_in_errors=True,  # a wrong value may be a key
    )

    openai_base_url: str | None = Field(
        default=None,
        validation_alias=AliasChoices("OPENAI_BASE_URL", "openai_base_url"),
        description="Address of the OpenAI-compatible server, with its `/v1`. Unset: OpenAI's own.",
    )
    openai_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("OPENAI_API_KEY", "openai_api_key"),
        description="Key for that server. Never logged, never returned.",
    )
    model: str | None = Field(
        default=None,
        description="Name of the model on that server. Unset: `gpt-4o-mini` at OpenAI; any other server needs a name, "
        "and `dragoman check` lists those that it has.",
    )
    profile: ProfileName = Field(
        default=ProfileName.AUTO,
        description="How the server is asked. `auto`: as OpenAI documents it, then as the server turns out to want it. "
        "For those who know: `openai`, `llama_cpp`, `vllm`, `ollama` or `json_object`.",
    )
    answer_tokens: int | None = Field(
        default=None,
        ge=16,
        description="Least room for one answer in tokens, thinking included. Unset: what an answer needs, and more "
        "once the model turns out to think.",
    )
    reasoning_effort: str | None = Field(
        default=None,
        max_length=40,
        description="How much a model that thinks is to think, in its server's words, such as `low` or `none`. Unset: "
        "not said.",
    )
    extra_body: Annotated[dict[str, Any], NoDecode] = Field(
        default_factory=dict,
        description="JSON object whose members go into every request, such as "
        '`{"chat_template_kwargs": {"enable_thinking": false}}`.',
    )
    extra_headers: Annotated[dict[HeaderName, HeaderValue], NoDecode] = Field(
        default_factory=dict,
        description='JSON object of headers that go with every call, such as `{"X-Team": "news"}`. Their values '
        "are never logged.",
    )
    context_tokens: int | None = Field(
        default=None, ge=1_024, description="Context size of the model in tokens. Unset: the profile's."
    )
    window_tokens: int | None = Field(
        default=None, ge=64, description="Most article tokens shown in one call. Unset: the profile's."
    )
    field_guide: bool = Field(
        default=True,
        description="Describe every field in the prompts of `search` and `candidates`. `False`: shorter prompts, for "
        "very small models.",
    )
    strategy: Strategy = Field(
        default=Strategy.GUIDED,
        description="How records are looked for. `guided`: the model is told what every kind, field and value means "
        "and finds all kinds in one answer (one kind at a time with `llama_cpp` and `ollama`); for large models. "
        "`search`: one kind at a time, by examples. `candidates`: code finds sentences that may state a record, the "
        "model judges them; for small models.",
    )
    kinds_dir: Path | None = Field(
        default=None,
        description="Folder with further kinds of records, a Python package each (docs/adding-a-kind.md). Its code is "
        "run.",
    )
    prompts_dir: Path | None = Field(
        default=None,
        description="Folder laid out as `prompts/` is: a file in it replaces the one of the same name, or is added "
        "(docs/changing-prompts.md).",
    )
    api_keys: Annotated[list[SecretStr], NoDecode] = Field(
        default_factory=list,
        description="Comma-separated bearer keys that callers must send. Unset: no key, and loopback only.",
    )
    host: str = Field(default="127.0.0.1", description="Address the service binds to.")
    port: int = Field(default=8080, ge=0, le=65_535, description="Port the service binds to.")
    max_chars: int = Field(default=200_000, ge=1, description="Longest article, in Unicode code points.")
    max_questions: int = Field(
        default=2_000,
        ge=1,
        description="Most questions about one article: a call each, or a few where one is repeated. `failures` names "
        "what is not asked.",
    )
    deadline_seconds: float = Field(
        default=300.0, gt=0, description="Time for one article, where the request names none."
    )
    max_deadline_seconds: float = Field(default=900.0, gt=0, description="Longest deadline a request may name.")
    max_articles: int = Field(
        default=64,
        ge=1,
        description="Articles in work per process for callers who wait; beyond it 503. Jobs are not counted.",
    )
    max_calls: int = Field(default=32, ge=1, description="Model calls in flight per process; more wait.")
    max_calls_per_prompt: int | None = Field(
        default=None,
        ge=1,
        description="Of these, calls that begin with the same instructions. `1` lets a llama.cpp server with a slot "
        "for each kind read them once. Unset: no limit of their own.",
    )
    max_attempts: int = Field(default=5, ge=1, description="Tries per call when the transport fails.")
    breaker_failures: int = Field(
        default=5,
        ge=1,
        description="Failed model calls in a row after which the model server is left alone for a while; articles get "
        "503 meanwhile.",
    )
    breaker_seconds: float = Field(
        default=30.0,
        gt=0,
        description="Longest such pause; the first is a second, each one more twice as long. An outage as long as this "
        "is waited out by articles in work.",
    )
    reasks: int = Field(default=1, ge=0, description="Times an unusable or ungrounded answer is asked again.")
    grace_seconds: float = Field(
        default=300.0, ge=0, description="After SIGTERM: time in which articles in work are finished; then 503."
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="Where jobs are kept: `postgresql://…` or `sqlite:///FILE`. Unset: a file in the user's data "
        "directory.",
    )
    broker_url: SecretStr | None = Field(
        default=None,
        description="`amqp://…` of a RabbitMQ whose workers (`dragoman worker`) carry the jobs out. Unset: the service "
        "does it itself.",
    )
    queue_prefix: str = Field(
        default="dragoman", pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$", description="What queues' names begin with."
    )
    job_concurrency: int = Field(
        default=4,
        ge=1,
        description="Jobs in work per process: a worker, or a service without a broker, where they come on top of "
        "`DRAGOMAN_MAX_ARTICLES`.",
    )
    job_attempts: int = Field(
        default=6,
        ge=1,
        description="Tries per job. Between them it waits, from seconds to ten minutes, and holds up no other.",
    )
    job_hours: float = Field(
        default=24.0,
        gt=0,
        le=8_760,
        description="Hours in which a job has to end, from when it was taken in. One that has not fails, even while "
        "the model server is away or no worker runs.",
    )
    result_days: float = Field(default=7.0, gt=0, description="Days that an ended job and its result are kept.")
    max_batch_lines: int = Field(default=1_000, ge=1, description="Most articles in one batch.")
    max_batch_bytes: int = Field(default=64 * 1024 * 1024, ge=1, description="Largest body of a batch.")
    webhook_secrets: Annotated[list[SecretStr], NoDecode] = Field(
        default_factory=list,
        description="Comma-separated `whsec_…` secrets that webhooks are signed with (several while one replaces "
        "another). Unset: no `callback_url` is taken.",
    )
    webhook_private: bool = Field(
        default=False, description="Whether webhooks may go to private and loopback addresses, and over `http`."
    )
    public_url: str = Field(
        default="",
        description="Address under which callers reach the service, such as `https://dragoman.example.org`: what "
        "webhooks put before the path of a result, and a name by which browsers may call it.",
    )
    cache_dir: Path | None = Field(
        default=None, description="Where model weights are kept. Unset: the user's cache directory."
    )
    hub_endpoint: str = Field(
        default="https://huggingface.co",
        validation_alias=AliasChoices("HF_ENDPOINT", "hub_endpoint"),
        description="Model hub that `dragoman model pull --from ORG/REPO:FILE` fetches from.",
    )
    hub_token: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("HF_TOKEN", "hub_token"),
        description="Key for repositories of that hub which are not public.",
    )
    log_level: str = Field(default="INFO", description="`DEBUG`, `INFO`, `WARNING` or `ERROR`.")

    @property
    def model_name(self) -> str:
        """The model that is asked.

        Raises:
            SettingError: a server of one's own was named, and no model of it.
        """
        if self.model is None and self.openai_base_url is not None:
            raise SettingError("DRAGOMAN_MODEL: name a model of that server; `dragoman check` lists them.")
        return self.model or OPENAI_MODEL

    def environment(self) -> dict[str, str]:
        """The environment variables with which another process has these settings."""
        said: dict[str, str] = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, list):
                value = ",".join(key.get_secret_value() for key in value)
            elif isinstance(value, dict):
                value = json.dumps(_plain(value)) if value else ""
            elif isinstance(value, SecretStr):
                value = value.get_secret_value()
            if value is not None and value != "":
                said[variable(name)] = str(value)
        return said

    @field_validator("extra_body", "extra_headers", mode="before")
    @classmethod
    def _read_json(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value.strip() else {}
        except ValueError:
            raise ValueError("has to be a JSON object") from None

    @field_validator("extra_body")
    @classmethod
    def _check_members(cls, value: dict[str, Any]) -> dict[str, Any]:
        if ours := OUR_MEMBERS.intersection(value):
            raise ValueError(f"{', '.join(sorted(ours))}: what is asked, and in which form, is no extra")
        try:
            json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        except ValueError:
            raise ValueError("has to hold numbers and texts that JSON can carry") from None
        return value

    @field_validator("api_keys", "webhook_secrets", mode="before")
    @classmethod
    def _split_keys(cls, value: object) -> object:
        if isinstance(value, str):
            return [key.strip() for key in value.split(",") if key.strip()]
        return value


def _plain(members: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value for name, value in members.items()
    }


def variable(name: str) -> str:
    """The environment variable of a setting."""
    alias = Settings.model_fields[name].validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else f"DRAGOMAN_{name.upper()}"
