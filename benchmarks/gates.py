"""How well the built-in model tells candidates that state a record from those that do not, before and after the answer.

    python -m benchmarks.gates [--split dev] [--size 0.5b] [--articles N]

Every candidate of negotiations, sanctions and military claims in the gold articles is put to the model in three ways,
and each way gives a probability:

- null: the question as it is shipped, and how likely the model finds it that the answer begins a record, not null;
- gate: "does this sentence report …? yes or no", with four examples, before anything is filled in;
- verify: the record of the shipped answer, and "does the sentence state this? yes or no", with four examples.

Printed is the area under the ROC curve of each (0.5 is a coin), against gold: for null and gate, whether the candidate
lies in a gold record's sentence; for verify, whether the record could be matched with a gold record (same place, an
actor in common). Candidates in optional gold count neither way. No candidate is left out by anything here; about a
second a call.
"""

import argparse
import asyncio
import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx2

import prompts
from benchmarks.candidates import meet
from evals.gold import GoldArticle, ids, load
from evals.scoring import may_match
from schemas.answers import candidate_answer_of
from schemas.fields import Record
from schemas.registry import built_in
from service.cli.built_in import CONTEXT_TOKENS, SLOTS
from service.extraction.analysis import analyse
from service.extraction.candidates.candidate import Candidate
from service.extraction.candidates.candidates import find_candidates
from service.extraction.candidates.readers import reader_of
from service.extraction.grounding.ground import Grounder
from service.extraction.model import Message, Question
from service.extraction.normalize.rules import ArticleContext
from service.extraction.questions.messages import candidate_message, candidate_preamble
from service.extraction.text.quotes import find_passages
from service.extraction.text.sentences import segment
from service.llm.profiles import PROFILES
from service.llm.request import build_request
from service.llm.response_model import schema_name
from service.local.release import RELEASES
from service.local.server import running_model
from service.settings import ProfileName

PROFILE = PROFILES[ProfileName.LLAMA_CPP]
ANSWER_TOKENS = 370
ALTERNATIVES = 20
"""Tokens whose probabilities are asked for."""
SHOTS = {
    "negotiations": (
        "Envoys of Vostria and the Kalmere Union met there for a third round of truce talks hosted by Lentia.",
        "Talks between the two dairies of the town about a shared depot go on.",
        "Talks with Kalmere on prisoners broke down in April.",
        "The two neighbours share a long border.",
    ),
    "sanctions": (
        "Lentia's parliament lifted its ban on Kalmere timber last week.",
        "A referee sanctioned two players of the town’s football club.",
        "The Council warned banks which help the trade that they would face sanctions.",
        "The town warned owners of stray dogs of sanctions.",
    ),
    "military_claims": (
        "The Vostrian army said its drones hit a depot near Sella, killing 12 soldiers.",
        "A fireworks rocket struck a tent, and nobody was injured.",
        "The defence ministry denied that its troops had left Sella.",
        "The market reopened, and the price of flour fell.",
    ),
}
"""From `prompts/examples`: yes, no, yes, no."""


def body_of(question: Question[Any]) -> dict[str, Any]:
    """The request for a question, as the service sends it to the built-in model."""
    schema = {"name": schema_name(question.answer), "schema": question.answer.model_json_schema()}
    return {
        **build_request(
            question, model="built-in", request_format=PROFILE.request_format, token_limit=question.max_tokens
        ),
        "response_format": {"type": "json_schema", "json_schema": schema},
        **PROFILE.extra_body,
    }


@dataclass(frozen=True, slots=True)
class Probe:
    kind: str
    way: str
    stated: bool
    score: float


class Server:
    """A llama.cpp server that is asked for probabilities."""

    def __init__(self, url: str, model: str) -> None:
        self._client = httpx2.AsyncClient(base_url=url, timeout=600.0, trust_env=False)
        self._model = model

    async def asked(self, body: Mapping[str, Any]) -> dict[str, Any]:
        response = await self._client.post(
            "/chat/completions", json={**body, "logprobs": True, "top_logprobs": ALTERNATIVES}
        )
        response.raise_for_status()
        choice: dict[str, Any] = response.json()["choices"][0]
        return choice

    async def yes(self, messages: Sequence[Message]) -> float:
        """How likely the answer is yes and not no."""
        said = [{"role": message.role, "content": message.content} for message in messages]
        body = {"model": self._model, "messages": said, "max_tokens": 1, "temperature": 0.0, "cache_prompt": True}
        choice = await self.asked(body)
        return share(choice["logprobs"]["content"][0], is_no=lambda token: token == "no", is_yes=lambda t: t == "yes")

    async def close(self) -> None:
        await self._client.aclose()


def share(token: Mapping[str, Any], *, is_no: Callable[[str], bool], is_yes: Callable[[str], bool]) -> float:
    """The probability of a yes among that of a yes and a no; a half where neither is among the alternatives."""
    yes = no = 0.0
    for other in token["top_logprobs"]:
        word = other["token"].strip().casefold()
        yes += math.exp(other["logprob"]) * is_yes(word)
        no += math.exp(other["logprob"]) * is_no(word)
    return yes / (yes + no) if yes + no else 0.5


def begins(choice: Mapping[str, Any]) -> float:
    """How likely the model found a record rather than null, in the token after `{"record`."""
    written = ""
    for token in choice["logprobs"]["content"]:
        if written.replace(" ", "") == '{"record':
            # One token closes the name and opens the record, or another one closes the name for null to come.
            return share(token, is_no=lambda t: t in ('":', '":null'), is_yes=lambda t: t.startswith('":{'))
        written += token["token"]
    return 0.5


def sentence_of(candidate: Candidate) -> str:
    return " ".join(" ".join(sentence.text.split()) for sentence in candidate.sentences)


def gate(record: type[Record], candidate: Candidate) -> list[Message]:
    task = prompts.load(record.kind).task
    rule = f"{task.replace('Report', 'Say whether a sentence reports', 1)} Answer yes or no."
    messages = [Message("system", rule)]
    for said, answer in zip(SHOTS[record.kind], ("yes", "no", "yes", "no"), strict=True):
        messages += [Message("user", said), Message("assistant", answer)]
    return [*messages, Message("user", sentence_of(candidate))]


def verify(record: type[Record], candidate: Candidate, said: str, shown: Sequence[Message]) -> list[Message]:
    """Two pairs of the shipped examples as they are, and each sentence with the other one's record."""
    pairs = list(zip(shown[1::2], shown[2::2], strict=True))
    told = [(user.content, answer.content) for user, answer in pairs if "null" not in answer.content][-2:]
    (first, its), (second, other) = told
    rule = f"{record.kind}: {record.__doc__}\nSay whether the sentence states the record. Answer yes or no."
    messages = [Message("system", rule)]
    for shots in ((first, its, "yes"), (second, its, "no"), (first, other, "no"), (second, other, "yes")):
        messages += [Message("user", f"{shots[0]}\n{shots[1]}"), Message("assistant", shots[2])]
    return [*messages, Message("user", f"{sentence_of(candidate)}\n{said}")]


async def probe(server: Server, article: GoldArticle) -> list[Probe]:
    language = article.about.get("language")
    sentences = segment(article.text, language)
    found = tuple(find_passages(article.text))
    analysis = analyse(article.text, sentences, found, language)
    published = article.about.get("published_at")
    day = date.fromisoformat(published[:10]) if published else None
    grounder = Grounder(article.text, ArticleContext(found, day, language))
    made: list[Probe] = []
    for record in built_in():
        reader = reader_of(record)
        if reader is None or reader.per_speaker:
            continue
        preamble = candidate_preamble(record, prompts.load(record.kind), field_guide=False, lean=True)
        gold = [right for right in article.records if right.kind == record.kind]
        for candidate in find_candidates(record, analysis) or []:
            place = [sentence.span for sentence in candidate.sentences]
            near = [right for right in gold if meet(place, right.evidence)]
            if near and all(right.optional for right in near):
                continue
            stated = bool(near)
            allowed = reader.allowed(candidate.choices)
            form = candidate_answer_of(
                record, candidate.not_asked, lean=True, allowed=allowed, certain=candidate.certain
            )
            shown = [*preamble, Message("user", candidate_message(article.text, candidate))]
            question = Question(shown, form, lambda _: None, ANSWER_TOKENS)
            choice = await server.asked(body_of(question))
            made.append(Probe(record.kind, "null", stated, begins(choice)))
            made.append(Probe(record.kind, "gate", stated, await server.yes(gate(record, candidate))))
            try:
                answer = form.model_validate_json(choice["message"]["content"])
            except ValueError:
                continue
            draft = answer.record  # type: ignore[attr-defined]
            if draft is None:
                continue
            grounded = [grounder.ground(record, draft, candidate, at).record for at in candidate.occurrences]
            kept = [one.model_dump(mode="json") for one in grounded if one]
            if kept:
                right = any(may_match(record, one, said) for one in gold for said in kept)
                said = json.dumps(draft.model_dump(exclude_defaults=True), ensure_ascii=False)
                score = await server.yes(verify(record, candidate, said, preamble))
                made.append(Probe(record.kind, "verify", right, score))
                made.append(Probe(record.kind, "null, right", right, begins(choice)))
    return made


def area(probes: Sequence[Probe]) -> float | None:
    """Area under the ROC curve: how often a stated one scores above one that is not."""
    yes, no = ([one.score for one in probes if one.stated is stated] for stated in (True, False))
    if not yes or not no:
        return None
    return sum((a > b) + (a == b) / 2 for a in yes for b in no) / (len(yes) * len(no))


def rows(probes: Sequence[Probe]) -> Iterator[str]:
    groups: dict[tuple[str, str], list[Probe]] = defaultdict(list)
    for one in probes:
        groups[one.way, one.kind].append(one)
    yield "| way | kind | candidates | stated | area under the curve |"
    yield "| --- | --- | --- | --- | --- |"
    for (way, kind), group in sorted(groups.items()):
        curve = area(group)
        yield f"| {way} | {kind} | {len(group)} | {sum(one.stated for one in group)} | {curve and round(curve, 2)} |"


async def measure(url: str, split: str, most: int | None) -> list[Probe]:
    server = Server(url, "built-in")
    made: list[Probe] = []
    for name in ids(split)[:most]:
        made += await probe(server, load(name))
        print(name, len(made), flush=True)
    await server.close()
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", default="dev", choices=("dev", "test"))
    parser.add_argument("--size", default="0.5b", choices=list(RELEASES))
    parser.add_argument("--articles", type=int)
    chosen = parser.parse_args()
    with running_model(release=RELEASES[chosen.size], n_ctx=SLOTS * CONTEXT_TOKENS, n_parallel=SLOTS) as url:
        print(*rows(asyncio.run(measure(url, chosen.split, chosen.articles))), sep="\n")


if __name__ == "__main__":
    main()
