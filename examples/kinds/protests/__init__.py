"""Protests, with the event types of ACLED's demonstrations."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.fields import Closed, Country, Derived, EdtfDate, Mention, Record

Form = Literal["march", "rally", "sit_in", "strike", "blockade", "riot", "petition", "other"]
State = Literal["called", "under_way", "held", "ended", "called_off", "banned"]
Response = Literal["none_told", "talks", "concession", "arrests", "force", "ban"]


class Turnout(Closed):
    """How many took part. `value_min` and `value_max` are what the words allow, null where they leave it open."""

    text: Mention
    value_min: Annotated[float | None, Field(default=None), Derived("least", of=("text",))]
    value_max: Annotated[float | None, Field(default=None), Derived("most", of=("text",))]


class Protest(Record):
    """A protest of people in public: a march, rally, sit-in, strike, blockade or riot."""

    kind: ClassVar[str] = "protests"
    order: ClassVar[int] = 10
    identity: ClassVar[tuple[str, ...]] = ("form", "participants")
    actors: ClassVar[tuple[str, ...]] = ("participants", "organizer")
    require_any: ClassVar[tuple[str, ...]] = ("participants", "organizer")

    form: Form = Field(description="what they do")
    participants: Mention | None = Field(description="who protests")
    organizer: Mention | None = Field(description="who called for it")
    demand: Mention | None = Field(description="what for or against, in the article's words")
    turnout: list[Turnout] = Field(description="how many took part, each count with its words")
    state: State = Field(description="called when it is still to come, held when it has taken place")
    response: Response = Field(description="what those do whom it is aimed at, or the police")
    location: Mention | None = Field(description="where")
    country: Annotated[Country, Derived("country", of=("location",), options={"of": "place"})]
    date_text: Mention | None = Field(description="when, as written")
    date: Annotated[EdtfDate, Derived("date", of=("date_text", "state"), options={"future": "called"})]
