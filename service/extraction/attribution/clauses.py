"""One clause of prose: which of its words are somebody's, and whose, as punctuation and cues tell."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import regex

from service.extraction.entities.lexicon import Cues
from service.extraction.text.matching import Span

_MASK = "\ue000"
_OPENING = "“„«»「『‘\"'"
CLOSING = "”“»«」』’\"'"
_TRIM = " \t\r\n\u00a0,;:.–—-"
_AFTER_PASSAGE = re.compile(rf"{_MASK}[,.!?…]*[{CLOSING}]?\s*[,.!?]?\s*[–—-]?\s*$")
_LEADING_NAME = regex.compile(
    r"(?:(?:The|A|An)\s+)?+\p{Lu}[\w’'.-]*"
    r"(?:\s+(?:(?:of|the|for|and|de|al|ve)\b|\p{Lu}[\w’'.-]*))*(?<!\b(?:of|the|and|for))"
)
_BOUNDARY = re.compile(rf"\s-\s|[{re.escape('”“»«」』')};:–—]|(?<!\w)[\"’]|[\"](?!\w)")
_AFTER_SPEAKER = re.compile(r"[,.;:(–—“„«\"\ue000]|\s(?:on|in|at|during|to|after|before|as|who|when|while|and then)\s")
_ASIDE = re.compile(rf"[^,.;:{_MASK}]{{0,40}},[^,.;:{_MASK}]{{1,80}},\s+")
"""Between a cue and its words: "said on Thursday, citing the army, that …"."""
_AUXILIARIES = re.compile(
    r"(?:\s+(?:has|have|had|is|was|also|then|since|later|earlier|did|does|not|would|could|will|further|again|long|once|"
    r"never|himself|herself|itself|themselves|\w{3,}ly))+\s*$",
    re.IGNORECASE,
)
_AND = ("and", "but", "und", "aber", "і", "та", "й", "а", "и", "но", "ve", "ama")
_JOINT = re.compile(
    rf"(?:,\s*(?:{'|'.join(_AND)})?|\s(?:{'|'.join(_AND)}))\s+(?:(?:also|then|later|has|have|had)\s+)*$"
)
"""Before a further cue of the same subject."""
_WHEN_OR_WHERE = re.compile(
    r"\s*(?:on|in|at|by|last|after|during)\s[^,]{1,40}?\s(?=(?:the|an?|its|his|her)\s)", re.IGNORECASE
)
"""Before a subject: "On Monday" the makers said."""
_RELATIVE = re.compile(r"\s(?:who|which)\s")
_PREDICATE = re.compile(
    r"\b(?:would|will|had|has|have|was|were|is|are|could|can|may|might|should|must|did|does|not)\b", re.IGNORECASE
)
_MOST_SPEAKER_WORDS = 14
_MOST_SUBJECT_WORDS = 9
_SHORT_SUBJECT = 3
_LEAST_WORDS = 2
"""Fewer words than that are no content of an indirect quotation."""
WORD = re.compile(r"\w+")


Found = tuple[tuple[Span, ...], Span | None, Span | None]


@dataclass(frozen=True, slots=True)
class Clause:
    """One or more sentences with their passages hidden. Positions in `masked` count from `start`."""

    text: str
    start: int
    masked: str
    passages: Sequence[Span]
    cues: Cues

    def attributed(self) -> list[Found]:
        if self.cues["backward"].match(self.masked.lstrip()):
            return []  # "This was announced by …": the words are in the sentence before
        behind = self.cues["sources_behind"].search(self.masked)
        if behind:
            speaker = self._phrase(0, behind.start())
            return [(self._trimmed(behind.end(), len(self.masked)), self._span(*behind.span()), speaker)]
        echo = self.cues["echoes"].search(self.masked)
        source = echo or self.cues["sources"].search(self.masked)
        if source:
            return [self._according(source, echoed=echo is not None)]
        cues = [cue for cue in self.cues["cues"].finditer(self.masked) if not self._idle(cue)]
        cues += [cue for cue in self.cues["weak"].finditer(self.masked) if self._beside_passage(cue)]
        if not cues:
            return []
        main = cues[-1]
        if self._ends(main):
            parts, speaker = self._verb_final(main.start())
            return [(parts, self._span(main.start(), main.end()), speaker)]
        main = max(cues, key=lambda cue: (self._beside_passage(cue), -cue.start()))
        parts, speaker, forward = self._governed(main)
        if not forward:
            return [(parts, self._span(main.start(), main.end()), speaker)]
        return self._split(parts, main, speaker, [cue for cue in cues if cue.start() > main.end()])

    def _idle(self, cue: re.Match[str]) -> bool:
        """Whether the word attributes nothing here: a noun ("the reports"), or the last one in quotation marks."""
        before = re.search(r"(\w+)([’']s)?\s+$", self.masked[: cue.start()])
        noun = before and (before[2] or self.cues["nominal"].fullmatch(before[1]))
        return bool(noun) or self.masked[cue.end() : cue.end() + 1] in tuple("”»“")

    def _beside_passage(self, cue: re.Match[str]) -> bool:
        before, after = self.masked[: cue.start()], self.masked[cue.end() :]
        behind = re.search(rf"{_MASK}[{CLOSING},.!?\s–—-]*(?:[^\s{_MASK}]+\s+){{0,9}}$", before)
        if behind or re.match(rf"[^{_MASK},.;]{{0,30}}[:,]?\s*[{_OPENING}]{_MASK}", after):
            return True
        clause = re.match(rf"[^{_MASK}.;]{{0,150}}{_MASK}", after)  # "told reporters that the city was “quiet”"
        return bool(
            clause and self.cues["complementizers"].search(clause[0]) and not self.cues["cues"].search(clause[0])
        )

    def _governed(self, cue: re.Match[str]) -> tuple[tuple[Span, ...], Span | None, bool]:
        """The words which a cue governs, its speaker, and whether the words follow it."""
        before, after = self.masked[: cue.start()], self.masked[cue.end() :]
        earlier = [p for p in self.passages if p.end <= self.start + cue.start()]
        later = [p for p in self.passages if p.start >= self.start + cue.end()]
        if earlier and _AFTER_PASSAGE.search(before):
            speaker = self._after(cue.end()) or self._subject(0, max(0, earlier[0].start - 1 - self.start))
            return (*earlier, *later), speaker, False
        inverting = "inverting" not in self.cues.lists or self.cues["inverting"].fullmatch(cue[0])
        if (
            inverting
            and not earlier
            and before.rstrip().endswith(",")
            and (len(WORD.findall(before)) > 4 or regex.match(r"\s\p{Lu}", after))
            and self._is_name(after)
        ):
            return self._trimmed(0, len(before)), self._after(cue.end()), False
        boundary = max((m.end() for m in _BOUNDARY.finditer(before)), default=0)
        if earlier and not (later and boundary == 0):
            return (*earlier, *later), self._subject(boundary, cue.start()), False
        comma = before.rfind(",")
        if (
            not self.passages
            and len(WORD.findall(before[:comma])) > 4
            and 0 < len(WORD.findall(before[comma:])) <= 8
            and self._closes(after)
        ):
            return self._trimmed(0, comma), self._subject(comma + 1, cue.start()), False
        participle = cue[0].endswith("ing")
        return self._forward(cue.end(), len(self.masked), later), self._subject(boundary, cue.start(), participle), True

    def _ends(self, cue: re.Match[str]) -> bool:
        """Whether a cue ends its sentence, in languages in which it does."""
        return self.cues["final"].fullmatch(cue[0]) is not None and not WORD.search(self.masked, cue.end())

    def _verb_final(self, end: int) -> tuple[tuple[Span, ...], Span | None]:
        """Subject, words, cue: who speaks comes first, before a comma or the quotation."""
        opening = re.match(rf"[^,{_OPENING}{_MASK}]*", self.masked[:end])
        first = opening.end() if opening else 0
        words = tuple(self.passages) or self._trimmed(first + 1 if first < end else 0, end)
        return words, self._opening_name(first)

    def _opening_name(self, end: int) -> Span | None:
        """The name that ends the beginning of a clause, or else begins it; or all of it where it is short."""
        segment = self.masked[:end].rstrip()
        names = list(_LEADING_NAME.finditer(segment))
        if names and names[-1].end() == len(segment):
            return self._phrase(names[-1].start(), names[-1].end())
        if len(segment.split()) <= _SHORT_SUBJECT:
            return self._phrase(0, len(segment))
        return self._phrase(0, names[0].end()) if names and not segment[: names[0].start()].strip() else None

    def _is_name(self, after: str) -> bool:
        """Whether only a speaker follows: ", said the mayor of Basra."."""
        rest = re.split(r"[,;.]", after)[0]
        if "articles" not in self.cues.lists and len(WORD.findall(rest)) <= _SHORT_SUBJECT:
            return bool(WORD.search(rest)) and not WORD.search(after[len(rest) :])
        return (
            0 < len(WORD.findall(rest)) <= 8
            and not _PREDICATE.search(rest)
            and bool(regex.match(r"\s+(?:the\b|an?\b|\p{Lu})", rest))
            and not rest.split()[0].endswith("day")
        )

    def _closes(self, after: str) -> bool:
        """Whether nothing that could be said follows: ", the army said on Friday."."""
        rest = re.split(r"[,;]", after)[0]
        words = WORD.findall(rest)
        return len(words) <= 1 or (
            len(words) <= 9 and bool(re.match(r"\s+(?:on|in|at|late|early|earlier)\b|\s+\w+day\b", rest))
        )

    def _forward(self, start: int, end: int, later: Sequence[Span]) -> tuple[Span, ...]:
        after = self.masked[start:end]
        head = re.match(rf"[^,.;:{_MASK}]{{0,80}},?\s*", after)
        aside = _ASIDE.match(after)
        complementizer = self.cues["complementizers"].search(after, 0, head.end() + 12) if head else None
        if complementizer is None and aside:
            complementizer = self.cues["complementizers"].match(after, aside.end())
        opening = complementizer or re.match(rf"[^,.;:{_MASK}]{{0,80}}?(?::|,(?=\s*[{_OPENING}]{_MASK}))", after)
        first = start + (opening.end() if opening else 0)
        inside = [p for p in later if p.end <= self.start + end + 1]
        quoted = sum(p.end - p.start for p in inside)
        if inside and quoted >= 0.6 * (end - first):
            return tuple(inside)
        return self._trimmed(first, end)

    def _split(
        self, parts: tuple[Span, ...], main: re.Match[str], speaker: Span | None, following: Sequence[re.Match[str]]
    ) -> list[Found]:
        """One attribution for each of several cues of one subject: "said that A and warned that B"."""
        later = [p for p in self.passages if p.start >= self.start + main.end()]
        joined: list[tuple[re.Match[str], int]] = []
        for cue in following:
            joint = _JOINT.search(self.masked, main.end(), cue.start())
            if joint and len(WORD.findall(self.masked[main.end() : joint.start()])) >= _LEAST_WORDS:
                joined.append((cue, joint.start()))
        if not joined:
            return [(parts, self._span(main.start(), main.end()), speaker)]
        found: list[Found] = []
        ends = [*(start for _, start in joined), len(self.masked)]
        for cue, end in zip([main, *(cue for cue, _ in joined)], ends, strict=True):
            words = self._forward(cue.end(), end, [p for p in later if p.start >= self.start + cue.end()])
            found.append((words, self._span(cue.start(), cue.end()), speaker))
        return found

    def _according(self, source: re.Match[str], *, echoed: bool) -> Found:
        """What a source says who follows ("according to X") or whose pronoun is inside ("in his words")."""
        speaker = self._pronoun(source) if echoed else self._after(source.end())
        comma = self.masked.find(",", source.end())
        cue = self._span(source.start(), source.end())
        inside = [p for p in self.passages if not (speaker and p.start < speaker.end and speaker.start < p.end)]
        before = self._trimmed(0, source.start()) if source.start() > 3 else ()
        after = self._trimmed(comma + 1, len(self.masked)) if comma > 0 else ()
        words = before if before and len(WORD.findall(self.masked[: source.start()])) > _LEAST_WORDS else after
        if inside and sum(p.end - p.start for p in inside) > 0.6 * sum(span.end - span.start for span in words):
            words = tuple(inside)
        return words, cue, speaker

    def _pronoun(self, echo: re.Match[str]) -> Span | None:
        words = WORD.finditer(self.masked, echo.start(), echo.end())
        found = next((word for word in words if self.cues["possessives"].fullmatch(word[0])), None)
        return self._span(found.start(), found.end()) if found else None

    def _subject(self, start: int, end: int, participle: bool = False) -> Span | None:
        """The speaker before a cue: the first noun phrase of its clause, as far as punctuation tells.

        Before a `participle` the clause is a whole one: "The Front rejected the charge, maintaining".
        """
        segment = _AUXILIARIES.sub("", self.masked[start:end])
        parts: list[Span] = []
        at = start
        for words in segment.split(","):
            if words.strip():
                parts.append(Span(at, at + len(words)))
            at += len(words) + 1
        if not parts:
            return None
        last = self._without_conjunction(Span(parts[-1].start, max(parts[-1].end, parts[-1].start + 1)))
        if segment.rstrip().endswith((",", "–", "—")) or not self.masked[last.start : last.end].strip():
            # "In Basra, Megan Hester, the mayor, said": the name stands before what is said of it.
            named = (part for part in map(self._without_conjunction, parts) if not self._adverbial(part))
            part = next(named, parts[-1])
            first = part.start
        else:
            part = parts[-1]
            words = self.masked[part.start : part.end]
            relative = _RELATIVE.search(words)
            if relative and words[: relative.start()].strip():  # "An official who asked not to be named"
                return self._phrase(part.start, part.start + relative.start())
            joint = max((m.end() for m in self.cues["joints"].finditer(words) if not _couples(words, m)), default=0)
            first = part.start + (joint if words[joint:].strip() else 0)
        told = self.cues["cues"].match(
            self.masked, first + len(self.masked[first:]) - len(self.masked[first:].lstrip())
        )
        first = told.end() if told and told.end() < part.end else first
        words = _AUXILIARIES.sub("", self.masked[first : part.end])
        if opening := _WHEN_OR_WHERE.match(words):
            first, words = first + opening.end(), words[opening.end() :]
        if participle:
            told = next((cue for name in ("cues", "weak") if (cue := self.cues[name].search(words, 1))), None)
            words = words[: told.start()] if told and words[: told.start()].strip() else words
        if len(words.split()) > _MOST_SUBJECT_WORDS:
            name = _LEADING_NAME.match(words.lstrip())
            if name is None:  # "The deputy head of … in Doha, Ann Berg, said"
                own = _LEADING_NAME.fullmatch(self.masked[parts[-1].start : parts[-1].end].strip())
                return self._phrase(parts[-1].start, parts[-1].end) if own and len(parts) > 1 else None
            words = words[: len(words) - len(words.lstrip()) + name.end()]
        return self._phrase(first, first + len(words))

    def _without_conjunction(self, part: Span) -> Span:
        first = re.match(r"\W*(\w+)(?:\s|$)", self.masked[part.start : part.end])
        conjunction = first and self.cues["conjunctions"].fullmatch(first[1])
        return Span(part.start + first.end(), part.end) if first and conjunction else part

    def _adverbial(self, part: Span) -> bool:
        first = re.match(r"\W*(\w+)", self.masked[part.start : part.end])
        return bool(first and self.cues["adverbials"].fullmatch(first[1]))

    def _after(self, start: int) -> Span | None:
        rest = self.masked[start:]
        stop = _AFTER_SPEAKER.search(rest, 2)
        return self._phrase(start, start + (stop.start() if stop else len(rest)))

    def _phrase(self, start: int, end: int) -> Span | None:
        span = next(iter(self._trimmed(start, end)), None)
        if span is None:
            return None
        words = self.text[span.start : span.end]
        return span if 0 < len(words.split()) <= _MOST_SPEAKER_WORDS and _MASK not in self.masked[start:end] else None

    def _trimmed(self, start: int, end: int) -> tuple[Span, ...]:
        """A stretch without punctuation and quotation marks around it; nothing if no word is in it."""
        first, last = self.start + start, self.start + end
        while first < last and self._blank(first):
            first += 1
        while last > first and self._blank(last - 1):
            last -= 1
        quoted = [p for p in self.passages if p.start == first + 1 and p.end >= last - 2]
        span = quoted[0] if quoted else Span(first, last)
        return (span,) if WORD.search(self.text[span.start : span.end]) else ()

    def _blank(self, place: int) -> bool:
        return self.text[place] in _TRIM or self.text[place].isspace()

    def _span(self, start: int, end: int) -> Span:
        return Span(self.start + start, self.start + end)


def _couples(words: str, joint: re.Match[str]) -> bool:
    """Whether a joint stands between two names: "the baker and the miller"."""
    sides = words[: joint.start()], words[joint.end() :]
    return joint[0].lower() in _AND and all(0 < len(side.split()) <= 4 for side in sides)


def masked(text: str, start: int, end: int, passages: Sequence[Span]) -> str:
    masked = list(text[start:end])
    for passage in passages:
        masked[passage.start - start : passage.end - start] = _MASK * (passage.end - passage.start)
    return "".join(masked)
