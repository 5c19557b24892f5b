"""GET /asyncapi.json: describes the queues, the exchange and their messages in AsyncAPI 3.0.

Names and arguments come from the topology, the schemas of the messages from pydantic.
"""

import json
from functools import cache
from importlib import metadata
from typing import Any

from flask import Blueprint, Response
from openapi_pydantic import Schema
from pydantic import create_model
from pydantic.json_schema import models_json_schema

from schemas.registry import Registry
from service.http.body import JSON
from service.http.openapi import answer, described
from service.http.openapi_models import extraction_form, request_form
from service.jobs.broker import ATTEMPTS_HEADER, CODE_HEADER, REASON_HEADER
from service.jobs.messages import ArticleMessage, ExtractionMessage
from service.jobs.states import TERMINAL_STATES
from service.jobs.topology import Topology

ABOUT = """\
Articles are published to a queue by any program, and read by any number of workers. An article is acknowledged to the
broker once its end is stored and told. Messages may come more than once, with the same `message_id`; an article with
the same `id` is done once. What is published has to be confirmed by the broker, or else published again."""


def blueprint(registry: Registry, topology: Topology, *, max_chars: int, max_deadline_seconds: float) -> Blueprint:
    """Make the route. The document is rendered with the first request for it, and then cached."""
    routes = Blueprint("asyncapi", __name__)

    @cache
    def rendered() -> str:
        limits = {"max_chars": max_chars, "max_deadline_seconds": max_deadline_seconds}
        return json.dumps(document(registry, topology, **limits), ensure_ascii=False)

    @routes.get("/asyncapi.json")
    @described(
        "The queues of the workers, in AsyncAPI 3.0",
        answers={200: answer("The document.", {JSON: Schema(type="object")})},
    )
    def index() -> Response:
        return Response(rendered(), mimetype=JSON)

    return routes


def document(registry: Registry, topology: Topology, **limits: Any) -> dict[str, Any]:
    """Describe what a worker consumes and publishes. `limits` are those of `request_form`."""
    asked = request_form(ArticleMessage, registry, **limits)
    result: Any = extraction_form(registry)
    told = create_model(
        ExtractionMessage.__name__,
        __base__=ExtractionMessage,
        __doc__=ExtractionMessage.__doc__,
        result=(result | None, ExtractionMessage.model_fields["result"]),
    )
    _, schemas = models_json_schema(
        [(asked, "validation"), (told, "serialization")], ref_template="#/components/schemas/{model}"
    )
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Dragoman",
            "version": metadata.version("dragoman"),
            "description": ABOUT,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": JSON,
        "servers": {
            "broker": {
                "host": "{host}",
                "protocol": "amqp",
                "protocolVersion": "0.9.1",
                "description": "RabbitMQ.",
                "variables": {"host": {"description": "Name of the broker, with its port."}},
            }
        },
        "channels": _channels(topology),
        "operations": _operations(),
        "components": {"messages": _messages(asked.__name__, told.__name__), "schemas": schemas["$defs"]},
    }


def _channels(topology: Topology) -> dict[str, Any]:
    return {
        "articles": _queue(topology, topology.articles, "article", "Articles to be read."),
        "extractions": {
            "address": "{state}",
            "description": "How jobs have ended. Bind a queue, by state or with `#` to all.",
            "parameters": {"state": {"description": "Routing key.", "enum": sorted(TERMINAL_STATES)}},
            "messages": {"extraction": {"$ref": "#/components/messages/extraction"}},
            "bindings": _amqp(
                {
                    "is": "routingKey",
                    "exchange": {"name": topology.extractions, "type": "topic", "durable": True, "autoDelete": False},
                }
            ),
        },
        "replies": {
            "address": None,
            "description": "The queue that an article names in `reply_to`, as a member or as a property of AMQP.",
            "messages": {"extraction": {"$ref": "#/components/messages/extraction"}},
        },
        "dead": _queue(
            topology, topology.dead_letters, "deadLetter", "What no worker tries again, until somebody has it tried."
        ),
    }


def _operations() -> dict[str, Any]:
    return {
        "readArticle": {
            "action": "receive",
            "channel": {"$ref": "#/channels/articles"},
            "summary": "Reads an article and stores what it states.",
            "messages": [{"$ref": "#/channels/articles/messages/article"}],
            "bindings": _amqp({"ack": True}),
            "reply": {
                "address": {"location": "$message.header#/reply_to"},
                "channel": {"$ref": "#/channels/replies"},
                "messages": [{"$ref": "#/channels/replies/messages/extraction"}],
            },
        },
        "tellExtraction": {
            "action": "send",
            "channel": {"$ref": "#/channels/extractions"},
            "summary": "Tells how a job has ended.",
            "messages": [{"$ref": "#/channels/extractions/messages/extraction"}],
            "bindings": _amqp({"deliveryMode": 2, "mandatory": False}),
        },
        "buryMessage": {
            "action": "send",
            "channel": {"$ref": "#/channels/dead"},
            "summary": "Puts away what cannot be read, and articles whose job failed.",
            "messages": [{"$ref": "#/channels/dead/messages/deadLetter"}],
            "bindings": _amqp({"deliveryMode": 2, "mandatory": True}),
        },
    }


def _messages(asked: str, told: str) -> dict[str, Any]:
    correlation = {"location": "$message.header#/correlation_id"}
    headers = {
        CODE_HEADER: {"type": "string", "description": "Why; made for programs."},
        REASON_HEADER: {"type": "string", "description": "Why; made for people. It repeats nothing of the article."},
        ATTEMPTS_HEADER: {"type": "integer", "description": "How often the article was tried."},
    }
    return {
        "article": {
            "summary": "An article to be read.",
            "correlationId": correlation,
            "payload": {"$ref": f"#/components/schemas/{asked}"},
        },
        "extraction": {
            "summary": "How a job has ended; `correlation_id` is the article's, or else the job's id.",
            "correlationId": correlation,
            "payload": {"$ref": f"#/components/schemas/{told}"},
        },
        "deadLetter": {
            "summary": "A message as it came. Those that the broker itself gave up have its `x-death` header instead.",
            "headers": {"type": "object", "properties": headers},
            "payload": {"description": "Whatever was published."},
        },
    }


def _queue(topology: Topology, name: str, message: str, description: str) -> dict[str, Any]:
    return {
        "address": name,
        "description": description,
        "messages": {message: {"$ref": f"#/components/messages/{message}"}},
        "bindings": _amqp({"is": "queue", "queue": {"name": name, "durable": True, "autoDelete": False}}),
        "x-queue-arguments": topology.queues()[name],
    }


def _amqp(binding: dict[str, Any]) -> dict[str, Any]:
    return {"amqp": {**binding, "bindingVersion": "0.3.0"}}
