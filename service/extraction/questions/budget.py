"""How many questions an article may cost: which are asked where it calls for too many, and what is left for more."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from service.errors import TooManyQuestionsError
from service.extraction.questions.partial_results import PartialResult, without_answer
from service.extraction.questions.planned import PlannedQuestion
from service.extraction.text.windows import ShownSentences


@dataclass(slots=True)
class QuestionBudget:
    """How many questions may still be asked beside those that were planned."""

    left: int

    def take(self, questions: int) -> bool:
        """Take so many, if there are."""
        if questions > self.left:
            return False
        self.left -= questions
        return True


def within_budget(
    most: int, questions: Sequence[PlannedQuestion]
) -> tuple[list[PlannedQuestion], list[PlannedQuestion]]:
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


def over_budget(most: int, unasked: Sequence[PlannedQuestion]) -> Iterator[PartialResult]:
    """The failures of what is not asked, one for each kind: it may be thousands."""
    units: defaultdict[tuple[str, ...], list[ShownSentences]] = defaultdict(list)
    for question in unasked:
        units[question.kinds].append(question.unit)
    for kinds, those in units.items():
        reason = f"at most {most:,} questions are asked about an article; {len(those):,} more were called for here"
        yield without_answer(kinds, those, TooManyQuestionsError(reason))
