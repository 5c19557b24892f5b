"""From what the model said to what the article says: citations become spans, copied words are found or refused."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from schemas.answers import BrokenDraft
from schemas.draft import CITATIONS, least, marked
from schemas.fields import (
    Besides,
    Chosen,
    Closed,
    Derived,
    Evidence,
    Mention,
    Origin,
    Record,
    Silent,
    Speech,
    inside,
    parts_of,
    values_of,
)
from schemas.result import Rejection
from service.extraction.candidates.candidates import Lead, Place
from service.extraction.entities.names import NO_NAMES
from service.extraction.normalize.countries import code_of
from service.extraction.normalize.rules import Surroundings, derive
from service.extraction.text.matching import Haystack, Span, fold
from service.extraction.text.quotes import numbered, without_numbers
from service.extraction.text.sentences import Sentence
from service.extraction.text.windows import Window

_LABEL = re.compile(r"\s*Q(\d{1,4})\W*$", re.IGNORECASE)
NOT_FOUND = "these words are not in the sentences shown; copy the article's own words, or use null"
NUMBER = "it is a number"
SPEAKS = "it is who says so"
UNSUPPORTED = "nothing it names stands in the sentences it cites"

_ENOUGH = 2
"""Different words of a record that tell its sentence when the model cited none that holds any."""


@dataclass(frozen=True, slots=True)
class Grounded:
    """The outcome for one draft: a record, or None, and everything that was refused."""

    record: Record | None
    rejections: tuple[Rejection, ...]


class _Missing(Exception):
    """A value without which its model cannot be."""


class Grounder:
    """Grounds drafts of one article. Holds the article prepared for searching; safe to share between windows."""

    def __init__(self, text: str, around: Surroundings) -> None:
        self._text = text
        self._haystack = Haystack(text)
        self._around = around

    def ground(
        self,
        record: type[Record],
        draft: Any,
        shown: Window | Lead,
        place: Place | None = None,
        *,
        as_cited: bool = False,
    ) -> Grounded:
        """Turn one draft into a record.

        Args:
            record: the kind's model.
            draft: an item of an answer: a draft of that kind, or a `BrokenDraft`.
            shown: what was asked about; nothing outside of its sentences counts as evidence.
            place: of a lead, the place that the record is for; it gives the evidence and the settled values.
            as_cited: whether the sentences cited are the evidence even if none of the record's words stands in them:
                the model was told to take names from anywhere ("The latter would be dropped, a diplomat said").

        """
        if isinstance(draft, BrokenDraft):
            reason = f"does not fit the schema: {'; '.join(draft.problems)}"
            return Grounded(None, (Rejection(kind=record.kind, reason=reason, draft=draft.said),))
        return _Draft(self, record, draft, shown, place, as_cited=as_cited).ground()

    def find(self, words: str, spans: Sequence[Span], shown: Window | Lead, *, label: bool) -> Mention | None:
        """The article's own form of some words, or of a passage named by its number."""
        named = _LABEL.match(words) if label else None
        found = self._passage(int(named[1]), shown) if named else self._haystack.find(words, spans)
        if found is None and (bare := without_numbers(words)) != words:
            found = self._haystack.find(bare, spans)  # who copies a sentence copies the numbers shown in it
        if found is None:
            return None
        return Mention(start=found.start, end=found.end, text=self._text[found.start : found.end])

    def _passage(self, number: int, shown: Window | Lead) -> Span | None:
        known = numbered(self._text, self._around.passages, shown)
        return Span(known[number - 1].start, known[number - 1].end) if 0 < number <= len(known) else None

    def derive(self, model: type[BaseModel], values: dict[str, Any]) -> dict[str, Any]:
        marks = {name: marked(field, Derived) for name, field in model.model_fields.items()}
        return {name: derive(mark, values, self._around) for name, mark in marks.items() if mark}


class _Draft:
    """One draft on its way to a record."""

    def __init__(
        self,
        grounder: Grounder,
        record: type[Record],
        draft: BaseModel,
        shown: Window | Lead,
        place: Place | None,
        *,
        as_cited: bool,
    ) -> None:
        self._as_cited = as_cited
        self._led = isinstance(shown, Lead)
        self._grounder = grounder
        self._record = record
        self._draft = draft
        self._shown = shown
        self._place = place
        self._settled: Mapping[str, Any] = {}
        if isinstance(shown, Lead) and place:
            self._settled = {
                name: self._derived(record.model_fields[name], value)
                for name, value in {**shown.settled, **place.settled}.items()
            }
        self._rejections: list[Rejection] = []
        self._whole = Span(shown.start, shown.end)
        self._spans: list[Span] = []

    def _derived(self, field: FieldInfo, settled: Any) -> Any:
        """A settled value; items that are known by their fields get those which are derived."""
        if not isinstance(settled, list) or not any(isinstance(item, Mapping) for item in settled):
            return settled
        item = get_args(field.annotation)[0]
        return [item(**known, **self._grounder.derive(item, known)) for known in settled]

    def ground(self) -> Grounded:
        if self._place:
            stating: Sequence[Sentence] = self._place.sentences
            self._spans = [sentence.span for sentence in (*stating, *self._shown.sentences)]
        else:
            stating = self._stating()
            # Words are looked for where the record is stated first, then in everything the model was shown.
            self._spans = [*(sentence.span for sentence in stating), self._whole]
        if not stating:
            return self._dropped(UNSUPPORTED)
        try:
            values = {**self._settled, **self._values(self._record, self._draft, path="")}
        except _Missing as exc:
            return self._dropped(str(exc))
        values |= self._settled_apart(values)
        values["evidence"] = [Evidence(start=s.start, end=s.end, text=s.text, sentence=s.number) for s in stating]
        values |= self._grounder.derive(self._record, values)
        record = self._record(**values).with_origins(self._origins(values))
        return Grounded(record, tuple(self._rejections))

    def _origins(self, values: Mapping[str, Any]) -> dict[str, Origin]:
        fields = self._record.model_fields.items()
        told = {name: field for name, field in fields if values[name] is not None and values[name] != []}
        return {name: self._origin(name, field) for name, field in told.items() if name != "evidence"}

    def _origin(self, name: str, field: FieldInfo) -> Origin:
        """How the value of a field came about that has one."""
        if marked(field, Derived):
            return "derived"
        if name in self._settled:
            return "read"
        offered = _is_offered(field, type(self._draft).model_fields[name])
        return "chosen" if offered or self._is_numbered(field, getattr(self._draft, name)) else "asked"

    def _is_numbered(self, field: FieldInfo, said: Any) -> bool:
        """Whether all words of a field that were found were named by their passages' numbers."""
        if not _labelled(field):
            return False
        words = [one for one in (said if isinstance(said, list) else [said]) if self._mention(one, label=True)]
        return all(map(_LABEL.match, words))

    def _stating(self) -> list[Sentence]:
        """The sentences that state the record: those cited, if its words stand in any of them, and the passage's.

        Where they stand in none, the model has miscounted, and the sentence that holds most of the words is taken,
        if it holds two of them; unless the evidence is as cited.
        """
        shown = self._shown.sentences
        said = set(getattr(self._draft, CITATIONS))
        cited = [sentence for sentence in shown if sentence.number in said]
        surfaces = list(_surfaces(self._record, self._draft))
        # Two may say the same: whose words they are is told by the sentence that is cited.
        spans = [*(sentence.span for sentence in cited), self._whole]
        places = [self._grounder.find(words, spans, self._shown, label=label) for words, label in surfaces]
        passages = [place for place, (_, label) in zip(places, surfaces, strict=True) if label]
        numbers = {s.number for s in shown for p in passages if p and s.start <= p.start < s.end}
        if (self._as_cited and cited) or any(self._held(surfaces, sentence) for sentence in cited):
            numbers |= {sentence.number for sentence in cited}
        elif not numbers:
            known = [surface for surface, place in zip(surfaces, places, strict=True) if place]
            best = max(shown, key=lambda sentence: self._held(known, sentence))
            numbers = {best.number} if self._held(known, best) >= _ENOUGH else set()
        return [sentence for sentence in shown if sentence.number in numbers]

    def _held(self, surfaces: Sequence[tuple[str, bool]], sentence: Sentence) -> int:
        """How many of the draft's different words a sentence holds."""
        found = (self._grounder.find(words, [sentence.span], self._shown, label=label) for words, label in surfaces)
        return len({mention.text for mention in found if mention and sentence.start <= mention.start < sentence.end})

    def _dropped(self, reason: str) -> Grounded:
        whole = Rejection(kind=self._record.kind, reason=reason, draft=self._draft.model_dump())
        return Grounded(None, (whole,))

    def _refuse(self, path: str, said: Any, reason: str) -> None:
        self._rejections.append(Rejection(kind=self._record.kind, field=path, reason=reason, draft=said))

    def _values(self, model: type[Closed], draft: BaseModel, path: str) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, field in model.model_fields.items():
            if marked(field, Derived) or (model is self._record and (name == "evidence" or name in self._settled)):
                continue
            # A field without anything to choose from was not asked for.
            empty: Any = [] if get_origin(field.annotation) is list else None
            values[name] = self._value(field, getattr(draft, name, empty), f"{path}{name}")
        for name, field in model.model_fields.items():
            if (mark := marked(field, Besides)) and name in values and (self._led or not mark.led):
                other = {**self._settled, **values}[mark.other]
                values[name] = self._apart(values[name], other, mark, f"{path}{name}")
        return values

    def _settled_apart(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Lists that code has settled, without what another field names that the model was asked for."""
        marks = {name: marked(self._record.model_fields[name], Besides) for name in self._settled}
        return {
            name: [item for item in values[name] if not _named(item, values[mark.other])]
            for name, mark in marks.items()
            if mark and isinstance(values[name], list)
        }

    def _apart(self, said: Any, others: Any, mark: Besides, path: str) -> Any:
        """A value, or the items of a list, without what another field names, be it by the last name alone."""
        if isinstance(said, list):
            kept = (self._apart(item, others, mark, f"{path}/{number}") for number, item in enumerate(said))
            return [item for item in kept if item is not None]
        if said is None or not _named(said, others):
            return said
        if not mark.redundant:
            self._refuse(path, said.text, f"it is named in {mark.other} already")
        return None

    def _value(self, field: FieldInfo, said: Any, path: str) -> Any:
        annotation = field.annotation
        label = _labelled(field)
        if get_origin(annotation) is list:
            return self._items(field, get_args(annotation)[0], said, path, label=label)
        options = get_args(annotation) or (annotation,)
        if Mention not in options:
            return said
        if said is None:
            return None
        found = self._mention(said, label=label)
        wrong = self._wrong(field, found)
        if wrong is None:
            return found
        if NoneType not in options:
            raise _Missing(f"{path}: {wrong}")
        self._refuse(path, said, wrong)
        return None

    def _wrong(self, field: FieldInfo, found: Mention | None) -> str | None:
        """What is wrong with words that were looked for, or nothing."""
        if found is None:
            return NOT_FOUND
        if _is_number(field, found):
            return NUMBER
        speaks = marked(field, Silent) and isinstance(self._shown, Lead) and found.text in self._shown.speaking
        return SPEAKS if speaks else None

    def _items(self, field: FieldInfo, item: Any, said: list[Any], path: str, *, label: bool) -> list[Any]:
        kept: list[Any] = []
        for number, value in enumerate(said):
            at = f"{path}/{number}"
            try:
                grounded = self._item(field, item, value, at, label=label)
            except _Missing as exc:
                self._refuse(at, _plain(value), str(exc))
                continue
            if grounded not in kept:
                kept.append(grounded)
        if len(kept) < (least(field) or 0):
            raise _Missing(f"{path}: {NOT_FOUND}")
        return kept

    def _item(self, field: FieldInfo, item: Any, value: Any, path: str, *, label: bool) -> Any:
        if item is Mention:
            found = self._mention(value, label=label)
            if wrong := self._wrong(field, found):
                raise _Missing(wrong)
            return found
        if isinstance(item, type) and issubclass(item, Closed):
            values = self._values(item, value, f"{path}/")
            return item(**values, **self._grounder.derive(item, values))
        return value

    def _mention(self, words: str, *, label: bool) -> Mention | None:
        return self._grounder.find(words, self._spans, self._shown, label=label)


def _is_offered(field: FieldInfo, asked: FieldInfo) -> bool:
    """Whether a field, or one inside it, was asked for with what code had found for it to choose from."""
    parts = parts_of(field.annotation)
    if parts is None:
        return marked(field, Chosen) is not None and bool(values_of(asked.annotation))
    form = inside(asked.annotation).model_fields
    return any(name in form and _is_offered(part, form[name]) for name, part in parts.model_fields.items())


def _is_number(field: FieldInfo, said: Mention) -> bool:
    """Whether words are a number alone where neither a figure nor a date is meant."""
    mark = marked(field, Chosen)
    return not any(char.isalpha() for char in said.text) and not (mark and mark.among in {"figures", "dates"})


def _named(said: Mention, others: Any) -> bool:
    """Whether some words, or the last ones of a name, are among those of another field."""
    taken = [mention.text for mention in (others if isinstance(others, list) else [others]) if mention]
    return any(_same(said.text, name) or _same(name, said.text) for name in taken)


def _same(name: str, other: str) -> bool:
    """Whether two names are one, or the second is a person's last name; "Sumy" is not the governor of Sumy."""
    if fold(name) == fold(other):
        return True
    before = fold(name).removesuffix(fold(other)).split()
    return fold(name).endswith(f" {fold(other)}") and before[-1] not in NO_NAMES and code_of(other, None) is None


def _surfaces(model: type[BaseModel], draft: BaseModel) -> Iterator[tuple[str, bool]]:
    """All words of a draft that should be the article's, and whether each may name a passage instead."""
    for name, field in model.model_fields.items():
        said = getattr(draft, name, None)
        inner: Any = next(iter(get_args(field.annotation)), field.annotation)
        for item in said if isinstance(said, list) else [said]:
            if isinstance(item, BaseModel):
                yield from _surfaces(inner, item)
            elif isinstance(item, str) and inner is Mention:
                yield item, _labelled(field)


def _labelled(field: FieldInfo) -> bool:
    """Whether a field may name a passage by its number."""
    mark = marked(field, Speech)
    return mark is not None and mark.part == "words"


def _plain(value: Any) -> Any:
    return value.model_dump() if isinstance(value, BaseModel) else value
