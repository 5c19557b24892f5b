"""Derived values: right, or null. A wrong one is worse than none."""

from typing import get_args

import pytest
from pydantic import BaseModel

from schemas.draft import marked
from schemas.fields import Derived, Mention
from schemas.kinds.sanctions import Sanction, Target
from schemas.registry import built_in
from service.extraction.normalize.rules import ArticleContext, derive, rules


@pytest.mark.parametrize(
    ("words", "place", "service"),
    [
        ("U.S. Consulate General in Istanbul", None, "US"),
        ("the French military base in Chad", "TD", None),
        ("Russian mission in Geneva", None, "RU"),
        ("Tarn, Chad", "TD", "TD"),
    ],
)
def test_house_of_a_country_is_where_it_stands_and_whose_it_is(
    words: str, place: str | None, service: str | None
) -> None:
    said = dict.fromkeys(("location", "affiliation"), Mention(start=0, end=len(words), text=words))
    around = ArticleContext((), None, "en")
    where = Derived("country", of=("location",), options={"of": "place"})

    assert derive(where, said, around) == place
    assert derive(Derived("country", of=("affiliation",)), said, around) == service


def test_every_derived_field_names_a_rule_and_fields_before_it() -> None:
    for record in built_in():
        for model in (record, *_nested(record)):
            names = list(model.model_fields)
            for name, field in model.model_fields.items():
                mark = marked(field, Derived)
                if mark:
                    assert mark.rule in rules()
                    assert all(names.index(source) < names.index(name) for source in mark.of)


def test_country_of_several_targets_is_given_when_they_agree() -> None:
    mark = marked(Sanction.model_fields["target_country"], Derived)
    assert mark is not None

    def country(*names: str) -> object:
        targets = [Target(name=Mention(start=0, end=len(name), text=name), target_type="company") for name in names]
        return derive(mark, {"targets": targets}, ArticleContext((), None, "en"))

    assert country("Russian banks", "Nordvarg Shipping", "Moscow") == "RU"
    assert country("Russian banks", "Iranian tankers") is None
    assert country() is None


def _nested(model: type[BaseModel]) -> list[type[BaseModel]]:
    parts = [part for field in model.model_fields.values() for part in get_args(field.annotation)]
    return [part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)]
