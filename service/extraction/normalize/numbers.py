"""What a figure in words or digits allows as its least and greatest value, and where amounts stand in a sentence.

None is the answer wherever the words leave it open ("dozens", "half of 300") or the digits are no amount ("T-72",
"5th"): a wrong number is worse than none. text2num reads number words; `amount_patterns` has the words around them.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import takewhile
from math import isfinite, prod

from text_to_num import alpha2digit, text2num

from service.extraction.normalize.amount_patterns import SPELLED, AmountPatterns, amount_patterns
from service.extraction.text.language import subtag

_WORD_BEFORE = re.compile(r"([^\W_]+)[\s\u00a0]\Z")
_NEXT_WORD = re.compile(r"([\s\u00a0-]*)([^\W\d_]+)")
_NEAR = 40
"""Code points before a number in which it is told to be a share of something."""
_MOST_PHRASES = 8
_CURRENCY = re.compile(r"[$€£¥₴₽₺]")
_SPELLED_WORD = re.compile(r"[^\W\d_]+")
_ARABIC_MARKS = str.maketrans({"٫": ".", "٬": ","})


def least(words: str, language: str | None = None) -> float | None:
    """The least value that the words allow; None if they set no lower bound."""
    found = _numbers(words, language)
    return None if not found or (len(found) == 1 and amount_patterns(language).at_most.search(words)) else min(found)


def greatest(words: str, language: str | None = None) -> float | None:
    """The greatest value that the words allow; None if they set no upper bound."""
    found = _numbers(words, language)
    return None if not found or (len(found) == 1 and amount_patterns(language).at_least.search(words)) else max(found)


def is_approximate(words: str, language: str | None = None) -> bool:
    """Whether words leave a figure open: "about 35", "at least three", "dozens"."""
    patterns = amount_patterns(language)
    return any(
        pattern.search(words)
        for pattern in (patterns.at_least, patterns.at_most, patterns.about, patterns.vague, patterns.round_number)
    )


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
    for match in patterns.amount.finditer(sentence):
        counts = _is_amount(match[0], language) or patterns.article_before_scale.match(sentence, match.start())
        if match.start() < end or not counts:
            continue
        span = _whole_amount(sentence, end, match, patterns, language)
        if span:
            found.append(span)
            end = span[1]
    return None if not found and _spelled(language) not in SPELLED else found


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
    end, code = match.end(), _spelled(language)
    while (
        not any(char.isdigit() for char in match[0])
        and (more := patterns.next_number_word.match(sentence, end))
        and _is_number(sentence[match.start() : more.end()], code)
    ):
        end = more.end()
    unit = patterns.attached_unit.match(sentence, end)
    return unit.end() if unit else end


def _spelled(language: str | None) -> str:
    """The language in which number words are read."""
    return subtag(language) or "en"


def _is_amount(word: str, language: str | None) -> bool:
    if any(char.isdigit() for char in word):
        return True
    code, patterns = _spelled(language), amount_patterns(language)
    if patterns.vague.fullmatch(word) or patterns.round_number.fullmatch(word):
        return True
    return (
        code in SPELLED and not patterns.number_article.fullmatch(word) and _is_number(_respelled(word, patterns), code)
    )


def _numbers(words: str, language: str | None) -> list[float]:
    patterns = amount_patterns(language)
    code = _spelled(language)
    if any(not _is_scale(words, word, patterns, code) for word in patterns.vague.finditer(words)):
        return []
    text = _in_digits(words.translate(_ARABIC_MARKS), patterns, code)
    found: list[float] = []
    end, last_scale = 0, 1
    for match in patterns.number.finditer(text):
        between = text[end : match.start()]
        if found and patterns.share.search(between[-_NEAR:]):  # "11 of 78" counts eleven
            continue
        scale = _scale(text, match.end(), patterns)
        # "3万5千" and "3 mil 500" are one number in two parts.
        parts = found and last_scale > 1 and (not between or _scale_of(between.strip(), patterns.scales))
        if scale is None or parts:
            return []
        if found and last_scale == 1 < scale and patterns.range.fullmatch(between):  # "60 to 75 million"
            found[-1] *= scale
        found.append(_value(match[0]) * scale)
        end, last_scale = match.end() + len(_scale_signs(text, match.end(), patterns)), scale
    return found if all(map(isfinite, found)) else []


def _is_scale(words: str, vague: re.Match[str], patterns: AmountPatterns, language: str) -> bool:
    """Whether a vague word only scales the number before it, as "milliers" in "trois milliers"."""
    before = _WORD_BEFORE.search(words, 0, vague.start())
    number = before and (before[1].isdigit() or (language in SPELLED and _is_number(before[1], language)))
    return bool(number) and _scale_of(vague[0], patterns.scales) is not None


def _in_digits(words: str, patterns: AmountPatterns, language: str) -> str:
    """Number words as digits, where the language is known; the words themselves if they mix both or leave a rest."""
    for number, nouns in patterns.round_numbers.items():
        words = nouns.sub(str(number), words)
    if language not in SPELLED or any(char.isdigit() for char in words):
        return words
    # "One" and "two" are read only of a language whose articles for one are known.
    least_read = 2 if patterns.has_number_articles else 3
    text = alpha2digit(_respelled(patterns.about.sub(" ", words), patterns), language, least_read)
    rest = [word for word in _SPELLED_WORD.findall(text) if _is_number(word, language)]
    if rest and not any(char.isdigit() for char in text) and all(map(patterns.number_article.fullmatch, rest)):
        return patterns.number_article.sub("1", text, count=1)
    return words if rest else text


def _respelled(words: str, patterns: AmountPatterns) -> str:
    for known, others in patterns.spellings.items():
        words = others.sub(known, words)
    return words


@cache
def _is_number(word: str, language: str) -> bool:
    try:
        text2num(word.lower(), language)
    except ValueError:
        return False
    return True


def _scale(text: str, end: int, patterns: AmountPatterns) -> int | None:
    """What a number is multiplied by for the words after it; None if they may mean metres or millions."""
    signs = _scale_signs(text, end, patterns)
    if signs:
        return prod(scale for sign in signs for scale in [_scale_of(sign, patterns.scale_signs)] if scale)
    following = _NEXT_WORD.match(text, end)
    if not following:
        return 1
    gap, word = following.groups()
    if not gap and (scale := _scale_of(word, patterns.attached_scales)):
        return scale
    if not gap and (scale := _scale_of(word, patterns.money_scales)):
        return scale if _CURRENCY.search(text) else None
    return _scale_of(word, patterns.scales) or 1


def _scale_of(word: str, scales: Mapping[int, re.Pattern[str]]) -> int | None:
    return next((scale for scale, words in scales.items() if words.fullmatch(word)), None)


def _scale_signs(text: str, end: int, patterns: AmountPatterns) -> str:
    return "".join(takewhile(lambda sign: _scale_of(sign, patterns.scale_signs), text[end : end + 4]))


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
