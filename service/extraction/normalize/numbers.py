"""What a figure in words or digits allows as its least and greatest value.

None is the answer wherever the words leave it open ("dozens", "half of 300") or the digits are no amount ("T-72",
"5th"): a wrong number is worse than none.
"""

import re
from collections.abc import Sequence
from functools import cache
from itertools import takewhile
from math import isfinite, prod

from text_to_num import alpha2digit, text2num

_LETTER = "A-Za-zÀ-ɏͰ-ϿЀ-ӿ"
_NUMBER = re.compile(
    rf"(?<![{_LETTER}\d])(?<![{_LETTER}]-)(?<!\d[.,])"  # neither T-72 nor M4 nor a part of 1.2.3
    r"(?:\d{1,3}(?:[ ,.’'\u00a0\u202f]\d{3})++(?!\d)(?:[.,]\d++)?+|\d++(?:[.,]\d++)?+)"
    rf"(?!(?:st|nd|rd|th|mm)\b|-[{_LETTER}]{{1,2}}\b|[.,]\d)"  # neither 5th, 41-ша nor 155mm
)
_WORDS_OF_SCALE = {
    10**3: "thousand тисяч тисячі тисячу тис тысяч тысячи тысячу тыс bin tausend mille mil ألف آلاف k",
    10**6: "million millions млн мільйон мільйона мільйонів миллион миллиона миллионов milyon millionen mln mn مليون",
    10**9: "billion billions млрд мільярд мільярда мільярдів миллиард миллиарда миллиардов milyar milliarden "
    "milliard milliards mrd bn مليار",
}
_SCALES = {word: scale for scale, words in _WORDS_OF_SCALE.items() for word in words.split()}
_IDEOGRAPHS = {"百": 10**2, "千": 10**3, "万": 10**4, "萬": 10**4, "만": 10**4, "亿": 10**8, "億": 10**8, "억": 10**8}
_NEXT_WORD = re.compile(r"([\s\u00a0-]*)([^\W\d_]+)")
_BETWEEN = re.compile(r"\s*(?:[-–—~]|to|and|до|и|і|й|та|bis|und|ile|à|et|a|y|至|到)\s*", re.IGNORECASE)
_SHARE = re.compile(r"\b(?:of|out of|з|із|из|von|sur)\s+(?:the\s+)?$", re.IGNORECASE)
_NEAR = 40
"""Code points before a number in which such a word stands."""
_VAGUE = re.compile(
    r"\b(?:tens|dozens?|scores|hundreds|thousands|several|few|half|thirds?|quarters?|десятки|сотні|сотни|половин\w*|"
    r"кілька|несколько|halbe?|mehrere|Hunderte|Tausende|moitié|plusieurs|yarım|birkaç)\b|半|几|數|数",
    re.IGNORECASE,
)
_AT_LEAST = re.compile(
    r"\b(?:over|(?<!no )more than|at least|no (?:fewer|less) than|or more|minimum|понад|(?<!не )більше?|щонайменше|"
    r"не менше?|(?<!не )бол(?:ее|ьше)|свыше|не мен(?:ее|ьше)|минимум|en az|fazla|aşkın|üzerinde|über|mehr als|"
    r"mindestens|plus de|au moins|más de|al menos)\b|أكثر من|ما لا يقل عن|超过|超過|逾|多|至少|以上|\+",
    re.IGNORECASE,
)
_AT_MOST = re.compile(
    r"\b(?:up to|at most|(?<!no )(?:fewer|less) than|under|no more than|almost|nearly|or (?:fewer|less)|до|майже|почти|"
    r"(?<!не )менше?|(?<!не )мен(?:ее|ьше)|не більше?|не бол(?:ее|ьше)|en fazla|yaklaşan|bis zu|höchstens|unter|"
    r"weniger als|jusqu['’]à|moins de|hasta|menos de)\b|أقل من|ما يصل إلى|不到|近|最多|至多|以下",
    re.IGNORECASE,
)
_MANY = re.compile(
    r"(?:\s+(?:of|von)\s+(?:hundreds|thousands|millions|Tausenden)|\s+(?:тисяч|тысяч))?(?:\s+of(?=\s+(?!the\b)[^\W\d_]))?"
)
"""Behind "tens" or "hundreds": of what, and the preposition before what is counted."""
_HUNDREDS = re.compile(
    r"(?:tens|dozens|scores|hundreds|thousands|десятки|сотні|сотни|Hunderte|Zehntausende)", re.IGNORECASE
)
_AMOUNT = re.compile(rf"{_NUMBER.pattern}%?|[^\W\d_]+(?:-[^\W\d_]+)*")
_ABOUT = re.compile(
    r"\b(?:about|around|some|roughly|approximately|близько|приблизно|около|примерно|yaklaşık|rund|etwa)\b",
    re.IGNORECASE,
)
_BOUND = re.compile(
    rf"(?:(?:{_AT_LEAST.pattern}|{_AT_MOST.pattern}|{_ABOUT.pattern})\s+(?:an?\s+|the\s+)?)\Z", re.IGNORECASE
)
_COUNTED = re.compile(
    r"(?:[\s\u00a0-]+(?!(?:and|or|of|in|on|at|to|by|with|from|near|were|was|had|have|as|und|oder|in|im|am|bei|nach|von|vom|auf|aus|і|та|й|у|в|на|з|и|"
    r"с|из|ve|ile|ise|the)\b)[^\W\d_]+){1,2}",
    re.IGNORECASE,
)
_PRONOUNS = frozenset({"one", "eine", "einer", "ein", "un", "uno", "una"})
_MOST_PHRASES = 8
_CURRENCY = re.compile(r"[$€£¥₴₽₺]")
_SPELLED = frozenset({"en", "fr", "es", "pt", "de", "it", "nl"})
"""Languages in which text2num reads number words."""
_SPELLED_WORD = re.compile(r"[^\W\d_]+")
_ARABIC_MARKS = str.maketrans({"٫": ".", "٬": ","})


def least(words: str, language: str | None = None) -> float | None:
    """The least value that the words allow; None if they set no lower bound."""
    found = _numbers(words, language)
    return None if not found or (len(found) == 1 and _AT_MOST.search(words)) else min(found)


def greatest(words: str, language: str | None = None) -> float | None:
    """The greatest value that the words allow; None if they set no upper bound."""
    found = _numbers(words, language)
    return None if not found or (len(found) == 1 and _AT_LEAST.search(words)) else max(found)


def is_approximate(words: str) -> bool:
    """Whether words leave a figure open: "about 35", "at least three", "dozens"."""
    return any(pattern.search(words) for pattern in (_AT_LEAST, _AT_MOST, _ABOUT, _VAGUE))


def what_is_counted(words: str, language: str | None = None) -> str:
    """What the words of a figure count: "rebels" in "23 rebels", nothing in "at least fifteen"."""
    code = (language or "en")[:2].lower()
    ends = [match.end() for match in _AMOUNT.finditer(words) if _is_amount(match[0], code)]
    return words[ends[-1] :].strip() if ends else ""


def phrases(sentence: str, language: str | None = None) -> tuple[str, ...] | None:
    """Amounts in a sentence with what bounds them and the words they count, in order, each once, at most 8.

    None where number words of the language cannot be told, so that there may be amounts which are not seen.
    """
    found = amounts(sentence, language)
    return None if found is None else said(sentence, found)


def said(sentence: str, places: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    """The amounts at some places of a sentence, each once, at most 8."""
    return tuple(dict.fromkeys(sentence[start:end] for start, end in places))[:_MOST_PHRASES]


def amounts(sentence: str, language: str | None = None) -> list[tuple[int, int]] | None:
    """Where the amounts stand, and None where `phrases` is None."""
    code = (language or "en")[:2].lower()
    found: list[tuple[int, int]] = []
    end = 0
    for match in _AMOUNT.finditer(sentence):
        if match.start() < end or not _is_amount(match[0], code):
            continue
        before = _BOUND.search(sentence, end, match.start())
        many = _MANY.match(sentence, match.end()) if _HUNDREDS.fullmatch(match[0]) else None
        last = many.end() if many else match.end()
        after = _COUNTED.match(sentence, last)
        if not after and match[0].lower() in _PRONOUNS:
            continue
        start, end = before.start() if before else match.start(), after.end() if after else last
        found.append((start, end))
    return None if not found and code not in _SPELLED else found


def _is_amount(word: str, language: str) -> bool:
    if any(char.isdigit() for char in word):
        return True
    return bool(_VAGUE.fullmatch(word)) or (language in _SPELLED and _is_number(word, language))


def _numbers(words: str, language: str | None) -> list[float]:
    if _VAGUE.search(words):
        return []
    text = _in_digits(words.translate(_ARABIC_MARKS), (language or "en")[:2].lower())
    found: list[float] = []
    end, last_scale = 0, 1
    for match in _NUMBER.finditer(text):
        between = text[end : match.start()]
        if found and _SHARE.search(between[-_NEAR:]):  # "11 of 78" counts eleven
            continue
        scale = _scale(text, match.end())
        if scale is None or (found and last_scale > 1 and not between):  # "3万5千" is one number in two parts
            return []
        if found and last_scale == 1 < scale and _BETWEEN.fullmatch(between):  # "60 to 75 million"
            found[-1] *= scale
        found.append(_value(match[0]) * scale)
        end, last_scale = match.end() + len(_ideographs(text, match.end())), scale
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


def _scale(text: str, end: int) -> int | None:
    """What a number is multiplied by for the words after it; None if they may mean metres or millions."""
    ideographs = _ideographs(text, end)
    if ideographs:
        return prod(_IDEOGRAPHS[char] for char in ideographs)
    following = _NEXT_WORD.match(text, end)
    if not following:
        return 1
    gap, word = following[1], following[2].lower()
    if word == "m" and not gap:
        return 10**6 if _CURRENCY.search(text) else None
    return 1 if word == "k" and gap else _SCALES.get(word, 1)


def _ideographs(text: str, end: int) -> str:
    return "".join(takewhile(_IDEOGRAPHS.__contains__, text[end : end + 4]))


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
