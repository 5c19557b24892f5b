"""The journey of one article: segment, plan, ask, ground, merge; derived fields are added while grounding."""

import asyncio
import hashlib
import time
import uuid
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib import metadata
from typing import Any, TypeVar

from pydantic import BaseModel

import prompts
from schemas.article import Article
from schemas.draft import answer_of, led_answer_of
from schemas.fields import ANYTHING, Record
from schemas.registry import Registry
from schemas.result import Extraction, Failure, Rejection
from service.extraction.ask import article as article_message
from service.extraction.ask import led_article, led_preamble, preamble
from service.extraction.deadline import Deadline
from service.extraction.derive import Surroundings
from service.extraction.errors import (
    AnswerError,
    AnswerTruncatedError,
    ArticleTooLongError,
    ContextTooLongError,
    DeadlineExceededError,
    DragomanError,
    EmptyArticleError,
    ModelCallError,
    UnknownKindError,
)
from service.extraction.ground import Grounded, Grounder
from service.extraction.leads import Lead, leads, read
from service.extraction.merge import merge, settle
from service.extraction.model import Message, Question, StructuredModel, UsageMeter
from service.extraction.plan import Window, tokens, windows
from service.extraction.quotation import Passage, passages
from service.extraction.segment import Sentence, segment

T = TypeVar("T")

_MOST_COMPLAINTS = 6
_ANSWER_TOKENS = 150
"""Room for any answer, besides what its question calls for."""
_LEAD_TOKENS = 370
"""Room for the answer to one lead."""
_POSED_AT_ONCE = 64
"""Questions of one kind about one article that are made ready at a time. A long article has thousands of leads."""
_LEAST_ANSWER = 100
"""Tokens that an answer with a single record may need."""


class Strategy(StrEnum):
    """How records are looked for."""

    SEARCH = "search"
    """The model is shown windows of the article and finds what they state."""
    LEADS = "leads"
    """Code finds the places and what it can read off them; the model judges each and fills in the rest."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What came of one kind in one window, or in the halves it was cut into; `answers` is how many calls had one."""

    answers: int = 0
    records: tuple[Record, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    failures: tuple[tuple[Failure, DragomanError], ...] = ()


def _together(parts: Sequence[_Part]) -> _Part:
    """Some parts as one. In one pass: an article may have thousands."""
    return _Part(
        sum(part.answers for part in parts),
        tuple(record for part in parts for record in part.records),
        tuple(rejection for part in parts for rejection in part.rejections),
        tuple(failure for part in parts for failure in part.failures),
    )


@dataclass(frozen=True, slots=True)
class _Task:
    """One kind, and everything that is said to the model before an article."""

    record: type[Record]
    prompt: prompts.Prompt
    preamble: tuple[Message, ...]
    led_preamble: tuple[Message, ...]

    @classmethod
    def load(cls, record: type[Record], *, field_guide: bool, lean: bool) -> "_Task":
        prompt = prompts.load(record.kind)
        searching = preamble(record, prompt, field_guide=field_guide)
        return cls(record, prompt, searching, led_preamble(record, prompt, field_guide=field_guide, lean=lean))


class Extractor:
    """Turns articles into grounded records. Safe for concurrent use on one event loop."""

    def __init__(
        self,
        model: StructuredModel,
        registry: Registry,
        *,
        window_tokens: int,
        max_chars: int,
        field_guide: bool = True,
        strategy: Strategy = Strategy.SEARCH,
        lean: bool = False,
    ) -> None:
        """Read the prompts of every kind.

        Args:
            model: answers the questions.
            registry: the kinds that can be asked for.
            window_tokens: most tokens of article text in one question.
            max_chars: longest article, in code points.
            field_guide: whether the prompt describes every field; the examples alone are shorter.
            strategy: how records are looked for.
            lean: whether answers to leads leave out what is null or empty.

        Raises:
            PromptError: a kind has no usable prompt.

        """
        self._model = model
        self.registry = registry
        self._tasks = {record.kind: _Task.load(record, field_guide=field_guide, lean=lean) for record in registry}
        self._window_tokens = window_tokens
        self.max_chars = max_chars
        self._strategy = strategy
        self._field_guide = field_guide
        self._lean = lean

    async def extract(
        self,
        article: Article,
        *,
        kinds: Sequence[str] | None = None,
        deadline: Deadline,
        progress: Callable[[int, int], None] | None = None,
    ) -> Extraction:
        """Extract the records of one article.

        Args:
            article: the article as posted.
            kinds: names of the kinds wanted; None for all.
            deadline: when the answer must be there, complete or not.
            progress: told how many questions have been dealt with, and of how many, each time that it changes.

        Raises:
            RequestError: the article or the kinds cannot be served; no call was made.
            ModelCallError: no call succeeded, so that there is nothing to answer with.

        """
        started = time.monotonic()
        self.check(article)
        chosen = self._chosen(kinds)
        # The longest articles take seconds before and after the questions; the loop has others to serve meanwhile.
        plan = await _beside(self._plan, article, chosen)
        usage = UsageMeter()
        reader = _Reader(self._model, article.text, plan.passages, plan.grounder, deadline, usage, self._lean)
        steps = _Steps(len(plan.asked), progress)
        gates = {kind: asyncio.Semaphore(_POSED_AT_ONCE) for kind in chosen}
        parts = await _all_or_none(
            [reader.answer(self._tasks[kind], unit, steps, gates[kind]) for kind, unit in plan.asked]
        )
        whole = _together(parts)
        _raise_if_nothing(whole)
        records, contested = await _beside(self._settled, whole.records)
        return Extraction(
            id=uuid.uuid4().hex,
            article_id=article.id,
            status="partial" if whole.failures else "complete",
            records={kind: [record for record in records if record.kind == kind] for kind in chosen},
            rejected=[*whole.rejections, *contested],
            failures=[failure for failure, _ in whole.failures],
            usage=usage.total,
            model=self._model.name,
            prompt_version=prompts.version([self._tasks[kind].prompt for kind in chosen]),
            schema_version=self.registry.version(chosen),
            sentences=plan.sentences,
            questions=len(plan.asked),
            duration_seconds=round(time.monotonic() - started, 3),
        )

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
            prompts.version([self._tasks[kind].prompt for kind in chosen]),
            self.registry.version(chosen),
            *(self._strategy, self._window_tokens, self._field_guide, self._lean),
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def _plan(self, article: Article, chosen: Sequence[str]) -> "_Plan":
        """Everything that needs no answer yet."""
        sentences = segment(article.text, article.language)
        found = tuple(passages(article.text))
        published = article.published_at
        day = published.date() if isinstance(published, datetime) else published
        grounder = Grounder(article.text, Surroundings(found, day, article.language))
        return _Plan(len(sentences), found, grounder, self._asked(article, sentences, found, chosen))

    def _settled(self, records: Sequence[Record]) -> tuple[list[Record], list[Rejection]]:
        return settle(merge(records, one_by_one=self._strategy is Strategy.LEADS))

    def _asked(
        self, article: Article, sentences: Sequence[Sentence], found: Sequence[Passage], chosen: Sequence[str]
    ) -> list[tuple[str, Window | Lead]]:
        """What is asked: leads where code can look for them, else everything in windows."""
        planned = windows(sentences, self._window_tokens)
        if self._strategy is Strategy.SEARCH:
            return [(kind, window) for window in planned for kind in chosen]
        reading = read(article.text, sentences, found, article.language)
        seen = {kind: leads(self.registry[kind], reading) for kind in chosen}
        if reading.language is None and not any(seen.values()):
            # In a language that nothing is known of, no leads do not mean that there is nothing.
            seen = dict.fromkeys(chosen)
        units = {kind: planned if found is None else found for kind, found in seen.items()}
        return [(kind, unit) for kind in chosen for unit in units[kind]]

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

    def _chosen(self, kinds: Sequence[str] | None) -> list[str]:
        unknown = [kind for kind in kinds or () if kind not in self.registry]
        if unknown:
            raise UnknownKindError(f"there is no kind {unknown[0]!r}; there are {', '.join(self.registry.names)}")
        return [kind for kind in self.registry.names if not kinds or kind in kinds]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be asked of an article, and what its answers are held against."""

    sentences: int
    passages: tuple[Passage, ...]
    grounder: Grounder
    asked: list[tuple[str, Window | Lead]]


@dataclass(frozen=True, slots=True)
class _Posed:
    """One question about a part of an article, and how its answer is grounded.

    `where` is what a complaint calls an item of the answer.
    """

    messages: list[Message]
    form: type[BaseModel]
    answer_tokens: int
    ground: Callable[[Any], list[Grounded]]
    where: str


@dataclass(slots=True)
class _Steps:
    """Questions dealt with; `tell` hears of each."""

    questions: int
    tell: Callable[[int, int], None] | None
    done: int = 0

    def __post_init__(self) -> None:
        self._told()

    def advance(self) -> None:
        self.done += 1
        self._told()

    def _told(self) -> None:
        if self.tell is not None:
            self.tell(self.done, self.questions)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Asks about the windows of one article."""

    model: StructuredModel
    text: str
    passages: tuple[Passage, ...]
    grounder: Grounder
    deadline: Deadline
    usage: UsageMeter
    lean: bool

    async def answer(self, task: _Task, unit: Window | Lead, steps: _Steps, gate: asyncio.Semaphore) -> _Part:
        """Deal with one question, once there is room for it and if there is still time."""
        async with gate:
            late = DeadlineExceededError("the time for the article was over before this was asked")
            part = _failed(task.record, unit, late) if self.deadline.passed() else await self.read(task, unit)
        steps.advance()
        return part

    async def read(self, task: _Task, unit: Window | Lead) -> _Part:
        """Read one kind in one window or lead; cut a window in two when the answer or the prompt is too long."""
        try:
            return await self._ask(task, unit)
        except (AnswerTruncatedError, ContextTooLongError) as exc:
            halves = unit.halves() if isinstance(unit, Window) else None
            if halves is None:
                return _failed(task.record, unit, exc)
            return _together([await self.read(task, half) for half in halves])
        except (AnswerError, ModelCallError) as exc:
            return _failed(task.record, unit, exc)

    async def _ask(self, task: _Task, unit: Window | Lead) -> _Part:
        posed = self._search(task, unit) if isinstance(unit, Window) else self._follow(task, unit)
        room = self.model.context_tokens - sum(tokens(message.content) for message in posed.messages)
        if room < _LEAST_ANSWER:
            raise ContextTooLongError("the prompt leaves no room for an answer in the model's context")
        question = Question(
            messages=posed.messages,
            answer=posed.form,
            review=lambda answer: _complaint(posed.ground(answer), posed.where),
            max_tokens=min(posed.answer_tokens, room),
        )
        grounded = posed.ground(await self.model.fill(question, deadline=self.deadline, usage=self.usage))
        return _Part(
            1,
            tuple(outcome.record for outcome in grounded if outcome.record),
            tuple(rejection for outcome in grounded for rejection in outcome.rejections),
        )

    def _search(self, task: _Task, window: Window) -> _Posed:
        """Show a window and have the model find what it states."""
        shown = article_message(task.prompt.task, self.text, window, self.passages)

        def ground(answer: Any) -> list[Grounded]:
            return [self.grounder.ground(task.record, draft, window) for draft in answer.records]

        # Records cite sentences, so even a dense article needs little more than its own length.
        room = _ANSWER_TOKENS + tokens(shown)
        return _Posed([*task.preamble, Message("user", shown)], answer_of(task.record), room, ground, "records[{}]")

    def _follow(self, task: _Task, lead: Lead) -> _Posed:
        """Show a lead and have the model judge it."""

        def ground(answer: Any) -> list[Grounded]:
            return self._places(task, answer.record, lead) if answer.record else []

        choices = lead.choices if self.lean else ANYTHING
        return _Posed(
            [*task.led_preamble, Message("user", led_article(self.text, lead))],
            led_answer_of(task.record, lead.known, lean=self.lean, choices=choices, certain=lead.certain),
            _LEAD_TOKENS,
            ground,
            "record",
        )

    def _places(self, task: _Task, draft: Any, lead: Lead) -> list[Grounded]:
        """One draft grounded at all places of its lead; what is wrong with it at several is said once."""
        outcomes = [self.grounder.ground(task.record, draft, lead, place) for place in lead.places]
        said: list[Rejection] = []
        for position, outcome in enumerate(outcomes):
            new = tuple(rejection for rejection in outcome.rejections if rejection not in said)
            said += new
            outcomes[position] = Grounded(outcome.record, new)
        return outcomes


_BESIDE = ThreadPoolExecutor(2, thread_name_prefix="dragoman-article")
"""Long articles take seconds of computing. In threads of their own they hold up neither the loop nor what else waits
for a thread, such as the lease of a job."""


async def _beside(compute: Callable[..., T], *arguments: Any) -> T:
    return await asyncio.get_running_loop().run_in_executor(_BESIDE, compute, *arguments)


async def _all_or_none(asked: Sequence[Coroutine[Any, Any, _Part]]) -> list[_Part]:
    """Wait for all; where one raises, which only a bug does, the others are cancelled and not billed on."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(question) for question in asked]
    except BaseExceptionGroup as exc:
        raise exc.exceptions[0] from None
    return [task.result() for task in tasks]


def _complaint(grounded: list[Grounded], where: str) -> str | None:
    """What is wrong with an answer, in words for the model; None if nothing is."""
    lines = [
        f"- {'.'.join([where.format(number), *(refused.field or '').split('/')]).rstrip('.')}: {refused.reason}"
        + (f" (you wrote: {refused.draft!r})" if refused.field else "")
        for number, outcome in enumerate(grounded)
        for refused in outcome.rejections
    ]
    if not lines:
        return None
    return "\n".join(["These parts of the answer cannot be used:", *lines[:_MOST_COMPLAINTS], "Answer again, whole."])


def _failed(record: type[Record], unit: Window | Lead, error: DragomanError) -> _Part:
    failure = Failure(
        kind=record.kind,
        first_sentence=unit.sentences[0].number,
        last_sentence=unit.sentences[-1].number,
        start=unit.start,
        end=unit.end,
        code=error.code,
        reason=str(error),
    )
    return _Part(failures=((failure, error),))


def _raise_if_nothing(whole: _Part) -> None:
    """Where every call failed there is no answer, only an error: the first one that is the server's fault."""
    if whole.answers:
        return
    errors = [error for _, error in whole.failures if isinstance(error, ModelCallError)]
    if len(errors) == len(whole.failures) and errors:
        raise errors[0]
