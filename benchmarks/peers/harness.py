"""What both peers share: their arguments, the loop over the articles, and the meter on their model calls.

A peer is a function from an article's text to whatever the peer says about it. That is saved as it came, beside every
answer of the model, after each article; a run that was cut short goes on where it stopped.
"""

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from importlib.metadata import version
from pathlib import Path
from typing import Any

from openai import APIConnectionError, APITimeoutError
from openai.resources.chat.completions import Completions

from schemas.registry import built_in

MOST_TOKENS = 2_048
"""Longest answer to one call. Without a limit a small model that repeats itself goes on until its context is full."""
TEMPERATURE = 0.0
"""Dragoman's."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a peer is run with; `kinds` are names, none for all.

    `plain` is how somebody with a large model begins: a sentence of instructions, one example at most, and no limit
    that a small model alone needs.
    """

    base_url: str
    model: str
    kinds: tuple[str, ...]
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Peer:
    """A system under comparison. `told` is a hash over its instructions and examples."""

    system: str
    told: str
    extract: Callable[[str], Any]


def main(make: Callable[[Options], Peer]) -> None:
    """Run a peer over a file of articles."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--articles", required=True, type=Path, metavar="FILE.jsonl")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE.json")
    parser.add_argument("--kinds", nargs="+", default=[], choices=built_in().names)
    parser.add_argument("--plain", action="store_true", help="a sentence of instructions, for a large model")
    said = parser.parse_args()
    calls = metered()  # before the peer is made: it may hold on to the SDK's method
    peer = make(Options(said.base_url, said.model, tuple(said.kinds), said.plain))
    about = {
        "system": peer.system,
        "version": version(peer.system),
        "model": said.model,
        "kinds": said.kinds or list(built_in().names),
        "told": peer.told,
    }
    done = _read_before(said.out, about)
    with said.articles.open(encoding="utf-8") as lines:
        articles = list(map(json.loads, lines))
    for number, article in enumerate(articles, 1):
        if article["id"] not in done:
            done[article["id"]] = _read(peer, article, calls)
        entry = done[article["id"]]
        print(
            f"{number}/{len(articles)} {entry['id']}: {entry['seconds']} s {entry.get('error', '').partition(':')[0]}",
            flush=True,
        )
        _save(said.out, {**about, "articles": [done[a["id"]] for a in articles if a["id"] in done]})


def metered() -> list[dict[str, Any]]:
    """The list to which, from now on, every chat completion of this process is added, whoever asks for it.

    The SDK's method is replaced because LangExtract makes a client of its own and reports no usage.
    """
    calls: list[dict[str, Any]] = []
    create = Completions.create

    @wraps(create)
    def counted(*args: Any, **kwargs: Any) -> Any:
        call: dict[str, Any] = {}
        calls.append(call)
        completion = create(*args, **kwargs)
        details = completion.usage.prompt_tokens_details
        call.update(
            prompt_tokens=completion.usage.prompt_tokens,
            cached_tokens=(details.cached_tokens if details else None) or 0,
            completion_tokens=completion.usage.completion_tokens,
            finish_reason=completion.choices[0].finish_reason,
            content=completion.choices[0].message.content,
        )
        return completion

    Completions.create = counted  # type: ignore[method-assign]  # see above
    return calls


def _read(peer: Peer, article: dict[str, Any], calls: list[dict[str, Any]]) -> dict[str, Any]:
    calls.clear()
    entry: dict[str, Any] = {"id": article["id"]}
    started = time.monotonic()
    try:
        entry["said"] = peer.extract(article["text"])
    except Exception as exc:
        # What fails before the model was asked is a fault of ours and no article lost by the peer.
        if not calls or _server_is_gone(exc):
            raise
        entry["error"] = f"{type(exc).__name__}: {exc}"[:500]
    entry["seconds"] = round(time.monotonic() - started, 3)
    entry["usage"] = {
        "calls": len(calls),
        "prompt_tokens": sum(call.get("prompt_tokens", 0) for call in calls),
        "cached_tokens": sum(call.get("cached_tokens", 0) for call in calls),
        "completion_tokens": sum(call.get("completion_tokens", 0) for call in calls),
    }
    entry["calls"] = list(calls)
    return entry


def _server_is_gone(error: BaseException | None) -> bool:
    """Whether there is nobody to ask: then no article is the peer's to lose."""
    while error is not None:
        if isinstance(error, APIConnectionError) and not isinstance(error, APITimeoutError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _read_before(out: Path, about: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Articles of an earlier run that was told the same."""
    if not out.exists():
        return {}
    before = json.loads(out.read_text(encoding="utf-8"))
    same = all(before.get(name) == value for name, value in about.items())
    return {entry["id"]: entry for entry in before["articles"]} if same else {}


def _save(out: Path, run: dict[str, Any]) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f"{out.name}.partial")
    partial.write_text(json.dumps(run, ensure_ascii=False, indent=1), encoding="utf-8")
    partial.replace(out)
