"""What a large model's tokens cost: list prices, from `prices.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens of one model; `cached` are prompt tokens that the provider had in its cache."""

    model: str
    prompt: float
    cached: float
    completion: float
    seen: str
    source: str

    def cents(self, tally: Mapping[str, float]) -> float:
        """US cents for the tokens that `evals.costs` has counted."""
        cached = tally["cost.cached_tokens"]
        dollars = (tally["cost.prompt_tokens"] - cached) * self.prompt + cached * self.cached
        return 100 * (dollars + tally["cost.completion_tokens"] * self.completion) / _MILLION


def _read() -> tuple[Price, ...]:
    said = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return tuple(Price(**price) for price in said["price"])


PRICES = _read()


def told() -> str:
    """All prices, a line each, with where they are from."""
    return "\n".join(
        f"- {price.model}: ${price.prompt:g} for a million prompt tokens, ${price.cached:g} for cached ones, "
        f"${price.completion:g} for completion tokens ({price.seen}; {price.source})"
        for price in PRICES
    )
