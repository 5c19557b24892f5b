"""How soon the first record of an article is there, against its whole answer.

    python -m benchmarks.first_records                  24 articles, 8 at a time, under five minutes
    python -m benchmarks.first_records --articles 6     only so many, for a look

The articles are those of the test split of evals/, and the answers are a large model's, as it wrote them
(`benchmarks/relayed`). It was not asked about ten articles in one text: those answers are made of its records, as the
drafts of those which the sentences shown state. What comes out is held against the records that it is known to have
found.

Each way has a service of its own (`dragoman serve`), which has answered one article before, and a model server on
loopback. That takes 2 seconds for an answer of no tokens and 8 for one of 4,000 and more, of which 15 % pass before the
first token; the rest is spread evenly over the tokens. A server that streams sends each as it is due; one that does not
sends all at the end. All articles are asked for as events first, then once more in one piece: both answers must be the
same. `ratio` is the time to the first record over the time to the last event.

At the end callers leave with the first record of an article, of which two questions are in work and two are waiting.

Service, model server and callers share this machine; the load tells how busy it was. Exits with 1 where two answers
differ, more than one record of a hundred does not come out as it went in, or a call is made for a caller who has left.
"""

import argparse
import http.client
import json
import math
import os
import statistics
import sys
import time
from asyncio import StreamWriter, run
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from benchmarks.fleet import DRAGOMAN, PATIENCE, running, until
from benchmarks.long_document import joined
from benchmarks.overload import cpu
from benchmarks.relay import RELAYED, Folder, completion, name_of, schema_of, serving
from evals.gold_suite import GoldSuite
from evals.suites import Item
from schemas.article import Article
from schemas.draft import CITATIONS, draft_of, has_role
from schemas.fields import Closed, Evidence, Mention, Record
from schemas.registry import built_in
from service.app import build_extractor, build_model
from service.deadline import Deadline
from service.extraction.text.quotes import find_passages, numbered_passages, without_numbers
from service.extraction.text.sentences import Sentence, segment
from service.extraction.text.windows import Window, estimate_tokens, windows
from service.llm.profiles import PROFILES
from service.settings import ProfileName, Settings
from service.strategy import Strategy
from tests.support.model_server import ModelServer, Received, Scripted

ANSWERS = Path(__file__).parent / RELAYED
LEAST_SECONDS, MOST_SECONDS, MOST_TOKENS = 2.0, 8.0, 4_000
"""Of a call, without a token in its answer and with so many."""
BEFORE_FIRST = 0.15
"""Share of a call that passes before the first token."""
TICK_SECONDS = 0.02
"""Between the tokens that are sent together. A real model writes one in that time; ours some ten."""
CALLERS = 8
TOGETHER = 10
LEAVERS = 6
FEW_CALLS = 2
DEADLINE_SECONDS = 60.0
SOON = 0.4
"""Ratio below which a first record has come soon."""
MOST_DIFFERENT = 0.01
ONE_KIND_EACH = {"DRAGOMAN_STRATEGY": str(Strategy.SEARCH), "DRAGOMAN_REASKS": "0"}
"""Settings with which each kind has a question of its own, about the whole of an article as in the default. The large
model was not asked again."""
COLUMNS = (
    *("way", "articles", "questions", "first record, s", "last event, s", "ratio", "worst", f"below {SOON}"),
    *("in one piece, s", "streamed / in one piece", "service's CPU, s per article, streamed / in one piece"),
)

Labels = Mapping[tuple[int, int], str]
"""What passages in quotation marks are called in a question, by where they begin and end."""


@dataclass(frozen=True)
class Text:
    """What is posted, and the records that a large model found in it.

    Args:
        members: of the article, as JSON.
        records: with places in `members["text"]`.
        several: whether it is several articles, so that their dates are not known.
    """

    members: Mapping[str, Any]
    records: Sequence[Record]
    several: bool = False

    @property
    def text(self) -> str:
        return str(self.members["text"])

    @cached_property
    def sentences(self) -> Sequence[Sentence]:
        return segment(self.text, self.members.get("language"))

    def told(self, record: Record) -> str:
        """A record, to be held against others."""
        said = {"kind": record.kind, **drafted(record)} if self.several else record.model_dump(mode="json")
        return json.dumps(said, ensure_ascii=False)

    def stated(self, shown: Collection[int]) -> tuple[list[Record], Labels]:
        """The records that some sentences state, and what the passages in these are called."""
        window = Window(tuple(sentence for sentence in self.sentences if sentence.number in shown))
        labelled = enumerate(numbered_passages(self.text, find_passages(self.text), window), 1)
        labels = {(passage.start, passage.end): f"Q{number}" for number, passage in labelled}
        return [record for record in self.records if lies_in(record, window)], labels


def lies_in(record: Record, window: Window) -> bool:
    """Whether all words and sentences of a record stand in a window."""
    return all(window.start <= mention.start and mention.end <= window.end for mention in mentions(record))


def mentions(value: Any) -> Iterator[Mention]:
    """All that is the article's in a value."""
    if isinstance(value, Mention):
        yield value
    elif isinstance(value, Closed | list):
        for part in value if isinstance(value, list) else dict(value).values():
            yield from mentions(part)


def drafted(record: Record, labels: Labels | None = None) -> dict[str, Any]:
    """The draft that a model would have written for a record.

    Args:
        record: as it was found.
        labels: what passages are called, where it was told to call them so.

    Raises:
        ValidationError: there is none.
    """
    return draft_of(type(record), bounded=False).model_validate(_said(record, labels or {})).model_dump()


def _said(value: Any, labels: Labels) -> Any:
    if isinstance(value, Mention):
        return value.sentence if isinstance(value, Evidence) else labels.get((value.start, value.end), value.text)
    if isinstance(value, Closed):
        fields = {"evidence" if name == CITATIONS else name: name for name in draft_of(type(value)).model_fields}
        return {said: _said(getattr(value, name), _in_field(value, name, labels)) for name, said in fields.items()}
    return [_said(item, labels) for item in value] if isinstance(value, list) else value


def _in_field(value: Closed, name: str, labels: Labels) -> Labels:
    """The names of passages that may stand in a field: that of somebody's words."""
    return labels if has_role(type(value).model_fields[name], "words") else {}


async def found(items: Sequence[Item], url: str, strategy: Strategy) -> list[Text]:
    """The articles with what the large model's own answers come to."""
    model = build_model(settings := Settings(openai_base_url=url, model=RELAYED, strategy=strategy, reasks=0))
    extractor = build_extractor(settings, model)
    texts: list[Text] = []
    try:
        for item in items:
            members = {"text": item.text, "published_at": item.published_at, "language": item.language, "id": item.id}
            article = Article.model_validate(members)
            extraction = await extractor.extract(article, deadline=Deadline.after(DEADLINE_SECONDS))
            texts.append(Text(members, [record for those in extraction.records.values() for record in those]))
    finally:
        await model.close()
    return texts


def in_one(texts: Sequence[Text]) -> Text:
    """Several articles in one text, with those records of all that stand in one window."""
    items = [Item(text.members["id"], text.text, None) for text in texts]
    whole, starts = joined(items)
    sentences = segment(whole)
    number_at = {sentence.start: sentence.number for sentence in sentences}

    def moved(value: Any, by: int) -> Any:
        if isinstance(value, list):
            return [moved(item, by) for item in value]
        if not isinstance(value, Closed):
            return value
        parts = {name: moved(part, by) for name, part in value}
        if isinstance(value, Mention):
            parts |= {"start": value.start + by, "end": value.end + by}
        if isinstance(value, Evidence):
            parts["sentence"] = number_at[value.start + by]
        return value.model_copy(update=parts)

    records = [moved(record, start) for text, start in zip(texts, starts, strict=True) for record in text.records]
    shown = windows(sentences, PROFILES[ProfileName.AUTO].window_tokens)
    return Text({"text": whole}, [one for one in records if any(lies_in(one, window) for window in shown)], True)


class Answering(ModelServer):
    """A model server that answers about some texts.

    Args:
        texts: that it is asked about.
        streams: whether it sends answers piece by piece where it is asked to.
        verbatim: what the large model wrote, by the names of its questions; other answers are made of records.
    """

    def __init__(self, texts: Sequence[Text], *, streams: bool, verbatim: Mapping[str, str]) -> None:
        super().__init__(otherwise=self._answer)
        self.cut: list[float] = []
        """When a client was found to have left before it had its answer."""
        self.made = 0
        """Answers that were made of records."""
        self._streams = streams
        self._verbatim = verbatim
        # A sentence is shown in one line.
        self._texts = {(one.number, " ".join(one.text.split())): text for text in texts for one in text.sentences}

    @property
    def at_work(self) -> int:
        """Calls that are being answered."""
        return self._at_once

    def _answer(self, request: Received) -> Scripted:
        body = request.body
        said = self._verbatim.get(name_of(body))
        if said is None:
            self.made += 1
            said = json.dumps(self._of_records(body), ensure_ascii=False)
        seconds = LEAST_SECONDS + (MOST_SECONDS - LEAST_SECONDS) * min(1.0, estimate_tokens(said) / MOST_TOKENS)
        if self._streams and body.get("stream"):
            return Scripted(body=completion(body, said), writes=seconds)
        return Scripted(body=completion(body, said), delay=seconds, streams=False)

    def _of_records(self, body: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
        """The records that the sentences shown state."""
        # Where an answer is asked for again, the article is not the last thing that was said.
        shown = next(filter(None, (_shown(message["content"]) for message in reversed(body["messages"]))))
        records, labels = next(self._texts[line] for line in shown.items() if line in self._texts).stated(shown)
        lists = schema_of(body)["properties"].items()
        return {name: [drafted(one, labels) for one in records if _is_of(one, form["items"])] for name, form in lists}

    async def _reply(self, request: Received, writer: StreamWriter) -> bool:
        answered = False
        try:
            answered = await super()._reply(request, writer)
        finally:
            if not answered:
                self.cut.append(time.monotonic())
        return answered

    async def _stream(self, scripted: Scripted, pieces: Sequence[bytes], writer: StreamWriter) -> bool:
        """Send all pieces that are due at a time, so that a busy machine does not make the answer longer."""
        before, sent = scripted.writes * BEFORE_FIRST, 0
        begun = time.monotonic() + before
        if not await self._stays(before, writer):
            return False
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        while sent < len(pieces):
            if not await self._stays(TICK_SECONDS, writer):
                return False
            share = (time.monotonic() - begun) / (scripted.writes - before)
            due = min(len(pieces), math.ceil(len(pieces) * share))
            writer.write(b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces[sent:due]))
            await writer.drain()
            sent = due
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True


def _shown(message: str) -> dict[int, str]:
    """The sentences in a question by number; none where it shows no article."""
    _, _, begun = message.rpartition("ARTICLE\n[")
    lines = begun.rpartition("\nEND")[0].split("\n[")
    return {
        int(number): without_numbers(words) for number, _, words in (line.partition("] ") for line in lines if line)
    }


def _is_of(record: Record, item: Mapping[str, Any]) -> bool:
    """Whether a schema is that of a record's draft."""
    return set(item["properties"]) == set(draft_of(type(record), bounded=False).model_fields)


@dataclass(frozen=True)
class Told:
    """An answer: seconds until the first record, if there was one, and until the end; and the answer itself."""

    extraction: dict[str, Any]
    whole: float
    first: float | None = None

    @property
    def ratio(self) -> float:
        return math.nan if self.first is None else self.first / self.whole


@contextmanager
def posted(port: int, text: Text, accept: str) -> Iterator[http.client.HTTPResponse]:
    """Ask for an article; what the answer begins with."""
    body = json.dumps({"article": text.members, "deadline_seconds": DEADLINE_SECONDS})
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_SECONDS + PATIENCE)
    try:
        connection.request("POST", "/v1/extractions", body, {"Content-Type": "application/json", "Accept": accept})
        with connection.getresponse() as response:
            if response.status != http.client.OK:
                raise SystemExit(f"answered {response.status}: {response.read(200)!r}")
            yield response
    finally:
        connection.close()


def in_one_piece(port: int, text: Text) -> Told:
    started = time.monotonic()
    with posted(port, text, "application/json") as response:
        extraction = json.loads(response.read())
    return Told(extraction, time.monotonic() - started)


def streamed(port: int, text: Text) -> Told:
    started = time.monotonic()
    first: float | None = None
    last, data = "", ""
    with posted(port, text, "text/event-stream") as response:
        for event in events(response):
            last, data = event
            if last == "record" and first is None:
                first = time.monotonic() - started
        whole = time.monotonic() - started
    if last != "extraction":
        raise SystemExit(f"the last event is no extraction: {last or 'there is none'} {data[:200]}")
    return Told(json.loads(data)["extraction"], whole, first)


def events(response: http.client.HTTPResponse) -> Iterator[tuple[str, str]]:
    """Names and data of the events of a stream, each as soon as it is there."""
    name = ""
    while line := response.readline().decode():
        member, _, value = line.rstrip("\n").partition(": ")
        if member == "event":
            name = value
        elif member == "data":
            yield name, value


@contextmanager
def service(model: ModelServer, **settings: str) -> Iterator[tuple[psutil.Process, int]]:
    """Run the service on a model server: its worker process, and its port."""
    with (
        TemporaryDirectory() as folder,
        running(
            [*DRAGOMAN, "serve", "--port", "0"],
            OPENAI_BASE_URL=model.base_url,
            OPENAI_API_KEY="unused",
            DRAGOMAN_MODEL=RELAYED,
            DRAGOMAN_DATABASE_URL=f"sqlite:///{folder}/jobs.db",
            DRAGOMAN_LOG_LEVEL="ERROR",
            DRAGOMAN_GRACE_SECONDS="0",
            **settings,
        ) as (arbiter, port),
    ):
        until(lambda: bool(arbiter.children()), PATIENCE)
        [worker] = arbiter.children()
        yield worker, port


@dataclass
class Way:
    """A way in which the same articles are asked for, and what it came to."""

    name: str
    streams: bool
    settings: Mapping[str, str] = field(default_factory=dict)
    texts: Sequence[Text] = ()
    as_events: Sequence[Told] = ()
    in_one_piece: Sequence[Told] = ()
    cpu: tuple[float, float] = (0.0, 0.0)
    """Seconds of a processor that the service took for a text, streamed and in one piece."""
    made: int = 0
    calls: int = 0

    def measure(self, texts: Sequence[Text], verbatim: Mapping[str, str]) -> None:
        self.texts = texts
        with (
            Answering(texts, streams=self.streams, verbatim=verbatim) as model,
            service(model, **self.settings) as (worker, port),
        ):
            # What a process does once is no article's: it learns how its model server wants to be asked.
            streamed(port, min(texts, key=lambda text: len(text.text)))
            before, calls, made = cpu(worker), len(model.chats), model.made
            self.as_events = asked(lambda text: streamed(port, text), texts)
            between = cpu(worker)
            self.in_one_piece = asked(lambda text: in_one_piece(port, text), texts)
            self.cpu = (between - before) / len(texts), (cpu(worker) - between) / len(texts)
            self.calls, self.made = len(model.chats) - calls, model.made - made

    def row(self) -> str:
        ratios = [told.ratio for told in self.as_events]
        against = [one.whole / other.whole for one, other in zip(self.as_events, self.in_one_piece, strict=True)]
        cells = (
            self.name,
            f"{len(self.texts)}",
            f"{sum(told.extraction['questions'] for told in self.as_events)}",
            f"{statistics.median(told.first or math.nan for told in self.as_events):.2f}",
            f"{statistics.median(told.whole for told in self.as_events):.2f}",
            f"{statistics.median(ratios):.2f}",
            f"{max(ratios):.2f}",
            f"{sum(ratio < SOON for ratio in ratios) / len(ratios):.0%}",
            f"{statistics.median(told.whole for told in self.in_one_piece):.2f}",
            f"{statistics.median(against):.3f}, {min(against):.3f} to {max(against):.3f}",
            " / ".join(f"{seconds:.2f}" for seconds in self.cpu),
        )
        return f"| {' | '.join(cells)} |"

    def different(self) -> int:
        """How many answers were another one in one piece, but for what is each answer's own."""
        pairs = zip(self.as_events, self.in_one_piece, strict=True)
        return sum(_without_its_own(one.extraction) != _without_its_own(other.extraction) for one, other in pairs)

    def changed(self) -> tuple[int, Counter[str]]:
        """How many records went in, and what is wrong with those that did not come out so."""
        wrong: Counter[str] = Counter()
        for text, told in zip(self.texts, self.as_events, strict=True):
            wrong += differences(text, told.extraction["records"])
        return sum(len(text.records) for text in self.texts), wrong


def asked(ask: Callable[[Text], Told], texts: Sequence[Text]) -> list[Told]:
    """Ask for all texts, some at a time."""
    with ThreadPoolExecutor(CALLERS) as callers:
        return list(callers.map(ask, texts))


def _without_its_own(extraction: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in extraction.items() if name not in ("id", "duration_seconds")}


def differences(text: Text, records: Mapping[str, Sequence[Any]]) -> Counter[str]:
    """What is wrong with records that do not come out as they went in: the fields that differ, or all of it."""
    registry = built_in()
    went_in = Counter(text.told(record) for record in text.records)
    came_out = Counter(
        text.told(registry[kind].model_validate(one)) for kind, those in records.items() for one in those
    )
    new = [json.loads(one) for one in (came_out - went_in).elements()]
    wrong: Counter[str] = Counter()
    for one in map(json.loads, (went_in - came_out).elements()):
        near = [other for other in new if _stated(one) & _stated(other) and one.keys() == other.keys()]
        if not near:
            wrong["missing"] += 1
            continue
        closest = min(near, key=lambda other: len(_unlike(one, other)))
        new.remove(closest)
        wrong[", ".join(_unlike(one, closest))] += 1
    wrong["new"] = len(new)
    return +wrong


def _stated(record: Mapping[str, Any]) -> set[int]:
    return set(record.get(CITATIONS) or [one["sentence"] for one in record["evidence"]])


def _unlike(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    return [name for name in one if one[name] != other[name]]


@dataclass
class Left:
    """What became of the calls of callers who left."""

    callers: int = 0
    seconds: list[float] = field(default_factory=list)
    """From leaving until the model server saw a call of that caller's cut."""
    ended: int = 0
    """Calls in work that ended before that."""
    further: int = 0
    """Calls that were made after that."""


def left(texts: Sequence[Text], verbatim: Mapping[str, str]) -> Left:
    """Leave each article with its first record, one after the other."""
    outcome = Left()
    with (
        Answering(texts, streams=True, verbatim=verbatim) as model,
        service(model, DRAGOMAN_MAX_CALLS=str(FEW_CALLS), **ONE_KIND_EACH) as (_, port),
    ):
        for text in texts:
            with posted(port, text, "text/event-stream") as response:
                next(name for name, _ in events(response) if name == "record")
                in_work, cut = model.at_work, len(model.cut)
            now, calls = time.monotonic(), len(model.chats)
            until(lambda: model.at_work == 0, DEADLINE_SECONDS, pause=0.01)
            seconds = [at - now for at in model.cut[cut:]]
            # Were the questions that wait asked all the same, it would be as soon as there is room.
            time.sleep(1)
            outcome.callers += 1
            outcome.seconds += seconds
            outcome.further += len(model.chats) - calls
            outcome.ended += in_work - len(seconds) + len(model.chats) - calls
    return outcome


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, help="only so many of them")
    options = parser.parse_args()
    items = GoldSuite("test").items()[: options.articles]
    with serving(Folder(ANSWERS)) as url:
        texts, apart = (run(found(items, url, strategy)) for strategy in (Strategy.GUIDED, Strategy.SEARCH))
    english = [text for text in texts if text.members["language"] == "en"]
    together = [
        in_one(english[start : start + TOGETHER]) for start in range(0, max(1, len(english) - TOGETHER + 1), TOGETHER)
    ]
    verbatim = {path.stem: path.read_text(encoding="utf-8") for path in (ANSWERS / "answers").glob("*.json")}
    ways = [
        (Way("all kinds in one question", streams=True), texts, verbatim),
        (Way("the same, server does not stream", streams=False), texts, verbatim),
        (Way("a question for each kind", streams=True, settings=ONE_KIND_EACH), apart, verbatim),
        (Way("the same, server does not stream", streams=False, settings=ONE_KIND_EACH), apart, verbatim),
        (Way(f"{TOGETHER} articles in one text", streams=True), together, {}),
    ]
    print(f"{len(texts)} articles, {sum(len(text.records) for text in texts)} records, {CALLERS} at a time.", end=" ")
    print(f"Load before: {os.getloadavg()[0]:.1f}.\n\n| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}")
    for way, its_texts, its_answers in ways:
        way.measure(its_texts, its_answers)
        print(way.row(), flush=True)
    print(f"\nLoad after: {os.getloadavg()[0]:.1f}. Seconds and ratios are medians.\n")
    wrong = [line for way, *_ in ways for line in judge(way)]
    outcome = left(apart[:LEAVERS], verbatim)
    wrong += judge_left(outcome)
    print(*(f"WRONG: {one}" for one in wrong), sep="\n")
    sys.exit(bool(wrong))


def judge(way: Way) -> Iterator[str]:
    """Tell of the answers of a way; what is wrong with them."""
    count, changed = way.changed()
    told = ", ".join(f"{name}: {times}" for name, times in changed.most_common()) or "none differ"
    same = len(way.texts) - way.different()
    print(
        f"- {way.name}: {way.calls} calls, {way.made} of the answers made of records; of {count} records {told};",
        end=" ",
    )
    print(f"{same} of {len(way.texts)} answers are the same in one piece")
    if changed.total() > MOST_DIFFERENT * count:
        yield f"{way.name}: {changed.total()} of {count} records are not as they went in"
    if same < len(way.texts):
        yield f"{way.name}: streamed answers are not the same in one piece"


def judge_left(outcome: Left) -> Iterator[str]:
    """Tell of callers who left; what is wrong with what became of their calls."""
    print(f"\n{outcome.callers} callers left with the first record. {len(outcome.seconds)} calls were cut, ", end="")
    print(f"{outcome.ended} ended first; {outcome.further} were made afterwards.", end=" ")
    if outcome.seconds:
        print(f"Cut after {statistics.median(outcome.seconds):.2f} s (median), {max(outcome.seconds):.2f} s at most.")
    else:
        yield "no call was cut"
    if outcome.further:
        yield f"{outcome.further} calls were made for callers who had left"


if __name__ == "__main__":
    main()
