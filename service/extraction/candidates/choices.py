"""What the model may choose from for a lead: the names, groups, places, dates and figures of its sentences."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from schemas.fields import Choices
from service.extraction.analysis import Reading
from service.extraction.entities.lexicon import Cues
from service.extraction.normalize.countries import code_of, is_demonym
from service.extraction.text.sentences import Sentence

_PUBLIC = ("gov", "igo", "leg", "jud")
"""Sectors of those who can bind others."""


def choices_of(article: Reading, told_in: Sequence[Sentence], shown: Sequence[Sentence], words: Cues) -> Choices:
    """What stands in some sentences; who acts may also stand in others that are shown with them."""
    actors = _once(actor for sentence in shown for actor in actors_of(article, sentence, words))
    authorities = _authorities(actors, article, words)
    together = any(words["together"].search(actor) for actor in actors)
    return replace(_choices(article, told_in), actors=actors, authorities=authorities, together=together)


def actors_of(article: Reading, sentence: Sentence, words: Cues) -> tuple[str, ...]:
    """Names of a sentence which do not only say where, and the groups of it: "both delegations".

    A person who speaks of something has not done it by that; a state or a body that speaks may have.
    """
    # Soldiers who are counted are losses, two sides are parties.
    counts = (article.telling(sentence).figures or ()) if "metric" in words.values else ()
    groups = _once(
        _group(match[0], words["groups"], article)
        for match in words["groups"].finditer(sentence.text)
        if not any(start < match.end() and match.start() < end for start, end in counts)
    )
    places, mediators = (
        {article.text[span.start : span.end] for span in spans}
        for spans in (article.bound(sentence, words), article.mediating(sentence, words))
    )
    speaking = article.speaking(sentence)
    acting = [
        name
        for name in article.acting(sentence, words["venues"])
        if name not in places
        and not any(_shares(name, who) for who in speaking)
        and not any(name in group for group in groups)
    ]
    found = [*acting, *groups]
    told = [article.text[span.start : span.end] for span in article.representing(sentence)]
    found += [who for who in told if not any(_shares(name, who) for name in found)]
    # "Tarn has offered to host talks" names nobody else.
    return _once([name for name in found if name not in mediators] or found)


def _shares(name: str, other: str) -> bool:
    """Whether all words of one name are words of the other."""
    ours, theirs = set(name.split()), set(other.split())
    return ours <= theirs or theirs <= ours


def _group(words: str, groups: re.Pattern[str], article: Reading) -> str:
    """What a group is called, without a word before it that is neither its name nor a determiner: "seen" soldiers."""
    first, *rest = words.split()
    group = " ".join(rest)
    keeps = not first.islower() or any(article.speech[name].fullmatch(first) for name in ("articles", "possessives"))
    return words if keeps or not groups.fullmatch(group) else group


def _authorities(actors: Sequence[str], article: Reading, words: Cues) -> tuple[str, ...]:
    """Those of some actors which can bind others: states and their bodies; where none is known for one, all."""
    sectors = article.speech.values.get("sector", {})
    public = [article.speech["bodies"], words["groups"], *(sectors[name] for name in _PUBLIC if name in sectors)]
    found = tuple(
        actor
        for actor in actors
        if code_of(actor, article.language) or any(pattern.search(actor) for pattern in public)
    )
    return found or tuple(actors)


def _choices(article: Reading, shown: Sequence[Sentence]) -> Choices:
    named = _once(name for sentence in shown for name in article.names[sentence.number])
    bodies = article.speech["bodies"]
    persons = tuple(n for n in named if " " in n and not bodies.search(n) and not code_of(n, article.language))
    speaking = {name for sentence in shown for name in article.speaking(sentence)}
    where = tuple(n for n in named if n not in speaking and not is_demonym(n) and not bodies.search(n))
    told = [article.telling(sentence) for sentence in shown]
    when = _once(date for one in told for date in one.dates)
    amounts = [one.amounts for one in told]
    known = [amount for said in amounts for amount in said or ()]
    figures = None if None in amounts else _once(known)
    return Choices(names=named, places=where, persons=persons, dates=when, figures=figures)


def _once(words: Iterable[str]) -> tuple[str, ...]:
    """Each once, on one line."""
    return tuple(dict.fromkeys(" ".join(said.split()) for said in words))
