"""The numbers that words and digits make, each with what scales it: 2,500,000 of "two and a half million".

text2num reads number words; `amount_patterns` has the words around them. Where they mix what cannot be added up, or
leave it open, there is no number.
"""

import re
from collections import deque
from collections.abc import Mapping
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
_ONE = "1"
_AS_BOUND = "+"
"""What a multiplier ends in that counts only behind a lower bound."""
_WORD_BEFORE = re.compile(r"([^\W_]+)[\s\u00a0]\Z")
_LAST_WORD = re.compile(r"[^\W\d_]+(?=[\s\u00a0-]+\Z)")
_NOUN = re.compile(r"\s*[^\W\d_]*\s*")
_NEXT_WORD = re.compile(r"([\s\u00a0-]*)([^\W\d_]+)")
_NEAR = 40
"""Code points before a number in which it is told to be a share of something."""
_CURRENCY = re.compile(r"[$€£¥₴₽₺]")
_SPELLED_WORD = re.compile(r"[^\W\d_]+")
_ARABIC_MARKS = str.maketrans({"٫": ".", "٬": ","})


def numbers(words: str, language: str | None) -> list[float]:
    """The numbers in words, in order; none where one of them is open."""
    patterns, code = amount_patterns(language), spelled(language)
    words = with_halves(patterns.not_amount.sub(" ", words), patterns, code)
    bounds = [said for value, said in patterns.multipliers.items() if value.endswith(_AS_BOUND)]
    if any(said.search(words) for said in bounds) and not patterns.at_least.search(words):
        return []
    one = patterns.multipliers.get(_ONE)
    for value, said in patterns.multipliers.items():
        words = said.sub(f"{value.rstrip(_AS_BOUND)} ", words) if said is not one else words
    found = _read(words, patterns, code)
    return found if found or one is None else _read(one.sub(f"{_ONE} ", words), patterns, code)


def _read(words: str, patterns: AmountPatterns, code: str) -> list[float]:
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


def spelled(language: str | None) -> str:
    """The language in which number words are read."""
    return subtag(language) or "en"


@cache
def is_number(word: str, language: str) -> bool:
    """Whether text2num reads words as a number."""
    try:
        text2num(word.lower(), language)
    except ValueError:
        return False
    return True


def respelled(words: str, patterns: AmountPatterns) -> str:
    """Words with the forms of number words that text2num knows."""
    for known, others in patterns.spellings.items():
        words = others.sub(known, words)
    return words


def has_open_scale(words: str, patterns: AmountPatterns, language: str) -> bool:
    """Whether text2num would take a scale for a number though it is not known of what: "zweieinhalb Millionen"."""
    return any(_is_open(words, scale, patterns, language) for scale in _SPELLED_WORD.finditer(words))


def _is_open(words: str, scale: re.Match[str], patterns: AmountPatterns, code: str) -> bool:
    """Whether nothing that is known tells how often a scale counts: an unknown word, or none before "millions"."""
    value = _scale_of(scale[0], patterns.scales)
    if value is None or not is_number(scale[0], code):
        return False
    before = words[: scale.start()]
    if not before.strip():
        return value >= _WHOLE_SCALES[-1]
    last = _LAST_WORD.search(before)
    number = last is not None and is_number(respelled(last[0], patterns), code)
    return not (number or patterns.before_scale.search(before) or patterns.bound.search(before))


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


def with_halves(words: str, patterns: AmountPatterns, language: str) -> str:
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
    number = before and (before[1].isdigit() or (language in SPELLED and is_number(before[1], language)))
    return bool(number) and _scale_of(vague[0], patterns.scales) is not None


def _in_digits(words: str, patterns: AmountPatterns, language: str) -> str:
    """Number words as digits, where the language is known; the words themselves if they mix both or leave a rest."""
    for number, nouns in patterns.round_numbers.items():
        words = nouns.sub(str(number), words)
    if language not in SPELLED or any(char.isdigit() for char in words) or has_open_scale(words, patterns, language):
        return words
    # "One" and "two" are read only of a language whose articles and pronouns for one are known.
    least_read = 2 if patterns.knows_articles else 3
    text = alpha2digit(respelled(patterns.about.sub(" ", words), patterns), language, least_read)
    rest = [word for word in _SPELLED_WORD.findall(text) if is_number(word, language)]
    if rest and not any(char.isdigit() for char in text) and all(map(patterns.one.fullmatch, rest)):
        return patterns.one.sub("1", text, count=1)
    return words if rest else text


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
    scale = _scale_of(word, patterns.scales) or 1
    more = _NEXT_WORD.match(text, following.end()) if scale > 1 else None
    return scale * (_scale_of(more[2], patterns.scales) or 1) if more and more[1] else scale


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
