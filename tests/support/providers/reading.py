"""What the models of the scripted providers read: every sanction in the sentences that they are shown."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.support.plausible import LINE

Message = Mapping[str, Any]

_SANCTION = re.compile(
    r"^(?P<who>.+?) (?P<action>imposed|extended|lifted) (?:its )?sanctions (?:on|against) (?P<targets>.+?)"
    r"(?: on (?P<day>\w+day))?\.$"
)
_GOING_ON = re.compile(r"^Report only what the sentences from \[(\d+)\] on state", re.MULTILINE)
_BETWEEN = re.compile(r", (?:and )?| and ")


@dataclass(frozen=True)
class Found:
    """A sanction, in the words of the article."""

    sentence: int
    who: str
    action: str
    targets: Sequence[str]
    day: str | None

    @property
    def draft(self) -> dict[str, Any]:
        """As the schema of the service has it."""
        return {
            "sentences": [self.sentence],
            "action": self.action,
            "authorities": [self.who],
            "targets": [{"name": name, "target_type": "company"} for name in self.targets],
            "program": None,
            "measures": [],
            "reason": None,
            "status": "active",
            "date_text": self.day,
        }

    @property
    def loose(self) -> dict[str, Any]:
        """As a model writes it that was not told the schema."""
        return {"imposed_by": self.who, "type": self.action, "sanctioned": list(self.targets)}


def found(messages: Sequence[Message]) -> list[Found]:
    """All sanctions in the article that is shown last."""
    sentences = ((int(number), _SANCTION.match(words)) for number, words in shown(messages))
    return [
        Found(number, match["who"], match["action"], _BETWEEN.split(match["targets"]), match["day"])
        for number, match in sentences
        if match
    ]


def shown(messages: Sequence[Message]) -> list[tuple[str, str]]:
    """The numbers and words of the sentences that are asked about: from the one on that is named, if one is."""
    # After the article there may be a complaint about an earlier answer.
    asked = next(text_of(message) for message in reversed(messages) if LINE.search(text_of(message)))
    begin = _GOING_ON.search(asked)
    return [(number, words) for number, words in LINE.findall(asked) if not begin or int(number) >= int(begin[1])]


def text_of(message: Message) -> str:
    return message.get("content") or ""


def read_tokens(messages: Sequence[Message], *, characters: float = 4.0) -> int:
    """How many tokens a prompt has, at so many characters each."""
    return int(sum(len(text_of(message)) for message in messages) / characters)


def answer_fitting(schema: Mapping[str, Any], messages: Sequence[Message], *, heeds_bounds: bool = True) -> str:
    """The answer of a model that holds to a schema."""
    lists = schema["properties"]
    said = {name: _listed(name, lists[name], messages, heeds_bounds=heeds_bounds) for name in lists}
    return json.dumps(said, ensure_ascii=False)


def _listed(
    name: str, records: Mapping[str, Any], messages: Sequence[Message], *, heeds_bounds: bool
) -> list[dict[str, Any]]:
    """The drafts of one list; it is that of a kind, or of the one kind that is asked about."""
    if name not in {"sanctions", "records"}:
        return []
    fields = records["items"]["properties"]
    drafts = [{name: one.draft[name] for name in fields} for one in found(messages)]
    if heeds_bounds:
        drafts = [_bounded(draft, fields) for draft in drafts[: records.get("maxItems")]]
    return drafts


def loose_answer(messages: Sequence[Message]) -> str:
    """The answer of a model that was told no schema."""
    said = json.dumps({"sanctions": [one.loose for one in found(messages)]}, indent=2, ensure_ascii=False)
    return f"Here is what the article says about sanctions:\n\n```json\n{said}\n```\n\nShall I go into any of them?"


def schema_told(messages: Sequence[Message]) -> Mapping[str, Any] | None:
    """The JSON Schema that stands in a prompt, if one does."""
    return next((said for message in messages for said in _objects(text_of(message)) if "properties" in said), None)


def _bounded(draft: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value[: fields[name].get("maxItems")] if isinstance(value, list) else value
        for name, value in draft.items()
    }


def _objects(text: str) -> Iterator[dict[str, Any]]:
    decoder = json.JSONDecoder()
    at = text.find("{")
    while at >= 0:
        try:
            said, end = decoder.raw_decode(text, at)
        except ValueError:
            end = at + 1
        else:
            yield said
        at = text.find("{", end)
