"""Names, phrases, spans, and the pairing of many with many."""

import random
from itertools import permutations

import pytest

from evals.matching import assign, covered, f1, harmonic, same_name, same_words, shared
from service.extraction.text.spans import Span


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("Kellogg", ["Keith Kellogg"]),
        ("Special Envoy Keith Kellogg", ["the envoy", "Keith Kellogg"]),
        ("The Norvian army", ["Norvian Army"]),
        ("Norvia’s", ["Norvia"]),
        ("МЗС України", ["МЗС"]),
        ("ministry", ["Ministry of Trade"]),
        ("the ministry", ["the ministry"]),
    ],
)
def test_name_is_any_alias_give_or_take_words(said: str, names: list[str]) -> None:
    assert same_name(said, names)


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("Keith Brown", ["Keith Kellogg"]),
        ("the", ["the army"]),
        ("", ["the army"]),
        ("the army", []),
        ("Kell", ["Keith Kellogg"]),
        ("Ministry of Trade", ["the Defence Ministry", "the ministry"]),
    ],
)
def test_other_name_is_no_alias(said: str, names: list[str]) -> None:
    assert not same_name(said, names)


def test_none_among_names_is_nobodys_name() -> None:
    assert same_name("Kellogg", [None, "Keith Kellogg"])
    assert not same_name("None", [None, "Keith Kellogg"])
    assert not same_name("", [None])


def test_phrase_agrees_by_half_of_its_words() -> None:
    assert same_words("nearly 40,000", ["near 40,000"])
    assert same_words("“Late Tuesday”", ["late Tuesday"])
    assert not same_words("on Tuesday of last week", ["Tuesday"])


def test_shared_is_of_the_shorter_one() -> None:
    assert shared(covered([Span(0, 10)]), covered([Span(5, 8)])) == 1
    assert shared(covered([Span(0, 10)]), covered([Span(9, 13)])) == 0.25
    assert shared(covered([]), covered([Span(0, 4)])) == 0


def test_f1_of_nothing_to_find_and_nothing_found_is_right() -> None:
    assert f1(0, 0, 0) == 1
    assert f1(0, 0, 3) == 0
    assert f1(1, 1, 3) == 0.5


def test_harmonic_mean_of_nothing_right_is_nothing() -> None:
    assert harmonic(0, 0) == 0
    assert harmonic(1, 0) == 0
    assert harmonic(1, 1) == 1
    assert harmonic(0.5, 1) == pytest.approx(2 / 3)


def test_assignment_gives_up_the_best_pair_for_a_better_whole() -> None:
    assert assign({(0, 0): 5, (0, 1): 4, (1, 0): 4}) == [(0, 1), (1, 0)]


def test_assignment_leaves_rows_that_fit_nowhere() -> None:
    assert assign({(0, 0): 1.0, (1, 0): 2.0, (3, 2): 1.0}) == [(1, 0), (3, 2)]
    assert assign({}) == []


def test_assignment_is_the_best_there_is() -> None:
    chance = random.Random(5)
    for _ in range(200):
        rows, columns = chance.randint(1, 4), chance.randint(1, 4)
        pairs = [(row, column) for row in range(rows) for column in range(columns) if chance.random() < 0.6]
        weights = {pair: chance.choice([1.0, 2.0, chance.random()]) for pair in pairs}
        orders = permutations([*range(columns), *[None] * rows], rows)
        best = max(
            sum(weights.get((row, column), 0) for row, column in enumerate(o) if column is not None) for o in orders
        )

        chosen = assign(weights)

        assert sum(weights[pair] for pair in chosen) == pytest.approx(best)
        assert len({row for row, _ in chosen}) == len({column for _, column in chosen}) == len(chosen)
