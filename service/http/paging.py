"""Listings a page at a time: what may stand in their queries, and the address of the next page."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Request
from openapi_pydantic import Parameter, Schema
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.strict import strict_schema
from service.http import pointers
from service.http.problems import invalid
from service.jobs.rows import Place

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


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
    def place(self) -> Place | None:
        """The place that `before` names."""
        if self.before is None:
            return None
        ticks, _, own_id = self.before.partition("~")
        return _EPOCH + int(ticks) * _TICK, own_id

    def next(self, path: str, place: Place | None) -> str | None:
        """The address of the page after the one that ends at a place; None where there is none."""
        if place is None:
            return None
        moment, own_id = place
        asked = self.model_dump(mode="json", exclude_defaults=True)
        return f"{path}?{urlencode({**asked, 'before': f'{(moment - _EPOCH) // _TICK}~{own_id}'})}"


Query = TypeVar("Query", bound=BaseModel)


def read(request: Request, form: type[Query]) -> Query:
    """Read the query of a request.

    Raises:
        ProblemError: 422 a parameter is unknown, cannot be used, or stands there twice.

    """
    sent = {name: values[0] if len(values) == 1 else values for name, values in request.args.lists()}
    try:
        return form.model_validate(sent)
    except ValidationError as error:
        raise invalid(pointers.faults(error, sent)) from None


def parameters(form: type[BaseModel]) -> list[Parameter]:
    """Describe the parameters of a query. None of them has to be there."""
    return [_parameter(name, told) for name, told in strict_schema(form.model_json_schema())["properties"].items()]


def _parameter(name: str, told: Mapping[str, Any]) -> Parameter:
    about = told.get("description")
    # null is said by leaving a parameter out.
    schema = next(iter(told.get("anyOf", ())), {key: value for key, value in told.items() if key != "description"})
    return Parameter.model_validate(
        {"name": name, "in": "query", "description": about, "schema": Schema.model_validate(schema)}
    )
