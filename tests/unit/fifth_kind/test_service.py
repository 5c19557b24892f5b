"""A fifth kind is on every door of the service, and the package is not touched for it."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from schemas.registry import built_in, installed
from service.kinds import load_kinds
from service.settings import SettingError, Settings
from tests.support.scripted_model import NOTHING, ScriptedModel
from tests.unit.fifth_kind.protests import KIND, SAID, TEXT

Connect = Callable[..., FlaskClient]


@pytest.fixture
def service(client: Connect) -> FlaskClient:
    return client(ScriptedModel(otherwise=NOTHING))


def test_kinds_that_ship_are_the_same_with_it() -> None:
    assert installed().names == built_in().names
    assert KIND not in built_in()


def test_kind_is_listed_last_with_its_schema(service: FlaskClient) -> None:
    listed = service.get("/v1/kinds").get_json()["kinds"]

    assert [kind["name"] for kind in listed] == [*built_in().names, KIND]
    assert listed[-1]["description"].startswith("A protest of people in public")
    properties = listed[-1]["schema"]["properties"]
    assert {"form", "participants", "turnout", "country", "date", "evidence"} <= set(properties)
    assert "riot = with violence by those who protest" in properties["form"]["description"]


def test_kind_is_in_the_document_of_the_api(service: FlaskClient) -> None:
    schemas = service.get("/openapi.json").get_json()["components"]["schemas"]

    def holding(reference: str, *, field: str | None = None) -> list[str]:
        return [
            name
            for name, schema in schemas.items()
            if reference in str(schema["properties"].get(field, {}) if field and "properties" in schema else schema)
        ]

    assert "Protest" in schemas
    assert set(schemas["Protest"]["properties"]) >= {"turnout", "state", "response"}
    assert "#/components/schemas/Protest" in str(schemas["Records"]["properties"][KIND])
    assert [name for name in holding("#/components/schemas/Protest'", field="record") if "properties" in schemas[name]]
    assert f"'{KIND}'" in str(schemas["ExtractionRequest"]["properties"]["kinds"])


def test_page_shows_the_kind_and_what_it_means(service: FlaskClient) -> None:
    page = service.get("/").get_data(as_text=True)

    assert KIND in page
    assert "People at the protest, not those detained or hurt".casefold() in page.casefold()


@pytest.mark.parametrize("kinds", [[KIND], None])
def test_records_are_answered_as_those_of_other_kinds_are(client: Connect, kinds: list[str] | None) -> None:
    others: dict[str, Any] = {name: [] for name in built_in().names} if kinds is None else {}
    service = client(ScriptedModel(otherwise={**others, KIND: SAID}))
    article = {"text": TEXT, "language": "en", "published_at": "2026-05-08"}

    answer = service.post("/v1/extractions", json={"article": article, "kinds": kinds}).get_json()

    assert [record["form"] for record in answer["records"][KIND]] == ["march", "sit_in", "blockade"]
    assert answer["records"][KIND][0]["turnout"][0]["value_min"] == 4_000
    assert len(answer["schema_version"]) == len(answer["prompt_version"]) == 12


def test_kind_that_is_not_there_is_refused(client: Connect) -> None:
    service = client(ScriptedModel(), kinds_dir=None)

    answer = service.post("/v1/extractions", json={"article": {"text": TEXT}, "kinds": [KIND]})

    assert (answer.status_code, answer.get_json()["code"]) == (422, "unknown_kind")


def test_folder_is_named_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_KINDS_DIR", "examples/kinds")

    assert load_kinds(Settings()).names[-1] == KIND


def test_folder_that_is_not_there_is_a_wrong_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_KINDS_DIR", "examples/nowhere")

    with pytest.raises(SettingError, match=r"^DRAGOMAN_KINDS_DIR: examples/nowhere is no folder"):
        load_kinds(Settings())
