"""Extracts the JSON of an answer from a model's text, which may have reasoning, code fences and prose around it."""

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

# Not strict: many models write raw line breaks into the strings of their JSON.
_DECODER = json.JSONDecoder(strict=False)
_WORK_PER_CHARACTER = 32
"""How often, on average, a character may be scanned for objects that turn out to be malformed."""
_MAX_FAILURES = 2_000
"""Python's decoder counts the lines up to each error, which is why the number of errors is limited too."""
_REASONING_TAG = re.compile(
    r"<(?P<closing>/?)(?:think(?:ing)?|thought|reason(?:ing)?|reflection|analysis|scratchpad|draft)\b[^<>]{0,80}>",
    re.IGNORECASE,
)
_MAX_LENGTH = 1_000_000
_UNSAFE = re.compile(r"[\x00-\x1f]|\\u[dD][89a-fA-F]")
"""What pydantic's JSON parser may refuse: control characters, and escapes of surrogates, which may be unpaired."""
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}\[\]]', re.DOTALL)
_MAX_BROKEN = 8

IsAnswer = Callable[[str], bool]


def extract_answer(text: str, is_answer: IsAnswer) -> str:
    """The last JSON object that is an answer, or else the last JSON object, or else the whole text.

    Args:
        text: content of a message. Objects in reasoning, in tags such as `<think>`, are drafts and do not count.
        is_answer: whether some JSON is an answer to the question. Called only if there are several objects.
    """
    found = _scan(text)
    candidates = [text[start:end] for start, end in found.objects]
    if not candidates:
        start = text.find("{", found.begin)
        return text[start if start >= 0 else found.begin :].strip()
    if len(candidates) > 1:
        candidates = [text for text in map(normalize, candidates) if is_answer(text)] or candidates
    return normalize(candidates[-1])


def complete_truncated(text: str, is_answer: IsAnswer) -> str | None:
    """The complete part of an answer that was cut off: its object, closed after the last complete item of its list.

    None if there is no complete item. Nothing is added but the closing brackets.
    """
    found = _scan(text)
    ends = (_close_after_last_item(text[start:]) for start in reversed(found.broken))
    return next((text for text in map(normalize, filter(None, ends)) if is_answer(text)), None)


def has_object(text: str) -> bool:
    """Whether a JSON object begins outside of reasoning."""
    found = _scan(text)
    return bool(found.objects or found.broken)


def normalize(text: str) -> str:
    """The same JSON without what strict parsers refuse; unpaired surrogates become U+FFFD, as in browsers."""
    if not _UNSAFE.search(text):
        return text
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return text
    return replace_lone_surrogates(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def replace_lone_surrogates(text: str) -> str:
    """The text with surrogate pairs joined to characters; unpaired surrogates become U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


@dataclass(slots=True)
class _Scan:
    begin: int = 0
    """Where the answer begins: after the reasoning."""
    objects: list[tuple[int, int]] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)
    """Where incomplete or malformed objects begin."""


def _scan(text: str) -> _Scan:
    found = _Scan()
    if len(text) > _MAX_LENGTH:
        return found  # no real answer is as long, and scanning it would take seconds
    spans = list(_spans(text, found.broken))
    tags = [tag for tag in _REASONING_TAG.finditer(text) if not _inside(spans, tag.start())]
    end_of_answer = len(text)
    if tags:
        last = tags[-1]
        if last["closing"]:
            found.begin = last.end()
        else:
            # The reasoning was not closed: the answer can only be before this tag.
            end_of_answer = last.start()
            before = [tag.end() for tag in tags[:-1] if tag["closing"]]
            found.begin = before[-1] if before else 0
    found.objects = [span for span in spans if found.begin <= span[0] < end_of_answer]
    found.broken = [start for start in found.broken if found.begin <= start < end_of_answer]
    return found


def _inside(spans: Sequence[tuple[int, int]], position: int) -> bool:
    before = bisect_right(spans, (position, position)) - 1
    return before >= 0 and position < spans[before][1]


def _spans(text: str, broken: list[int]) -> Iterator[tuple[int, int]]:
    """The outermost JSON objects of a text, in order. The starts of malformed ones are appended to `broken`."""
    work, failures = _WORK_PER_CHARACTER * len(text), 0
    at = text.find("{")
    while at >= 0 and work > 0 and failures < _MAX_FAILURES:
        try:
            _, end = _DECODER.raw_decode(text, at)
        except RecursionError:
            return
        except json.JSONDecodeError as error:
            # An unterminated string was read to the end of the text, though the error has the position of its start.
            failures += 1
            work -= (len(text) if error.msg.startswith("Unterminated") else error.pos) - at + 1
            if len(broken) < _MAX_BROKEN:
                broken.append(at)
            at = text.find("{", at + 1)
        else:
            yield at, end
            at = text.find("{", end)


def _close_after_last_item(text: str) -> str | None:
    """An incomplete object, closed after the last complete item of a list that is directly in it."""
    open_brackets: list[str] = []
    end: int | None = None
    for token in _TOKEN.finditer(text):
        if token[0].startswith('"'):
            continue
        if token[0] in "{[":
            open_brackets.append(token[0])
            continue
        if not open_brackets or open_brackets.pop() + token[0] not in ("{}", "[]"):
            return None
        if open_brackets == ["{", "["]:
            end = token.end()
    return None if end is None else f"{text[:end]}]}}"
