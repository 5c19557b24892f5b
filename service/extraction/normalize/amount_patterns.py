"""The words that make a figure an amount, compiled: what bounds it, scales it, and ends what it counts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from prompts import on_change
from service.extraction.text.language import subtag
from service.extraction.text.lexicon import Lexicon, lexicon_for

SPELLED = frozenset({"en", "fr", "es", "pt", "de", "it", "nl"})
"""Languages in which text2num reads number words."""
_GAP = r"[\s\u00a0\u202f]"
_APOSTROPHE = re.compile(r"\['’\]|’")
"""An apostrophe of a word list, of which either form is meant."""
_LETTER = "A-Za-zÀ-ɏͰ-ϿЀ-ӿ"


@dataclass(frozen=True, slots=True)
class AmountPatterns:
    """The words of `numbers.toml` of a language; `prompts.languages.numbers` says what each list is for."""

    number: re.Pattern[str]
    amount: re.Pattern[str]
    """A number, a round number in words, or a word that may be a number."""
    round_number: re.Pattern[str]
    spellings: Mapping[str, re.Pattern[str]]
    multipliers: Mapping[str, re.Pattern[str]]
    """What multiplies the scale right behind it: "half a" million."""
    multiplied: re.Pattern[str]
    """A multiplier with its scale."""
    not_amount: re.Pattern[str]
    year: re.Pattern[str]
    """What stands right before a figure that may be a year."""
    number_article: re.Pattern[str]
    one: re.Pattern[str]
    """Such an article, or a pronoun."""
    knows_articles: bool
    article_before_scale: re.Pattern[str]
    """Such an article that counts: "un million"."""
    before_scale: re.Pattern[str]
    """What may stand right before a scale that counts once: "the" million."""
    attached_unit: re.Pattern[str]
    next_number_word: re.Pattern[str]
    """The next word of a number of several words; never matches where a language has no word to join them."""
    next_part: re.Pattern[str]
    """What goes on with a number: a scale and a number of a smaller or a greater one, "3 thousand 500", or a half."""
    half: re.Pattern[str]
    named_before: re.Pattern[str]
    """A noun whose name is the number right behind it."""
    range_joint: re.Pattern[str]
    """What joins two amounts to a range by itself."""
    before_range: re.Pattern[str]
    range_word: re.Pattern[str]
    """What joins two amounts to a range with a word before them."""
    scale_rest: re.Pattern[str]
    """What follows a number as far as what it counts: its scale, and the preposition behind that."""
    bound: re.Pattern[str]
    """What stands right before an amount and bounds it."""
    counted: re.Pattern[str]
    """The words right behind an amount that say what it counts."""
    vague_plural_rest: re.Pattern[str]
    """What follows "tens" or "hundreds": of what, and the preposition before what is counted."""
    at_least: re.Pattern[str]
    at_most: re.Pattern[str]
    about: re.Pattern[str]
    vague: re.Pattern[str]
    vague_plural: re.Pattern[str]
    share: re.Pattern[str]
    range: re.Pattern[str]
    pronoun: re.Pattern[str]
    scales: Mapping[int, re.Pattern[str]]
    attached_scales: Mapping[int, re.Pattern[str]]
    money_scales: Mapping[int, re.Pattern[str]]
    scale_signs: Mapping[int, re.Pattern[str]]
    round_numbers: Mapping[int, re.Pattern[str]]


def amount_patterns(language: str | None) -> AmountPatterns:
    """The patterns of an article's language, given by its BCP 47 tag; without a pack, those of the others."""
    return _patterns_of(subtag(language))


@cache
def _patterns_of(language: str | None) -> AmountPatterns:
    words = lexicon_for("numbers", language)
    ending, unit = (words.expression(name) for name in ("not_amount_endings", "not_amount_units"))
    number = (
        rf"(?<![{_LETTER}\d])(?<![{_LETTER}]-)(?<!\d[.,])"  # neither T-72 nor M4 nor a part of 1.2.3
        r"(?:\d{1,3}(?:[ ,.’'\u00a0\u202f]\d{3})++(?!\d)(?:[.,]\d++)?+|\d++(?:[.,]\d++)?+)[½¼¾]?+"
        # neither 5th, 41-ша nor 155mm
        rf"(?!(?:{ending}|[\s\u00a0]?{unit})\b|-[{_LETTER}]{{1,2}}\b|[.,]\d)"
    )
    at_least, at_most, about, vague = (_either(words, name) for name in ("at_least", "at_most", "about", "vague"))
    article, preposition = words.expression("articles"), _whole(words, "scale_prepositions")
    word = rf"(?!{words.expression('not_counted')}\b)[^\W\d_]+"
    scales = {
        name: {int(scale): signs for scale, signs in words.values.get(name, {}).items()}
        for name in ("scales", "attached_scales", "money_scales", "scale_signs", "round_numbers")
    }
    round_number, scale = (
        "|".join(part.pattern for part in scales[name].values()) or "(?!)" for name in ("round_numbers", "scales")
    )
    multipliers = {
        value: _compiled(rf"{said.pattern}(?:{_GAP}|-)+(?=(?:{scale}))")
        for value, said in words.values.get("multipliers", {}).items()
    }
    multiplied = rf"(?:{'|'.join(said.pattern for said in multipliers.values()) or '(?!)'})(?:{scale})"
    half = rf"[\s\u00a0-]+{_whole(words, 'halves')}(?!-)"
    return AmountPatterns(
        number=_compiled(number),
        amount=_compiled(rf"{multiplied}|{round_number}|{number}%?|[^\W\d_]+(?:-[^\W\d_]+)*"),
        round_number=_compiled(round_number),
        spellings=words.values.get("spellings", {}),
        multipliers=multipliers,
        multiplied=_compiled(multiplied),
        not_amount=_compiled(words.expression("not_amount_patterns")),
        year=_compiled(rf"{_whole(lexicon_for('dates', language), 'before_year')}\s\Z"),
        number_article=words["number_articles"],
        one=_compiled(rf"(?<!\w){words.expression('number_articles', 'pronouns')}(?!\w)"),
        knows_articles=bool({"number_articles", "pronouns"} & words.lists.keys()),
        article_before_scale=_compiled(rf"(?<!\w){words.expression('number_articles')}(?=\s+(?:{scale}))"),
        before_scale=_compiled(
            rf"(?<!\w){words.expression('articles', 'number_articles', 'pronouns', 'number_joiners')}\s+\Z"
        ),
        attached_unit=_compiled(rf"[\s\u00a0\u202f]?{_whole(words, 'attached_units')}"),
        next_number_word=_compiled(
            rf"\s+(?:{words.expression('number_joiners')}\s+)?[^\W\d_]+(?:-[^\W\d_]+)*"
            if "number_joiners" in words.lists
            else "(?!)"
        ),
        next_part=_compiled(rf"{_GAP}(?:{scale}){_GAP}{number}|(?:{_GAP}[^\W\d_]+)?{half}(?:{_GAP}(?:{scale})(?!\w))?"),
        half=_compiled(half),
        named_before=_compiled(rf"{_whole(words, 'numbered_nouns')}{_GAP}\Z"),
        range_joint=_compiled(rf"\s+{words.expression('range_joiners')}\s+"),
        before_range=_compiled(rf"(?<!\w){words.expression('before_range')}\s+\Z"),
        range_word=_compiled(rf"\s+{words.expression('range_words')}\s+"),
        scale_rest=_compiled(rf"(?:[\s\u00a0](?:{scale})(?=\s+{preposition}))?(?:\s+{preposition})?"),
        bound=_compiled(rf"(?:{at_least}|{at_most}|{about})(?:\s+|(?<=['’]))(?:{article}\s+)?\Z"),
        counted=_compiled(rf"(?:[\s\u00a0-]+|(?<=['’])){word}(?:[\s\u00a0-]+{word})?"),
        vague_plural_rest=_compiled(
            rf"(?:\s+{words.expression('after_vague_plural')})?"
            rf"(?:\s+{words.expression('before_counted_patterns')}|\s+{preposition})?"
        ),
        at_least=_compiled(at_least),
        at_most=_compiled(at_most),
        about=_compiled(about),
        vague=_compiled(vague),
        vague_plural=words["vague_plurals"],
        share=_compiled(rf"\b{words.expression('share_words')}\s+(?:{article}\s+)?$"),
        range=_compiled(rf"\s*(?:[-–—~]|{words.expression('range_words')})\s*"),
        pronoun=words["pronouns"],
        **scales,
    )


on_change(_patterns_of.cache_clear)


def _either(words: Lexicon, name: str) -> str:
    """An expression for the words of a list as whole words, and for the patterns of the same name."""
    return rf"(?:{_whole(words, name)}|{words.expression(f'{name}_patterns')})"


def _whole(words: Lexicon, name: str) -> str:
    """An expression for the words of a list as whole words; an apostrophe ends one, too: "plus d’une"."""
    expression = _APOSTROPHE.sub("['’]", words.expression(name))
    return rf"(?<!\w){expression}(?:(?!\w)|(?<=['’]))"


def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.IGNORECASE)
