"""What the model may choose from for a candidate: the names, groups, places, dates and figures of its sentences."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from service.extraction.analysis import ArticleAnalysis
from service.extraction.normalize.countries import code_of, is_demonym
from service.extraction.text.lexicon import Lexicon
from service.extraction.text.sentences import Sentence

_PUBLIC = ("gov", "igo", "leg", "jud")
"""Sectors of those who can bind others."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What code found to choose from, each once; None where it cannot tell, so that any words will do.

    Args:
        names: capitalised names.
        places: names that may say where.
        actors: names that do not only say where, and what groups are called who take part.
        authorities: those of the actors which can bind others: states and their bodies.
        persons: names of persons.
        dates: date expressions.
        figures: amounts with what they count.
        collective: whether some actor stands for several: "both sides".

    """

    names: tuple[str, ...] | None = None
    places: tuple[str, ...] | None = None
    actors: tuple[str, ...] | None = None
    authorities: tuple[str, ...] | None = None
    persons: tuple[str, ...] | None = None
    dates: tuple[str, ...] | None = None
    figures: tuple[str, ...] | None = None
    collective: bool = False


def find_choices(
    article: ArticleAnalysis,
    stating: Sequence[Sentence],
    shown: Sequence[Sentence],
    lexicon: Lexicon,
    *,
    figures_are_no_actors: bool,
) -> Choices:
    """What stands in the sentences that state something; who acts may also stand in others shown with them.

    Args:
        article: the article.
        stating: sentences that may state a record.
        shown: those and what is shown before them.
        lexicon: the kind's words.
        figures_are_no_actors: whether persons who are counted are nobody who acts.

    """
    actors = _once(
        actor
        for sentence in shown
        for actor in find_actors(article, sentence, lexicon, figures_are_no_actors=figures_are_no_actors)
    )
    authorities = _authorities(actors, article, lexicon)
    collective = any(lexicon["collective_groups"].search(actor) for actor in actors)
    return replace(_choices(article, stating), actors=actors, authorities=authorities, collective=collective)


def find_actors(
    article: ArticleAnalysis, sentence: Sentence, lexicon: Lexicon, *, figures_are_no_actors: bool
) -> tuple[str, ...]:
    """Names of a sentence which do not only say where, and the groups of it: "both delegations".

    A person who speaks of something has not done it by that; a state or a body that speaks may have.
    """
    counts = (article.facts(sentence).amount_spans or ()) if figures_are_no_actors else ()
    groups = _once(
        _group(match[0], lexicon["actor_groups"], article)
        for match in lexicon["actor_groups"].finditer(sentence.text)
        if not any(start < match.end() and match.start() < end for start, end in counts)
    )
    places, mediators = (
        {article.text[span.start : span.end] for span in spans}
        for spans in (article.places_by_context(sentence, lexicon), article.mediators(sentence, lexicon))
    )
    speaking = article.individual_speakers(sentence)
    acting = [
        name
        for name in article.acting_names(sentence, lexicon["meeting_nouns"])
        if name not in places
        and not any(_shares(name, who) for who in speaking)
        and not any(name in group for group in groups)
    ]
    found = [*acting, *groups]
    speakers = [article.text[span.start : span.end] for span in article.collective_speakers(sentence)]
    found += [who for who in speakers if not any(_shares(name, who) for name in found)]
    # "Tarn has offered to host talks" names nobody else.
    return _once([name for name in found if name not in mediators] or found)


def _shares(name: str, other: str) -> bool:
    """Whether all words of one name are words of the other."""
    ours, theirs = set(name.split()), set(other.split())
    return ours <= theirs or theirs <= ours


def _group(words: str, groups: re.Pattern[str], article: ArticleAnalysis) -> str:
    """What a group is called, without a word before it that is neither its name nor a determiner: "seen" soldiers."""
    first, *rest = words.split()
    group = " ".join(rest)
    determiners = (article.speech_lexicon[name] for name in ("definite_articles", "possessive_pronouns"))
    keeps = not first.islower() or any(pattern.fullmatch(first) for pattern in determiners)
    return words if keeps or not groups.fullmatch(group) else group


def _authorities(actors: Sequence[str], article: ArticleAnalysis, lexicon: Lexicon) -> tuple[str, ...]:
    """Those of some actors which can bind others: states and their bodies; where none is known for one, all."""
    sectors = article.speech_lexicon.values.get("sector", {})
    public = [
        article.speech_lexicon["organization_nouns"],
        lexicon["actor_groups"],
        *(sectors[name] for name in _PUBLIC if name in sectors),
    ]
    found = tuple(
        actor
        for actor in actors
        if code_of(actor, article.language) or any(pattern.search(actor) for pattern in public)
    )
    return found or tuple(actors)


def _choices(article: ArticleAnalysis, sentences: Sequence[Sentence]) -> Choices:
    named = _once(name for sentence in sentences for name in article.names[sentence.number])
    bodies = article.speech_lexicon["organization_nouns"]
    persons = tuple(n for n in named if " " in n and not bodies.search(n) and not code_of(n, article.language))
    speaking = {name for sentence in sentences for name in article.individual_speakers(sentence)}
    where = tuple(n for n in named if n not in speaking and not is_demonym(n) and not bodies.search(n))
    facts = [article.facts(sentence) for sentence in sentences]
    when = _once(date for one in facts for date in one.dates)
    amounts = [one.amounts for one in facts]
    known = [amount for said in amounts for amount in said or ()]
    figures = None if None in amounts else _once(known)
    return Choices(names=named, places=where, persons=persons, dates=when, figures=figures)


def _once(words: Iterable[str]) -> tuple[str, ...]:
    """Each once, on one line."""
    return tuple(dict.fromkeys(" ".join(said.split()) for said in words))
