"""The words that make a figure an amount, compiled: what bounds it, scales it, and ends what it counts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from prompts import on_change
from service.extraction.text.language import subtag
from service.extraction.text.lexicon import Lexicon, lexicon

_LETTER = "A-Za-zÀ-ɏͰ-ϿЀ-ӿ"


@dataclass(frozen=True, slots=True)
class AmountPatterns:
    """The words of `numbers.toml` of a language; `prompts.languages.numbers` says what each list is for."""

    number: re.Pattern[str]
    amount: re.Pattern[str]
    """A number, or a word that may be one."""
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


def amount_patterns(language: str | None) -> AmountPatterns:
    """The patterns of an article's language, given by its BCP 47 tag; where it has no pack, those of all languages."""
    return _patterns_of(subtag(language))


@cache
def _patterns_of(language: str | None) -> AmountPatterns:
    words = lexicon("numbers", language)
    number = (
        rf"(?<![{_LETTER}\d])(?<![{_LETTER}]-)(?<!\d[.,])"  # neither T-72 nor M4 nor a part of 1.2.3
        r"(?:\d{1,3}(?:[ ,.’'\u00a0\u202f]\d{3})++(?!\d)(?:[.,]\d++)?+|\d++(?:[.,]\d++)?+)"
        # neither 5th, 41-ша nor 155mm
        rf"(?!{words.expression('not_amount_endings')}\b|-[{_LETTER}]{{1,2}}\b|[.,]\d)"
    )
    at_least, at_most, about, vague = (_either(words, name) for name in ("at_least", "at_most", "about", "vague"))
    article = words.expression("articles")
    return AmountPatterns(
        number=_compiled(number),
        amount=_compiled(rf"{number}%?|[^\W\d_]+(?:-[^\W\d_]+)*"),
        bound=_compiled(rf"(?:{at_least}|{at_most}|{about})\s+(?:{article}\s+)?\Z"),
        counted=_compiled(rf"(?:[\s\u00a0-]+(?!{words.expression('not_counted')}\b)[^\W\d_]+){{1,2}}"),
        vague_plural_rest=_compiled(
            rf"(?:\s+{words.expression('after_vague_plural')})?(?:\s+{words.expression('before_counted_patterns')})?"
        ),
        at_least=_compiled(at_least),
        at_most=_compiled(at_most),
        about=_compiled(about),
        vague=_compiled(vague),
        vague_plural=words["vague_plurals"],
        share=_compiled(rf"\b{words.expression('share_words')}\s+(?:{article}\s+)?$"),
        range=_compiled(rf"\s*(?:[-–—~]|{words.expression('range_words')})\s*"),
        pronoun=words["pronouns"],
        **{
            name: {int(scale): signs for scale, signs in words.values.get(name, {}).items()}
            for name in ("scales", "attached_scales", "money_scales", "scale_signs")
        },
    )


on_change(_patterns_of.cache_clear)


def _either(words: Lexicon, name: str) -> str:
    """An expression for the words of a list as whole words, and for the patterns of the same name."""
    return rf"(?:(?<!\w){words.expression(name)}(?!\w)|{words.expression(f'{name}_patterns')})"


def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.IGNORECASE)
