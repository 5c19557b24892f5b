"""Runs instructor over a file of articles: one call for all kinds, the answer validated, asked again where it is wrong.

    benchmarks/peers/.venv/bin/python benchmarks/peers/instructor_peer.py --base-url URL --model NAME \
        --articles FILE.jsonl --out FILE.json [--kinds KIND ...] [--plain]

With `--plain` it is told one sentence and the schema, as somebody begins who has a large model; the lists have no end
and neither has the answer. Evidence is copied sentences. Where no valid answer comes, the article has an error and no
records.
"""

from collections.abc import Sequence
from typing import Any

import instructor
from openai import OpenAI

from benchmarks.peers import task
from benchmarks.peers.harness import MOST_TOKENS, TEMPERATURE, Options, Peer, main
from schemas.fields import Record

PLAIN = "Extract the negotiations, sanctions, military claims and quotations from the news article."


def make(options: Options) -> Peer:
    records = task.chosen(options.kinds)
    answer = task.answer_of(tuple(records), bounded=not options.plain)
    told = [{"role": "system", "content": PLAIN}] if options.plain else messages(records)
    limit = {} if options.plain else {"max_tokens": MOST_TOKENS}
    client = instructor.from_openai(
        OpenAI(base_url=options.base_url, api_key="unused"), mode=instructor.Mode.JSON_SCHEMA
    )

    def extract(text: str) -> dict[str, Any]:
        found = client.chat.completions.create(
            model=options.model,
            response_model=answer,
            messages=[*told, {"role": "user", "content": text}],
            temperature=TEMPERATURE,
            **limit,
        )
        return found.model_dump()

    return Peer("instructor", task.version(told, answer.model_json_schema()), extract)


def messages(records: Sequence[type[Record]]) -> list[dict[str, str]]:
    """The rules and the fields, which a server that turns the schema into a grammar shows to nobody; the examples."""
    lines = ["You read a news article and report what it states as JSON.", task.RULES]
    for record in records:
        lines += ["", f"{record.kind}: {record.__doc__}", *task.guide(task.form_of(record))]
    told = [{"role": "system", "content": "\n".join(lines)}]
    for example in task.examples(records):
        told.append({"role": "user", "content": example.text})
        told.append({"role": "assistant", "content": _answer(records, example)})
    return told


def _answer(records: Sequence[type[Record]], example: task.Example) -> str:
    said: dict[str, list[dict[str, Any]]] = {record.kind: [] for record in records}
    for stated in example.stated:
        evidence = [example.text[span.start : span.end] for span in stated.evidence]
        said[stated.record.kind].append({"evidence": evidence, **stated.fields})
    return task.answer_of(tuple(records)).model_validate(said).model_dump_json()


if __name__ == "__main__":
    main(make)
