"""Words of dates, beside the names of months, days and units, which dateparser knows."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from prompts.languages.words import Patterns, Section, Words

_SLOT = re.compile(r"\{(\w*)\}")
_SLOTS = frozenset({"date", "day", "nth", "weekday", "month", "bare_month", "year", "years", "decade", "count", "unit"})


def _checked_phrases(phrases: tuple[str, ...]) -> tuple[str, ...]:
    """The phrases as they are, if they have no slots but those that can be filled."""
    for phrase in phrases:
        for slot in _SLOT.findall(phrase):
            if slot.removesuffix("2") not in _SLOTS:
                raise ValueError(f"{phrase!r} has the slot {slot!r}, which is none of {', '.join(sorted(_SLOTS))}")
    return phrases


def _checked_readings(readings: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    """The readings as they are, if every phrase has the slots of its English."""
    for english, phrases in readings.items():
        for phrase in _checked_phrases(phrases):
            if missing := set(_SLOT.findall(english)) - set(_SLOT.findall(phrase)):
                raise ValueError(f"{phrase!r} has no slot {min(missing)!r}, but {english!r} has")
    return readings


Phrases = Annotated[Words, AfterValidator(_checked_phrases)]
"""Phrases with slots in braces for what varies: "{weekday} dernier"."""


class Dates(Section):
    """`dates.toml`: what dateparser does not know of how a language writes dates."""

    name_capitals: Literal["always", "never"] | None = Field(
        None,
        description='Whether names of months and weekdays have a capital; without it "may" and "march" are none in '
        "English.",
    )
    name_endings: Literal["listed", "added", "replaced"] | None = Field(
        None,
        description='How these names are inflected: as dateparser lists them ("Mondays"), by endings that are added, '
        "as in Turkish, or that replace the last letter, as in Russian.",
    )
    not_weekday_patterns: Patterns = Field(
        (), description='Words that begin as an inflected weekday does and are none, as "среди" ("among") in Russian.'
    )
    not_dates: Words = Field(
        (), description='Words that dateparser reads as a moment and that are no date: "this hour".'
    )

    ordinal_endings: Words = Field((), description='What follows the figure of a day: "th" in "12th".')
    range_words: Words = Field((), description='What stands between the first and the last day: "4 to 5 May".')
    before_month: Words = Field((), description='What stands between a day and its month: the 12th "of" March.')
    before_year: Words = Field((), description='Prepositions of a year: "in" 2024.')
    after_year: Words = Field((), description='What follows a year, as "року" does in Ukrainian: "2024 року".')
    decade_endings: Words = Field((), description='What makes a year a decade: the "s" of "the 1990s".')
    before_date: Words = Field((), description='Prepositions before a date: "since" 3 May.')
    ending_patterns: Patterns = Field(
        (), description='Endings that dateparser does not know and which are cut off: the "’s" of "Friday’s".'
    )
    modifiers: Words = Field(
        (), description='Which month, week or weekday is meant, or which part of it: "last", "early", "the end of".'
    )
    modifier_patterns: Patterns = Field((), description="The same, where an ending must be there or be short.")
    past_modifiers: Words = Field(
        (), description='Of these, what leads to a day just one week ago: "last", "previous". Without one it is today.'
    )
    past_modifier_patterns: Patterns = Field((), description="The same, in scripts that write words without spaces.")

    count_words: Words = Field((), description='Numbers before days, weeks, months and years: "three" days ago.')
    before_count: Words = Field((), description='What stands before such a count, as "vor" does in German.')
    after_count: Words = Field((), description='What stands behind such a count: three days "ago".')

    not_a_day: Words = Field(
        (), description='Words of a time that is no day, which dateparser would pass over: "quarter", "noon".'
    )
    not_a_day_patterns: Patterns = Field((), description='The same as patterns: "Q1".')

    readings: Annotated[Mapping[str, Phrases], AfterValidator(_checked_readings)] = Field(
        {},
        description='By the English that dateparser reads, the phrases of the language that mean it: "2 days ago" by '
        '"avant-hier". Slots in braces stand for what varies: {date} ("Tuesday 12 May 2026"), {day}, {weekday}, '
        "{month} (with or without its year), {bare_month} (which a day may follow), {year}, {decade}, {count}, {unit}, "
        'and {date2} and so on for the second of two. A stroke makes a range: "{weekday}/{weekday2}". A language '
        "without readings is read by dateparser.",
    )
    phrases: Annotated[Mapping[str, Phrases], AfterValidator(_checked_readings)] = Field(
        {},
        description="The same in a language whose dates dateparser reads: phrases that it does not know or reads "
        'wrongly, which go before it: "yesterday/today" by "last night". Under "?" stand those that have no value, as '
        '"next {weekday}" in English, and under "" those that are no dates: "every {weekday}". Besides what dateparser '
        'reads, the English of phrases and readings may be "{year}/.." (since then), "summer {year}", "last summer", '
        '"winter {years}" ({years} is "2023-24"), "{nth}" (the "10th" of a month), "{weekday} next week", "eve of '
        '{weekday}" (the day before) and "planned in {count} {unit}" (of what is still to come; not looked for).',
    )
    open_phrases: Phrases = Field(
        (), description='Phrases with the same slots that hold a date and have none themselves: "every {weekday}".'
    )
    articles: Words = Field((), description='Articles before a date: "the" 3rd of May.')
    parts_of_day: Words = Field((), description='What follows a date and leaves it as it is: Monday "morning".')
    clock_patterns: Patterns = Field((), description='The same with a time: Monday "at 5 p.m.".')
    first_day: Words = Field((), description='The first day of a month in words: "first" of March.')
