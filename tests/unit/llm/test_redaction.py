"""What of a server's words may be logged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.llm.redaction import redact, texts_of

ARTICLE = (
    "[1] The council met on Monday. [2] Envoy Mira Dolen of Vostria said the talks had failed.\n"
    "[3] Міністр Олена Ткач сказала, що перемир’я не буде."
)


def shown(message: str, *secrets: str) -> str:
    return redact(message, [ARTICLE], secrets)


@pytest.mark.parametrize(
    "message",
    [
        "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.",
        "The model `gpt-9` does not exist or you do not have access to it.",
        "Invalid schema for response_format 'SanctionAnswer': In context=(), 'maxItems' is not permitted.",
        "litellm.UnsupportedParamsError: o1 does not support parameters: ['temperature']",
        "Incorrect API key provided.",
    ],
)
def test_words_of_the_server_are_kept(message: str) -> None:
    assert shown(message) == message


@pytest.mark.parametrize(
    ("message", "left"),
    [
        ("flagged: Envoy Mira Dolen of Vostria said", "flagged: …"),
        ("The input was: the talks had failed; sorry.", "The input was: …; sorry."),
        ("bad name Dolen at 7", "bad name … at 7"),
        ("не дозволено: перемир’я не буде", "не дозволено: …"),
        ("refused: Олена Ткач", "refused: …"),
        (r"refused: \u041e\u043b\u0435\u043d\u0430 was it", "refused: … was it"),
        ("a\n b\t c", "a b c"),
    ],
)
def test_words_of_the_article_are_left_out(message: str, left: str) -> None:
    assert shown(message) == left


@pytest.mark.parametrize(
    "message",
    [
        "Incorrect API key provided: sk-proj-abc123def456. Find yours",
        "key 9f8e7d6c5b4a is unknown",
        "Bearer abc.def-123456 refused",
        "our-own-secret was sent",
    ],
)
def test_keys_are_left_out(message: str) -> None:
    told = shown(message, "our-own-secret")
    assert not {"abc123def456", "9f8e7d6c5b4a", "123456", "our-own-secret"}.intersection(told.replace(".", " ").split())
    assert "…" in told


def test_what_is_shown_is_one_short_line() -> None:
    told = shown("word\n" * 10_000)
    assert len(told) <= 4_000
    assert "\n" not in told


def test_rules_are_no_secret_and_the_article_is() -> None:
    messages = [
        {"role": "system", "content": "You read news."},
        {"role": "user", "content": ARTICLE},
        {"role": "assistant", "content": None},
    ]
    assert texts_of({"messages": messages}) == [ARTICLE]


@given(st.text(max_size=60), st.integers(0, 100), st.integers(3, 12))
def test_no_three_words_of_an_article_get_through(around: str, first: int, count: int) -> None:
    words = [word for word in ARTICLE.split() if "[" not in word]
    run = words[first % (len(words) - count) :][:count]
    told = shown(f"{around} {' '.join(run)} {around}")
    assert " ".join(run) not in told
