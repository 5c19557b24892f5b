"""The journey of one article: plan, ask, ground, merge. A question is grounded as soon as it is answered."""

import asyncio
import hashlib
import time
import uuid
from collections.abc import Coroutine, Mapping, Sequence
from importlib import metadata
from typing import Any, NamedTuple

from schemas.article import Article
from schemas.events import Begun, Event
from schemas.fields import Record
from schemas.registry import Registry
from schemas.result import Extraction
from service.deadline import Deadline
from service.errors import ArticleTooLongError, EmptyArticleError, ModelCallError, UnknownKindError
from service.extraction.candidates.candidate import Candidate
from service.extraction.candidates.kind_reader import SameEvent
from service.extraction.candidates.readers import reader_of
from service.extraction.fairness import ArticleTurns, Turns, run_in_thread, with_deadline
from service.extraction.grounding.merge import DroppedRecord, MergedRecord, merge, resolve_conflicts
from service.extraction.model import StructuredModel, UsageMeter
from service.extraction.planning import Plan, plan_article
from service.extraction.questions.asking import Asker
from service.extraction.questions.budget import QuestionBudget, over_budget
from service.extraction.questions.instructions import InstructionBook
from service.extraction.questions.partial_results import PartialResult, combine
from service.extraction.questions.planned import PlannedQuestion
from service.extraction.questions.prepared import QuestionPreparer
from service.extraction.questions.progress import OnEvent, ProgressReporter
from service.strategy import Strategy

_FEW = 200
"""Records that are merged at once, without a thread."""


class Extractor:
    """Turns articles into grounded records. Safe for concurrent use on one event loop."""

    def __init__(
        self,
        model: StructuredModel,
        registry: Registry,
        *,
        window_tokens: int,
        max_chars: int,
        max_questions: int = 2_000,
        field_guide: bool = True,
        strategy: Strategy = Strategy.GUIDED,
        lean: bool = False,
        bounded: bool = True,
        joint: bool = True,
        asked_with: str = "",
    ) -> None:
        """Read the prompts of every kind.

        Args:
            model: answers the questions.
            registry: the kinds that can be asked for.
            window_tokens: most tokens of article text in one question.
            max_chars: longest article, in code points.
            max_questions: most questions about one article; what is beyond them is left out with the reason.
            field_guide: whether the prompt describes every field; the examples alone are shorter.
            strategy: how records are looked for.
            lean: whether answers about candidates leave out what is null or empty.
            bounded: whether lists in answers have an end; a small model may never end one by itself.
            joint: whether a guided model is asked for all kinds at once; a small one forgets most in a long answer.
            asked_with: whatever else of a request decides what is found, such as how much the model is to think.

        Raises:
            PromptError: a kind has no usable prompt.

        """
        self._model = model
        self.registry = registry
        self.max_chars = max_chars
        self._window_tokens = window_tokens
        self._max_questions = max_questions
        self._strategy = strategy
        self._lean = lean
        self._bounded = bounded
        self._instructions = InstructionBook(registry, strategy, field_guide=field_guide, lean=lean, together=joint)
        self._asked_so = (strategy, window_tokens, field_guide, lean, bounded, joint, asked_with)
        self._turns = Turns()

    async def extract(
        self,
        article: Article,
        *,
        kinds: Sequence[str] | None = None,
        deadline: Deadline,
        tell: OnEvent | None = None,
        live: bool = False,
    ) -> Extraction:
        """Extract the records of one article.

        Args:
            article: the article as posted.
            kinds: names of the kinds wanted; None for all.
            deadline: when the answer must be there, complete or not.
            tell: told what happens while the article is read, up to what became of the records (see `schemas.events`).
            live: whether it is told of records even before the answer that holds them is finished, where the model
                server sends answers piece by piece.

        Raises:
            RequestError: the article or the kinds cannot be served; no call was made.
            ModelCallError: no call succeeded, so that there is nothing to answer with.

        """
        started = time.monotonic()
        self.check(article)
        chosen = self._chosen(kinds)
        usage, progress = UsageMeter(), ProgressReporter(tell or _ignore)

        plan = await self._plan(article, chosen, deadline)
        facts = self._begun(chosen, plan)
        progress.begun(facts, [question.kinds for question in plan.questions])
        asker = self._asker(article, plan, deadline, usage)
        grounded = await self._ask(asker, plan, progress, self._turns.of_article(), live=live)
        whole, merged = await self._merge(chosen, plan, grounded, progress)

        return Extraction(
            id=uuid.uuid4().hex,
            article_id=article.id,
            status="partial" if whole.failures else "complete",
            records={kind: [one.record for one in ones] for kind, ones in merged.kept.items()},
            origins={kind: [dict(one.record.origins) for one in ones] for kind, ones in merged.kept.items()},
            rejected=[*whole.rejections, *(one.rejection for one in merged.dropped)],
            failures=[failure for failure, _ in whole.failures],
            usage=usage.total,
            model=facts.model,
            prompt_version=facts.prompt_version,
            schema_version=facts.schema_version,
            sentences=facts.sentences,
            questions=facts.questions,
            duration_seconds=round(time.monotonic() - started, 3),
        )

    def check(self, article: Article) -> None:
        """Refuse an article that cannot be read.

        Raises:
            EmptyArticleError, ArticleTooLongError: why.

        """
        if not article.text.strip():
            raise EmptyArticleError("the article has no text")
        if len(article.text) > self.max_chars:
            message = f"the article has {len(article.text):,} characters; at most {self.max_chars:,} are read"
            raise ArticleTooLongError(message, most=self.max_chars)

    def check_model(self) -> None:
        """Pass if an article may be begun.

        Raises:
            BreakerOpenError: the model server keeps failing and is left alone for now.

        """
        self._model.check()

    def identity(self, kinds: Sequence[str] | None = None) -> str:
        """A hash of all but the article that decides what is found: model, prompts, schemas, strategy, version.

        Raises:
            UnknownKindError: there is no such kind.

        """
        chosen = self._chosen(kinds)
        parts = (
            metadata.version("dragoman"),
            self._model.name,
            self._instructions.version(chosen),
            self.registry.version(chosen),
            self.registry.code_version(chosen),
            *self._asked_so,
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def _chosen(self, kinds: Sequence[str] | None) -> list[str]:
        unknown = [kind for kind in kinds or () if kind not in self.registry]
        if unknown:
            raise UnknownKindError(f"there is no kind {unknown[0]!r}; there are {', '.join(self.registry.names)}")
        return [kind for kind in self.registry.names if not kinds or kind in kinds]

    async def _plan(self, article: Article, chosen: Sequence[str], deadline: Deadline) -> Plan:
        """Plan what is asked. The longest articles take seconds of it; the loop has others to serve meanwhile."""
        groups = [tuple(self.registry[kind] for kind in kinds) for kinds in self._instructions.groups(chosen)]
        return await with_deadline(deadline, run_in_thread(self._planned, article, groups))

    def _planned(self, article: Article, groups: Sequence[tuple[type[Record], ...]]) -> Plan:
        return plan_article(
            article,
            groups,
            by_candidates=self._strategy is Strategy.CANDIDATES,
            window_tokens=self._window_tokens,
            max_questions=self._max_questions,
        )

    def _begun(self, chosen: Sequence[str], plan: Plan) -> Begun:
        return Begun(
            kinds=list(chosen),
            sentences=plan.sentences,
            questions=len(plan.questions),
            model=self._model.name,
            prompt_version=self._instructions.version(chosen),
            schema_version=self.registry.version(chosen),
        )

    def _asker(self, article: Article, plan: Plan, deadline: Deadline, usage: UsageMeter) -> Asker:
        return Asker(
            self._model,
            QuestionPreparer(article.text, plan.passages, plan.grounder, self._lean),
            self._instructions,
            deadline,
            usage,
            QuestionBudget(self._max_questions - len(plan.questions)),
            self._bounded,
        )

    async def _ask(
        self, asker: Asker, plan: Plan, progress: ProgressReporter, turns: ArticleTurns, *, live: bool
    ) -> "list[_Numbered]":
        """Ask all questions at once, each when it is its turn, and ground their answers."""

        async def ask(question: PlannedQuestion) -> _Numbered:
            reporter = progress.for_question()
            async with turns.turn(question.kinds, asker.deadline):
                result = await asker.ask(question, reporter.records if live else None)
            numbers = reporter.finish(result)
            progress.question_done(question.kinds)
            return _Numbered(result, numbers)

        async def without_question(candidate: Candidate) -> _Numbered:
            result = await asker.without_question(candidate)
            return _Numbered(result, progress.for_question().finish(result))

        return await _all_or_none([*map(without_question, plan.known), *map(ask, plan.questions)])

    async def _merge(
        self, chosen: Sequence[str], plan: Plan, grounded: "Sequence[_Numbered]", progress: ProgressReporter
    ) -> "tuple[PartialResult, _Merged]":
        """Make one record of those which tell the same item, with the failures of what was not asked."""
        answered = combine([one.result for one in grounded])
        _raise_if_nothing(answered)
        unasked = combine(list(over_budget(self._max_questions, plan.unasked)))
        progress.failed(failure for failure, _ in unasked.failures)
        whole = combine([answered, unasked])
        # The threads may be at long articles of others; a few records need none.
        few = len(whole.records) <= _FEW
        kept, dropped = self._merged(whole.records) if few else await run_in_thread(self._merged, whole.records)
        of_kind = {kind: [one for one in kept if one.record.kind == kind] for kind in chosen}
        progress.merged([number for one in grounded for number in one.numbers], of_kind, dropped)
        return whole, _Merged(of_kind, dropped)

    def _merged(self, records: Sequence[Record]) -> tuple[list[MergedRecord], list[DroppedRecord]]:
        if self._strategy is Strategy.CANDIDATES:
            return resolve_conflicts(merge(records, same_event_of=_same_event_of))
        return resolve_conflicts(merge(records))


class _Numbered(NamedTuple):
    """What came of a question, and the numbers of its records."""

    result: PartialResult
    numbers: tuple[int, ...]


class _Merged(NamedTuple):
    """The records of an answer by kind, and those that are not in it."""

    kept: Mapping[str, Sequence[MergedRecord]]
    dropped: Sequence[DroppedRecord]


def _same_event_of(record: type[Record]) -> SameEvent | None:
    reader = reader_of(record)
    return reader.same_event if reader else None


def _ignore(event: Event) -> None:
    """Take no notice of an event."""


async def _all_or_none(asked: Sequence[Coroutine[Any, Any, _Numbered]]) -> list[_Numbered]:
    """Wait for all; where one raises, which only a bug does, the others are cancelled and not billed on."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(question) for question in asked]
    except BaseExceptionGroup as exc:
        raise exc.exceptions[0] from None
    return [task.result() for task in tasks]


def _raise_if_nothing(whole: PartialResult) -> None:
    """Where every call failed there is no answer, only an error: the first one that is the server's fault."""
    if whole.answers:
        return
    errors = [error for _, error in whole.failures if isinstance(error, ModelCallError)]
    if len(errors) == len(whole.failures) and errors:
        raise errors[0]
