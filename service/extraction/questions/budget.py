"""Which of the questions that an article calls for are asked, where they are too many."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from service.errors import TooManyQuestionsError
from service.extraction.candidates.candidates import Lead
from service.extraction.questions.partial_results import Part, failed
from service.extraction.questions.planned import Asked
from service.extraction.text.windows import Window


def within(most: int, questions: Sequence[Asked]) -> tuple[list[Asked], list[Asked]]:
    """As many questions as may be asked, of each kind in turn and from the article's beginning, and the others."""
    turns: Counter[tuple[str, ...]] = Counter()
    ranks: list[int] = []
    for question in questions:
        ranks.append(turns[question.kinds])
        turns[question.kinds] += 1
    places = range(len(questions))
    taken = set(sorted(places, key=ranks.__getitem__)[:most])
    asked = [questions[place] for place in places if place in taken]
    return asked, [questions[place] for place in places if place not in taken]


def left_out(most: int, unasked: Sequence[Asked]) -> Iterator[Part]:
    """The failures of what is not asked, one for each kind: it may be thousands."""
    units: defaultdict[tuple[str, ...], list[Window | Lead]] = defaultdict(list)
    for question in unasked:
        units[question.kinds].append(question.unit)
    for kinds, those in units.items():
        reason = f"at most {most:,} questions are asked about an article; {len(those):,} more were called for here"
        yield failed(kinds, those, TooManyQuestionsError(reason))
