"""The journey of one article: segment, plan, ask, ground, merge; derived fields are added while grounding."""

import asyncio
import hashlib
import time
import uuid
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib import metadata
from typing import Any, NamedTuple

import prompts
from schemas.article import Article
from schemas.events import Begun, Event
from schemas.fields import Record
from schemas.registry import Registry
from schemas.result import Extraction
from service.deadline import Deadline
from service.errors import ArticleTooLongError, EmptyArticleError, ModelCallError, UnknownKindError
from service.extraction.analysis import read as read_for_leads
from service.extraction.candidates.candidates import Lead, leads
from service.extraction.fairness import beside, in_time
from service.extraction.grounding.ground import Grounder
from service.extraction.grounding.merge import Joined, Refused, merge, settle
from service.extraction.model import StructuredModel, UsageMeter
from service.extraction.normalize.rules import Surroundings
from service.extraction.questions.asking import Allowance, Reader
from service.extraction.questions.budget import left_out, within
from service.extraction.questions.partial_results import Part, together
from service.extraction.questions.planned import Asked, Task
from service.extraction.questions.progress import Account, Tell
from service.extraction.text.quotes import Passage, passages
from service.extraction.text.sentences import Sentence, segment
from service.extraction.text.windows import windows

_FEW = 200
"""Records that are joined at once, without a thread."""
_POSED_AT_ONCE = 32
"""Questions of one kind about one article that are made ready at a time. A long article has thousands of leads."""


class Strategy(StrEnum):
    """How records are looked for."""

    GUIDED = "guided"
    """The model is told what every kind, field and value means, and finds all kinds in a window at once."""
    SEARCH = "search"
    """The model is shown examples of one kind at a time and finds what windows of the article state."""
    LEADS = "leads"
    """Code finds the places and what it can read off them; the model judges each and fills in the rest."""


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
            lean: whether answers to leads leave out what is null or empty.
            bounded: whether lists in answers have an end; a small model may never end one by itself.
            joint: whether a guided model is asked for all kinds at once; a small one forgets most in a long answer.
            asked_with: whatever else of a request decides what is found, such as how much the model is to think.

        Raises:
            PromptError: a kind has no usable prompt.

        """
        self._model = model
        self.registry = registry
        self._window_tokens = window_tokens
        self.max_chars = max_chars
        self._max_questions = max_questions
        self._strategy = strategy
        self._field_guide = field_guide
        self._lean = lean
        self._bounded = bounded
        self._joint = joint
        self._asked_with = asked_with
        self._tasks: dict[tuple[str, ...], Task] = {}
        for kinds in self._together(registry.names):
            self._task(kinds)
        # A question takes milliseconds to make ready. A thousand at once, of some long articles, would keep the loop
        # from its connections for so long that they time out; so there is a turn of the loop between any two.
        self._turns = asyncio.Lock()

    async def extract(
        self,
        article: Article,
        *,
        kinds: Sequence[str] | None = None,
        deadline: Deadline,
        tell: Tell | None = None,
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
        # The longest articles take seconds before and after the questions; the loop has others to serve meanwhile.
        plan = await in_time(deadline, beside(self._plan, article, chosen))
        usage = UsageMeter()
        spare = Allowance(self._max_questions - len(plan.asked))
        reader = Reader(
            self._model,
            article.text,
            plan.passages,
            plan.grounder,
            self._task,
            deadline,
            usage,
            spare,
            lean=self._lean,
            bounded=self._bounded,
        )
        prompt_version, schema_version = self._prompt_version(chosen), self.registry.version(chosen)
        account = Account(tell or _nobody)
        account.begun(
            Begun(
                kinds=chosen,
                sentences=plan.sentences,
                questions=len(plan.asked),
                model=self._model.name,
                prompt_version=prompt_version,
                schema_version=schema_version,
            ),
            [question.kinds for question in plan.asked],
        )
        gates = {question.kinds: asyncio.Semaphore(_POSED_AT_ONCE) for question in plan.asked}

        async def read(question: Asked) -> _Told:
            """Ask one question when it is its turn."""
            findings = account.about()
            async with gates[question.kinds]:
                with suppress(TimeoutError):
                    async with asyncio.timeout(deadline.remaining()), self._turns:
                        await asyncio.sleep(0)
                part = await reader.read(question, findings.hear if live else None)
            numbers = findings.end(part)
            account.advanced(question.kinds)
            return _Told(part, numbers)

        async def known(kind: str, lead: Lead) -> _Told:
            part = await reader.known(kind, lead)
            return _Told(part, account.about().end(part))

        settled = [known(kind, lead) for kind, lead in plan.settled]
        told = await _all_or_none([*settled, *map(read, plan.asked)])
        answered = together([one.part for one in told])
        _raise_if_nothing(answered)
        unasked = together(list(left_out(self._max_questions, plan.unasked)))
        account.failed(failure for failure, _ in unasked.failures)
        whole = together([answered, unasked])
        # The threads may be at long articles of others; a few records need none.
        if len(whole.records) <= _FEW:
            kept, contested = self._settled(whole.records)
        else:
            kept, contested = await beside(self._settled, whole.records)
        of_kind = {kind: [one for one in kept if one.record.kind == kind] for kind in chosen}
        account.settled([number for one in told for number in one.numbers], of_kind, contested)
        return Extraction(
            id=uuid.uuid4().hex,
            article_id=article.id,
            status="partial" if whole.failures else "complete",
            records={kind: [one.record for one in ones] for kind, ones in of_kind.items()},
            origins={kind: [dict(one.record.origins) for one in ones] for kind, ones in of_kind.items()},
            rejected=[*whole.rejections, *(one.rejection for one in contested)],
            failures=[failure for failure, _ in whole.failures],
            usage=usage.total,
            model=self._model.name,
            prompt_version=prompt_version,
            schema_version=schema_version,
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
            self._prompt_version(chosen),
            self.registry.version(chosen),
            *(
                self._strategy,
                self._window_tokens,
                self._field_guide,
                self._lean,
                self._bounded,
                self._joint,
                self._asked_with,
            ),
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def _prompt_version(self, chosen: Sequence[str]) -> str:
        if self._strategy is Strategy.GUIDED:
            tasks = map(self._task, self._together(chosen))
            said = [message.content for task in tasks for message in task.preamble]
            return prompts.version([*said, prompts.going_on()])
        asked = [prompts.load(kind).content for kind in chosen]
        return prompts.version(asked, with_cues=self._strategy is Strategy.LEADS)

    def _together(self, kinds: Sequence[str]) -> list[tuple[str, ...]]:
        """Which of some kinds are asked for in one question."""
        at_once = self._strategy is Strategy.GUIDED and self._joint
        return [tuple(kinds)] if at_once else [(kind,) for kind in kinds]

    def _task(self, kinds: tuple[str, ...]) -> Task:
        if kinds not in self._tasks:
            records = [self.registry[kind] for kind in kinds]
            self._tasks[kinds] = (
                Task.guided(records)
                if self._strategy is Strategy.GUIDED
                else Task.searching(*records, field_guide=self._field_guide, lean=self._lean)
            )
        return self._tasks[kinds]

    def _plan(self, article: Article, chosen: Sequence[str]) -> "_Plan":
        """Everything that needs no answer yet."""
        sentences = segment(article.text, article.language)
        found = tuple(passages(article.text))
        published = article.published_at
        day = published.date() if isinstance(published, datetime) else published
        grounder = Grounder(article.text, Surroundings(found, day, article.language))
        settled: list[tuple[str, Lead]] = []
        open_: list[Asked] = []
        for question in self._questions(article, sentences, found, chosen):
            kind, unit = question.kinds[0], question.unit
            if isinstance(unit, Lead) and unit.is_settled(self.registry[kind]):
                settled.append((kind, unit))
            else:
                open_.append(question)
        asked, unasked = within(self._max_questions, open_)
        return _Plan(len(sentences), found, grounder, settled, asked, unasked)

    def _settled(self, records: Sequence[Record]) -> tuple[list[Joined], list[Refused]]:
        return settle(merge(records, one_by_one=self._strategy is Strategy.LEADS))

    def _questions(
        self, article: Article, sentences: Sequence[Sentence], found: Sequence[Passage], chosen: Sequence[str]
    ) -> list[Asked]:
        """All that the article calls for: leads where code can look for them, else everything in windows."""
        planned = windows(sentences, self._window_tokens)
        if self._strategy is not Strategy.LEADS:
            return [Asked(kinds, window) for window in planned for kinds in self._together(chosen)]
        reading = read_for_leads(article.text, sentences, found, article.language)
        seen = {kind: leads(self.registry[kind], reading) for kind in chosen}
        if reading.language is None and not any(seen.values()):
            # In a language that nothing is known of, no leads do not mean that there is nothing.
            seen = dict.fromkeys(chosen)
        units = {kind: planned if found is None else found for kind, found in seen.items()}
        return [Asked((kind,), unit) for kind in chosen for unit in units[kind]]

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
    """What is to be asked of an article, what needs no question, and what the answers are held against."""

    sentences: int
    passages: tuple[Passage, ...]
    grounder: Grounder
    settled: list[tuple[str, Lead]]
    asked: list[Asked]
    unasked: list[Asked]


class _Told(NamedTuple):
    """What came of a question, and the numbers of its records."""

    part: Part
    numbers: tuple[int, ...]


def _nobody(event: Event) -> None:
    """Hear what nobody wants to know."""


async def _all_or_none(asked: Sequence[Coroutine[Any, Any, _Told]]) -> list[_Told]:
    """Wait for all; where one raises, which only a bug does, the others are cancelled and not billed on."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(question) for question in asked]
    except BaseExceptionGroup as exc:
        raise exc.exceptions[0] from None
    return [task.result() for task in tasks]


def _raise_if_nothing(whole: Part) -> None:
    """Where every call failed there is no answer, only an error: the first one that is the server's fault."""
    if whole.answers:
        return
    errors = [error for _, error in whole.failures if isinstance(error, ModelCallError)]
    if len(errors) == len(whole.failures) and errors:
        raise errors[0]
