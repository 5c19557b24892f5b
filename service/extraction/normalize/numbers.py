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

from service.extraction.normalize.amount_patterns import AmountPatterns, amount_patterns
from service.extraction.text.language import subtag

_NEXT_WORD = re.compile(r"([\s\u00a0-]*)([^\W\d_]+)")
_NEAR = 40
"""Code points before a number in which it is told to be a share of something."""
_MOST_PHRASES = 8
_CURRENCY = re.compile(r"[$€£¥₴₽₺]")
_SPELLED = frozenset({"en", "fr", "es", "pt", "de", "it", "nl"})
"""Languages in which text2num reads number words."""
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
    of = amount_patterns(language)
    return any(pattern.search(words) for pattern in (of.at_least, of.at_most, of.about, of.vague))


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
    of = amount_patterns(language)
    found: list[tuple[int, int]] = []
    end = 0
    for match in of.amount.finditer(sentence):
        if match.start() < end or not _is_amount(match[0], language):
            continue
        before = of.bound.search(sentence, end, match.start())
        more = of.vague_plural_rest.match(sentence, match.end()) if of.vague_plural.fullmatch(match[0]) else None
        last = more.end() if more else match.end()
        after = of.counted.match(sentence, last)
        if not after and of.pronoun.fullmatch(match[0]):
            continue
        start, end = before.start() if before else match.start(), after.end() if after else last
        found.append((start, end))
    return None if not found and _spelled(language) not in _SPELLED else found


def _spelled(language: str | None) -> str:
    """The language in which number words are read."""
    return subtag(language) or "en"


def _is_amount(word: str, language: str | None) -> bool:
    if any(char.isdigit() for char in word):
        return True
    code = _spelled(language)
    return bool(amount_patterns(language).vague.fullmatch(word)) or (code in _SPELLED and _is_number(word, code))


def _numbers(words: str, language: str | None) -> list[float]:
    of = amount_patterns(language)
    if of.vague.search(words):
        return []
    text = _in_digits(words.translate(_ARABIC_MARKS), _spelled(language))
    found: list[float] = []
    end, last_scale = 0, 1
    for match in of.number.finditer(text):
        between = text[end : match.start()]
        if found and of.share.search(between[-_NEAR:]):  # "11 of 78" counts eleven
            continue
        scale = _scale(text, match.end(), of)
        if scale is None or (found and last_scale > 1 and not between):  # "3万5千" is one number in two parts
            return []
        if found and last_scale == 1 < scale and of.range.fullmatch(between):  # "60 to 75 million"
            found[-1] *= scale
        found.append(_value(match[0]) * scale)
        end, last_scale = match.end() + len(_scale_signs(text, match.end(), of)), scale
    return found if all(map(isfinite, found)) else []


def _in_digits(words: str, language: str) -> str:
    """Number words as digits, where the language is known; the words themselves if they mix both or leave a rest."""
    if language not in _SPELLED or any(char.isdigit() for char in words):
        return words
    text = alpha2digit(words, language)
    rest = (word for word in _SPELLED_WORD.findall(text) if _is_number(word, language))
    return words if any(rest) else text


@cache
def _is_number(word: str, language: str) -> bool:
    try:
        text2num(word.lower(), language)
    except ValueError:
        return False
    return True


def _scale(text: str, end: int, of: AmountPatterns) -> int | None:
    """What a number is multiplied by for the words after it; None if they may mean metres or millions."""
    signs = _scale_signs(text, end, of)
    if signs:
        return prod(scale for sign in signs for scale in [_scale_of(sign, of.scale_signs)] if scale)
    following = _NEXT_WORD.match(text, end)
    if not following:
        return 1
    gap, word = following.groups()
    if not gap and (scale := _scale_of(word, of.attached_scales)):
        return scale
    if not gap and (scale := _scale_of(word, of.money_scales)):
        return scale if _CURRENCY.search(text) else None
    return _scale_of(word, of.scales) or 1


def _scale_of(word: str, scales: Mapping[int, re.Pattern[str]]) -> int | None:
    return next((scale for scale, words in scales.items() if words.fullmatch(word)), None)


def _scale_signs(text: str, end: int, of: AmountPatterns) -> str:
    return "".join(takewhile(lambda sign: _scale_of(sign, of.scale_signs), text[end : end + 4]))


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
