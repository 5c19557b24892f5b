"""GET /v1/kinds."""

from flask.testing import FlaskClient

from schemas import registry


def test_kinds_are_those_of_the_registry_in_its_order(client: FlaskClient) -> None:
    listed = client.get("/v1/kinds").get_json()["kinds"]

    assert [kind["name"] for kind in listed] == list(registry.built_in().names)


def test_each_kind_has_its_definition_and_schema(client: FlaskClient) -> None:
    for kind in client.get("/v1/kinds").get_json()["kinds"]:
        record = registry.built_in()[kind["name"]]
        assert kind["description"]
        assert kind["schema"] == record.model_json_schema(mode="serialization")
        assert list(kind["schema"]["properties"]) == list(record.model_json_schema(mode="serialization")["properties"])
