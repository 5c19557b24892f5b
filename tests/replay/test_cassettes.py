"""The cassettes themselves: what is in them, what is not, and that they cannot be wrong in silence."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

import prompts
from service.settings import ProfileName
from service.strategy import Strategy
from tests.replay import readable
from tests.replay.playing import StaleCassetteError, UnplayedInteractionsError, play
from tests.replay.record import RecordingError, record
from tests.replay.recorder import ARTICLES, CASSETTES, DEFAULTS, KINDS, cassette_of
from tests.support.model_server import ModelServer, Scripted, refusal, smallest_answer

FESTIVAL = "harvest-festival"
MOST_BYTES = 500_000
SECRET = "sk-secret-8Wq"

FORBIDDEN = {
    "a key": re.compile(r"authorization|bearer|api[-_]?key|\bsk-|cookie|unused", re.IGNORECASE),
    "a client or a server": re.compile(
        r"user-agent|x-stainless|openai-|x-request-id|\bserver:|\bdate: ", re.IGNORECASE
    ),
    "an address": re.compile(r"127\.0\.0\.1|localhost|\[::1\]|:\d{4,5}/v1"),
    "a path of somebody's machine": re.compile(r"/(?:home|root|work|tmp|Users|var|opt)/|\.gguf|\.cache"),
    "noise": re.compile(r"system_fingerprint|timings|per_second|\bcreated:|chatcmpl"),
}


def test_cassettes_are_those_of_the_listed_articles() -> None:
    assert {path.name for path in CASSETTES.iterdir()} == {cassette_of(article).name for article in ARTICLES}


@pytest.mark.parametrize("article", ARTICLES)
def test_cassette_holds_nothing_but_questions_and_answers(article: str) -> None:
    text = cassette_of(article).read_text(encoding="utf-8")

    assert {what: found for what, pattern in FORBIDDEN.items() if (found := pattern.findall(text))} == {}
    assert len(text.encode()) < MOST_BYTES


@pytest.mark.parametrize("what", FORBIDDEN)
def test_search_finds_what_must_not_be_in_a_cassette(what: str) -> None:
    unscrubbed = (
        "Authorization: [Bearer sk-1]\nUser-Agent: [x]\nuri: http://127.0.0.1:8080/v1\n"
        "model: /home/me/weights.gguf\ncreated: 17\n"
    )
    assert FORBIDDEN[what].search(unscrubbed)


@pytest.mark.disable_socket
def test_unplayed_interaction_fails() -> None:
    asked = len(play(FESTIVAL, kinds=KINDS).requests)
    told = rf"festival\.yaml: {asked} of {asked} interactions were not played"

    with pytest.raises(UnplayedInteractionsError, match=told):
        play(FESTIVAL, kinds=[kind for kind in KINDS if kind != "sanctions"])


@pytest.mark.disable_socket
def test_changed_prompt_fails_and_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = prompts.load
    monkeypatch.setattr(
        prompts, "load", lambda kind: replace(shipped(kind), candidates=f"Please. {shipped(kind).candidates}")
    )

    with pytest.raises(StaleCassetteError) as caught:
        play(FESTIVAL)

    message = str(caught.value)
    assert message.startswith("cassettes/harvest-festival.yaml has no answer to 2 of the 2 requests")
    assert "`make record`" in message
    assert "Please. You read" in message


@pytest.mark.disable_socket
def test_missing_cassette_fails_and_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StaleCassetteError, match=r"nowhere\.yaml has no answer to 2 of the 2 requests .*`make record`"):
        play(FESTIVAL, cassette=tmp_path / "nowhere.yaml")

    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def telltale() -> Iterator[ModelServer]:
    """A model server whose answers are full of what has no place in a cassette."""

    def tell(request: object) -> Scripted:
        plain = smallest_answer(request)  # type: ignore[arg-type]  # the server calls this with what it received
        told = {**plain.body, "id": "chatcmpl-77", "created": 1_763_000_000, "timings": {"predicted_per_second": 20.5}}
        return replace(plain, body=told, headers={"Set-Cookie": f"key={SECRET}", "X-Request-Id": "r-77", "Server": "x"})

    with ModelServer(otherwise=tell) as server:
        yield server


def test_recording_is_scrubbed_and_plays(telltale: ModelServer, tmp_path: Path) -> None:
    cassette = tmp_path / "new.yaml"
    settings = DEFAULTS.model_copy(
        update={
            "openai_base_url": telltale.base_url,
            "openai_api_key": SecretStr(SECRET),
            "profile": ProfileName.LLAMA_CPP,
            "model": "qwen2.5-coder-0.5b-instruct",
            "field_guide": False,
            "strategy": Strategy.CANDIDATES,
        }
    )

    answer = record(settings, FESTIVAL, cassette)

    text = cassette.read_text(encoding="utf-8")
    assert telltale.chats[0].headers["authorization"] == f"Bearer {SECRET}"
    assert telltale.most_at_once == 1
    assert [path.name for path in tmp_path.iterdir()] == ["new.yaml"]
    assert {what: found for what, pattern in FORBIDDEN.items() if (found := pattern.findall(text))} == {}
    assert SECRET not in text
    assert "chatcmpl" not in text
    again = play(FESTIVAL, cassette=cassette).answer
    assert again["records"] == answer["records"]
    assert again["usage"] == answer["usage"]


@pytest.mark.parametrize("trouble", [refusal(503), refusal(401)])
def test_failed_recording_keeps_the_cassette_of_before(trouble: Scripted, tmp_path: Path) -> None:
    cassette = tmp_path / "old.yaml"
    cassette.write_text("as it was")

    with ModelServer(smallest_answer, otherwise=trouble) as server:
        asked = {"model": "m", "max_attempts": 1, "strategy": Strategy.SEARCH}  # more than one question
        there = DEFAULTS.model_copy(update={"openai_base_url": server.base_url, **asked})
        with pytest.raises(RecordingError, match=FESTIVAL):
            record(there, FESTIVAL, cassette)

    assert cassette.read_text() == "as it was"
    assert [path.name for path in tmp_path.iterdir()] == ["old.yaml"]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_text_comes_back_from_a_cassette_as_it_was(text: str) -> None:
    asked, answered = json.dumps({"messages": [{"content": text}]}), f"<no JSON> {text}"
    interaction = {
        "request": {"method": "POST", "uri": "http://model.invalid/v1", "body": asked, "headers": {}},
        "response": {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": answered}},
    }

    (back,) = readable.deserialize(readable.serialize({"version": 1, "interactions": [interaction]}))["interactions"]

    assert json.loads(back["request"]["body"]) == json.loads(asked)
    assert back["response"]["body"]["string"] == answered
