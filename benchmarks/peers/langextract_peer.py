"""Runs LangExtract, as its documentation says for OpenAI-compatible servers, over a file of articles.

    benchmarks/peers/.venv/bin/python benchmarks/peers/langextract_peer.py --base-url URL --model NAME \
        --articles FILE.jsonl --out FILE.json [--kinds KIND ...] [--plain]

With `--plain` it is shown one example, and answers and calls have its own limits, as somebody begins who has a large
model. One pass, its own chunks of 1,000 characters, constraints derived from the examples. An extraction's text is the
sentence that states the record, or the words said; everything else is an attribute.
"""

import warnings
from collections.abc import Sequence
from typing import Any

import langextract as lx
from langextract.factory import ModelConfig
from langextract.prompt_validation import PromptAlignmentError, PromptValidationLevel, validate_prompt_alignment

from benchmarks.peers import task
from benchmarks.peers.attributes import attributes, class_of, guide
from benchmarks.peers.harness import MOST_TOKENS, TEMPERATURE, Options, Peer, main
from schemas.fields import Record

WORKERS = 2
"""Calls at the same time, as Dragoman has on the same machine. More would wait in the server until they time out."""


def make(options: Options) -> Peer:
    records = task.chosen(options.kinds)
    described = description(records)
    examples = [example(said) for said in task.examples(records)]
    if options.plain:
        examples = [max(examples, key=lambda shown: len({one.extraction_class for one in shown.extractions or ()}))]
    check(examples)
    config = ModelConfig(
        model_id=options.model,
        provider="openai",
        provider_kwargs={
            "api_key": "unused",
            "base_url": options.base_url,
            "temperature": TEMPERATURE,
            **({} if options.plain else {"max_output_tokens": MOST_TOKENS, "max_workers": WORKERS}),
        },
    )

    # It says of every article what its documentation says: that constraints come from the examples.
    warnings.filterwarnings("ignore", message="With 'config'")

    def extract(text: str) -> list[dict[str, Any]]:
        found = lx.extract(
            text,
            prompt_description=described,
            examples=examples,
            config=config,
            prompt_validation_level=PromptValidationLevel.OFF,  # see check
            show_progress=False,
        )
        return [said(extraction) for extraction in found.extractions or []]

    return Peer("langextract", task.version(described, examples), extract)


def description(records: Sequence[type[Record]]) -> str:
    """The task in the words of LangExtract's documentation, then Dragoman's definitions and vocabularies."""
    classes = ", ".join(class_of(record.kind) for record in records)
    lines = [
        f"Extract from a news article, in order of appearance: {classes}.",
        "Use exact text for extractions. Do not paraphrase.",
        task.RULES,
    ]
    for record in records:
        spoken = task.passage_field(record)
        text = task.CONTENT if spoken else "the whole sentence that states it"
        lines += ["", f"{class_of(record.kind)}: {record.__doc__} The extraction text is {text}. Attributes:"]
        lines += guide(record)
    return "\n".join(lines)


def check(examples: Sequence[lx.data.ExampleData]) -> None:
    """What LangExtract itself checks before every run, once; its check fails on an example that states nothing.

    Raises:
        PromptAlignmentError: words of an extraction are not in its example.

    """
    report = validate_prompt_alignment([example for example in examples if example.extractions])
    if report.has_failed:
        raise PromptAlignmentError("; ".join(issue.short_msg() for issue in report.issues))


def example(said: task.Example) -> lx.data.ExampleData:
    return lx.data.ExampleData(text=said.text, extractions=[_extraction(said.text, stated) for stated in said.stated])


def _extraction(text: str, stated: task.Stated) -> lx.data.Extraction:
    spans = stated.passages or stated.evidence
    spoken = task.passage_field(stated.record)
    fields = {name: value for name, value in stated.fields.items() if name != spoken}
    return lx.data.Extraction(
        extraction_class=class_of(stated.record.kind),
        # One extraction is one stretch of text: a quotation broken by its cue runs from its first part to its last.
        extraction_text=text[spans[0].start : spans[-1].end],
        attributes=attributes(stated.record, fields),
    )


def said(extraction: lx.data.Extraction) -> dict[str, Any]:
    """An extraction as it is saved; `start` and `end` are null where LangExtract did not find its text."""
    place = extraction.char_interval
    return {
        "class": extraction.extraction_class,
        "text": extraction.extraction_text,
        "start": place.start_pos if place else None,
        "end": place.end_pos if place else None,
        "alignment": extraction.alignment_status.value if extraction.alignment_status else None,
        "attributes": extraction.attributes,
    }


if __name__ == "__main__":
    main(make)
