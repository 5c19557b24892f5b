"""From what the model said to what the article says: citations become spans, copied words are found or refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

import prompts
from schemas.answers import BrokenDraft
from schemas.draft import has_role, least, marked
from schemas.fields import Closed, Derived, DisjointFrom, Evidence, Mention, Origin, Record, inside, parts_of, values_of
from schemas.result import Rejection
from service.extraction.candidates.candidate import Candidate, Occurrence
from service.extraction.entities.names import is_no_name
from service.extraction.grounding.evidence import stating_sentences
from service.extraction.grounding.finder import WordFinder, is_label
from service.extraction.normalize.countries import code_of
from service.extraction.normalize.rules import ArticleContext, derive
from service.extraction.text.matching import fold
from service.extraction.text.sentences import Sentence
from service.extraction.text.spans import Span
from service.extraction.text.windows import Window

_OF_FIGURES = frozenset({"date", "least", "most"})
"""Rules that read a value off words which may be a number alone."""


@dataclass(frozen=True, slots=True)
class Grounded:
    """The outcome for one draft: a record, or None, and everything that was refused."""

    record: Record | None
    rejections: tuple[Rejection, ...]


class _RequiredValueMissing(Exception):
    """A value without which its model cannot be. The message says why there is none."""


class Grounder:
    """Grounds drafts of one article. Safe to share between windows."""

    def __init__(self, text: str, context: ArticleContext) -> None:
        self.finder = WordFinder(text, context.passages)
        self._context = context

    def ground(
        self,
        record: type[Record],
        draft: Any,
        shown: Window | Candidate,
        occurrence: Occurrence | None = None,
        *,
        as_cited: bool = False,
    ) -> Grounded:
        """Turn one draft into a record.

        Args:
            record: the kind's model.
            draft: an item of an answer: a draft of that kind, or a `BrokenDraft`.
            shown: what was asked about; nothing outside of its sentences counts as evidence.
            occurrence: of a candidate, the one that the record is for; it gives the evidence and prefilled values.
            as_cited: whether the sentences cited are the evidence even if none of the record's words stands in them:
                the model was told to take names from anywhere ("The latter would be dropped, a diplomat said").

        """
        if isinstance(draft, BrokenDraft):
            reason = prompts.messages().reasons.bad_form.format(problems="; ".join(draft.problems))
            return Grounded(None, (Rejection(kind=record.kind, reason=reason, draft=draft.said),))
        if isinstance(shown, Candidate) and occurrence:
            prefilled = {**shown.prefilled, **occurrence.prefilled}
            return _Draft(self, record, draft, shown, occurrence.sentences, prefilled).ground()
        stating = stating_sentences(self.finder, record, draft, shown, as_cited=as_cited)
        return _Draft(self, record, draft, shown, stating, {}).ground()

    def derive(self, model: type[BaseModel], values: Mapping[str, Any]) -> dict[str, Any]:
        """The derived fields of a model, by the values of the others."""
        marks = {name: marked(field, Derived) for name, field in model.model_fields.items()}
        return {name: derive(mark, values, self._context) for name, mark in marks.items() if mark}


class _Draft:
    """One draft on its way to a record."""

    def __init__(
        self,
        grounder: Grounder,
        record: type[Record],
        draft: BaseModel,
        shown: Window | Candidate,
        stating: Sequence[Sentence],
        prefilled: Mapping[str, Any],
    ) -> None:
        self._grounder = grounder
        self._record = record
        self._draft = draft
        self._shown = shown
        self._stating = stating
        self._reader = shown.reader if isinstance(shown, Candidate) else None
        self._prefilled = {
            name: self._with_derived(record.model_fields[name], value) for name, value in prefilled.items()
        }
        self._reasons = prompts.messages().reasons
        self._rejections: list[Rejection] = []
        # Words are looked for where the record is stated first, then in everything the model was shown.
        others = [s.span for s in shown.sentences] if self._reader else [Span(shown.start, shown.end)]
        self._spans = [*(sentence.span for sentence in stating), *others]

    def _with_derived(self, field: FieldInfo, prefilled: Any) -> Any:
        """A prefilled value; items that are given by their fields get those which are derived."""
        if not isinstance(prefilled, list) or not any(isinstance(item, Mapping) for item in prefilled):
            return prefilled
        item = get_args(field.annotation)[0]
        return [item(**known, **self._grounder.derive(item, known)) for known in prefilled]

    def ground(self) -> Grounded:
        if not self._stating:
            return self._dropped(self._reasons.unsupported)
        try:
            values = {**self._prefilled, **self._values(self._record, self._draft, path="")}
        except _RequiredValueMissing as exc:
            return self._dropped(str(exc))
        values |= self._prefilled_disjoint(values)
        values["evidence"] = [Evidence(start=s.start, end=s.end, text=s.text, sentence=s.number) for s in self._stating]
        values |= self._grounder.derive(self._record, values)
        record = self._record(**values).with_origins(self._origins(values))
        return Grounded(record, tuple(self._rejections))

    def _dropped(self, reason: str) -> Grounded:
        whole = Rejection(kind=self._record.kind, reason=reason, draft=self._draft.model_dump())
        return Grounded(None, (whole,))

    def _refuse(self, path: str, said: Any, reason: str) -> None:
        self._rejections.append(Rejection(kind=self._record.kind, field=path, reason=reason, draft=said))

    def _values(self, model: type[Closed], draft: BaseModel, path: str) -> dict[str, Any]:
        """The values of a record, or of a model inside it, which the model was asked for."""
        values: dict[str, Any] = {}
        is_record = model is self._record
        for name, field in model.model_fields.items():
            if marked(field, Derived) or (is_record and (name == "evidence" or name in self._prefilled)):
                continue
            # A field without anything to choose from was not asked for.
            empty: Any = [] if get_origin(field.annotation) is list else None
            values[name] = self._value(model, name, getattr(draft, name, empty), f"{path}{name}")
        for name, field in model.model_fields.items():
            if (mark := self._disjoint(name, field, path)) and name in values:
                other = {**self._prefilled, **values}[mark.other]
                values[name] = self._without_shared(values[name], other, mark, f"{path}{name}")
        return values

    def _disjoint(self, name: str, field: FieldInfo, path: str) -> DisjointFrom | None:
        """The field with which another one has no name in common, by the kind's schema or its reader."""
        read = self._reader.disjoint.get(f"{path}{name}") if self._reader else None
        return DisjointFrom(read) if read else marked(field, DisjointFrom)

    def _prefilled_disjoint(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Prefilled lists without what another field names that the model was asked for."""
        marks = {name: marked(self._record.model_fields[name], DisjointFrom) for name in self._prefilled}
        return {
            name: [item for item in values[name] if not _is_named(item, values[mark.other])]
            for name, mark in marks.items()
            if mark and isinstance(values[name], list)
        }

    def _without_shared(self, said: Any, others: Any, mark: DisjointFrom, path: str) -> Any:
        """A value, or the items of a list, without what another field names, be it by the last name alone."""
        if isinstance(said, list):
            kept = (self._without_shared(item, others, mark, f"{path}/{number}") for number, item in enumerate(said))
            return [item for item in kept if item is not None]
        if said is None or not _is_named(said, others):
            return said
        if not mark.redundant:
            self._refuse(path, said.text, self._reasons.named_elsewhere.format(other=mark.other))
        return None

    def _value(self, model: type[Closed], name: str, said: Any, path: str) -> Any:
        field = model.model_fields[name]
        annotation = field.annotation
        if get_origin(annotation) is list:
            return self._items(model, name, said, path)
        options = get_args(annotation) or (annotation,)
        if Mention not in options:
            return said
        if said is None:
            return None
        found = self._find(said, label=has_role(field, "words"))
        wrong = self._problem(model, name, found, path)
        if wrong is None:
            return found
        if NoneType not in options:
            raise _RequiredValueMissing(f"{path}: {wrong}")
        self._refuse(path, said, wrong)
        return None

    def _items(self, model: type[Closed], name: str, said: list[Any], path: str) -> list[Any]:
        field = model.model_fields[name]
        item = get_args(field.annotation)[0]
        kept: list[Any] = []
        for number, value in enumerate(said):
            at = f"{path}/{number}"
            try:
                grounded = self._item(model, name, item, value, at)
            except _RequiredValueMissing as exc:
                self._refuse(at, value.model_dump() if isinstance(value, BaseModel) else value, str(exc))
                continue
            if grounded not in kept:
                kept.append(grounded)
        if len(kept) < (least(field) or 0):
            raise _RequiredValueMissing(f"{path}: {self._reasons.not_found}")
        return kept

    def _item(self, model: type[Closed], name: str, item: Any, value: Any, path: str) -> Any:
        if item is Mention:
            found = self._find(value, label=has_role(model.model_fields[name], "words"))
            if wrong := self._problem(model, name, found, path):
                raise _RequiredValueMissing(wrong)
            return found
        if isinstance(item, type) and issubclass(item, Closed):
            values = self._values(item, value, f"{path}/")
            return item(**values, **self._grounder.derive(item, values))
        return value

    def _problem(self, model: type[Closed], name: str, found: Mention | None, path: str) -> str | None:
        """What is wrong with words that were looked for, or nothing."""
        if found is None:
            return self._reasons.not_found
        if not any(char.isalpha() for char in found.text) and not _may_be_number(model, name):
            return self._reasons.is_number
        if self._reader and isinstance(self._shown, Candidate) and found.text in self._shown.speakers:
            field = "/".join(part for part in path.split("/") if not part.isdigit())
            return self._reasons.is_speaker if field in self._reader.not_speaker else None
        return None

    def _find(self, words: str, *, label: bool) -> Mention | None:
        return self._grounder.finder.find(words, self._spans, self._shown, label=label)

    def _origins(self, values: Mapping[str, Any]) -> dict[str, Origin]:
        fields = self._record.model_fields.items()
        told = {name: field for name, field in fields if values[name] is not None and values[name] != []}
        return {name: self._origin(name, field) for name, field in told.items() if name != "evidence"}

    def _origin(self, name: str, field: FieldInfo) -> Origin:
        """How the value of a field came about that has one."""
        if marked(field, Derived):
            return "derived"
        if name in self._prefilled:
            return "read"
        offered = _is_offered(field, type(self._draft).model_fields[name])
        numbered = has_role(field, "words") and self._is_numbered(getattr(self._draft, name))
        return "chosen" if offered or numbered else "asked"

    def _is_numbered(self, said: Any) -> bool:
        """Whether all words that were found were named by their passages' numbers."""
        words = [one for one in (said if isinstance(said, list) else [said]) if self._find(one, label=True)]
        return all(map(is_label, words))


def _is_offered(field: FieldInfo, asked: FieldInfo) -> bool:
    """Whether words of a field, or of one inside it, were asked for with what code had found to choose from."""
    parts = parts_of(field.annotation)
    if parts is None:
        return inside(field.annotation) is Mention and bool(values_of(asked.annotation))
    form = inside(asked.annotation).model_fields
    return any(name in form and _is_offered(part, form[name]) for name, part in parts.model_fields.items())


def _may_be_number(model: type[Closed], name: str) -> bool:
    """Whether the words of a field may be a number alone: those of a figure, or of a date."""
    marks = (marked(field, Derived) for field in model.model_fields.values())
    return any(mark and mark.rule in _OF_FIGURES and name in mark.of for mark in marks)


def _is_named(said: Mention, others: Any) -> bool:
    """Whether some words, or the last ones of a name, are among those of another field."""
    taken = [mention.text for mention in (others if isinstance(others, list) else [others]) if mention]
    return any(_same_name(said.text, name) or _same_name(name, said.text) for name in taken)


def _same_name(name: str, other: str) -> bool:
    """Whether two names are one, or the second is a person's last name; "Sumy" is not the governor of Sumy."""
    if fold(name) == fold(other):
        return True
    before = fold(name).removesuffix(fold(other)).split()
    return fold(name).endswith(f" {fold(other)}") and not is_no_name(before[-1]) and code_of(other, None) is None
