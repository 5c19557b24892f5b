"""The speaker behind a speech verb or a source phrase: "said X on Friday", "dijo este martes la ministra".

Where many words may stand between a verb and its speaker, what follows a verb is its speaker only if it begins as the
name or the description of somebody does; else it may be what is said.
"""

import re
from dataclasses import dataclass
from functools import cache
from itertools import chain

from service.extraction.attribution.masking import CLOSING_MARKS, MASK, OPENING_MARKS, WORD, MaskedClause
from service.extraction.text.lexicon import Lexicon
from service.extraction.text.spans import Span

_MOST_HEAD_WORDS = 4
"""Words of a description, its determiners included, among which its noun is: "un alto funcionario"."""
_SPACES = " \t\r\n\u00a0\u202f"
_END = re.compile(rf"[,.;:(–—“„«\"{MASK}]|$")
_DETERMINERS = ("determiners", "definite_articles", "possessive_pronouns")
_NOUNS = ("person_nouns", "organization_nouns", "organization_heads")
_TABLES = ("speaker_type", "sector", "office")
_TITLES = ("masculine_titles", "feminine_titles")


@cache
def _speaker_end(words: Lexicon) -> re.Pattern[str]:
    behind = r"(?:(?<=['’])|(?!\w))" if "before_speaker" in words.lists else r"\s"
    return re.compile(rf"[,.;:(–—“„«\"{MASK}]|\s{words.expression('after_speaker')}{behind}")


@dataclass(frozen=True, slots=True)
class FollowingSpeakers:
    """Finds the speaker behind the cues of one clause.

    Args:
        clause: the clause.
        lexicon: the words of the section `SPEECH`.

    """

    clause: MaskedClause
    lexicon: Lexicon

    @property
    def may_be_distant(self) -> bool:
        """Whether other words may stand between a verb and the speaker behind it."""
        return "before_speaker" in self.lexicon.lists

    @property
    def may_be_unsaid(self) -> bool:
        """Whether a verb alone is the last speaker's."""
        return "dropped_pronouns" in self.lexicon.lists

    def after(self, start: int) -> Span | None:
        """The speaker who stands from a place of the clause on: "said X on Friday"."""
        first = self._behind_asides(start)
        rest = self.clause.masked[first:]
        if self.may_be_distant and self.lexicon["after_speaker"].match(rest, len(rest) - len(rest.lstrip(_SPACES))):
            return None
        stop = _speaker_end(self.lexicon).search(rest, max(2, self._title_end(rest)))
        return self.clause.phrase(first, first + (stop.start() if stop else len(rest)))

    def after_verb(self, start: int) -> Span | None:
        """The speaker behind a verb that ends at a place of the clause; None if he goes unsaid there."""
        speaker = self.after(start)
        if speaker is None or not self.may_be_unsaid:
            return speaker
        return speaker if names_speaker(self.clause.text[speaker.start : speaker.end], self.lexicon) else None

    def before_statement(self, start: int) -> Span | None:
        """The speaker between a verb and "that": "dijo el ministro que"."""
        if not self.may_be_distant:
            return None
        first = self._behind_asides(start)
        that = self.lexicon["complementizers"].search(self.clause.masked, first, self._end(first))
        named = that and names_speaker(self.clause.masked[first : that.start()], self.lexicon)
        return self.clause.phrase(first, that.start()) if that and named else None

    def ends_clause(self, start: int) -> bool:
        """Whether nothing but the speaker follows a verb; where that may go unsaid, also whether nothing follows."""
        first = self._behind_asides(start)
        end = self._end(first)
        rest = self.clause.masked[first:end]
        if self.lexicon["complementizers"].search(rest) or self.opens_statement(end):
            return False
        return names_speaker(rest, self.lexicon) if WORD.search(rest) else self.may_be_unsaid

    def opens_statement(self, comma: int) -> bool:
        """Whether behind a comma at a place of the clause what is said begins: "заявив, що"."""
        masked = self.clause.masked
        if masked[comma : comma + 1] != ",":
            return False
        that = self.lexicon["complementizers"].match(masked[comma + 1 :].lstrip())
        # Where it begins a clause about the speaker, too: "informó la cancillería, que ejerce de mediadora".
        return that is not None and not self.lexicon["relative_pronouns"].fullmatch(that[0])

    def _behind_asides(self, place: int) -> int:
        """Where the speaker begins behind a verb and what may stand between: "este martes", "à la presse"."""
        masked = self.clause.masked
        while True:
            first = place + len(masked[place:]) - len(masked[place:].lstrip(f"{_SPACES},"))
            aside = self.lexicon["before_speaker"].match(masked, first)
            if not aside:
                return place
            place = aside.end()

    def _end(self, start: int) -> int:
        """Where the words end that may be a speaker's, by punctuation."""
        end = _END.search(self.clause.masked, start)
        return end.start() if end else len(self.clause.masked)

    def _title_end(self, words: str) -> int:
        """Behind the full stop of a title that some words begin with and that ends nothing: " M. Tarn"."""
        first = len(words) - len(words.lstrip(_SPACES))
        titles = (self.lexicon[name].match(words, first) for name in _TITLES) if self.may_be_distant else ()
        return max((title.end() + 1 for title in titles if title), default=0)


def names_speaker(words: str, lexicon: Lexicon) -> bool:
    """Whether some words begin as the name or the description of a speaker does: "la ministra", "l'armée"."""
    apart = lexicon["elided_words"].sub(r"\g<0> ", words)
    for place, word in enumerate(apart.split()[:_MOST_HEAD_WORDS]):
        bare = word.strip(f"{_SPACES},;:.–—-{OPENING_MARKS}{CLOSING_MARKS}") or word
        if place and lexicon["genitive_prepositions"].fullmatch(word):
            return False
        if not place and lexicon["subject_pronouns"].fullmatch(bare):
            return True
        determiner = any(lexicon[name].fullmatch(one) for name in _DETERMINERS for one in (word, bare))
        if not determiner and (bare[:1].isupper() or _is_speaker_noun(bare, lexicon)):
            return True
    return False


def _is_speaker_noun(word: str, lexicon: Lexicon) -> bool:
    tables = (lexicon.values.get(name, {}).values() for name in _TABLES)
    patterns = chain((lexicon[name] for name in _NOUNS), *tables)
    return any(pattern.fullmatch(word) for pattern in patterns)
