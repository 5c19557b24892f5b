"""Words of one kind of record."""

from collections.abc import Mapping

from pydantic import Field

from prompts.languages.words import Section, Words, WordsByValue


class KindWords(Section):
    """`<kind>.toml`: where a kind may be stated, and what its fields are told by. Only `triggers` must be there."""

    triggers: Words = Field(description='Words of sentences that may state a record: "ceasefire", "shelled".')
    weak_triggers: Words = Field((), description='Of those, what states one only with something besides: "the deal".')
    actor_groups: Words = Field((), description='Groups that act without a name: "both delegations", "the rebels".')
    collective_groups: Words = Field((), description='Of those, what stands for several actors: "both sides".')
    meeting_nouns: Words = Field(
        (), description='Nouns behind the town that a meeting is called by: the Minsk "talks".'
    )
    before_mediator: Words = Field((), description='What stands before a mediator: "brokered by" Qatar.')
    after_mediator: Words = Field((), description='What stands behind a mediator: Qatar "mediated".')
    mediation_fillers: Words = Field(
        (), description='What may stand between a mediator and such a word: Qatar, "which has" mediated.'
    )
    before_place: Words = Field((), description='What stands before a place: "captured" Velm, "visit to" Oslo.')
    after_place: Words = Field((), description='What stands behind a place: the Velm "district".')
    near_prepositions: Words = Field((), description='What stands before a place that is only near: "north of".')
    region_nouns: Words = Field((), description='What a place is called that is a region: "province".')
    time_expressions: Words = Field((), description='When it was, besides dates: "overnight", "at dawn".')
    program_nouns: Words = Field((), description='What sanctions programs are called: "package", "entity list".')
    program_modifiers: Words = Field(
        (), description='What stands before such a noun and is a part of its name: the "sixth" package.'
    )
    values: Mapping[str, WordsByValue] = Field(
        {}, description='By field, the words that suggest each value: status "held" by "met".'
    )
