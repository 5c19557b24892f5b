"""Words in and around names."""

from pydantic import Field

from prompts.languages.words import Section, Words


class Names(Section):
    """`names.toml`: what is no name though it has a capital, and what stands before, inside and behind names."""

    not_names: Words = Field(
        (), description='Words that begin a sentence with a capital and are no name, and days and months: "However".'
    )
    titles: Words = Field((), description='Titles with a full stop that ends no sentence: "Gen" in "Gen. Marl".')
    name_particles: Words = Field((), description='Small words between the parts of a person\'s name: "van", "bin".')
    surname_particles: Words = Field(
        (), description='Such words that are articles elsewhere: "der" in "von der Leyen".'
    )
    name_prefixes: Words = Field((), description='What is joined to a name with a hyphen: "al" in "al-Marl".')
    name_connectors: Words = Field(
        (), description='Small words inside an organisation\'s name: "of" in "Bank of Ostrava".'
    )
    plural_nouns: Words = Field(
        (), description='Nouns for several, by their ending: "Envoys" of Vostria are not one name with it.'
    )
    genitive_prepositions: Words = Field((), description='Prepositions of belonging: the region "of" Velm.')

    oblique_forms: Words = Field((), description='Words in a case that no subject has, by their ending: "Okay\'ın".')
    place_forms: Words = Field(
        (), description='How places look before who has an office there: "Росії" in "глава МЗС Росії Ян Берг".'
    )
    patronymics: Words = Field((), description='Names of fathers, before which a given name stands: "Петрівни".')

    articles: Words = Field((), description='Articles, definite or not: "the", "a".')
    possessive_determiners: Words = Field((), description='Pronouns before what belongs to somebody: "its" minister.')
    noun_phrase_breaks: Words = Field(
        (), description='What is never between a determiner and its noun: "the bank of the" army holds no one phrase.'
    )
    place_phrase_breaks: Words = Field(
        (), description='What is never between a preposition and its place: in a deal "with" Velm.'
    )
    person_prepositions: Words = Field(
        (), description='What shows a phrase to be about somebody of a body, not the body: a spokesman "for".'
    )
    representation_prepositions: Words = Field(
        (), description='Between somebody and whom they represent: Ferris "of" the United States.'
    )
    affiliation_prepositions: Words = Field(
        (), description='Between an office or a name and where it is held: an analyst "at" the institute.'
    )
    description_prepositions: Words = Field(
        (), description='Further such prepositions behind a name, as "von" in German.'
    )
    affiliation_ends: Words = Field(
        (), description='What ends the name of where an office is held: the institute "for" ten years.'
    )
