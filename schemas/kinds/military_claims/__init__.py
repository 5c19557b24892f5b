"""Claims about fighting: PLOVER's actor and recipient, FactBank's modality, ACLED's precision."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.fields import Closed, Country, Derived, DisjointFrom, EdtfDate, Mention, Record, Role

ClaimType = Literal[
    "territorial_control",
    "casualties",
    "strike",
    "equipment_loss",
    "advance_or_repel",
    "force_movement",
    "weapons_production",
    "other",
]
Modality = Literal["certain", "probable", "possible", "denied", "unspecified"]
AttributionStatus = Literal["claimed", "reported_as_fact", "independently_verified"]
Metric = Literal[
    "killed",
    "wounded",
    "captured",
    "losses_total",
    "civilians_killed",
    "percent_territory",
    "area_km2",
    "distance_km",
    "equipment",
    "munitions",
    "other",
]
Precision = Literal["exact", "near", "region", "country"]


class Quantity(Closed):
    """A figure and what it counts. `value_min` and `value_max` are what the words allow, null where open."""

    metric: Metric
    text: Mention
    value_min: Annotated[float | None, Field(default=None), Derived("least", of=("text",))]
    value_max: Annotated[float | None, Field(default=None), Derived("most", of=("text",))]
    approximate: bool


class MilitaryClaim(Record):
    """A statement about ground taken or lost, strikes, casualties, losses, troop movements or arms production."""

    kind: ClassVar[str] = "military_claims"
    order: ClassVar[int] = 3
    identity: ClassVar[tuple[str, ...]] = ("claim_type", "claimant", "quantities", "location")
    actors: ClassVar[tuple[str, ...]] = ("claimant", "actor", "affected")
    require_any: ClassVar[tuple[str, ...]] = ("claimant", "actor", "affected", "quantities")

    claim_type: ClaimType = Field(description="what is claimed")
    claimant: Annotated[Mention | None, Role("speaker")] = Field(
        description="who says so; null when the article itself does"
    )
    relayed_by: Mention | None = Field(description="who passes on what the claimant says")
    actor: Mention | None = Field(description="who did it")
    affected: Mention | None = Field(description="who suffered it")
    modality: Modality = Field(description="how sure the claimant is")
    attribution_status: AttributionStatus = Field(description="claimed unless the article vouches for it")
    contested_by: list[Mention] = Field(description="who doubts or denies it")
    quantities: list[Quantity] = Field(description="each figure with its words; metric says what it counts")
    location: Annotated[Mention | None, DisjointFrom("claimant")] = Field(description="where")
    precision: Precision | None = Field(description="how exactly the place is named")
    country: Annotated[Country, Derived("country", of=("location",), options={"of": "place"})]
    date_text: Mention | None = Field(description="when, as written")
    date: Annotated[EdtfDate, Derived("date", of=("date_text",))]
