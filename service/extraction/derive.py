"""What code can know, the model is not asked: countries, dates, figures, quote types.

A rule is named in a kind's `Derived` mark. It gets the values of the fields it reads (records' own models, so a
surface value is a `Mention`) and answers None where the words do not settle the matter: a derived value is never a
guess.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from text_to_num import alpha2digit

from schemas.fields import Derived, Mention
from service.extraction import calendar, countries
from service.extraction.locate import Span
from service.extraction.quotation import Passage

_NUMBER = re.compile(r"(?<![\w.])\d{1,3}(?:[ ,.’'\u00a0\u202f]\d{3})+(?:[.,]\d+)?(?![\d])|\d+(?:[.,]\d+)?")
_SCALES = {
    **dict.fromkeys(("thousand", "тисяч", "тисячі", "тис", "тысяч", "тысячи", "тыс", "bin", "tausend", "ألف"), 10**3),
    **dict.fromkeys(("million", "millions", "млн", "мільйонів", "миллионов", "milyon", "millionen", "مليون"), 10**6),
    **dict.fromkeys(("billion", "billions", "млрд", "мільярдів", "миллиардов", "milyar", "milliarden", "مليار"), 10**9),
}
_AT_LEAST = re.compile(
    r"\b(?:over|more than|at least|no fewer than|no less than|понад|більш(?:е|як) ніж|щонайменше|более|свыше|не менее|"
    r"en az|mehr als|mindestens|plus de|au moins)\b",
    re.IGNORECASE,
)
_AT_MOST = re.compile(
    r"\b(?:up to|at most|fewer than|less than|under|no more than|almost|nearly|до|не більше|не более|en fazla|"
    r"bis zu|höchstens|jusqu'à)\b",
    re.IGNORECASE,
)
_SPELLED = frozenset({"en", "fr", "es", "pt", "de", "it", "nl", "ru", "ca"})
"""Languages in which text2num reads number words."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of an article besides its words. `passages` are all those in quotation marks, in order."""

    passages: tuple[Passage, ...]
    published: date | None
    language: str | None


Rule = Callable[[list[Any], Derived, Surroundings], Any]


def derive(mark: Derived, values: Mapping[str, Any], around: Surroundings) -> Any:
    """Apply a derived field's rule to the values of the fields it names."""
    return _RULES[mark.rule]([values.get(name) for name in mark.of], mark, around)


def rules() -> frozenset[str]:
    """Names of the rules that a kind may use."""
    return frozenset(_RULES)


def _country(values: list[Any], _: Derived, around: Surroundings) -> str | None:
    for value in values:
        codes = {countries.code_of(words, around.language) for words in _surfaces(value)} - {None}
        if codes:
            return codes.pop() if len(codes) == 1 else None
    return None


def _date(values: list[Any], mark: Derived, around: Surroundings) -> str | None:
    surface, *others = values
    if not isinstance(surface, Mention):
        return None
    future = bool(set(mark.options.get("future", "").split()).intersection(other for other in others if other))
    return calendar.edtf(surface.text, published=around.published, future=future, language=around.language)


def _quote_type(values: list[Any], _: Derived, around: Surroundings) -> str:
    """Direct when quotation marks hold all of the words, mixed when they hold a part, else indirect."""
    content = values[0]
    span = Span(content.start, content.end)
    inside = [passage for passage in around.passages if passage.start < span.end and span.start < passage.end]
    if any(Span(*passage.outer).holds(span) for passage in inside):
        return "direct"
    return "mixed" if inside else "indirect"


def _least(values: list[Any], _: Derived, around: Surroundings) -> float | None:
    found = _numbers(values[0].text, around.language)
    return None if not found or (len(found) == 1 and _AT_MOST.search(values[0].text)) else min(found)


def _most(values: list[Any], _: Derived, around: Surroundings) -> float | None:
    found = _numbers(values[0].text, around.language)
    return None if not found or (len(found) == 1 and _AT_LEAST.search(values[0].text)) else max(found)


_RULES: dict[str, Rule] = {
    "country": _country,
    "date": _date,
    "quote_type": _quote_type,
    "least": _least,
    "most": _most,
}


def _surfaces(value: Any) -> list[str]:
    """Words of a surface value: one, several, or the first surface field of each nested model."""
    if isinstance(value, Mention):
        return [value.text]
    if isinstance(value, list):
        return [words for item in value for words in _surfaces(item)]
    nested = [getattr(value, name) for name in type(value).model_fields] if hasattr(value, "model_fields") else []
    return next(([item.text] for item in nested if isinstance(item, Mention)), [])


def _numbers(words: str, language: str | None) -> list[float]:
    code = (language or "en")[:2].lower()
    spelled = code in _SPELLED and not any(char.isdigit() for char in words)
    text = alpha2digit(words, code) if spelled else words
    found: list[float] = []
    for match in _NUMBER.finditer(text):
        scale = re.match(r"[\s\u00a0-]*([^\W\d_]+)", text[match.end() :])
        found.append(_value(match[0]) * _SCALES.get(scale[1].lower() if scale else "", 1))
    return found


def _value(digits: str) -> float:
    """Read a number whose thousands and decimals may be marked the English or the continental way."""
    bare = re.sub(r"[ ’'\u00a0\u202f]", "", digits)
    separators = re.findall(r"[.,]", bare)
    last = max(bare.rfind("."), bare.rfind(","))
    # A mark that occurs once is a decimal mark unless exactly three digits follow it; of two marks it is the later.
    decimal = len(set(separators)) == 2 or (len(separators) == 1 and len(bare) - last - 1 != 3)
    if not decimal:
        return float(re.sub(r"[.,]", "", bare))
    return float(re.sub(r"[.,]", "", bare[:last]) + "." + bare[last + 1 :])
