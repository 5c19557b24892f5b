"""Windows: under the budget, at paragraph borders, every sentence once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.extraction.text.sentences import Sentence, segment
from service.extraction.text.windows import Window, estimate_tokens, windows

COST = 4
"""Tokens that a sentence's number takes."""


def article(lengths: list[list[int]]) -> list[Sentence]:
    """Sentences of the given lengths in letters, a list for each paragraph."""
    made: list[Sentence] = []
    start = 0
    for paragraph, sentences in enumerate(lengths):
        for length in sentences:
            made.append(Sentence(len(made) + 1, start, start + length, "x" * length, paragraph))
            start += length + 1
    return made


def cost(sentences: tuple[Sentence, ...]) -> int:
    return sum(estimate_tokens(sentence.text) + COST for sentence in sentences)


articles = st.lists(st.lists(st.integers(1, 400), min_size=1, max_size=6), min_size=1, max_size=12).map(article)


@given(articles, st.integers(20, 400))
def test_every_sentence_is_in_one_window_in_order(sentences: list[Sentence], budget: int) -> None:
    assert [s for window in windows(sentences, budget) for s in window.sentences] == sentences


@given(articles, st.integers(20, 400))
def test_window_is_under_the_budget_unless_one_sentence_is_over_it(sentences: list[Sentence], budget: int) -> None:
    for window in windows(sentences, budget):
        assert cost(window.sentences) <= budget or len(window.sentences) == 1


@given(articles, st.integers(20, 400))
def test_window_ends_with_a_paragraph_that_fits(sentences: list[Sentence], budget: int) -> None:
    for window, following in zip(cut := windows(sentences, budget), cut[1:], strict=False):
        divided = window.sentences[-1].paragraph
        if following.sentences[0].paragraph == divided:
            assert cost(tuple(s for s in sentences if s.paragraph == divided)) > budget


@given(articles, st.integers(20, 400))
def test_halves_make_the_window_again(sentences: list[Sentence], budget: int) -> None:
    for window in windows(sentences, budget):
        halves = window.halves()
        if halves is None:
            assert len(window.sentences) == 1
        else:
            first, second = halves
            assert first.sentences + second.sentences == window.sentences
            assert first.sentences
            assert second.sentences
            assert first.end <= second.start


def test_window_since_a_sentence_is_what_begins_with_it() -> None:
    window = Window(tuple(segment("One. Two. Three.")))

    assert [sentence.number for sentence in window.since(2).sentences] == [2, 3]
    assert window.since(1) == window


def test_short_article_is_one_window() -> None:
    sentences = segment("One. Two.\n\nThree.")

    [window] = windows(sentences, 6_000)

    assert (window.start, window.end) == (0, len("One. Two.\n\nThree."))


def test_windows_are_of_about_equal_size() -> None:
    sentences = article([[100, 100]] * 10)  # 60 tokens a paragraph

    sizes = [cost(window.sentences) for window in windows(sentences, 450)]

    assert len(sizes) == 2
    assert max(sizes) - min(sizes) <= 2 * 60


def test_article_without_sentences_has_no_window() -> None:
    assert windows([], 100) == []


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [("", 1, 1), ("a" * 400, 100, 102), ("слово " * 100, 250, 300), ("会谈" * 100, 140, 160), ("\ud83d", 1, 2)],
)
def test_tokens_are_estimated_for_any_script(text: str, least: int, most: int) -> None:
    assert least <= estimate_tokens(text) <= most


def test_window_of_a_single_sentence_has_no_halves() -> None:
    assert Window(tuple(segment("One."))).halves() is None
