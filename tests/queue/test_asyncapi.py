"""The document of the queues, held to what goes over them."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask

from schemas.registry import built_in
from service.errors import ModelUnavailableError
from service.http import asyncapi
from service.jobs.topology import Topology
from tests.queue.conftest import Work
from tests.queue.wire import Sender, article
from tests.support.scripted_model import ScriptedModel

LIMITS = {"max_chars": 200_000, "max_deadline_seconds": 900.0}
TOPOLOGY = Topology("news")
FROZE = {
    "sanctions": [
        {
            "sentences": [1],
            "action": "imposed",
            "authorities": ["Estonia"],
            "targets": [{"name": "two shipping companies", "target_type": "company"}],
            "program": None,
            "measures": ["asset_freeze"],
            "reason": None,
            "status": "active",
            "date_text": "Monday",
        }
    ]
}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The document as the service answers it."""
    app = Flask("documented")
    app.register_blueprint(asyncapi.blueprint(built_in(), TOPOLOGY, **LIMITS))
    response = app.test_client().get("/asyncapi.json")
    assert response.mimetype == "application/json"
    found: dict[str, Any] = response.get_json()
    return found


def payload(document: dict[str, Any], message: str) -> jsonschema_rs.Draft7Validator:
    """Checks payloads of a message: the schemas of AsyncAPI are those of JSON Schema draft 7."""
    form = document["components"]["messages"][message]["payload"]
    return jsonschema_rs.Draft7Validator({**form, "components": document["components"]})


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    references = list(_references(document))

    assert len(references) > 10
    for reference in references:
        place = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


def test_channels_are_those_of_the_topology(document: dict[str, Any]) -> None:
    channels = document["channels"]

    assert document["asyncapi"] == "3.0.0"
    assert channels["articles"]["address"] == "news.articles"
    assert channels["articles"]["x-queue-arguments"] == TOPOLOGY.queues()["news.articles"]
    assert channels["extractions"]["bindings"]["amqp"]["exchange"]["name"] == "news.extractions"
    assert channels["extractions"]["parameters"]["state"]["enum"] == ["cancelled", "complete", "failed", "partial"]
    assert channels["dead"]["address"] == "news.dead"


def test_every_operation_uses_messages_of_its_channel(document: dict[str, Any]) -> None:
    for operation in document["operations"].values():
        for message in operation["messages"]:
            assert message["$ref"].startswith(operation["channel"]["$ref"] + "/messages/")


@pytest.mark.parametrize(
    ("message", "fits"),
    [
        (article(), True),
        (article(id="job-1", reuse=False, deadline_seconds=20, reply_to="inbox"), True),
        ({"article": {"text": "x"}, "id": "has spaces"}, False),
        ({"article": {"text": "x"}, "colour": "red"}, False),
        (article(kinds=["weather"]), False),
        (article(deadline_seconds=10_000), False),
        ({}, False),
    ],
)
def test_form_of_articles_is_that_of_the_worker(document: dict[str, Any], message: Any, fits: bool) -> None:
    assert payload(document, "article").is_valid(message) is fits


async def test_what_workers_send_has_the_form_that_is_told(
    document: dict[str, Any], sender: Sender, work: Work
) -> None:
    reader, inbox = await sender.listen(), await sender.inbox()
    await work(ScriptedModel(FROZE, ModelUnavailableError("down")), attempts=1, concurrency=1)
    extraction = payload(document, "extraction")

    await sender.send(article(id="job-1"))
    await sender.send(article(id="job-2", reuse=False))
    await sender.send(b"no JSON", reply_to=inbox.name)

    complete, failed, refused = await reader.read(), await reader.read(), await inbox.read()
    assert [one["state"] for one in (complete, failed, refused)] == ["complete", "failed", "failed"]
    assert len(complete["result"]["records"]["sanctions"]) == 1
    for message in (complete, failed, refused):
        extraction.validate(message)
    assert not extraction.is_valid({**failed, "state": "queued?"})
    headers = document["components"]["messages"]["deadLetter"]["headers"]
    letters = [await sender.dead_letter(), await sender.dead_letter()]
    for letter in letters:
        assert set(headers["properties"]) <= set(letter.headers)
        jsonschema_rs.Draft7Validator(headers).validate(json.loads(json.dumps(dict(letter.headers))))


def _references(node: Any) -> Iterator[str]:
    match node:
        case {"$ref": str(reference)}:
            yield reference
        case dict():
            for child in node.values():
                yield from _references(child)
        case list():
            for child in node:
                yield from _references(child)
