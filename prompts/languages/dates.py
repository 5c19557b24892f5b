"""Words of dates, beside the names of months, days and units, which dateparser knows."""

from typing import Literal

from pydantic import Field

from prompts.languages.words import Patterns, Section, Words


class Dates(Section):
    """`dates.toml`: what dateparser does not know of how a language writes dates."""

    name_capitals: Literal["always", "never"] | None = Field(
        None,
        description='Whether names of months and weekdays have a capital; without it "may" and "march" are none in '
        "English.",
    )
    name_endings: Literal["listed", "added", "replaced"] | None = Field(
        None,
        description='How these names are inflected: as dateparser lists them ("Mondays"), by endings that are added, as '
        "in Turkish, or that replace the last letter, as in Russian.",
    )
    not_weekday_patterns: Patterns = Field(
        (), description='Words that begin as an inflected weekday does and are none, as "среди" ("among") in Russian.'
    )
    not_dates: Words = Field((), description='Words that dateparser reads as a moment and that are no date: "this hour".')

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
