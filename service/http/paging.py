"""Paging of listings: their query parameters, and the address of the next page."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Request
from openapi_pydantic import Parameter, Schema
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.strict import strict_schema
from service.http import json_pointers
from service.http.problems import invalid
from service.jobs.rows import Cursor

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class PageQuery(BaseModel):
    """Which page of a listing is wanted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(default=50, ge=1, le=200, description="How many at most.")
    before: str | None = Field(
        default=None,
        # Microseconds since 1970, and an id.
        pattern="^[0-9]{1,16}~[!-~]{1,300}$",
        description="Where the page before this one ended, as the address in its `next` says.",
    )

    @property
    def cursor(self) -> Cursor | None:
        """The cursor in `before`."""
        if self.before is None:
            return None
        microseconds, _, own_id = self.before.partition("~")
        return _EPOCH + int(microseconds) * _MICROSECOND, own_id

    def next(self, path: str, cursor: Cursor | None) -> str | None:
        """The address of the page that begins after a cursor; None if there is no such page."""
        if cursor is None:
            return None
        moment, own_id = cursor
        asked = self.model_dump(mode="json", exclude_defaults=True)
        return f"{path}?{urlencode({**asked, 'before': f'{(moment - _EPOCH) // _MICROSECOND}~{own_id}'})}"


Query = TypeVar("Query", bound=BaseModel)


def read(request: Request, form: type[Query]) -> Query:
    """Read the query of a request.

    Raises:
        ProblemError: 422 a parameter is unknown, invalid or repeated.

    """
    sent = {name: values[0] if len(values) == 1 else values for name, values in request.args.lists()}
    try:
        return form.model_validate(sent)
    except ValidationError as error:
        raise invalid(json_pointers.faults(error, sent)) from None


def parameters(form: type[BaseModel]) -> list[Parameter]:
    """Describe the parameters of a query. None of them has to be there."""
    return [
        _parameter(name, property_schema)
        for name, property_schema in strict_schema(form.model_json_schema())["properties"].items()
    ]


def _parameter(name: str, property_schema: Mapping[str, Any]) -> Parameter:
    about = property_schema.get("description")
    # A parameter is left out instead of being null.
    schema = next(
        iter(property_schema.get("anyOf", ())),
        {key: value for key, value in property_schema.items() if key != "description"},
    )
    return Parameter.model_validate(
        {"name": name, "in": "query", "description": about, "schema": Schema.model_validate(schema)}
    )
