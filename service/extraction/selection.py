"""Which of the questions that an article calls for are asked, where they are too many."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from service.extraction.errors import TooManyQuestionsError
from service.extraction.leads import Lead
from service.extraction.plan import Window
from service.extraction.reader import Part, failed

Asked = tuple[str, Window | Lead]
"""A question: which kind, and about what."""


def within(most: int, questions: Sequence[Asked]) -> tuple[list[Asked], list[Asked]]:
    """As many questions as may be asked, of each kind in turn and from the article's beginning, and the others."""
    turns: Counter[str] = Counter()
    ranks: list[int] = []
    for kind, _ in questions:
        ranks.append(turns[kind])
        turns[kind] += 1
    places = range(len(questions))
    taken = set(sorted(places, key=ranks.__getitem__)[:most])
    asked = [questions[place] for place in places if place in taken]
    return asked, [questions[place] for place in places if place not in taken]


def left_out(most: int, unasked: Sequence[Asked]) -> Iterator[Part]:
    """The failures of what is not asked, one for each kind: it may be thousands."""
    units: defaultdict[str, list[Window | Lead]] = defaultdict(list)
    for kind, unit in unasked:
        units[kind].append(unit)
    for kind, those in units.items():
        reason = f"at most {most:,} questions are asked about an article; {len(those):,} more were called for here"
        yield failed(kind, those, TooManyQuestionsError(reason))
