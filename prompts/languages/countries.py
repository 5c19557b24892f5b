"""Words of countries, beside the names that pycountry, Babel and countryinfo know."""

from collections.abc import Mapping

from pydantic import Field

from prompts.languages.words import Patterns, Section, Words


class Countries(Section):
    """`countries.toml`: names that the sources lack, and words that look like a country and are none."""

    names: Mapping[str, Words] = Field(
        {}, description='By ISO 3166-1 code, names that the sources lack or give to several countries: "Kremlin".'
    )
    ambiguous_names: Words = Field(
        (), description='Names of several countries, or of persons more often than of a place: "Congo", "Victoria".'
    )
    not_there_patterns: Patterns = Field(
        (), description='Phrases with a country\'s name, in lower case, that are not in it nor of it: "gulf of mexico".'
    )
    given_name_patterns: Patterns = Field(
        (), description='Names of persons that hold a country\'s name: "Michael Jordan".'
    )
    foreign_house_patterns: Patterns = Field(
        (), description='A country\'s house in another one: "the U.S. Consulate General" in Istanbul.'
    )
    case_sensitive: Mapping[str, Patterns] = Field(
        {}, description='By ISO 3166-1 code, names that are one only in capitals: "US".'
    )
