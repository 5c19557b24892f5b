"""A question as it is sent, and what becomes of its answer: how it is reviewed and grounded."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pydantic import BaseModel

import prompts
from schemas.answers import candidate_answer_of
from schemas.draft import ANYTHING
from schemas.fields import Record
from schemas.result import Rejection
from service.extraction.candidates.candidate import Candidate
from service.extraction.grounding.ground import Grounded, Grounder
from service.extraction.model import Message
from service.extraction.questions.instructions import Instructions
from service.extraction.questions.messages import candidate_message, window_message
from service.extraction.questions.planned import PlannedQuestion
from service.extraction.text.quotes import Passage
from service.extraction.text.windows import Window, estimate_tokens

_MOST_COMPLAINTS = 6
_ANSWER_TOKENS = 150
"""Room for any bounded answer about a window, besides the window's length: records cite sentences, so even a dense
article needs little more."""
_CANDIDATE_TOKENS = 370
"""Room for the bounded answer to one candidate."""
_TIMES_AS_LONG = 4
"""How much longer than a window an answer may be where lists have no end: each of twenty names is an object there."""
_LONG_ANSWER_TOKENS = 500
_LEAST_LONG_ANSWER = 2_000
_LONG_CANDIDATE_TOKENS = 1_500
_LEAST_ANSWER = 100
"""Tokens that an answer with a single record may need."""


@dataclass(frozen=True, slots=True)
class PreparedQuestion:
    """One question as it is sent.

    Args:
        messages: the whole conversation.
        answer_model: the form of the answer.
        answer_tokens: what the answer is expected to need at most.
        least_tokens: room with less of which the question is not asked.
        schema_tokens: what the answer's schema takes of the model's context.
        ground: makes records of an answer, or of a part of one.
        review: tells what is wrong with an answer, in words for the model; None if nothing is.
        complete: adds to the last answer what answers before it had and it does not.
        has_lists: whether the answer has lists, of which records can be told before it is finished.

    """

    messages: list[Message]
    answer_model: type[BaseModel]
    answer_tokens: int
    least_tokens: int
    schema_tokens: int
    ground: Callable[[Any], Iterator[Grounded]]
    review: Callable[[Any], str | None]
    complete: Callable[[Any], Any] = lambda answer: answer
    has_lists: bool = True


@dataclass(frozen=True, slots=True)
class QuestionPreparer:
    """Makes questions about one article ready.

    Args:
        text: the article.
        passages: its passages in quotation marks.
        grounder: grounds what is said of it.
        lean: whether answers about candidates leave out what is null or empty.

    """

    text: str
    passages: tuple[Passage, ...]
    grounder: Grounder
    lean: bool

    def prepare(self, instructions: Instructions, planned: PlannedQuestion, *, bounded: bool) -> PreparedQuestion:
        """Make a question ready; `bounded` tells whether the lists of its answer have an end."""
        if isinstance(planned.unit, Window):
            return self._about_window(instructions, planned.unit, planned.shown, bounded=bounded)
        return self._about_candidate(instructions, planned.unit, bounded=bounded)

    def ground_occurrences(self, record: type[Record], draft: Any, candidate: Candidate) -> Iterator[Grounded]:
        """One draft grounded at all occurrences of its candidate; what is wrong with it at several is said once."""
        said: list[Rejection] = []
        for occurrence in candidate.occurrences:
            outcome = self.grounder.ground(record, draft, candidate, occurrence)
            new = tuple(rejection for rejection in outcome.rejections if rejection not in said)
            said += new
            yield Grounded(outcome.record, new)

    def _about_window(
        self, instructions: Instructions, window: Window, within: Window | None, *, bounded: bool
    ) -> PreparedQuestion:
        """Show a window, or one that it is the end of, and have the model find what it states."""
        begin = window.sentences[0].number
        shown = window_message(instructions.task, self.text, within or window, self.passages)
        if within:
            # Behind the article, so that a provider has all before it in its prefix cache.
            shown = f"{shown}\n{prompts.going_on().format(number=begin)}"
        length = estimate_tokens(shown)
        long = max(_LEAST_LONG_ANSWER, _TIMES_AS_LONG * length + _LONG_ANSWER_TOKENS)

        def ground(name: str, record: type[Record], answer: Any) -> Iterator[Grounded]:
            drafts = getattr(answer, name)
            found = (self.grounder.ground(record, one, within or window, as_cited=instructions.joint) for one in drafts)
            # What ends before was reported before.
            return (one for one in found if not one.record or one.record.evidence[-1].sentence >= begin)

        good: dict[str, Any] = {}
        said: dict[str, Any] = {}

        def review(answer: Any) -> str | None:
            words = prompts.messages()
            lines = [
                words.complaint.line.format(place=kind, reason=words.reasons.no_list)
                for kind in instructions.missing_kinds(answer)
            ]
            for name, record in instructions.lists.items():
                if name not in answer.model_fields_set:
                    continue
                said[name] = getattr(answer, name)
                wrong = list(_problems(ground(name, record, answer), name, instructions))
                if not wrong and len(said[name]) >= len(good.get(name, ())):
                    good[name] = said[name]
                lines += wrong
            return _complaint(lines)

        lists = instructions.lists
        return PreparedQuestion(
            [*instructions.preamble, Message("user", shown)],
            instructions.answer_model(bounded=bounded),
            (_ANSWER_TOKENS + length) * len(lists) if bounded else long,
            # An answer about all kinds is about as long as what it is about; with less room it would be cut off.
            max(_LEAST_ANSWER, length) if len(lists) > 1 else _LEAST_ANSWER,
            instructions.schema_tokens,
            lambda answer: (one for name, record in lists.items() for one in ground(name, record, answer)),
            review,
            # Who is asked again about one list may leave out the others, or shorten them.
            lambda answer: answer.model_copy(update={**said, **good}),
        )

    def _about_candidate(self, instructions: Instructions, candidate: Candidate, *, bounded: bool) -> PreparedQuestion:
        """Show a candidate and have the model judge it."""
        record = instructions.record

        def ground(answer: Any) -> Iterator[Grounded]:
            return self.ground_occurrences(record, answer.record, candidate) if answer.record else iter(())

        allowed = candidate.reader.allowed(candidate.choices) if self.lean else ANYTHING
        return PreparedQuestion(
            [*instructions.candidate_preamble, Message("user", candidate_message(self.text, candidate))],
            candidate_answer_of(
                record,
                candidate.not_asked,
                lean=self.lean,
                allowed=allowed,
                certain=candidate.certain,
                bounded=bounded,
            ),
            _CANDIDATE_TOKENS if bounded else _LONG_CANDIDATE_TOKENS,
            _LEAST_ANSWER,
            0,
            ground,
            # The model was shown the first occurrence. What is not in there is wrong there, wherever else it stands.
            lambda answer: _complaint(_problems(islice(ground(answer), 1), "record", instructions)),
            has_lists=False,
        )


def _problems(grounded: Iterable[Grounded], name: str, instructions: Instructions) -> Iterator[str]:
    """What is wrong with the drafts of a list, or with the `record` of a candidate, a line each, for the model.

    An answer about all kinds is long, and is not asked for again because of a value in a record that is kept.
    """
    complaint = prompts.messages().complaint
    for number, outcome in enumerate(grounded):
        for refused in outcome.rejections:
            if instructions.joint and refused.field:
                continue
            item = f"{name}[{number}]" if name in instructions.lists else name
            place = ".".join([item, *(refused.field or "").split("/")]).rstrip(".")
            form = complaint.line_with_value if refused.field else complaint.line
            yield form.format(place=place, reason=refused.reason, value=repr(refused.draft))


def _complaint(lines: Iterable[str]) -> str | None:
    """What is wrong with an answer, in words for the model; None if nothing is."""
    wrong = list(islice(lines, _MOST_COMPLAINTS))
    complaint = prompts.messages().complaint
    return "\n".join([complaint.begins, *wrong, complaint.ends]) if wrong else None
