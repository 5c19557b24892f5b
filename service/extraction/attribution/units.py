"""The sentences of an article that are read together, and what each such unit attributes to whom."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from service.extraction.attribution.attribution import Attribution, ClauseAttribution
from service.extraction.attribution.bare_clauses import named_before_colon, read_reference
from service.extraction.attribution.clause_cuts import clauses_of, with_answers_apart
from service.extraction.attribution.clauses import read_clause
from service.extraction.attribution.masking import CLOSING_MARKS, OPENING_MARKS, WORD, MaskedClause, mask
from service.extraction.entities.names import dateline_end
from service.extraction.text.lexicon import Lexicon
from service.extraction.text.quotes import Passage, overlapping_passages
from service.extraction.text.sentences import Sentence
from service.extraction.text.spans import Span

_MOST_ATTRIBUTION_WORDS = 8
_LONGEST_ATTRIBUTION = 80
"""Code points."""
_MOST_WORDS_BEFORE_VERB = 6
_COMMA_BEFORE = re.compile(r",\s+(?:[–—-]\s+)?$")
_COMMA_BEHIND = re.compile(r"[^,.;:!?«»“”–—]{0,60}(?:,\s+(?:[–—-]\s+)?|[.]\s+[–—-]\s+)")
_VERBS = ("speech_verbs", "quote_only_verbs", "ambiguous_verbs")
_NEARLY_ALL = 0.8
"""Share of some sentences in quotation marks, from which on they are a quotation."""
_ENDED = re.compile(r"[.!?…]")
_EXCLAIMED = re.compile(rf"[!?…][{CLOSING_MARKS}]\s*$")
"""The end of a quotation that ends no sentence: “Look out!” Ilsa Varn warned."""


def without_asides(text: str, speech: Sequence[Passage], lexicon: Lexicon) -> Iterator[Passage]:
    """Passages without what is told between their marks of who says them: "« Il faut, a-t-il dit, partir »"."""
    lists = _VERBS if "before_speaker" in lexicon.lists else ()
    joined = lexicon["joined_pronouns"]
    for passage in speech:
        start = passage.start
        verbs = [verb for name in lists for verb in lexicon[name].finditer(text, passage.start, passage.end)]
        for verb in sorted(verbs, key=lambda verb: verb.start()):
            if verb.start() < start:
                continue
            before = _COMMA_BEFORE.search(text, start, verb.start())
            after = _COMMA_BEHIND.match(text, verb.end(), passage.end)
            told = joined.search(verb[0]) or (after and WORD.search(after[0]))
            if after and (behind := _behind_apposition(text, after.end(), passage.end, lexicon)):
                after = behind
            if before and after and told and text[start : before.start()].strip():
                yield Passage(start, before.start())
                start = after.end()
        yield Passage(start, _end_before_speaker(text, start, passage.end, lexicon))


def _behind_apposition(text: str, start: int, end: int, lexicon: Lexicon) -> re.Match[str] | None:
    """What stands behind a name and a comma of who that is, with the next comma: "ostréicultrice à Port-Lanic, "."""
    noun = lexicon["person_nouns"].match(text, start)
    return _COMMA_BEHIND.match(text, noun.end(), end) if noun else None


def _end_before_speaker(text: str, start: int, end: int, lexicon: Lexicon) -> int:
    """Where a passage ends whose closing mark was forgotten: before who says it at the end of the paragraph."""
    if text[end : end + 1] in tuple(CLOSING_MARKS):
        return end
    verbs = list(lexicon["speech_verbs"].finditer(text, max(start, end - _LONGEST_ATTRIBUTION), end))
    comma = text.rfind(",", start, verbs[-1].start()) if verbs else -1
    ends = comma > 0 and not WORD.search(text, verbs[-1].end(), end)
    named = ends and 0 < len(WORD.findall(text[comma : verbs[-1].start()])) <= _MOST_ATTRIBUTION_WORDS
    return comma if named else end


def units_of(
    text: str, sentences: Sequence[Sentence], speech: Sequence[Passage], lexicon: Lexicon
) -> Iterator[tuple[Sentence, ...]]:
    """Sentences one by one; those which one passage spans, and what says whose it is, together."""
    unit: list[Sentence] = []
    spanning = [p for p in speech if "\n" in text[p.start : p.end] or _ENDED.search(text, p.start, p.end)]
    for sentence in sentences:
        if unit and not (
            overlapping_passages(spanning, sentence.start, unit[-1].end)
            or (_EXCLAIMED.search(unit[-1].text) and _only_attributes(sentence, lexicon))
        ):
            yield tuple(unit)
            unit = []
        unit.append(sentence)
    if unit:
        yield tuple(unit)


def _only_attributes(sentence: Sentence, lexicon: Lexicon) -> bool:
    """Whether a sentence only says whose the words before it are: "Ilsa Varn warned."."""
    words = len(WORD.findall(sentence.text))
    verb = lexicon["speech_verbs"].search(sentence.text)
    return verb is not None and words <= _MOST_ATTRIBUTION_WORDS and not WORD.search(sentence.text, verb.end())


@dataclass(frozen=True, slots=True)
class UnitReader:
    """Reads the sentences of one article that belong together."""

    text: str
    speech: Sequence[Passage]
    lexicon: Lexicon

    def read(self, unit: tuple[Sentence, ...]) -> list[Attribution]:
        """What some sentences attribute; a quotation that is not attributed has neither cue nor speaker."""
        start, end = unit[0].start + dateline_end(unit[0].text), unit[-1].end
        clauses = self._clauses(start, end)
        found = [attributed for clause in clauses for attributed in read_clause(clause, self.lexicon)]
        passages = tuple(passage for clause in clauses for passage in clause.passages)
        if not found and len(clauses) == 1 and (speaker := named_before_colon(clauses[0], self.lexicon)):
            return [Attribution(unit, self._without_spaces(passages), None, speaker)]
        if not found and passages and self.is_quotation(unit):
            return [Attribution(unit, self._without_spaces(passages), None, None)]
        return [
            Attribution(unit, self._without_spaces(parts), cue, speaker)
            for parts, cue, speaker in found
            if parts and not self._says_nothing(parts)
        ]

    def read_backwards(self, before: tuple[Sentence, ...], unit: tuple[Sentence, ...]) -> list[Attribution]:
        """What a sentence attributes that only tells whose the words before it are: "This was announced by X"."""
        clauses = self._clauses(unit[0].start, unit[-1].end)
        told = read_reference(clauses[0], self.lexicon) if len(clauses) == 1 else None
        said = self.whole(before)
        return [Attribution((*before, *unit), (said,), told.cue, told.speaker)] if told and said else []

    def goes_on_reporting(self, unit: tuple[Sentence, ...]) -> bool:
        """Whether a sentence tells by the mood of its verb that it is said by the last speaker, too: "Man habe"."""
        words = unit[0].text.split()[:_MOST_WORDS_BEFORE_VERB]
        mood = any(self.lexicon["reported_mood"].fullmatch(word.strip(",.")) for word in words)
        return mood and len(unit) == 1 and not overlapping_passages(self.speech, unit[0].start, unit[0].end)

    def whole(self, unit: tuple[Sentence, ...]) -> Span | None:
        """All words of some sentences."""
        start, end = unit[0].start, unit[-1].end
        return next(iter(MaskedClause(self.text, start, self.text[start:end], ()).trimmed(0, end - start)), None)

    def announces(self, unit: tuple[Sentence, ...]) -> ClauseAttribution | None:
        """Who is about to speak in the next sentence: "Hajek said." “So far we have seen no shells.”."""
        if len(unit) > 1 or len(WORD.findall(unit[0].text)) > _MOST_ATTRIBUTION_WORDS:
            return None
        clauses = self._clauses(unit[0].start, unit[0].end)
        found = [told for clause in clauses for told in read_clause(clause, self.lexicon)]
        return found[-1] if found and not found[-1].parts else None

    def _says_nothing(self, parts: Sequence[Span]) -> bool:
        """Whether the words behind a verb tell nothing of what was said: said "goodbye to the envoy"."""
        words = self.text[parts[0].start : parts[-1].end]
        if parts[0].start and self.text[parts[0].start - 1] in OPENING_MARKS:
            return False
        empty = self.lexicon["empty_content"].match(words) or self.lexicon["empty_objects"].fullmatch(words)
        return empty is not None

    def _without_spaces(self, parts: Sequence[Span]) -> tuple[Span, ...]:
        """Words without white space between them and their quotation marks: "« Nous partons »"."""
        said = [(part, self.text[part.start : part.end]) for part in parts]
        return tuple(
            Span(part.end - len(words.lstrip()), part.start + len(words.rstrip())) if words.strip() else part
            for part, words in said
        )

    def is_quotation(self, unit: tuple[Sentence, ...]) -> bool:
        """Whether quotation marks hold nearly all of some sentences."""
        start, end = unit[0].start + len(unit[0].text) - len(unit[0].text.lstrip("-–—\u00a0 ")), unit[-1].end
        inside = sum(min(p.end, end) - max(p.start, start) for p in overlapping_passages(self.speech, start, end))
        return inside >= _NEARLY_ALL * (end - start)

    def _clauses(self, start: int, end: int) -> list[MaskedClause]:
        """Some sentences whole, or, where several speak in one, in their parts."""
        inside = overlapping_passages(self.speech, start, end)
        passages = [Span(max(p.start, start), min(p.end, end)) for p in inside]
        masked = self.lexicon["idioms"].sub(_blank, mask(self.text, start, end, passages))
        masked = with_answers_apart(masked, self.lexicon)
        return [
            MaskedClause(self.text, start + a, masked[a:b], [p for p in passages if a <= p.start - start < b])
            for a, b in clauses_of(masked, self.lexicon)
        ]


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])
