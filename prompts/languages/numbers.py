"""Words of numbers, beside those of the numbers themselves, which text2num knows."""

from collections.abc import Mapping

from pydantic import Field

from prompts.languages.words import Patterns, Section, Words


class Numbers(Section):
    """`numbers.toml`: what text2num does not know of how a language writes amounts."""

    scales: Mapping[int, Words] = Field({}, description='What a figure is multiplied by: 1000 by "thousand".')
    scale_signs: Mapping[int, Words] = Field(
        {}, description='The same for signs that multiply each other where they stand together, as "万" and "千" do.'
    )
    attached_scales: Mapping[int, Words] = Field(
        {}, description='Letters that are a scale right behind a figure only: "40k".'
    )
    money_scales: Mapping[int, Words] = Field(
        {}, description='Letters that are a scale right behind an amount of money, and a unit elsewhere: "$3m".'
    )
    not_amount_endings: Words = Field(
        (), description='What right behind a figure makes it no amount: "th" in "5th", "mm" in "155mm".'
    )

    at_least: Words = Field((), description='What sets a lower bound: "at least", "over".')
    at_least_patterns: Patterns = Field((), description='The same as patterns: "more than", not behind "no".')
    at_most: Words = Field((), description='What sets an upper bound: "up to", "almost".')
    at_most_patterns: Patterns = Field((), description='The same as patterns: "less than", not behind "no".')
    about: Words = Field((), description='What makes a figure an estimate: "about", "roughly".')
    vague: Words = Field((), description='Amounts without a figure: "dozens", "several", "half".')
    vague_patterns: Patterns = Field((), description="The same, in scripts that write words without spaces.")
    vague_plurals: Words = Field((), description='Of these, what counts as a noun does: "dozens", "hundreds".')
    after_vague_plural: Words = Field((), description='What goes on with such a noun: tens "of thousands".')
    before_counted_patterns: Patterns = Field(
        (), description='What stands between such a noun and what it counts: dozens "of" men, not "of the" men.'
    )
    articles: Words = Field((), description='Articles between a bound and its figure: more than "a" dozen.')
    range_words: Words = Field((), description='What stands between two bounds: 60 "to" 75 million.')
    share_words: Words = Field((), description='What stands before the whole that a figure is a part of: 11 "of" 78.')
    not_counted: Words = Field(
        (), description='What ends the words behind a figure that say what it counts: 12 men "in" Sella.'
    )
    pronouns: Words = Field((), description='Number words that are a pronoun where they count nothing: "one".')
    percent: Words = Field((), description='What makes a figure a share: "per cent".')
    clause_joints: Words = Field(
        (), description='What stands between a figure and what is told of another one: 12 killed "and" nine wounded.'
    )
