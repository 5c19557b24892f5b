"""Other ways of putting the same questions to a model, for `benchmarks.strategies`.

Each stands between the pipeline and the model: it changes what is sent, and turns the answer back into the one that
the pipeline asked for, so that grounding, merging and scoring are the same for all.
"""

import asyncio
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from pydantic import BaseModel, Field, create_model

from schemas.answers import MOST_RECORDS, answer_of
from schemas.draft import CITATIONS, MOST_ITEMS, Draft, draft_of
from schemas.fields import Record
from schemas.registry import built_in
from service.deadline import Deadline
from service.extraction.analysis import analyse
from service.extraction.model import Answer, Message, Question, StructuredModel, UsageMeter
from service.extraction.text.matching import fold
from service.extraction.text.quotes import find_passages, without_numbers
from service.extraction.text.sentences import segment

Dressing = Callable[[StructuredModel], StructuredModel]

_LINE = re.compile(r"^\[(\d+)\] (.*)$", re.MULTILINE)
_EVIDENCE = "evidence"
_COPY = (
    'In "evidence" copy, word for word, each sentence that states the record. Copy names, places, dates and figures '
    "exactly as the article writes them, in its language; null or [] when it does not say."
)


class Dressed:
    """A model with something between it and the pipeline."""

    def __init__(self, model: StructuredModel) -> None:
        self.model = model

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def context_tokens(self) -> int:
        return self.model.context_tokens

    async def fill(self, question: Question[Answer], *, deadline: Deadline, usage: UsageMeter) -> Answer:
        return await self.model.fill(question, deadline=deadline, usage=usage)

    async def ready(self) -> bool:
        return await self.model.ready()

    def check(self) -> None:
        self.model.check()

    async def available(self) -> None:
        await self.model.available()

    async def close(self) -> None:
        await self.model.close()


class InSystem(Dressed):
    """The examples are text in the system message, not turns of the chat."""

    async def fill(self, question: Question[Answer], *, deadline: Deadline, usage: UsageMeter) -> Answer:
        first, *shots, last = question.messages
        told = [f"{'Example' if m.role == 'user' else 'Answer'}:\n{m.content}" for m in shots]
        system = Message("system", "\n\n".join([first.content, *told]))
        return await super().fill(replace(question, messages=[system, last]), deadline=deadline, usage=usage)


class Copied(Dressed):
    """Evidence is copied out of the article instead of cited by number; what cannot be found again is dropped."""

    def __init__(self, model: StructuredModel) -> None:
        super().__init__(model)
        self.lost = 0
        """Records whose evidence is not in the article."""

    async def fill(self, question: Question[Answer], *, deadline: Deadline, usage: UsageMeter) -> Answer:
        record = next(record for record in built_in() if answer_of(record) is question.answer)
        asked = Question(_copying(question.messages), _copied_answer(record), lambda _: None, question.max_tokens * 2)
        said = await super().fill(asked, deadline=deadline, usage=usage)
        shown = {int(number): fold(line) for number, line in _LINE.findall(question.messages[-1].content)}
        kept = []
        for item in said.model_dump()["records"]:
            copies = [fold(copy) for copy in item.pop(_EVIDENCE) if copy.strip()]
            numbers = [n for n, line in shown.items() if any(copy in line or line in copy for copy in copies)]
            if numbers:
                kept.append({CITATIONS: numbers[:MOST_ITEMS], **item})
            else:
                self.lost += 1
        return question.answer.model_validate({"records": kept})


def _copying(messages: Sequence[Message]) -> list[Message]:
    """The conversation without sentence numbers, its examples' evidence written out."""
    changed: list[Message] = []
    lines: dict[int, str] = {}
    for message in messages:
        content = message.content
        if message.role == "system":
            content = re.sub(r'In "sentences" give.*?does not say\.', _COPY, content, flags=re.DOTALL)
            content = content.replace("Its sentences are numbered [1], [2] ...; passages", "Passages")
        elif message.role == "user":
            lines = {int(number): line for number, line in _LINE.findall(content)}
            content = _LINE.sub(r"\2", content)
        else:
            records = json.loads(content)["records"]
            told = [
                {
                    _EVIDENCE: [lines[number] for number in r[CITATIONS]],
                    **{k: v for k, v in r.items() if k != CITATIONS},
                }
                for r in records
            ]
            content = json.dumps({"records": told}, ensure_ascii=False, separators=(",", ":"))
        changed.append(Message(message.role, content))
    return changed


@cache
def _copied_answer(record: type[Record]) -> type[BaseModel]:
    fields: dict[str, Any] = {_EVIDENCE: (list[str], Field(min_length=1, max_length=MOST_ITEMS))}
    for name, asked in draft_of(record).model_fields.items():
        if name != CITATIONS:
            fields[name] = (asked.annotation, asked)
    item = create_model(f"{record.__name__}Copied", __base__=Draft, **fields)
    limits = Field(max_length=MOST_RECORDS)
    return create_model(f"{record.__name__}CopiedAnswer", __base__=Draft, records=(list[item], limits))  # type: ignore[valid-type]


@dataclass(slots=True)
class _Window:
    """The questions of all kinds about one window, and the one answer to them."""

    asked: list[Question[Any]] = field(default_factory=list)
    whole: asyncio.Event = field(default_factory=asyncio.Event)
    answer: asyncio.Task[Any] | None = None


class Combined(Dressed):
    """One call for all kinds of a window: waits until each kind has asked."""

    def __init__(self, model: StructuredModel) -> None:
        super().__init__(model)
        self._windows: dict[str, _Window] = {}

    async def fill(self, question: Question[Answer], *, deadline: Deadline, usage: UsageMeter) -> Answer:
        body = _body(question.messages[-1])
        window = self._windows.setdefault(body, _Window())
        window.asked.append(question)
        if len(window.asked) == len(built_in().names):
            del self._windows[body]
            asking = super().fill(_combined(window.asked), deadline=deadline, usage=usage)
            window.answer = asyncio.ensure_future(asking)
            window.whole.set()
        await window.whole.wait()
        assert window.answer is not None
        said = (await window.answer).model_dump()
        return question.answer.model_validate({"records": said[_kind(question)]})


def _kind(question: Question[Any]) -> str:
    return next(record.kind for record in built_in() if answer_of(record) is question.answer)


def _body(message: Message) -> str:
    """An article as it is shown, without the task before it."""
    return message.content[message.content.index("ARTICLE\n") :]


def _combined(asked: Sequence[Question[Any]]) -> Question[Any]:
    by_kind = {_kind(question): question for question in asked}
    questions = [by_kind[kind] for kind in built_in().names]
    rules = questions[0].messages[0].content.partition("\n\n")[0].replace("one kind of record", "records")
    rules = rules.replace('{"records":[]}', "empty lists")
    guides = [question.messages[0].content.partition("\n\n")[2].strip() for question in questions]
    tasks = [_task(question) for question in questions]
    messages = [Message("system", "\n\n".join([rules, *guides]))]
    shots = [dict(_shots(question)) for question in questions]
    for text in shots[0]:
        if all(text in one for one in shots):
            first = shots[0][text][0]
            lines = "\n".join(f"[{first + n}] {line}" for n, line in enumerate(text.split("\n")))
            answer = {
                kind: _renumbered(one[text][1], first - one[text][0])
                for kind, one in zip(built_in().names, shots, strict=True)
            }
            messages.append(Message("user", "\n".join([*tasks, "", "ARTICLE", lines, "END"])))
            messages.append(Message("assistant", json.dumps(answer, ensure_ascii=False, separators=(",", ":"))))
    messages.append(Message("user", "\n".join([*tasks, "", _body(questions[0].messages[-1])])))
    most = sum(question.max_tokens for question in questions)
    return Question(messages, _combined_answer(), lambda _: None, most)


def _task(question: Question[Any]) -> str:
    return question.messages[-1].content.partition("\n")[0]


def _shots(question: Question[Any]) -> list[tuple[str, tuple[int, list[dict[str, Any]]]]]:
    """Each example: its sentences, the number of the first one, and its records."""
    found = []
    for user, answer in zip(question.messages[1:-1:2], question.messages[2:-1:2], strict=True):
        lines = _LINE.findall(user.content)
        text = "\n".join(line for _, line in lines)
        found.append((text, (int(lines[0][0]), json.loads(answer.content)["records"])))
    return found


def _renumbered(records: Sequence[dict[str, Any]], by: int) -> list[dict[str, Any]]:
    return [{**record, CITATIONS: [number + by for number in record[CITATIONS]]} for record in records]


@cache
def _combined_answer() -> type[BaseModel]:
    fields: dict[str, Any] = {
        record.kind: (list[draft_of(record)], Field(max_length=MOST_RECORDS))  # type: ignore[misc]
        for record in built_in()
    }
    return create_model("CombinedAnswer", __base__=Draft, **fields)


class GuidedCopied(Dressed):
    """Evidence is copied out of the article, where the model is told the definitions of all kinds."""

    async def fill(self, question: Question[Answer], *, deadline: Deadline, usage: UsageMeter) -> Answer:
        system, user = question.messages
        rules = re.sub(
            r'"sentences": the numbers of all that state',
            f'"{_EVIDENCE}": copies of all sentences that state',
            system.content,
        )
        rules = rules.replace("Its sentences are numbered [1], [2] ...; passages", "Passages")
        messages = [Message("system", rules), Message("user", _LINE.sub(r"\2", user.content))]
        form = _copied_joint(tuple(question.answer.model_fields))
        said = await super().fill(
            Question(messages, form, lambda _: None, question.max_tokens), deadline=deadline, usage=usage
        )
        shown = {int(number): fold(line) for number, line in _LINE.findall(user.content)}
        return question.answer.model_validate(
            {kind: [_cited(item, shown) for item in items] for kind, items in said.model_dump().items()}
        )


def _cited(item: dict[str, Any], shown: dict[int, str]) -> dict[str, Any]:
    """A record with the numbers of the sentences it copies; 0, which there is not, where it copies none."""
    copies = [fold(copy) for copy in item.pop(_EVIDENCE) if copy.strip()]
    numbers = [n for n, line in shown.items() if any(copy in line or line in copy for copy in copies)]
    return {CITATIONS: numbers or [0], **item}


@cache
def _copied_joint(kinds: tuple[str, ...]) -> type[BaseModel]:
    lists: dict[str, Any] = {}
    for kind in kinds:
        fields: dict[str, Any] = {_EVIDENCE: (list[str], Field(min_length=1))}
        asked = draft_of(built_in()[kind], bounded=False, described=False).model_fields
        fields |= {name: (field.annotation, field) for name, field in asked.items() if name != CITATIONS}
        lists[kind] = (list[create_model(f"{kind}Copied", __base__=Draft, **fields)], ...)  # type: ignore[misc]
    return create_model("CopiedRecords", __base__=Draft, **lists)


_OFFER = """\
A program found these attributions; it may have missed or misread some. Where one is right, "content" is its number \
alone, such as A1."""


class Offered(Dressed):
    """The attributions that code finds are offered with numbers to cite."""

    async def fill(self, question: Question[Answer], *, deadline: Deadline, usage: UsageMeter) -> Answer:
        *before, user = question.messages
        lines = [(int(number), without_numbers(line)) for number, line in _LINE.findall(user.content)]
        text = "\n".join(line for _, line in lines)
        article = analyse(text, segment(text), find_passages(text), None)
        found = list(dict.fromkeys(said for those in article.attributions_in.values() for said in those))
        words = {f"A{n}": [text[part.start : part.end] for part in said.parts] for n, said in enumerate(found, 1)}
        offers = [
            f"{name}: " + " / ".join(f'"{" ".join(part.split())}"' for part in parts) for name, parts in words.items()
        ]
        shown = Message(user.role, "\n".join([user.content, _OFFER, *offers]))
        said = await super().fill(
            Question([*before, shown], question.answer, lambda _: None, question.max_tokens, question.most_tokens),
            deadline=deadline,
            usage=usage,
        )
        answer = said.model_dump()
        for item in answer.get("quoted_officials", ()):
            if isinstance(item, dict):
                item["content"] = [part for name in item["content"] for part in words.get(name.strip(), [name])]
        return question.answer.model_validate(answer)


_CHECK = """\
Go through the article once more, sentence by sentence. Report only the records that are missing in your answer; empty \
lists where nothing is."""


class Checked(Dressed):
    """A second question asks what the first answer left out."""

    async def fill(self, question: Question[Answer], *, deadline: Deadline, usage: UsageMeter) -> Answer:
        first = await super().fill(question, deadline=deadline, usage=usage)
        said = first.model_dump()
        messages = [*question.messages, Message("assistant", _compact(said)), Message("user", _CHECK)]
        again = Question(messages, question.answer, lambda _: None, question.max_tokens, question.most_tokens)
        more = (await super().fill(again, deadline=deadline, usage=usage)).model_dump()
        return question.answer.model_validate({kind: [*items, *more[kind]] for kind, items in said.items()})


class _Pair(Draft):
    kind: str
    first: int
    second: int


class _Same(Draft):
    same: list[_Pair]


_ONE_OR_TWO = """\
Some of these pairs of your records may be one item told twice. By what one record is: which pairs are one? Leave out \
those that are two."""


class LookedOver(Dressed):
    """A second question asks of records that overlap whether they are one."""

    async def fill(self, question: Question[Answer], *, deadline: Deadline, usage: UsageMeter) -> Answer:
        first = await super().fill(question, deadline=deadline, usage=usage)
        said = first.model_dump()
        pairs = [
            (kind, a, b)
            for kind, items in said.items()
            if kind != "quoted_officials"
            for a in range(len(items))
            for b in range(a + 1, len(items))
            if set(items[a][CITATIONS]) & set(items[b][CITATIONS])
        ]
        if not pairs:
            return first
        listed = [f"{kind}: {a} and {b}" for kind, a, b in pairs]
        messages = [
            *question.messages,
            Message("assistant", _compact(said)),
            Message("user", "\n".join([_ONE_OR_TWO, *listed])),
        ]
        again = Question(messages, _Same, lambda _: None, 500, question.most_tokens)
        same = await super().fill(again, deadline=deadline, usage=usage)
        gone: dict[str, set[int]] = {}
        for pair in same.same:
            if (pair.kind, pair.first, pair.second) in pairs:
                one, other = said[pair.kind][pair.first], said[pair.kind][pair.second]
                one[CITATIONS] = sorted({*one[CITATIONS], *other[CITATIONS]})
                gone.setdefault(pair.kind, set()).add(pair.second)
        return question.answer.model_validate(
            {
                kind: [item for n, item in enumerate(items) if n not in gone.get(kind, ())]
                for kind, items in said.items()
            }
        )


def _compact(said: Any) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))
