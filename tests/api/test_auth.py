"""Who may call."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.app import create_app
from service.http.auth import PUBLIC, KeysNeededError, is_loopback
from service.settings import Settings
from tests.api.conftest import KEY, Serve, problem_of
from tests.support.scripted_model import NOTHING, ScriptedModel

KEYS = f"first-key,{KEY}, ключ"


@pytest.fixture
def guarded(serve: Serve) -> FlaskClient:
    return serve(api_keys=KEYS)


def test_every_route_needs_a_key_or_is_public(build: Callable[..., Flask]) -> None:
    app = build(api_keys=KEYS)
    client = app.test_client()
    seen = set()

    for rule in app.url_map.iter_rules():
        for method in rule.methods or ():
            response = client.open(rule.rule, method=method)
            assert (response.status_code == 401) == (rule.endpoint not in PUBLIC), (rule.rule, method)
        seen.add(rule.endpoint)

    assert seen > PUBLIC


@pytest.mark.parametrize("key", ["first-key", KEY, "ключ"])
def test_each_key_opens(guarded: FlaskClient, key: str) -> None:
    sent = key.encode().decode("latin-1")

    for scheme in ("Bearer", "bearer"):
        assert guarded.get("/v1/kinds", headers={"Authorization": f"{scheme} {sent}"}).status_code == 200


@pytest.mark.parametrize("sent", [None, "", "Bearer", "Bearer ", f"Basic {KEY}", KEY, "Digest a=b"])
def test_no_key_is_401_with_a_challenge(guarded: FlaskClient, sent: str | None) -> None:
    response = guarded.get("/v1/kinds", headers={} if sent is None else {"Authorization": sent})

    assert problem_of(response)["code"] == "key_missing"
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="dragoman"'


@pytest.mark.parametrize("sent", ["mistaken", KEY + "x", KEY[:-1], KEY.upper(), KEYS, "m\u00fcstaken"])
def test_wrong_key_is_401_and_not_echoed(guarded: FlaskClient, sent: str) -> None:
    response = guarded.get("/v1/kinds", headers={"Authorization": f"Bearer {sent}"})

    assert problem_of(response)["code"] == "key_wrong"
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="dragoman", error="invalid_token"'
    assert sent not in response.text
    assert KEY not in response.text


def test_unknown_route_is_hidden_from_those_without_a_key(guarded: FlaskClient) -> None:
    assert guarded.get("/v2").status_code == 401
    assert guarded.get("/v2", headers={"Authorization": f"Bearer {KEY}"}).status_code == 404


def test_probes_need_no_key(guarded: FlaskClient) -> None:
    assert guarded.get("/healthz").status_code == 200
    assert guarded.get("/readyz").status_code == 200


def test_without_keys_another_machine_is_refused(client: FlaskClient) -> None:
    response = client.get("/v1/kinds", environ_base={"REMOTE_ADDR": "192.0.2.7"})

    assert problem_of(response)["code"] == "loopback_only"
    assert response.status_code == 403


def test_with_keys_another_machine_is_served(guarded: FlaskClient) -> None:
    response = guarded.get(
        "/v1/kinds", environ_base={"REMOTE_ADDR": "192.0.2.7"}, headers={"Authorization": f"Bearer {KEY}"}
    )

    assert response.status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "", "example.org"])
def test_open_address_without_keys_is_refused(host: str) -> None:
    with pytest.raises(KeysNeededError, match="DRAGOMAN_API_KEYS"):
        create_app(Settings(host=host), ScriptedModel())


def test_open_address_with_keys_is_accepted(serve: Serve) -> None:
    client = serve(ScriptedModel(otherwise=NOTHING), host="0.0.0.0", api_keys=KEYS)

    assert client.get("/v1/kinds", headers={"Authorization": f"Bearer {KEY}"}).status_code == 200


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("10.0.0.1", False), ("", False)],
)
def test_loopback_is_recognised(host: str, local: bool) -> None:
    assert is_loopback(host) == local
