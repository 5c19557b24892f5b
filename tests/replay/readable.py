"""Cassettes that a reviewer can read: YAML whose JSON bodies are YAML too, with the text of prompts line by line."""

import json
import math
from typing import Any

import yaml

_BREAKS_OF_YAML = frozenset("\x85\u2028\u2029")
"""YAML 1.1 takes these for line ends and would give back another character, unless they stand escaped in quotes."""


# libyaml's, where PyYAML was built with it, reads a cassette ten times faster.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.Node:
    style = '"' if _BREAKS_OF_YAML & set(text) else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def serialize(cassette: dict[str, Any]) -> str:
    """Write a cassette as vcrpy hands it over."""
    interactions = [_map_bodies(interaction, _parsed) for interaction in cassette["interactions"]]
    return yaml.dump(
        {**cassette, "interactions": interactions},
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        width=math.inf,
    )


def deserialize(text: str) -> dict[str, Any]:
    """Read a cassette as vcrpy wants it."""
    cassette = yaml.load(text, Loader=_Loader)
    interactions = [_map_bodies(interaction, _unparsed) for interaction in cassette["interactions"]]
    return {**cassette, "interactions": interactions}


def _map_bodies(interaction: dict[str, Any], change: Any) -> dict[str, Any]:
    request, response = interaction["request"], interaction["response"]
    return {
        "request": {**request, "body": change(request["body"])},
        "response": {**response, "body": {"string": change(response["body"]["string"])}},
    }


def _parsed(body: str | None) -> Any:
    try:
        value = json.loads(body or "")
    except ValueError:
        return body
    return value if isinstance(value, dict) else body


def _unparsed(body: Any) -> Any:
    return json.dumps(body, ensure_ascii=False) if isinstance(body, dict) else body
