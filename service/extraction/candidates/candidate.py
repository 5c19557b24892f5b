"""What one question of the strategy `candidates` is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.draft import marked
from schemas.fields import Derived, Mention
from service.extraction.candidates.choices import Choices
from service.extraction.candidates.kind_reader import KindReader
from service.extraction.text.sentences import Sentence
from service.extraction.text.windows import ShownSentences


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Sentences that may state a record, and the values of its fields that code read off them."""

    sentences: tuple[Sentence, ...]
    prefilled: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Candidate(ShownSentences):
    """A record that may be there: at one occurrence, or at all places where the same person speaks.

    The sentences shown are those of the first occurrence, behind one that names whom it is about where it does not
    do so itself.

    Args:
        reader: how records of its kind are read.
        occurrences: where it may be stated.
        prefilled: values that hold at all occurrences.
        hints: likely values of fields, which the model is shown and may change.
        choices: what was found for the model to choose from.
        certain: whether there is a record for sure, so that the model only tells more of it.
        speakers: the persons who say something in it, who speak for nobody else.

    """

    reader: KindReader
    occurrences: tuple[Occurrence, ...]
    prefilled: Mapping[str, Mention | str | bool | list[Any] | None]
    hints: Mapping[str, str]
    choices: Choices
    certain: bool
    speakers: frozenset[str] = frozenset()

    @property
    def not_asked(self) -> frozenset[str]:
        """Fields that the model is not asked for."""
        return frozenset({"evidence", *self.prefilled, *self.occurrences[0].prefilled})

    @property
    def needs_no_question(self) -> bool:
        """Whether code knows the whole record."""
        fields = self.reader.record.model_fields.items()
        return self.certain and {name for name, field in fields if not marked(field, Derived)} <= self.not_asked
