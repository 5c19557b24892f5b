"""What a figure in words or digits allows as its least and greatest value, and where amounts stand in a sentence.

None is the answer wherever the words leave it open ("dozens", "half of 300") or the digits are no amount ("T-72",
"5th"): a wrong number is worse than none. text2num reads number words; `amount_patterns` has the words around them.
"""

import re
from collections import deque
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import takewhile
from math import isfinite, prod

from text_to_num import alpha2digit, text2num

from service.extraction.normalize.amount_patterns import SPELLED, AmountPatterns, amount_patterns
from service.extraction.text.language import subtag

_THOUSAND = 1000
_WHOLE_SCALES = (10**12, 10**9, 10**6)
_SPELLED_SCALES = (10**9, 10**6, 1000, 100)
_FRACTIONS = {"½": 0.5, "¼": 0.25, "¾": 0.75}
_WORD_BEFORE = re.compile(r"([^\W_]+)[\s\u00a0]\Z")
_NOUN = re.compile(r"\s*[^\W\d_]*\s*")
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
    words = _with_halves(words, patterns, _spelled(language))
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
        if match.start() < end or not counts or patterns.named_before.search(sentence, end, match.start()):
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
    while part := patterns.next_part.match(sentence, end):
        end = part.end()
    unit = patterns.attached_unit.match(sentence, end)
    return unit.end() if unit else end


def _spelled(language: str | None) -> str:
    """The language in which number words are read."""
    return subtag(language) or "en"


def _is_amount(word: str, language: str | None) -> bool:
    code, patterns = _spelled(language), amount_patterns(language)
    if any(char.isdigit() for char in _respelled(word, patterns)):
        return True
    if patterns.vague.fullmatch(word) or patterns.round_number.fullmatch(word):
        return True
    return (
        code in SPELLED and not patterns.number_article.fullmatch(word) and _is_number(_respelled(word, patterns), code)
    )


def _numbers(words: str, language: str | None) -> list[float]:
    patterns = amount_patterns(language)
    code = _spelled(language)
    words = _with_halves(words, patterns, code)
    if any(not _is_scale(words, word, patterns, code) for word in patterns.vague.finditer(words)):
        return []
    text = _in_digits(words.translate(_ARABIC_MARKS), patterns, code)
    found: list[float] = []
    end, last_scale = 0, 1
    for match in patterns.number.finditer(text):
        between = text[end : match.start()]
        if found and patterns.share.search(between[-_NEAR:]):  # "11 of 78" counts eleven
            continue
        if patterns.named_before.search(text, 0, match.start()):
            continue
        value, scale = _value(match[0]), _scale(text, match.end(), patterns)
        if scale is None:
            return []
        if found and last_scale > 1 and (not between or _scale_of(between.strip(), patterns.scales)):
            joined = _joined(found.pop(), last_scale, value, scale)
            if joined is None:
                return []
            found.append(joined)
        else:
            if found and last_scale == 1 and patterns.range.fullmatch(between):
                found[-1] *= scale if scale > 1 else _left_out_scale(found[-1], value, words)
            found.append(value * scale)
        end, last_scale = match.end() + len(_scale_signs(text, match.end(), patterns)), scale
    return found if all(map(isfinite, found)) else []


def _left_out_scale(first: float, second: float, words: str) -> int:
    """What "two" is multiplied by in "two to three thousand", where the second figure is written out with its scale."""
    if any(char.isdigit() for char in words):
        return 1
    return next((scale for scale in _SPELLED_SCALES if second % scale == 0 and first < second / scale), 1)


def _joined(number: float, scale: int, value: float, next_scale: int) -> float | None:
    """A number in two parts, "3万5千" or "3 mil 500 millones"; None if the second does not go on with the first.

    Args:
        number: the first part, which `scale` has multiplied.
        scale: how much its last digit counts.
        value: the second part, not multiplied.
        next_scale: what follows the second part, and multiplies both if it is greater.

    """
    if next_scale > scale > value:
        return (number + value) * next_scale
    return number + value * next_scale if value * next_scale < scale else None


def _with_halves(words: str, patterns: AmountPatterns, language: str) -> str:
    """Words in which "two and a half million" and "deux millions et demi" have one figure; else the words as they are.

    A half is one of what was named last: of a million in "deux millions et demi".
    """
    half = patterns.half.search(words)
    text = _in_digits(words[: half.start()], patterns, language) if half else ""
    number = deque(patterns.number.finditer(text), maxlen=1)
    if half is None or not number or not number[0][0].isdigit():
        return words
    value, behind = int(number[0][0]), text[number[0].end() :]
    if not _NOUN.fullmatch(behind):
        return words
    part = next((scale for scale in _WHOLE_SCALES if value % scale == 0), 1)
    if value == 0 or value >= _THOUSAND * part or (part > 1 and behind.strip()):
        return words
    # Written out, as the decimal mark of one language is the thousands mark of another.
    more = f"{value}½" if part == 1 else str(value + part // 2)
    return text[: number[0].start()] + more + behind + words[half.end() :]


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
    # "One" and "two" are read only of a language whose articles and pronouns for one are known.
    least_read = 2 if patterns.knows_articles else 3
    text = alpha2digit(_respelled(patterns.about.sub(" ", words), patterns), language, least_read)
    rest = [word for word in _SPELLED_WORD.findall(text) if _is_number(word, language)]
    if rest and not any(char.isdigit() for char in text) and all(map(patterns.one.fullmatch, rest)):
        return patterns.one.sub("1", text, count=1)
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
    if digits[-1] in _FRACTIONS:
        return _value(digits[:-1]) + _FRACTIONS[digits[-1]]
    bare = re.sub(r"[ ’'\u00a0\u202f]", "", digits)
    separators = re.findall(r"[.,]", bare)
    last = max(bare.rfind("."), bare.rfind(","))
    # A mark that occurs once is a decimal mark unless exactly three digits follow it; of two marks it is the later.
    decimal = len(set(separators)) == 2 or (len(separators) == 1 and len(bare) - last - 1 != 3)
    if not decimal:
        return float(re.sub(r"[.,]", "", bare))
    return float(re.sub(r"[.,]", "", bare[:last]) + "." + bare[last + 1 :])
