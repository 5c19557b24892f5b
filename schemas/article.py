"""The article as it is posted."""

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _written(value: Any) -> Any:
    """Refuse numbers, which pydantic would take for seconds since 1970."""
    if value is None or isinstance(value, date) or (isinstance(value, str) and _DATE.match(value)):
        return value
    raise PydanticCustomError("date_form", "give an ISO 8601 date such as 2025-02-27, or a time with it")


Published = Annotated[date | datetime | None, Field(union_mode="left_to_right"), BeforeValidator(_written)]


class Article(BaseModel):
    """One article. Only `text` is read for records; the rest tells where and when it was published.

    Every offset in an answer counts Unicode code points of `text` exactly as it is here.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = Field(min_length=1, description="the article's body, plain text")
    title: str | None = Field(default=None, max_length=1_000)
    url: str | None = Field(default=None, max_length=2_000)
    published_at: Annotated[date | datetime | None, Field(union_mode="left_to_right"), BeforeValidator(_written)] = (
        Field(default=None, description="ISO 8601 date or time; relative dates in the article are resolved against it")
    )
    language: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$")] | None = Field(
        default=None, description="BCP 47 tag, such as `en` or `uk`"
    )
    id: str | None = Field(default=None, max_length=200, description="the caller's own name for the article")
