"""The plan of an article: what is asked about it, what code knows without asking, and what answers are held against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.article import Article
from schemas.fields import Record
from service.extraction.analysis import analyse, unmarked_speech
from service.extraction.candidates.candidate import Candidate
from service.extraction.candidates.candidates import find_candidates
from service.extraction.grounding.ground import Grounder
from service.extraction.normalize.rules import ArticleContext
from service.extraction.questions.budget import within_budget
from service.extraction.questions.planned import PlannedQuestion
from service.extraction.text.quotes import Passage, find_passages
from service.extraction.text.sentences import Sentence, segment
from service.extraction.text.windows import Window, windows


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done about one article.

    Args:
        sentences: how many it has.
        passages: all in quotation marks.
        grounder: holds answers against its text.
        known: candidates of which code knows the whole record.
        questions: what is asked.
        unasked: what would be asked, were it not too much.

    """

    sentences: int
    passages: tuple[Passage, ...]
    grounder: Grounder
    known: list[Candidate]
    questions: list[PlannedQuestion]
    unasked: list[PlannedQuestion]


def plan_article(
    article: Article,
    groups: Sequence[tuple[type[Record], ...]],
    *,
    by_candidates: bool,
    window_tokens: int,
    max_questions: int,
) -> Plan:
    """Make the plan of an article: everything that needs no answer yet.

    Args:
        article: as posted.
        groups: the kinds that are asked for, those together which one question is about.
        by_candidates: whether code finds candidates of kinds that it can read; windows are searched for others.
        window_tokens: most tokens of article text in one window.
        max_questions: most questions about the article.

    """
    sentences = segment(article.text, article.language)
    found = tuple(find_passages(article.text))
    spoken = tuple(unmarked_speech(article.text, article.language))
    published = article.published_at
    day = published.date() if isinstance(published, datetime) else published
    shown = windows(sentences, window_tokens)
    if by_candidates:
        candidates = _candidates(article, sentences, found, groups)
        units = [(group, unit) for group in groups for unit in _units(candidates[group], shown)]
    else:
        units = [(group, window) for window in shown for group in groups]
    known: list[Candidate] = []
    open_: list[PlannedQuestion] = []
    for group, unit in units:
        if isinstance(unit, Candidate) and unit.needs_no_question:
            known.append(unit)
        else:
            open_.append(PlannedQuestion(tuple(record.kind for record in group), unit))
    questions, unasked = within_budget(max_questions, open_)
    grounder = Grounder(article.text, ArticleContext(found, day, article.language, spoken))
    return Plan(len(sentences), found, grounder, known, questions, unasked)


def _candidates(
    article: Article,
    sentences: Sequence[Sentence],
    found: Sequence[Passage],
    groups: Sequence[tuple[type[Record], ...]],
) -> Mapping[tuple[type[Record], ...], Sequence[Candidate] | None]:
    """The candidates of each kind; None for kinds that must be searched for."""
    analysis = analyse(article.text, sentences, found, article.language)
    seen = {group: find_candidates(group[0], analysis) for group in groups}
    if analysis.language is None and not any(seen.values()):
        # In a language that nothing is known of, no candidates do not mean that there is nothing.
        return dict.fromkeys(groups)
    return seen


def _units(candidates: Sequence[Candidate] | None, shown: Sequence[Window]) -> Sequence[Window | Candidate]:
    return shown if candidates is None else candidates
