"""What a sentence must have besides words that only may state a record."""

import pytest

from service.extraction.candidates.weak_triggers import (
    WeakTriggers,
    states_a_record,
    with_others_in_the_article,
    with_two_actors_or_a_date,
)
from service.extraction.text.lexicon import lexicon_for
from tests.unit.extraction.candidates.finding import analysis_of

TALKS, SANCTIONS = "negotiations", "sanctions"


def stating(text: str, kind: str, needs: WeakTriggers | None) -> list[int]:
    """The sentences of an article that may state a record of a kind."""
    article = analysis_of(text)
    words = lexicon_for(kind, "en")
    return [one.number for one in article.prose if states_a_record(article, one, words, needs)]


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ("Envoys met in Tolmi.", with_two_actors_or_a_date),
        ("The deal was praised.", None),
        ("Talks on the deal went on.", with_two_actors_or_a_date),
    ],
)
def test_strong_trigger_is_enough_and_so_is_a_weak_one_where_nothing_is_needed(
    text: str, needs: WeakTriggers | None
) -> None:
    assert stating(text, TALKS, needs) == [1]
    assert stating("Bread is short.", TALKS, needs) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ilsa Varn praised the deal.", False),
        ("Both sides praised the deal.", False),
        ("The deal was praised by Vostria and Kalmere.", True),
        ("Mediators praised the deal.", True),
        ("Envoys of Vostria praised the deal on Sunday.", True),
        ("Both sides praised the deal on Sunday.", False),
    ],
)
def test_word_for_the_outcome_of_talks_needs_two_who_talk_or_a_date_or_another_word(text: str, *, found: bool) -> None:
    assert stating(text, TALKS, with_two_actors_or_a_date) == [1] * found


def test_everyday_word_speaks_of_sanctions_where_the_article_does() -> None:
    everyday = "The ban on salt was lifted."

    assert stating(everyday, SANCTIONS, with_others_in_the_article) == []
    assert stating(f"{everyday} Vostria imposed sanctions.", SANCTIONS, with_others_in_the_article) == [1, 2]


def test_two_everyday_words_are_not_enough_for_sanctions() -> None:
    assert stating("The mill banned salt and tightened its lids.", SANCTIONS, with_others_in_the_article) == []
