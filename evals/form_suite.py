"""The suite of forms: small texts in the forms of real news, with who says what in each, and what words are worth.

`evals/forms/quotations/*.toml` holds texts with the right attributions, `dates/` and `figures/` phrases with their
values by language, `countries.toml` words with their countries. Only code is judged, no model: an attribution, a date
or a figure is *right*, *unknown* (nothing is claimed, and the model is asked) or *wrong*. The worst is words that are
given to somebody who did not say them, which is counted apart.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import regex
from pydantic import BaseModel, ConfigDict

from service.extraction.analysis import ArticleAnalysis, analyse
from service.extraction.normalize.countries import code_of
from service.extraction.normalize.dates import date_spans
from service.extraction.normalize.edtf import edtf
from service.extraction.normalize.numbers import amount_spans, greatest, is_approximate, least
from service.extraction.text.quotes import find_passages
from service.extraction.text.sentences import segment
from service.extraction.text.spans import Span

FOLDER = Path(__file__).parent / "forms"
_SAME = 0.8
"""Share of the characters of words that two readings must have in common, each way, to be the same words."""
_LETTER = regex.compile(r"[\p{L}\p{M}\p{N}]")
_INVISIBLE = regex.compile("[\u200b-\u200f\u2060\ufeff\u00ad>*]")
_SURROUNDING = "\u200b\u200e\u200f\u2060\ufeff\u00ad ,.;:\"'“”„«»‘’"


class Verdict(StrEnum):
    """What became of a form, the worst last."""

    RIGHT = "right"
    UNKNOWN = "unknown"
    WRONG = "wrong"
    WRONG_SPEAKER = "wrong speaker"


class Said(BaseModel):
    """One right attribution: the pieces of the words, and every right reading of who says them; none where unknown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: tuple[str, ...]
    speaker: tuple[str, ...] = ()


class QuotationForm(BaseModel):
    """A text with its right attributions and, where that is what it is about, its right sentences."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    kind: str
    language: str
    because: str
    text: str
    speech: tuple[Said, ...]
    sentences: tuple[str, ...] | None = None
    kinds_of_paragraph: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ValueForm:
    """Words in a sentence, and what they are worth.

    Args:
        kind: `dates`, `figures` or `countries`.
        language: code of the language.
        sentence: where they stand.
        words: the words; empty where the sentence has none that count.
        value: what they are worth, as text.
        published: for dates, the day of publication.
        future: for dates, whether what happens then lies ahead.

    """

    kind: str
    language: str
    sentence: str
    words: str
    value: str
    published: date | None = None
    future: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on a form, with what was read instead where it is not right."""

    verdict: Verdict
    read: str = ""


def quotation_forms() -> Iterator[QuotationForm]:
    """All texts, in the order of their files."""
    for file in sorted((FOLDER / "quotations").glob("*.toml")):
        for form in tomllib.loads(file.read_text(encoding="utf-8"))["form"]:
            yield QuotationForm.model_validate({"kind": file.stem, **form})


def value_forms() -> Iterator[ValueForm]:
    """All phrases, in the order of their files."""
    for file in sorted((FOLDER / "dates").glob("*.toml")):
        for group in _read(file)["published"]:
            for sentence, words, value, direction in group["forms"]:
                yield ValueForm("dates", file.stem, sentence, words, value, group["day"], direction == "ahead")
    for file in sorted((FOLDER / "figures").glob("*.toml")):
        for sentence, words, low, high, opened in _read(file)["forms"]:
            value = _figure(None if low is False else low, None if high is False else high, opened) if words else ""
            yield ValueForm("figures", file.stem, sentence, words, value)
    for language, words, value in _read(FOLDER / "countries.toml")["forms"]:
        yield ValueForm("countries", language, words, words, value)


def judge_quotations(form: QuotationForm) -> list[Judged]:
    """A verdict on each right attribution of a text, and one on each that is none; one alone where nobody speaks."""
    analysis = analyse(form.text, segment(form.text, form.language), tuple(find_passages(form.text)), form.language)
    wanted: list[tuple[Said, set[int]]] = []
    for said in form.speech:
        before = sum(right.words == said.words for right, _ in wanted)
        places = _places(form.text, said.words * (before + 1))[-len(said.words) :]
        wanted.append((said, _letters(form.text, places)))
    found = [(said.speaker, _letters(form.text, said.parts)) for said in analysis.attributions]
    judged = [_judge_attribution(said, letters, found, form.text) for said, letters in wanted]
    everything = set().union(*(letters for _, letters in wanted)) if wanted else set()
    for speaker, letters in found:
        if letters and len(letters & everything) < len(letters) / 2:
            # Words that nobody says are an invention, whoever they are given to.
            read = f"{_of(form.text, speaker)}: {''.join(form.text[at] for at in sorted(letters))[:60]}"
            judged.append(Judged(Verdict.WRONG_SPEAKER if speaker else Verdict.WRONG, read))
    if form.sentences is not None:
        judged.append(_judge_sentences(form.sentences, analysis))
    return judged or [Judged(Verdict.RIGHT)]


def judge_value(form: ValueForm) -> Judged:
    """Whether the words are found in their sentence and worth what they should be."""
    match form.kind:
        case "countries":
            code = code_of(form.words, form.language) or ""
            return _judged(code, form.value)
        case "dates":
            return _judge_date(form)
        case _:
            return _judge_figure(form)


def tally(verdicts: Sequence[Judged]) -> Mapping[Verdict, int]:
    """How many there are of each."""
    counts = Counter(judged.verdict for judged in verdicts)
    return {verdict: counts[verdict] for verdict in Verdict}


def _judge_attribution(
    said: Said, letters: set[int], found: Sequence[tuple[Span | None, set[int]]], text: str
) -> Judged:
    mine = [(speaker, other) for speaker, other in found if other and len(other & letters) >= len(other) / 2]
    for speaker, other in mine:
        if speaker and not _is_one_of(_of(text, speaker), said.speaker) and len(other & letters) >= len(letters) / 4:
            return Judged(Verdict.WRONG_SPEAKER, _of(text, speaker))
    together = set().union(*(other for _, other in mine)) if mine else set()
    whole = (
        bool(together) and min(len(together & letters) / len(letters), len(together & letters) / len(together)) >= _SAME
    )
    if not whole:
        return Judged(Verdict.WRONG if together else Verdict.UNKNOWN, "".join(text[at] for at in sorted(together))[:80])
    if said.speaker and not all(speaker for speaker, _ in mine):
        return Judged(Verdict.UNKNOWN, "speaker unknown")
    return Judged(Verdict.RIGHT)


def _judge_sentences(wanted: Sequence[str], analysis: ArticleAnalysis) -> Judged:
    cut = [sentence.text for sentence in analysis.sentences]
    return Judged(Verdict.RIGHT) if cut == [one.strip() for one in wanted] else Judged(Verdict.WRONG, " | ".join(cut))


def _judge_date(form: ValueForm) -> Judged:
    found = [form.sentence[start:end] for start, end in date_spans(form.sentence, form.language)]
    if not form.words:
        values = [edtf(one, published=form.published, future=form.future, language=form.language) for one in found]
        return Judged(Verdict.RIGHT) if not any(values) else Judged(Verdict.WRONG, ", ".join(found))
    value = edtf(form.words, published=form.published, future=form.future, language=form.language) or ""
    judged = _judged(value, form.value)
    if (
        judged.verdict is Verdict.RIGHT
        and form.value
        and not any(form.words in one or one in form.words for one in found)
    ):
        return Judged(Verdict.UNKNOWN, f"not found in the sentence: {found}")
    return judged


def _judge_figure(form: ValueForm) -> Judged:
    spans = amount_spans(form.sentence, form.language) or []
    if not form.words:
        return Judged(Verdict.WRONG, str([form.sentence[a:b] for a, b in spans])) if spans else Judged(Verdict.RIGHT)
    language = form.language
    low, high = least(form.words, language), greatest(form.words, language)
    read = _figure(low, high, is_approximate(form.words, language))
    if read == form.value:
        return Judged(Verdict.RIGHT)
    return Judged(Verdict.UNKNOWN if low is None and high is None else Verdict.WRONG, read)


def _judged(read: str, right: str) -> Judged:
    if read == right:
        return Judged(Verdict.RIGHT)
    return Judged(Verdict.WRONG if read else Verdict.UNKNOWN, read)


def _figure(low: float | None, high: float | None, opened: bool) -> str:
    ends = ["" if end is None else f"{end:g}" if end < 1e6 else f"{end:.0f}" for end in (low, high)]
    return f"{'..'.join(ends)}{' about' if opened else ''}"


def _is_one_of(words: str, readings: Sequence[str]) -> bool:
    return any(_bare(words) == _bare(one) for one in readings)


def _bare(name: str) -> str:
    return " ".join(_INVISIBLE.sub(" ", name).strip(_SURROUNDING).split())


def _places(text: str, pieces: Sequence[str]) -> list[Span]:
    """Where the pieces stand in a text, each behind the one before."""
    places: list[Span] = []
    start = 0
    for piece in pieces:
        at = text.find(piece, start)
        at = text.index(piece) if at < 0 else at
        places.append(Span(at, at + len(piece)))
        start = at + len(piece)
    return places


def _letters(text: str, spans: Sequence[Span]) -> set[int]:
    """The places of letters and digits in some spans."""
    return {at for span in spans for at in range(span.start, span.end) if _LETTER.match(text[at])}


def _of(text: str, span: Span | None) -> str:
    return text[span.start : span.end] if span else ""


def _read(file: Path) -> Mapping[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))
