"""The JSON in what a model wrote, without reasoning, fences and prose around it; of several objects the right one."""

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

# Raw line breaks stand in the strings of many models' JSON.
_DECODER = json.JSONDecoder(strict=False)
_WORK = 32
"""How often, on average, a character may be looked at for objects that turn out to be none."""
_MOST_FAILURES = 2_000
"""Python's decoder counts the lines up to each error, so that the number of errors has to be bounded too."""
_THOUGHT = re.compile(
    r"<(?P<closing>/?)(?:think(?:ing)?|thought|reason(?:ing)?|reflection|analysis|scratchpad|draft)\b[^<>]{0,80}>",
    re.IGNORECASE,
)
_MOST_WRITTEN = 1_000_000
_UNREADABLE = re.compile(r"[\x00-\x1f]|\\u[dD][89a-fA-F]")
"""What pydantic's reader may refuse: control characters and escapes of surrogates, which may lack their other half."""
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}\[\]]', re.DOTALL)
_MOST_BROKEN = 8

Fits = Callable[[str], bool]


def answer_in(written: str, fits: Fits) -> str:
    """The last JSON object that fits, else the last one, else all that was written.

    Args:
        written: content of a message. An object in reasoning, in tags such as `<think>`, is a draft.
        fits: whether some JSON is an answer to the question. It is called only where there are several objects.
    """
    found = _scan(written)
    said = [written[start:end] for start, end in found.objects]
    if not said:
        start = written.find("{", found.begin)
        return written[start if start >= 0 else found.begin :].strip()
    if len(said) > 1:
        said = [text for text in map(readable, said) if fits(text)] or said
    return readable(said[-1])


def whole_in(written: str, fits: Fits) -> str | None:
    """What stands whole in an answer that was broken off: the object closed behind the last whole item of its list.

    None where there is no such item. Nothing is added but the brackets that close what was open.
    """
    found = _scan(written)
    ends = (_closed(written[start:]) for start in reversed(found.broken))
    return next((text for text in map(readable, filter(None, ends)) if fits(text)), None)


def starts_in(written: str) -> bool:
    """Whether an object was begun outside of reasoning."""
    found = _scan(written)
    return bool(found.objects or found.broken)


def readable(text: str) -> str:
    """The same JSON without what strict readers refuse; half a surrogate pair becomes U+FFFD, as in browsers."""
    if not _UNREADABLE.search(text):
        return text
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return text
    return without_halves(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def without_halves(text: str) -> str:
    """Text whose surrogates are joined to characters; those that lack the other half become U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


@dataclass(slots=True)
class _Scan:
    begin: int = 0
    """Where the answer begins: behind what was thought."""
    objects: list[tuple[int, int]] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)
    """Where objects begin that are not whole."""


def _scan(written: str) -> _Scan:
    found = _Scan()
    if len(written) > _MOST_WRITTEN:
        return found  # no model's answer: it would take seconds to look through
    spans = list(_spans(written, found.broken))
    tags = [tag for tag in _THOUGHT.finditer(written) if not _inside(spans, tag.start())]
    end_of_answer = len(written)
    if tags:
        last = tags[-1]
        if last["closing"]:
            found.begin = last.end()
        else:
            # Still thinking: what comes after the tag is no answer, but what came before it may be one.
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
    """The outermost objects of a text, in order; where one begins that is broken goes to `broken`."""
    work, failures = _WORK * len(text), 0
    at = text.find("{")
    while at >= 0 and work > 0 and failures < _MOST_FAILURES:
        try:
            _, end = _DECODER.raw_decode(text, at)
        except RecursionError:
            return
        except json.JSONDecodeError as error:
            # An unterminated string is read to the end of the text, though its error names its beginning.
            failures += 1
            work -= (len(text) if error.msg.startswith("Unterminated") else error.pos) - at + 1
            if len(broken) < _MOST_BROKEN:
                broken.append(at)
            at = text.find("{", at + 1)
        else:
            yield at, end
            at = text.find("{", end)


def _closed(text: str) -> str | None:
    """A broken object, closed behind the last whole object of a list that is directly in it."""
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
