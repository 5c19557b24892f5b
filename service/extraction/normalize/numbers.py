"""What a figure in words or digits allows as its least and greatest value, and where amounts stand in a sentence.

None is the answer wherever the words leave it open ("dozens", "half of 300") or the digits are no amount ("T-72",
"5th"): a wrong number is worse than none. `number_values` reads the numbers; `amount_patterns` has the words around
them.
"""

import re
from collections.abc import Sequence

from service.extraction.normalize.amount_patterns import SPELLED, AmountPatterns, amount_patterns
from service.extraction.normalize.number_values import (
    has_open_scale,
    is_number,
    numbers,
    respelled,
    spelled,
    with_halves,
)

_MOST_PHRASES = 8
_NEAR = 60
"""Code points before a figure in which it is bounded or named."""
_YEAR = re.compile(r"(?:1[89]|20)\d{2}")


def least(words: str, language: str | None = None) -> float | None:
    """The least value that the words allow; None if they set no lower bound."""
    found = numbers(words, language)
    return None if not found or (len(found) == 1 and amount_patterns(language).at_most.search(words)) else min(found)


def greatest(words: str, language: str | None = None) -> float | None:
    """The greatest value that the words allow; None if they set no upper bound."""
    found = numbers(words, language)
    return None if not found or (len(found) == 1 and amount_patterns(language).at_least.search(words)) else max(found)


def is_approximate(words: str, language: str | None = None) -> bool:
    """Whether words leave a figure open: "about 35", "at least three", "20 to 30", "dozens"."""
    patterns = amount_patterns(language)
    found, code = numbers(words, language), spelled(language)
    if found and min(found) < max(found):
        return True
    words = with_halves(words, patterns, code)
    return any(
        pattern.search(words)
        for pattern in (patterns.at_least, patterns.at_most, patterns.about, patterns.vague, patterns.round_number)
    ) or (not found and code in SPELLED and has_open_scale(words, patterns, code))


def what_is_counted(words: str, language: str | None = None) -> str:
    """What the words of a figure count: "rebels" in "23 rebels", nothing in "at least fifteen"."""
    ends = [match.end() for match in amount_patterns(language).amount.finditer(words) if _is_amount(match[0], language)]
    return words[ends[-1] :].strip() if ends else ""


def amount_phrases(sentence: str, language: str | None = None) -> tuple[str, ...] | None:
    """Amounts in a sentence with what bounds them and the words they count, in order, each once, at most 8.

    None where number words of the language cannot be told, so that there may be amounts which are not seen.
    """
    found = amount_spans(sentence, language)
    return None if found is None else amount_texts(sentence, found)


def amount_texts(sentence: str, places: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    """The amounts at some places of a sentence, each once, at most 8."""
    return tuple(dict.fromkeys(sentence[start:end] for start, end in places))[:_MOST_PHRASES]


def amount_spans(sentence: str, language: str | None = None) -> list[tuple[int, int]] | None:
    """Where the amounts stand, and None where `amount_phrases` is None."""
    patterns = amount_patterns(language)
    found: list[tuple[int, int]] = []
    end = 0
    none = [match.span() for match in patterns.not_amount.finditer(sentence)]
    for match in patterns.amount.finditer(sentence):
        counts = _is_amount(match[0], language) or patterns.article_before_scale.match(sentence, match.start())
        if match.start() < end or not counts or any(start <= match.start() < stop for start, stop in none):
            continue
        near = max(end, match.start() - _NEAR)
        if patterns.named_before.search(sentence, near, match.start()) or _is_year(sentence, match, patterns):
            continue
        span = _whole_amount(sentence, near, match, patterns, language)
        if span:
            found.append(span)
            end = span[1]
    return None if not found and spelled(language) not in SPELLED else found


def _is_year(sentence: str, figure: re.Match[str], patterns: AmountPatterns) -> bool:
    """Whether a figure is a year rather than an amount: "in 2019", but not "in 2019 villages"."""
    near = max(0, figure.start() - _NEAR)
    before = _YEAR.fullmatch(figure[0]) and patterns.year.search(sentence, near, figure.start())
    return bool(before) and not patterns.counted.match(sentence, figure.end())


def _whole_amount(
    sentence: str, after: int, match: re.Match[str], patterns: AmountPatterns, language: str | None
) -> tuple[int, int] | None:
    """An amount from what bounds it, which stands behind a place, as far as what it counts; None for a pronoun."""
    start, last = match.start(), _number_end(sentence, match, patterns, language)
    between = patterns.before_range.search(sentence, after, start)
    joint = patterns.range_joint.match(sentence, last) or (between and patterns.range_word.match(sentence, last))
    second = joint and patterns.amount.match(sentence, joint.end())
    if second and _is_amount(second[0], language):
        start, last = between.start() if between else start, _number_end(sentence, second, patterns, language)
    before = patterns.bound.search(sentence, after, start)
    rest = patterns.vague_plural_rest if patterns.vague_plural.fullmatch(match[0]) else patterns.scale_rest
    more = rest.match(sentence, last)
    counted = patterns.counted.match(sentence, more.end() if more else last)
    if not counted and patterns.pronoun.fullmatch(match[0]):
        return None
    if counted or patterns.vague_plural.fullmatch(match[0]):
        last = counted.end() if counted else more.end() if more else last
    return before.start() if before else start, last


def _number_end(sentence: str, match: re.Match[str], patterns: AmountPatterns, language: str | None) -> int:
    """Where a number ends that may have several words: "treinta y dos"."""
    end, code = match.end(), spelled(language)
    while (
        not any(char.isdigit() for char in match[0])
        and (more := patterns.next_number_word.match(sentence, end))
        and is_number(sentence[match.start() : more.end()], code)
    ):
        end = more.end()
    while part := patterns.next_part.match(sentence, end):
        end = part.end()
    unit = patterns.attached_unit.match(sentence, end)
    return unit.end() if unit else end


def _is_amount(word: str, language: str | None) -> bool:
    code, patterns = spelled(language), amount_patterns(language)
    if any(char.isdigit() for char in respelled(word, patterns)):
        return True
    if any(known.fullmatch(word) for known in (patterns.vague, patterns.round_number, patterns.multiplied)):
        return True
    return (
        code in SPELLED and not patterns.number_article.fullmatch(word) and is_number(respelled(word, patterns), code)
    )
