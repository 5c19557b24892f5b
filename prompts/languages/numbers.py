"""Words of numbers, beside those of the numbers themselves, which text2num knows."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, StringConstraints

from prompts.languages.words import Patterns, Section, Words

Multiplier = Annotated[str, StringConstraints(pattern=r"^\d+(\.\d{1,2})?\+?$")]


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
    multipliers: Mapping[Multiplier, Words] = Field(
        {},
        description='By the number, words that multiply the scale right behind them: 0.5 by "half a" million, 1.5 by '
        '"anderthalb" in German. 1 counts only where nothing else is read: "a" dozen, but not "a" hundred and two. A '
        'plus makes a number one that counts only behind a lower bound: "2+" by "a couple of" hundred.',
    )
    round_numbers: Mapping[int, Words] = Field(
        {}, description='Nouns for about so many, as "une quinzaine" in French for 15 or so.'
    )
    spellings: Mapping[str, Words] = Field(
        {}, description='By the number word that text2num knows, other forms of it, as "veintiún" in Spanish.'
    )
    number_joiners: Words = Field((), description='What stands inside a number, as "y" in Spanish: "treinta y dos".')
    halves: Words = Field((), description='What adds a half: two "and a half" million.')
    numbered_nouns: Words = Field(
        (), description='Nouns that have a number behind them for a name, so that it is no amount: "Resolution" 1701.'
    )
    number_articles: Words = Field(
        (), description='Words for one that are an article far more often, as "un" in French: no amount in a sentence.'
    )
    not_amount_endings: Words = Field(
        (), description='What right behind a figure makes it no amount: "th" in "5th", "mm" in "155mm".'
    )

    not_amount_patterns: Patterns = Field((), description='What has figures and is no amount: "7:30", "one in three".')
    not_amount_units: Words = Field((), description='Units of what is no amount, such as a calibre: 155 "mm".')
    attached_units: Words = Field((), description='Signs and words behind a figure that belong to it: 14 "%".')
    scale_prepositions: Words = Field(
        (), description='What stands between a scale and what is counted, as "de" in French: "3 millions de dollars".'
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
    before_range: Words = Field((), description='What stands before two bounds: "between" 60 and 75.')
    range_joiners: Words = Field(
        (), description='What makes two figures a range without a word before them, as "à" in French: "20 à 30".'
    )
    share_words: Words = Field((), description='What stands before the whole that a figure is a part of: 11 "of" 78.')
    not_counted: Words = Field(
        (), description='What ends the words behind a figure that say what it counts: 12 men "in" Sella.'
    )
    pronouns: Words = Field((), description='Number words that are a pronoun where they count nothing: "one".')
    percent: Words = Field((), description='What makes a figure a share: "per cent".')
    clause_joints: Words = Field(
        (), description='What stands between a figure and what is told of another one: 12 killed "and" nine wounded.'
    )
