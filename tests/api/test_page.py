"""The reading page: a shell for everybody, without anything of an article."""

import json
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from schemas.registry import built_in
from service.page import assets, samples
from tests.api.conftest import KEY, Serve, problem_of

PAGES = ["/", "/results/4a14ae6b978f40398546ef153c7e7ec6", "/results/none-such"]
by_page = pytest.mark.parametrize("path", PAGES)
by_asset = pytest.mark.parametrize("name", assets.names())


def policy_of(response: TestResponse) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in response.headers["Content-Security-Policy"].split(";"))
    return {name: said for name, _, said in parts}


@by_page
def test_page_is_the_same_at_all_of_its_addresses(client: FlaskClient, path: str) -> None:
    response = client.get(path)

    assert (response.status_code, response.content_type) == (200, "text/html; charset=utf-8")
    assert response.data == client.get("/").data


@by_page
def test_page_needs_no_key(serve: Serve, path: str) -> None:
    assert serve(api_keys=KEY).get(path).status_code == 200


def test_page_holds_kinds_and_samples_and_no_other_data(client: FlaskClient) -> None:
    (block,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', client.get("/").text)
    data = json.loads(block)

    assert set(data) == {"guide", "samples"}
    assert [kind["name"] for kind in data["guide"]] == list(built_in().names)
    assert data["samples"] == list(samples())


@by_page
def test_page_lets_nothing_run_but_its_own_script(client: FlaskClient, path: str) -> None:
    response = client.get(path)

    assert policy_of(response) == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self' blob:",
        "img-src": "'self' data:",
        "font-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_page_has_no_script_or_style_of_its_own_inside(client: FlaskClient) -> None:
    page = client.get("/").text

    scripts = re.findall(r"<script\b([^>]*)>(.*?)</script>", page, re.DOTALL)
    assert [attributes for attributes, content in scripts if content] == [' type="application/json" id="data"']
    assert "<style" not in page
    assert re.search(r"<[^>]+\s(style|on\w+)=", page) is None


def test_page_names_assets_that_there_are(client: FlaskClient) -> None:
    named = re.findall(r'(?:src|href)="(/assets/[^"]+)"', client.get("/").text)

    assert "/assets/main.js" in named
    assert {client.get(path).status_code for path in named} == {200}


@by_asset
def test_asset_is_served_without_a_key(serve: Serve, name: str) -> None:
    response = serve(api_keys=KEY).get(f"/assets/{name}")

    found = assets.asset(name)
    assert found is not None
    assert (response.status_code, response.mimetype) == (200, found.media_type)
    assert response.text == found.text
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", "/assets/main.js"])
def test_what_a_browser_has_is_not_sent_again(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    assert first.headers["Cache-Control"] == "no-cache"
    tag = first.headers["ETag"]
    assert not tag.startswith("W/")

    again = client.get(path, headers={"If-None-Match": tag})
    other = client.get(path, headers={"If-None-Match": '"of another version"'})

    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag
    assert (other.status_code, other.data) == (200, first.data)


@pytest.mark.parametrize(
    "path", ["/assets/", "/assets/none.js", "/assets/..%2Fguide.py", "/assets/../guide.py", "/assets/shell.html"]
)
def test_what_is_no_asset_is_not_found(client: FlaskClient, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 404
    assert problem_of(response)["code"] == "not_found"


def test_page_is_made_for_the_kinds_of_the_service(build: Callable[..., Flask]) -> None:
    page = build().test_client().get("/").text

    for kind in built_in().names:
        assert f'"name": "{kind}"' in page
