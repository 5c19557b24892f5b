"""The article as it is posted."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints


class Article(BaseModel):
    """One article. Only `text` is read for records; the rest tells where and when it was published.

    Every offset in an answer counts Unicode code points of `text` exactly as it is here.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = Field(min_length=1, description="the article's body, plain text")
    title: str | None = Field(default=None, max_length=1_000)
    url: str | None = Field(default=None, max_length=2_000)
    published_at: datetime | date | None = Field(
        default=None, description="ISO 8601; relative dates in the article are resolved against it"
    )
    language: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$")] | None = Field(
        default=None, description="BCP 47 tag, such as `en` or `uk`"
    )
    id: str | None = Field(default=None, max_length=200, description="the caller's own name for the article")
