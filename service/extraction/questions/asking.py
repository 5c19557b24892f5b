"""Questions about one article: each is posed, its answer becomes grounded records, and what is left is asked too."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

from pydantic import BaseModel

import prompts
from schemas.answers import FullLists, full_lists, led_answer_of
from schemas.draft import draft_of
from schemas.fields import ANYTHING, Record
from schemas.result import Rejection
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
from service.extraction.candidates.candidates import Lead
from service.extraction.grounding.ground import Grounded, Grounder
from service.extraction.model import Message, Question, StructuredModel, UsageMeter
from service.extraction.questions.messages import article as article_message
from service.extraction.questions.messages import led_article
from service.extraction.questions.partial_results import Part, failed, holds_as_much, of_kinds, together
from service.extraction.questions.planned import Asked, Task, Tasks
from service.extraction.questions.progress import Hear
from service.extraction.text.quotes import Passage
from service.extraction.text.windows import Window, tokens

_MOST_COMPLAINTS = 6
_ANSWER_TOKENS = 150
"""Room for any bounded answer about a window, besides the window's length: records cite sentences, so even a dense
article needs little more."""
_LEAD_TOKENS = 370
"""Room for the bounded answer to one lead."""
_TIMES_AS_LONG = 4
"""How much longer than a window an answer may be where lists have no end: each of twenty names is an object there."""
_LONG_ANSWER_TOKENS = 500
_LEAST_LONG_ANSWER = 2_000
_LONG_LEAD_TOKENS = 1_500
_LEAST_ANSWER = 100
"""Tokens that an answer with a single record may need."""
_GROUNDED_AT_ONCE = 50
"""Some milliseconds; then others have their turn. Who speaks all through a long article has thousands of places."""
_FULL = "the list of records was full, and there may be more"
_UNSAID = "the answer has no list of this kind; it is empty where the article states none"
_FULL_INSIDE = "a list in the answer was full, and what is beyond it could not be asked for"


@dataclass(frozen=True, slots=True)
class _Posed:
    """One question about a part of an article, how its answer is grounded and what is complained of."""

    messages: list[Message]
    form: type[BaseModel]
    answer_tokens: int
    least_tokens: int
    """Room with less of which the question is not asked."""
    schema_tokens: int
    ground: Callable[[Any], Iterator[Grounded]]
    review: Callable[[Any], str | None]
    whole: Callable[[Any], Any] = lambda answer: answer
    """The last answer, with what answers before it had and it does not."""
    many: bool = True
    """Whether the answer has lists, of which records can be told before it is finished."""


@dataclass(slots=True)
class Allowance:
    """How many questions may still be asked beside those that were planned."""

    left: int

    def take(self, questions: int) -> bool:
        """Take so many, if there are."""
        if questions > self.left:
            return False
        self.left -= questions
        return True


@dataclass(frozen=True, slots=True)
class Reader:
    """Asks about the windows of one article."""

    model: StructuredModel
    text: str
    passages: tuple[Passage, ...]
    grounder: Grounder
    tasks: Tasks
    deadline: Deadline
    usage: UsageMeter
    allowance: Allowance
    lean: bool
    bounded: bool

    async def known(self, kind: str, lead: Lead) -> Part:
        """The records of a lead that is settled: no question is asked."""
        record = self.tasks((kind,)).record
        return await self._part(0, self._places(record, draft_of(record, lead.known)(), lead))

    async def read(self, asked: Asked, hear: Hear | None = None) -> Part:
        """Read some kinds in one window or lead; what one answer has no room for is asked about in parts.

        `hear` hears of records as the answers come; what is in the end is in the part alone.
        """
        parts: list[Part] = []
        unread: list[Asked] = [asked]
        while unread:
            part, left = await self._read(unread.pop(0), hear)
            parts.append(part)
            if hear and left:
                hear(together(parts).records)
            unread[:0] = left
        whole = together(parts)
        if len(parts) == 1:
            return whole
        # The sentence at which a window is cut is asked about twice.
        return replace(whole, rejections=tuple({repr(refused): refused for refused in whole.rejections}.values()))

    async def _read(self, asked: Asked, hear: Hear | None) -> tuple[Part, Sequence[Asked]]:
        """What came of one question, and what is still to be asked because of it."""
        if self.deadline.passed():
            late = DeadlineExceededError("the time for the article was over before this was asked")
            return failed(asked.kinds, [asked.unit], late), ()
        task = self.tasks(asked.kinds)
        posed = self._pose(task, asked, bounded=self.bounded)
        try:
            answer = await self._ask(posed, hear)
        except AnswerTruncatedError as exc:
            if exc.starved:
                return failed(asked.kinds, [asked.unit], exc), ()
            if any(getattr(exc.whole, name, ()) for name in task.lists):
                return await self._kept(task, asked, posed, exc.whole, exc)
            return self._left(asked, Part(), {asked.kinds: asked.less()}, exc)
        except ContextTooLongError as exc:
            return self._left(asked, Part(), {asked.kinds: asked.less()}, exc)
        except (AnswerError, ModelCallError) as exc:
            return failed(asked.kinds, [asked.unit], exc), ()
        return await self._kept(task, asked, posed, answer, None)

    async def _kept(
        self, task: Task, asked: Asked, posed: _Posed, answer: Any, cut: AnswerError | None
    ) -> tuple[Part, Sequence[Asked]]:
        """What an answer holds, and what is still to be asked where there may be more."""
        part = await self._part(1, posed.ground(answer))
        full = full_lists(answer) if self.bounded else FullLists()
        whole: tuple[str, ...] = ()
        if full.inside:
            again = tuple(kind for kind in asked.kinds if not task.joint or kind in full.inside)
            part, whole = await self._longer(replace(asked, kinds=again), part)
        begun = {task.lists[name].kind for name in full.records}
        if cut is not None and isinstance(asked.unit, Window):
            begun.add(task.last(answer))
        left: dict[tuple[str, ...], Sequence[Asked]] = {
            (kind,): asked.going_on(
                kind, [r for r in part.records if r.kind == kind], in_sight=task.joint and not self.bounded
            )
            for kind in asked.kinds
            if kind in begun and kind not in whole
        }
        unsaid = task.unsaid(answer)
        if unsaid and cut is not None:
            left[unsaid] = [replace(asked, kinds=unsaid)]
        elif unsaid:
            part = together([part, failed(unsaid, [asked.unit], AnswerMalformedError(_UNSAID))])
        return self._left(asked, part, left, cut or AnswerTruncatedError(_FULL))

    def _left(
        self, asked: Asked, part: Part, left: Mapping[tuple[str, ...], Sequence[Asked]], cut: AnswerError
    ) -> tuple[Part, Sequence[Asked]]:
        """What came of an answer that was cut, and the questions that are left by kinds; a failure without any."""
        parts, questions = [part], list[Asked]()
        for kinds, those in left.items():
            if not those:
                parts.append(failed(kinds, [asked.unit], cut))
            elif not self.allowance.take(len(those)):
                spent = TooManyQuestionsError(f"{cut}, and no questions are left for less")
                parts.append(failed(kinds, [one.unit for one in those], spent))
            else:
                questions += those
        return together(parts), questions

    async def _longer(self, asked: Asked, part: Part) -> tuple[Part, tuple[str, ...]]:
        """The part with some kinds asked for again, in lists without an end; and those kinds, if that had them all."""
        before, others = of_kinds(part, asked.kinds)
        try:
            longer = await self._once_more(asked)
            if holds_as_much(longer, before):
                return together([others, longer]), asked.kinds
            raise AnswerTruncatedError("the answer to that had less in it")
        except (AnswerError, ModelCallError, TooManyQuestionsError) as exc:
            lost = failed(asked.kinds, [asked.unit], exc, reason=f"{_FULL_INSIDE}: {exc}")
            return together([part, lost]), ()

    async def _once_more(self, asked: Asked) -> Part:
        """Ask again, for lists without an end."""
        if not self.allowance.take(1):
            raise TooManyQuestionsError("no questions are left")
        task = self.tasks(asked.kinds)
        posed = self._pose(task, asked, bounded=False)
        answer = await self._ask(posed)
        if task.unsaid(answer):
            raise AnswerMalformedError(_UNSAID)
        return await self._part(1, posed.ground(answer))

    def _pose(self, task: Task, asked: Asked, *, bounded: bool) -> _Posed:
        if isinstance(asked.unit, Window):
            return self._search(task, asked.unit, asked.shown, bounded=bounded)
        return self._follow(task, asked.unit, bounded=bounded)

    async def _ask(self, posed: _Posed, hear: Hear | None = None) -> Any:
        said = sum(tokens(message.content) for message in posed.messages)
        room = self.model.context_tokens - said - posed.schema_tokens
        if room < posed.least_tokens:
            raise ContextTooLongError("the prompt leaves no room for an answer in the model's context")
        question = Question(
            messages=posed.messages,
            answer=posed.form,
            review=posed.review,
            max_tokens=min(posed.answer_tokens, room),
            most_tokens=room,
            hear=partial(_heard, posed, hear) if hear and posed.many else None,
        )
        return posed.whole(await self.model.fill(question, deadline=self.deadline, usage=self.usage))

    async def _part(self, answers: int, outcomes: Iterator[Grounded]) -> Part:
        """What came of some calls, grounded in slices."""
        grounded: list[Grounded] = []
        for outcome in outcomes:
            grounded.append(outcome)
            if len(grounded) % _GROUNDED_AT_ONCE == 0:
                await asyncio.sleep(0)
        return Part(
            answers,
            tuple(outcome.record for outcome in grounded if outcome.record),
            tuple(rejection for outcome in grounded for rejection in outcome.rejections),
        )

    def _search(self, task: Task, window: Window, within: Window | None, *, bounded: bool) -> _Posed:
        """Show a window, or one that it is the end of, and have the model find what it states."""
        begin = window.sentences[0].number
        shown = article_message(task.line, self.text, within or window, self.passages)
        if within:
            # Behind the article, so that a provider has all before it in its prefix cache.
            shown = f"{shown}\n{prompts.going_on().format(number=begin)}"
        length = tokens(shown)
        long = max(_LEAST_LONG_ANSWER, _TIMES_AS_LONG * length + _LONG_ANSWER_TOKENS)

        def ground(name: str, record: type[Record], answer: Any) -> Iterator[Grounded]:
            drafts = getattr(answer, name)
            found = (self.grounder.ground(record, one, within or window, as_cited=task.joint) for one in drafts)
            # What ends before was reported before.
            return (one for one in found if not one.record or one.record.evidence[-1].sentence >= begin)

        good: dict[str, Any] = {}
        said: dict[str, Any] = {}

        def review(answer: Any) -> str | None:
            lines = [f"- {kind}: {_UNSAID}" for kind in task.unsaid(answer)]
            for name, record in task.lists.items():
                if name not in answer.model_fields_set:
                    continue
                said[name] = getattr(answer, name)
                wrong = list(_wrong(ground(name, record, answer), name, task))
                if not wrong and len(said[name]) >= len(good.get(name, ())):
                    good[name] = said[name]
                lines += wrong
            return _complaint(lines)

        return _Posed(
            [*task.preamble, Message("user", shown)],
            task.form(bounded=bounded),
            (_ANSWER_TOKENS + length) * len(task.lists) if bounded else long,
            # An answer about all kinds is about as long as what it is about; with less room it would be cut off.
            max(_LEAST_ANSWER, length) if len(task.lists) > 1 else _LEAST_ANSWER,
            task.schema_tokens,
            lambda answer: (one for name, record in task.lists.items() for one in ground(name, record, answer)),
            review,
            # Who is asked again about one list may leave out the others, or shorten them.
            lambda answer: answer.model_copy(update={**said, **good}),
        )

    def _follow(self, task: Task, lead: Lead, *, bounded: bool) -> _Posed:
        """Show a lead and have the model judge it."""
        record = task.record

        def ground(answer: Any) -> Iterator[Grounded]:
            return self._places(record, answer.record, lead) if answer.record else iter(())

        choices = lead.choices if self.lean else ANYTHING
        return _Posed(
            [*task.led_preamble, Message("user", led_article(self.text, lead))],
            led_answer_of(record, lead.known, lean=self.lean, choices=choices, certain=lead.certain, bounded=bounded),
            _LEAD_TOKENS if bounded else _LONG_LEAD_TOKENS,
            _LEAST_ANSWER,
            0,
            ground,
            # The model was shown the first place. What is not in there is wrong there, wherever else it stands.
            lambda answer: _complaint(_wrong(islice(ground(answer), 1), "record", task)),
            many=False,
        )

    def _places(self, record: type[Record], draft: Any, lead: Lead) -> Iterator[Grounded]:
        """One draft grounded at all places of its lead; what is wrong with it at several is said once."""
        said: list[Rejection] = []
        for place in lead.places:
            outcome = self.grounder.ground(record, draft, lead, place)
            new = tuple(rejection for rejection in outcome.rejections if rejection not in said)
            said += new
            yield Grounded(outcome.record, new)


def _heard(posed: _Posed, hear: Hear, answer: Any) -> None:
    """Have somebody hear of the records in a part of an answer."""
    hear([one.record for one in posed.ground(answer) if one.record])


def _wrong(grounded: Iterable[Grounded], name: str, task: Task) -> Iterator[str]:
    """What is wrong with the drafts of a list, or with the `record` of a lead, a line each, in words for the model.

    An answer about all kinds is long, and is not asked for again because of a value in a record that is kept.
    """
    for number, outcome in enumerate(grounded):
        for refused in outcome.rejections:
            if task.joint and refused.field:
                continue
            place = f"{name}[{number}]" if name in task.lists else name
            where = ".".join([place, *(refused.field or "").split("/")]).rstrip(".")
            yield f"- {where}: {refused.reason}" + (f" (you wrote: {refused.draft!r})" if refused.field else "")


def _complaint(lines: Iterable[str]) -> str | None:
    """What is wrong with an answer, in words for the model; None if nothing is."""
    wrong = list(islice(lines, _MOST_COMPLAINTS))
    if not wrong:
        return None
    return "\n".join(["These parts of the answer cannot be used:", *wrong, "Answer again, whole."])
