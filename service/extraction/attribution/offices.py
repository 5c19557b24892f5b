"""The office that a description tells and whom it is held for: "Estonia's foreign minister", "head of the agency"."""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import regex

from service.extraction.attribution.descriptions import Descriptions
from service.extraction.entities.mentions import Mentions
from service.extraction.text.lexicon import Lexicon
from service.extraction.text.spans import Span

_NAMED_WITH_OFFICE = 3
"""Words behind "of" in a speaker's own words that are a name as well: "Minister of State Hamad al-Marl"."""


class Office(NamedTuple):
    """What somebody is and for whom; both None where that is not told."""

    position: Span | None
    affiliation: Span | None


@dataclass(frozen=True, slots=True)
class _Patterns:
    owner: regex.Pattern[str]
    """Whom an office is held for, before it: "Estonia's"."""
    affiliation: regex.Pattern[str]
    """Whom an office is held for, behind it: "of the agency", without what follows a further preposition."""
    opener: regex.Pattern[str]
    """What is before an office and no part of it."""
    clause: regex.Pattern[str]
    """What ends an office: " who", " that"."""


@cache
def _patterns(words: Lexicon) -> _Patterns:
    any_of = words.expression
    articles = any_of("articles")
    return _Patterns(
        regex.compile(rf"(?:(?i:{articles})\s+)?([\p{{Lu}}\d][\w.’'\s-]*?)[’'](?:s\s+|\s+)(?=\S)"),
        regex.compile(
            rf"\s+{any_of('affiliation_prepositions')}\s+(?:{articles}\s+)?"
            rf"(\p{{Lu}}[^,]*?)(?:\s{any_of('affiliation_ends')}\s.*)?$"
        ),
        regex.compile(
            rf"\s+|\[\d+\]|{any_of('articles', 'possessive_determiners', 'office_openers')}\s+", regex.IGNORECASE
        ),
        regex.compile(rf"\s+{any_of('relative_pronouns', 'description_ends')}\b"),
    )


def find_office(
    description: Span, speaker: Span, descriptions: Descriptions, mentions: Mentions, lexicon: Lexicon
) -> Office:
    """The office in a description of a speaker.

    Args:
        description: the words that may tell it; the speaker's own, or some beside the name.
        speaker: the speaker's own words.
        descriptions: of the article.
        mentions: the persons and organisations that it names.
        lexicon: the words of the section `SPEECH`.

    """
    said, patterns = descriptions.text_of(description), _patterns(lexicon)
    nouns = descriptions.role_nouns(said)
    if not nouns or not descriptions.has_person_noun(said) or descriptions.is_relative_clause(said.lstrip()):
        return Office(None, None)
    start, end = 0, len(said.rstrip(" ,"))
    last = max(end for _, end in nouns)
    name = descriptions.name_in(description)
    if name and name.end - description.start > last and not mentions.is_organization_or_place(name):
        end = last  # the name of the person stands behind the office
    while opener := patterns.opener.match(said, start, end) or lexicon["clause_linkers"].match(said, start, end):
        start = opener.end()
    if clause := patterns.clause.search(said, start, end):
        end = clause.start()

    def span(first: int, last: int) -> Span:
        return Span(description.start + first, description.start + last)

    owner = patterns.owner.match(said, start, end)
    if owner and owner.end() < end:
        return Office(span(owner.end(), end), span(*owner.span(1)))
    affiliation = patterns.affiliation.search(said, start, end)
    if affiliation is None:
        return Office(span(start, end), None)
    if description == speaker and len(affiliation[1].split()) >= _NAMED_WITH_OFFICE:
        return Office(span(start, affiliation.start()), None)
    return Office(span(start, affiliation.start()), span(*affiliation.span(1)))
