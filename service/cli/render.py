"""Renders records as text for a terminal. Works for any kind: the output follows from the records' fields."""

import shutil
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import click

from schemas.draft import has_role, marked
from schemas.fields import Closed, Derived, Evidence, Mention, Record
from schemas.result import Extraction

_WIDEST = 110
_NOTHING: tuple[Any, ...] = (None, [], "unknown", "unspecified", "other")
"""Values that tell a reader nothing; the JSON answer has them."""


def render(extraction: Extraction, *, title: str) -> str:
    """Lay an answer out as text for a terminal."""
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    lines = [click.style(title, bold=True), _summary(extraction), ""]
    for kind, records in extraction.records.items():
        heading = f"{kind.replace('_', ' ').upper()}  ({len(records)})"
        lines.append(click.style(heading, fg="cyan", bold=True))
        for number, record in enumerate(records, 1):
            lines += _record(number, record, width)
        lines.append("")
    return "\n".join([*lines, *_remarks(extraction)])


def _summary(extraction: Extraction) -> str:
    found = sum(map(len, extraction.records.values()))
    return (
        f"{found} records from {extraction.sentences} sentences, {extraction.status}; {extraction.model}, "
        f"{extraction.usage.calls} calls, {extraction.duration_seconds:.0f} s"
    )


def _record(number: int, record: Record, width: int) -> Iterator[str]:
    shown = "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in _fields(record).items())
    lead = f"{number:>3}. "
    yield from textwrap.wrap(shown, width, initial_indent=lead, subsequent_indent=" " * len(lead))
    for evidence in record.evidence:
        yield from _sentence(evidence, width)


def _sentence(evidence: Evidence, width: int) -> Iterator[str]:
    said = f"[{evidence.sentence}] {' '.join(evidence.text.split())}"
    for line in textwrap.wrap(said, width, initial_indent="     | ", subsequent_indent="     |     "):
        yield click.style(line, dim=True)


def _fields(record: Closed) -> dict[str, str]:
    """Name and text of each field that says something; a derived value stands behind the field it comes from."""
    shown: dict[str, str] = {}
    for name, field in type(record).model_fields.items():
        value = getattr(record, name)
        mark = marked(field, Derived)
        if name == "evidence" or value in _NOTHING:
            continue
        if mark and mark.of[0] in shown:
            beside = f" ({_text(value)})"
            shown[mark.of[0]] += "" if shown[mark.of[0]].endswith(beside) else beside
        elif not mark:
            shown[name] = " … ".join(map(_text, value)) if has_role(field, "words") else _text(value)
    return shown


def _text(value: Any) -> str:
    if isinstance(value, Mention):
        return " ".join(value.text.split())
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    if isinstance(value, Closed):
        parts = {name: said for name, said in _fields(value).items() if getattr(value, name) is not False}
        parts |= {name: name for name in parts if getattr(value, name) is True}
        return ", ".join(parts.values()) if len(parts) < 4 else str(parts)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _remarks(extraction: Extraction) -> Iterator[str]:
    dropped = sum(1 for rejection in extraction.rejected if rejection.field is None)
    emptied = len(extraction.rejected) - dropped
    if extraction.rejected:
        yield (
            f"Left out, because the article does not say it: {dropped} records, {emptied} values of others "
            "(`rejected` in the JSON answer)."
        )
    for failure in extraction.failures:
        yield click.style(
            f"No answer about {failure.kind} in sentences {failure.first_sentence}-{failure.last_sentence}: "
            f"{failure.reason}",
            fg="yellow",
        )


def rebuild(answer: Mapping[str, Any], kinds: Mapping[str, type[Record]]) -> Extraction:
    """Read an answer that came as JSON: its records become their kinds' own models again."""
    records = {kind: [kinds[kind].model_validate(item) for item in items] for kind, items in answer["records"].items()}
    return Extraction.model_validate({**answer, "records": records})
