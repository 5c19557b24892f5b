"""What the figures of a sentence count: "killing 12 soldiers and wounding nine, and destroying four tanks"."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.extraction.text.lexicon import Lexicon, lexicon_for
from service.extraction.text.spans import Span

Metrics = Mapping[str, re.Pattern[str]]
"""The words that tell each metric; besides, `ground`, `civilian`, `time`, `event` and `verb`: what a share may
be of, what persons are called who are no soldiers, what counts neither losses nor things, and verbs, which are no part
of what is counted."""

_NEAR = 60
"""Code points before and behind a figure in which it is told what became of what it counts."""
_STOP = re.compile(r"[;.:!?()]|\n")
_FARTHER = 30
"""Code points that a comma or conjunction between a figure and a fate counts for."""
_AGE = re.compile(r",\s*\Z")
_CLOCK = re.compile(r"\d{1,2}:\d")
_UNITS = 8
"""Code points behind a figure in which "am" or "hours" makes it a time."""
_THINGS = ("area_km2", "distance_km", "munitions", "equipment")
_TOGETHER = "losses_total"
_FATES = (_TOGETHER, "killed", "wounded", "captured")


@dataclass(frozen=True, slots=True)
class Loss:
    """A figure in a sentence and the value of `metric` that the words around it tell."""

    span: Span
    metric: str


def losses(
    sentence: str, amounts: Sequence[tuple[int, int]], metrics: Metrics, language: str | None = None
) -> list[Loss]:
    """The figures of a sentence that count losses, munitions, equipment or ground.

    Args:
        sentence: words of the article.
        amounts: spans of its figures with what they count (`normalize.numbers.amount_spans`), in order.
        metrics: the words that tell what is counted.
        language: BCP 47 tag of the sentence.

    """
    around = lexicon_for("numbers", language)
    found = ((start, end, _metric(sentence, start, end, metrics, around)) for start, end in amounts)
    return [Loss(_counted(sentence, start, end, metrics), metric) for start, end, metric in found if metric]


def _counted(sentence: str, start: int, end: int, metrics: Metrics) -> Span:
    """A figure with what it counts, without the verb behind: "300 men killed"."""
    words = sentence[start:end]
    verbs = metrics["verb"].finditer(words) if "verb" in metrics else ()
    last = next((verb for verb in verbs if verb.end() == len(words) and verb.start() > 0), None)
    return Span(start, start + len(words[: last.start()].rstrip()) if last else end)


def _metric(sentence: str, start: int, end: int, metrics: Metrics, around: Lexicon) -> str | None:
    own = sentence[start:end]
    behind = _STOP.split(sentence[end : end + _NEAR])[0]
    before = _STOP.split(sentence[max(0, start - _NEAR) : start])[-1]
    unit = own + behind[:_UNITS]
    if "%" in unit or around["percent"].search(unit):
        return "percent_territory" if _tells("ground", own + behind, metrics) else None
    if (
        _tells("time", unit, metrics)
        or _tells("event", own, metrics)
        or any(_CLOCK.match(sentence, at, end + 3) for at in (start, max(0, start - 2)))
        or (own.isdigit() and _AGE.search(before) and behind.startswith(","))  # "Ilsa Varn, 51, was killed"
    ):
        return None
    for thing in _THINGS:
        if _tells(thing, own, metrics):
            return thing
    # "300 men killed and wounded" are counted together.
    together = _first(own + behind, metrics) == _TOGETHER
    fate = _TOGETHER if together else _first(own, metrics) or _nearest(before, behind, metrics, around)
    return "civilians_killed" if fate == "killed" and _tells("civilian", own, metrics) else fate


def _tells(name: str, words: str, metrics: Metrics) -> bool:
    return name in metrics and metrics[name].search(words) is not None


def _first(words: str, metrics: Metrics) -> str | None:
    """The fate told first in some words."""
    found = sorted((start, order, fate) for start, _, fate, order in _places(words, metrics))
    return found[0][-1] if found else None


def _nearest(before: str, behind: str, metrics: Metrics, around: Lexicon) -> str | None:
    """The fate told nearest to a figure between some words; what stands beyond an "and" or a comma is farther."""
    found = [(_gap(before[end:], around), order, fate) for _, end, fate, order in _places(before, metrics)]
    found += [(_gap(behind[:start], around), order, fate) for start, _, fate, order in _places(behind, metrics)]
    return min(found)[-1] if found else None


def _gap(words: str, around: Lexicon) -> int:
    return len(words) + _FARTHER * (words.count(",") + len(around["clause_joints"].findall(words)))


def _places(words: str, metrics: Metrics) -> Iterator[tuple[int, int, str, int]]:
    """Where fates are told in some words: from, to, which, and its rank among others at the same place."""
    for order, fate in enumerate(_FATES):
        if fate in metrics:
            for match in metrics[fate].finditer(words):
                yield match.start(), match.end(), fate, order
