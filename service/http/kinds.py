"""GET /v1/kinds: the kinds of records with their JSON Schemas."""

import inspect
from functools import cache
from typing import Any

from flask import Blueprint, Response
from pydantic import BaseModel, Field

from schemas.fields import Record
from schemas.registry import Registry
from service.http.body import JSON
from service.http.openapi import answer, described


class Kind(BaseModel):
    """A kind of record; `schema` is the JSON Schema of its records."""

    name: str
    description: str
    record_schema: dict[str, Any] = Field(alias="schema")


class Kinds(BaseModel):
    """All kinds, in the order of their records."""

    kinds: list[Kind]


def blueprint(registry: Registry) -> Blueprint:
    """Make the route. Its response is rendered once."""
    routes = Blueprint("kinds", __name__)
    listing = Kinds(kinds=[_kind(record) for record in registry]).model_dump_json(by_alias=True)

    @routes.get("/v1/kinds")
    @described("The kinds of records that there are", answers={200: answer("All of them.", {JSON: Kinds})})
    def index() -> Response:
        return Response(listing, mimetype="application/json")

    return routes


@cache
def _kind(record: type[Record]) -> Kind:
    return Kind(
        name=record.kind,
        description=inspect.getdoc(record) or "",
        schema=record.model_json_schema(mode="serialization"),
    )
