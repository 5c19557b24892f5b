"""Questions about one article: each is asked, its answer becomes grounded records, and what is left is asked too."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import prompts
from schemas.answers import FullLists, full_lists
from schemas.draft import draft_of
from service.deadline import Deadline
from service.errors import (
    AnswerError,
    AnswerMalformedError,
    AnswerTruncatedError,
    ContextTooLongError,
    DeadlineExceededError,
    ModelCallError,
    TooManyQuestionsError,
)
from service.extraction.candidates.candidate import Candidate
from service.extraction.grounding.ground import Grounded
from service.extraction.model import Question, StructuredModel, UsageMeter
from service.extraction.questions.budget import QuestionBudget
from service.extraction.questions.instructions import InstructionBook, Instructions
from service.extraction.questions.partial_results import (
    PartialResult,
    combine,
    holds_as_much,
    split_by_kind,
    without_answer,
)
from service.extraction.questions.planned import PlannedQuestion
from service.extraction.questions.prepared import PreparedQuestion, QuestionPreparer
from service.extraction.questions.progress import OnRecords
from service.extraction.text.windows import Window, estimate_tokens

_GROUNDED_AT_ONCE = 50
"""Some milliseconds; then others have their turn. Who speaks all through a long article has thousands of places."""
_FULL = "the list of records was full, and there may be more"
_FULL_INSIDE = "a list in the answer was full, and what is beyond it could not be asked for"


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks about the windows or candidates of one article.

    Args:
        model: answers the questions.
        preparer: makes them ready.
        instructions: what the model is told of kinds.
        deadline: when the article must be answered.
        usage: adds up what the calls cost.
        budget: how many questions may be asked beside those that were planned.
        bounded: whether lists in answers have an end.

    """

    model: StructuredModel
    preparer: QuestionPreparer
    instructions: InstructionBook
    deadline: Deadline
    usage: UsageMeter
    budget: QuestionBudget
    bounded: bool

    async def without_question(self, candidate: Candidate) -> PartialResult:
        """The records of a candidate of which code knows the whole record."""
        record = candidate.reader.record
        empty = draft_of(record, candidate.not_asked)()
        return await self._collect(0, self.preparer.ground_occurrences(record, empty, candidate))

    async def ask(self, planned: PlannedQuestion, on_records: OnRecords | None = None) -> PartialResult:
        """Ask about some kinds in one window or candidate; what one answer has no room for is asked about in parts.

        Args:
            planned: the question.
            on_records: told of records as the answers come; what is in the end is in the result alone.

        """
        results: list[PartialResult] = []
        open_: list[PlannedQuestion] = [planned]
        while open_:
            result, left = await self._ask_once(open_.pop(0), on_records)
            results.append(result)
            if on_records and left:
                on_records(combine(results).records)
            open_[:0] = left
        whole = combine(results)
        if len(results) == 1:
            return whole
        # The sentence at which a window is cut is asked about twice.
        return replace(whole, rejections=tuple({repr(refused): refused for refused in whole.rejections}.values()))

    async def _ask_once(
        self, planned: PlannedQuestion, on_records: OnRecords | None
    ) -> tuple[PartialResult, Sequence[PlannedQuestion]]:
        """What came of one question, and what is still to be asked because of it."""
        if self.deadline.passed():
            late = DeadlineExceededError("the time for the article was over before this was asked")
            return without_answer(planned.kinds, [planned.unit], late), ()
        instructions = self.instructions.of(planned.kinds)
        prepared = self.preparer.prepare(instructions, planned, bounded=self.bounded)
        try:
            answer = await self._answer(prepared, on_records)
        except AnswerTruncatedError as exc:
            if exc.starved:
                return without_answer(planned.kinds, [planned.unit], exc), ()
            if any(getattr(exc.whole, name, ()) for name in instructions.lists):
                return await self._outcome(instructions, planned, prepared, exc.whole, exc)
            return self._follow_ups(planned, PartialResult(), {planned.kinds: planned.halved()}, exc)
        except ContextTooLongError as exc:
            return self._follow_ups(planned, PartialResult(), {planned.kinds: planned.halved()}, exc)
        except (AnswerError, ModelCallError) as exc:
            return without_answer(planned.kinds, [planned.unit], exc), ()
        return await self._outcome(instructions, planned, prepared, answer, None)

    async def _outcome(
        self,
        instructions: Instructions,
        planned: PlannedQuestion,
        prepared: PreparedQuestion,
        answer: Any,
        cut: AnswerError | None,
    ) -> tuple[PartialResult, Sequence[PlannedQuestion]]:
        """What an answer holds, and what is still to be asked where there may be more.

        Args:
            instructions: what the model was told.
            planned: the question.
            prepared: as it was sent.
            answer: what the model said, or what was whole of it.
            cut: why that is not all of it, if it is not.

        """
        result = await self._collect(1, prepared.ground(answer))
        full = full_lists(answer) if self.bounded else FullLists()
        whole: tuple[str, ...] = ()
        if full.inside:
            again = tuple(kind for kind in planned.kinds if not instructions.joint or kind in full.inside)
            result, whole = await self._with_longer_lists(replace(planned, kinds=again), result)
        unfinished = {instructions.lists[name].kind for name in full.records}
        if cut is not None and isinstance(planned.unit, Window):
            unfinished.add(instructions.unfinished_kind(answer))
        left: dict[tuple[str, ...], Sequence[PlannedQuestion]] = {
            (kind,): planned.remaining(
                kind, [r for r in result.records if r.kind == kind], in_sight=instructions.joint and not self.bounded
            )
            for kind in planned.kinds
            if kind in unfinished and kind not in whole
        }
        missing = instructions.missing_kinds(answer)
        if missing and cut is not None:
            left[missing] = [replace(planned, kinds=missing)]
        elif missing:
            malformed = AnswerMalformedError(prompts.messages().reasons.no_list)
            result = combine([result, without_answer(missing, [planned.unit], malformed)])
        return self._follow_ups(planned, result, left, cut or AnswerTruncatedError(_FULL))

    def _follow_ups(
        self,
        planned: PlannedQuestion,
        result: PartialResult,
        left: Mapping[tuple[str, ...], Sequence[PlannedQuestion]],
        cut: AnswerError,
    ) -> tuple[PartialResult, Sequence[PlannedQuestion]]:
        """What came of an answer that was cut, and the questions that are left by kinds; a failure without any."""
        results, questions = [result], list[PlannedQuestion]()
        for kinds, those in left.items():
            if not those:
                results.append(without_answer(kinds, [planned.unit], cut))
            elif not self.budget.take(len(those)):
                spent = TooManyQuestionsError(f"{cut}, and no questions are left for less")
                results.append(without_answer(kinds, [one.unit for one in those], spent))
            else:
                questions += those
        return combine(results), questions

    async def _with_longer_lists(
        self, planned: PlannedQuestion, result: PartialResult
    ) -> tuple[PartialResult, tuple[str, ...]]:
        """The result with some kinds asked for again, in lists without an end; and the kinds, if that had all."""
        before, others = split_by_kind(result, planned.kinds)
        try:
            longer = await self._ask_without_end(planned)
            if holds_as_much(longer, before):
                return combine([others, longer]), planned.kinds
            raise AnswerTruncatedError("the answer to that had less in it")
        except (AnswerError, ModelCallError, TooManyQuestionsError) as exc:
            lost = without_answer(planned.kinds, [planned.unit], exc, reason=f"{_FULL_INSIDE}: {exc}")
            return combine([result, lost]), ()

    async def _ask_without_end(self, planned: PlannedQuestion) -> PartialResult:
        """Ask again, for lists without an end."""
        if not self.budget.take(1):
            raise TooManyQuestionsError("no questions are left")
        instructions = self.instructions.of(planned.kinds)
        prepared = self.preparer.prepare(instructions, planned, bounded=False)
        answer = await self._answer(prepared)
        if instructions.missing_kinds(answer):
            raise AnswerMalformedError(prompts.messages().reasons.no_list)
        return await self._collect(1, prepared.ground(answer))

    async def _answer(self, prepared: PreparedQuestion, on_records: OnRecords | None = None) -> Any:
        """Send a question and wait for its answer."""
        said = sum(estimate_tokens(message.content) for message in prepared.messages)
        room = self.model.context_tokens - said - prepared.schema_tokens
        if room < prepared.least_tokens:
            raise ContextTooLongError("the prompt leaves no room for an answer in the model's context")
        question = Question(
            messages=prepared.messages,
            answer=prepared.answer_model,
            review=prepared.review,
            max_tokens=min(prepared.answer_tokens, room),
            most_tokens=room,
            on_partial=partial(_report, prepared, on_records) if on_records and prepared.has_lists else None,
        )
        return prepared.complete(await self.model.fill(question, deadline=self.deadline, usage=self.usage))

    async def _collect(self, answers: int, outcomes: Iterator[Grounded]) -> PartialResult:
        """What came of some calls, grounded in slices."""
        grounded: list[Grounded] = []
        for outcome in outcomes:
            grounded.append(outcome)
            if len(grounded) % _GROUNDED_AT_ONCE == 0:
                await asyncio.sleep(0)
        return PartialResult(
            answers,
            tuple(outcome.record for outcome in grounded if outcome.record),
            tuple(rejection for outcome in grounded for rejection in outcome.rejections),
        )


def _report(prepared: PreparedQuestion, on_records: OnRecords, answer: Any) -> None:
    """Report the records in a part of an answer."""
    on_records([one.record for one in prepared.ground(answer) if one.record])
