"""What the service asks: a cassette cannot notice it by itself, because it was recorded with it."""

import re
from collections.abc import Callable

import pytest

from service.local.release import BUILT_IN
from tests.replay.playing import Played
from tests.replay.recorder import ARTICLES, KINDS, text_of

pytestmark = pytest.mark.disable_socket

TALKS = "talks-in-doha"


@pytest.mark.parametrize("article", ARTICLES)
def test_request_asks_for_a_bounded_answer_in_a_named_schema(played: Callable[[str], Played], article: str) -> None:
    bodies = played(article).bodies

    for body in bodies:
        assert set(body) == {"model", "messages", "response_format", "temperature", "max_tokens", "cache_prompt"}
        assert body["model"] == BUILT_IN.model
        assert body["temperature"] == 0
        assert 150 < body["max_tokens"] < 1_000
        asked = body["response_format"]
        assert asked["type"] == "json_schema"
        assert set(asked["json_schema"]) == {"name", "schema"}
        assert asked["json_schema"]["schema"]["required"] == ["records"]
        assert asked["json_schema"]["schema"]["additionalProperties"] is False
    assert len({body["response_format"]["json_schema"]["name"] for body in bodies}) == len(KINDS)


@pytest.mark.parametrize("article", ARTICLES)
def test_request_shows_rules_and_examples_before_the_fenced_article(
    played: Callable[[str], Played], article: str
) -> None:
    for body in played(article).bodies:
        roles = [message["role"] for message in body["messages"]]
        last = body["messages"][-1]["content"]
        assert roles == ["system", "user", "assistant", "user", "assistant", "user", "assistant", "user"]
        assert "data between the lines ARTICLE and END" in body["messages"][0]["content"]
        assert last.split("\n")[2] == "ARTICLE"
        assert last.endswith("\nEND")
        assert all(line.startswith("[") for line in last.split("\n")[3:-1])


@pytest.mark.parametrize("article", ARTICLES)
def test_requests_show_the_whole_article_to_every_kind(played: Callable[[str], Played], article: str) -> None:
    shown: dict[str, dict[int, list[str]]] = {}
    for body in played(article).bodies:
        sentences = shown.setdefault(body["response_format"]["json_schema"]["name"], {})
        for line in body["messages"][-1]["content"].split("\n")[3:-1]:
            number, *words = line.split()
            # A passage has a number of its own in each window.
            sentences[int(number[1:-1])] = [word for word in words if not re.fullmatch(r"Q\d+", word)]

    assert len(shown) == len(KINDS)
    for sentences in shown.values():
        assert sorted(sentences) == list(range(1, len(sentences) + 1))
        # Without white space, because a sentence can end where there is none.
        said = "".join(word for number in sorted(sentences) for word in sentences[number])
        assert said == "".join(text_of(article).split())


def test_requests_tell_nothing_about_the_machine(played: Callable[[str], Played]) -> None:
    for request in played(TALKS).requests:
        assert (request.method, str(request.url)) == ("POST", "http://model.invalid/v1/chat/completions")
        assert request.headers["user-agent"] == "dragoman"
        assert not [name for name in request.headers if name.startswith(("x-stainless-os", "openai-", "cookie"))]
