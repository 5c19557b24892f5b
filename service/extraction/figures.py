"""What a figure in words or digits allows as its least and greatest value.

None is the answer wherever the words leave it open ("dozens", "half of 300") or the digits are no amount ("T-72",
"5th"): a wrong number is worse than none.
"""

import re
from functools import cache

from text_to_num import alpha2digit, text2num

_LETTER = "A-Za-zÀ-ɏͰ-ϿЀ-ӿ"
_NUMBER = re.compile(
    rf"(?<![{_LETTER}\d])(?<![{_LETTER}]-)"  # neither T-72 nor M4
    r"(?:\d{1,3}(?:[ ,.’'\u00a0\u202f]\d{3})++(?!\d)(?:[.,]\d++)?+|\d++(?:[.,]\d++)?+)"
    rf"(?!(?:st|nd|rd|th|mm)\b|-[{_LETTER}]{{1,2}}\b)"  # neither 5th, 41-ша nor 155mm
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
_VAGUE = re.compile(
    r"\b(?:tens|dozens?|scores|hundreds|thousands|several|few|half|thirds?|quarters?|десятки|сотні|сотни|половин\w*|"
    r"кілька|несколько|halbe?|mehrere|Hunderte|Tausende|moitié|plusieurs|yarım|birkaç)\b|半|几|數|数",
    re.IGNORECASE,
)
_AT_LEAST = re.compile(
    r"\b(?:over|(?<!no )more than|at least|no (?:fewer|less) than|or more|minimum|понад|більше?(?: від| за| ніж| як)|"
    r"щонайменше|не мен(?:ше|ш)|более|больше|свыше|не менее|минимум|не меньше|en az|fazla|aşkın|üzerinde|über|"
    r"mehr als|mindestens|plus de|au moins|más de|al menos)\b|أكثر من|ما لا يقل عن|超过|超過|逾|多|至少|以上|\+",
    re.IGNORECASE,
)
_AT_MOST = re.compile(
    r"\b(?:up to|at most|(?<!no )(?:fewer|less) than|under|no more than|almost|nearly|or (?:fewer|less)|до|майже|почти|"
    r"(?<!не )(?:менше|менш|меньше|менее)|не (?:більше|більш|более|больше)|en fazla|yaklaşan|bis zu|höchstens|unter|"
    r"fast|weniger als|jusqu['’]à|moins de|hasta|menos de)\b|أقل من|ما يصل إلى|不到|近|最多|至多|以下",
    re.IGNORECASE,
)
_ARABIC_MARKS = str.maketrans({"٫": ".", "٬": ","})


def least(words: str, language: str | None = None) -> float | None:
    """The least value that the words allow; None if they set no lower bound."""
    found = _numbers(words, language)
    return None if not found or (len(found) == 1 and _only(_AT_MOST, _AT_LEAST, words)) else min(found)


def greatest(words: str, language: str | None = None) -> float | None:
    """The greatest value that the words allow; None if they set no upper bound."""
    found = _numbers(words, language)
    return None if not found or (len(found) == 1 and _only(_AT_LEAST, _AT_MOST, words)) else max(found)


def _only(bound: re.Pattern[str], other: re.Pattern[str], words: str) -> bool:
    """Whether words carry one bound; "не более" has the other one's word in it."""
    return bool(bound.search(words)) and not (other.search(words) and other.search(words)[0].startswith(("не ", "no ")))  # type: ignore[index]


def _numbers(words: str, language: str | None) -> list[float]:
    if _VAGUE.search(words):
        return []
    text = _in_digits(words.translate(_ARABIC_MARKS), (language or "en")[:2].lower())
    if text is None:
        return []
    found: list[tuple[float, int]] = []
    end = 0
    for match in _NUMBER.finditer(text):
        between = text[end : match.start()]
        if found and _SHARE.search(between):  # "11 of 78" counts eleven
            continue
        scale = _scale(text, match)
        if scale is None or (found and not between):  # "3万5千" is one number in two parts
            return []
        if found and found[-1][1] == 1 and scale > 1 and _BETWEEN.fullmatch(between):  # "60 to 75 million"
            found[-1] = (found[-1][0] * scale, scale)
        found.append((_value(match[0]) * scale, scale))
        end = match.end()
    return [value for value, _ in found]
