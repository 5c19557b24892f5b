"""What a page of another site may not do in a browser on this machine, and what programs may as before."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.app import create_app
from service.http.cross_site import PAGES
from service.page import POLICY
from service.settings import SettingError, Settings
from tests.api.conftest import KEY, Serve, problem_of
from tests.support.scripted_model import ScriptedModel

BILLED = ("/v1/extractions", "/v1/jobs")
NAVIGATION = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
WITH_KEY = {"Authorization": f"Bearer {KEY}"}
PUBLIC = "https://dragoman.example.org/news"


@pytest.fixture
def guarded(serve: Serve) -> FlaskClient:
    return serve(api_keys=KEY)


@pytest.fixture
def published(serve: Serve) -> FlaskClient:
    """Without keys, and under another name as well."""
    return serve(public_url=PUBLIC)


def routes(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Endpoint, path and method of all that an application answers."""
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods or ()):
            yield rule.endpoint, rule.rule, method


def refusal(client: FlaskClient, headers: dict[str, str], path: str = "/v1/kinds") -> str | None:
    """The code with which a request is refused, if it is."""
    response = client.get(path, headers=headers)
    if response.status_code == 403:
        return str(problem_of(response)["code"])
    assert response.status_code < 400
    return None


@pytest.mark.parametrize("said", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
@pytest.mark.parametrize("keys", ["", KEY])
def test_other_sites_reach_no_route(build: Callable[..., Flask], keys: str, said: dict[str, str]) -> None:
    app = build(api_keys=keys)

    for endpoint, path, method in routes(app):
        response = app.test_client().open(path, method=method, headers={**WITH_KEY, **said})
        assert response.status_code == 403, (endpoint, method)
        if method != "HEAD":
            assert problem_of(response)["code"] == "cross_site"


@pytest.mark.parametrize("keys", ["", KEY])
def test_links_of_other_sites_lead_to_pages_alone(build: Callable[..., Flask], keys: str) -> None:
    app = build(api_keys=keys)

    assert {endpoint for endpoint, _, _ in routes(app)} > PAGES
    for endpoint, path, method in routes(app):
        headers = {**WITH_KEY, **NAVIGATION, "Sec-Fetch-Site": "cross-site"}
        response = app.test_client().open(path, method=method, headers=headers)
        opens = endpoint in PAGES and method in {"GET", "HEAD"}
        assert (response.status_code == 403) == (not opens), (endpoint, method)


@pytest.mark.parametrize("path", BILLED)
def test_simple_request_of_another_site_costs_nothing(serve: Serve, path: str) -> None:
    """A text needs no leave of ours to be sent (CORS), and would be read."""
    model = ScriptedModel()
    client = serve(model)
    of_a_form = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site", **NAVIGATION}

    response = client.post(path, data="An article.", content_type="text/plain", headers=of_a_form)

    assert problem_of(response)["code"] == "cross_site"
    assert model.questions == []


@pytest.mark.parametrize(
    ("site", "refused"),
    [
        ("same-origin", False),
        ("none", False),
        ("", False),
        ("same-site", True),
        ("cross-site", True),
        ("same-origin, cross-site", True),
        ("new-to-us", True),
    ],
)
def test_what_the_browser_says_of_the_site_decides(client: FlaskClient, site: str, refused: bool) -> None:
    assert refusal(client, {"Sec-Fetch-Site": site}) == ("cross_site" if refused else None)


@pytest.mark.parametrize("origin", ["null", "https://what-the-browser-sees.example", "http://localhost"])
def test_origin_is_not_asked_about_where_the_browser_knows_the_site(guarded: FlaskClient, origin: str) -> None:
    """A proxy may change Host, and a page without referrers may have the origin `null`."""
    sent = {**WITH_KEY, "Origin": origin, "Host": "dragoman:8080"}

    assert refusal(guarded, {**sent, "Sec-Fetch-Site": "same-origin"}) is None
    assert refusal(guarded, {**sent, "Sec-Fetch-Site": "same-site"}) == "cross_site"


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://localhost", "localhost"),
        ("http://localhost:8080", "localhost:8080"),
        ("http://LocalHost:8080", "localhost:8080"),
        ("http://localhost:8080", "LOCALHOST:8080"),
        ("http://localhost.:8080", "localhost.:8080"),
        ("http://127.0.0.1:8080", "127.0.0.1:8080"),
        ("http://[::1]:8080", "[::1]:8080"),
        ("http://localhost", "localhost:80"),
        ("https://localhost", "localhost"),
        ("https://localhost", "localhost:443"),
        ("https://localhost:443", "localhost"),
        ("", "localhost"),
    ],
)
def test_address_that_was_called_is_our_origin(client: FlaskClient, origin: str, host: str) -> None:
    assert refusal(client, {"Origin": origin, "Host": host}) is None


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("null", "localhost"),
        ("http://localhost:3000", "localhost:8080"),
        ("http://localhost", "localhost:8080"),
        ("http://localhost:8080", "localhost"),
        ("https://localhost", "localhost:80"),
        ("http://localhost", "127.0.0.1"),
        ("http://[::1]:8080", "[::1]:8081"),
        ("http://localhost.evil.example", "localhost"),
        ("http://evil.example", "localhost"),
        ("http://evil.example@localhost", "localhost"),
        ("http://localhost/", "localhost"),
        ("http://localhost:80x", "localhost"),
        ("http://localhost http://localhost", "localhost"),
        ("http://localhost,http://localhost", "localhost"),
        ("file://", "localhost"),
        ("chrome-extension://localhost", "localhost"),
        ("localhost", "localhost"),
        ("http://", ""),
        ("http://localhost", ""),
    ],
)
def test_other_origins_are_of_other_sites(client: FlaskClient, origin: str, host: str) -> None:
    assert refusal(client, {"Origin": origin, "Host": host}) == "cross_site"


@pytest.mark.parametrize("host", ["dragoman:8080", "10.0.0.7", "localhost"])
def test_public_address_is_our_origin_whatever_host_a_proxy_sends(serve: Serve, host: str) -> None:
    client = serve(api_keys=KEY, public_url=PUBLIC)

    for origin in ("https://dragoman.example.org", "https://dragoman.example.org:443", "https://Dragoman.Example.org"):
        assert refusal(client, {**WITH_KEY, "Origin": origin, "Host": host}) is None
    for origin in ("http://dragoman.example.org", "https://dragoman.example.org:8443", "https://example.org"):
        assert refusal(client, {**WITH_KEY, "Origin": origin, "Host": host}) == "cross_site"


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8080",
        "localhost:",
        "LocalHost:8080",
        "localhost.",
        "localhost.:8080",
        "127.0.0.1",
        "127.8.8.8:8080",
        "[::1]",
        "[::1]:8080",
        "[0:0:0:0:0:0:0:1]:8080",
        "",
    ],
)
def test_names_of_this_machine_are_answered_to(client: FlaskClient, host: str) -> None:
    assert refusal(client, {"Host": host}) is None


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8080",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "localhost..",
        "evil.example@localhost",
        "localhost@evil.example",
        "localhost:8080:80",
        "localhost,evil.example",
        "0.0.0.0:8080",
        "192.168.1.5:8080",
        "[::]:8080",
        "[fe80::1]:8080",
        "::1",
        "[localhost]",
        ":8080",
        "dragoman.example.org",
    ],
)
@pytest.mark.parametrize("path", ["/v1/kinds", "/healthz", "/openapi.json"])
def test_without_keys_other_names_are_refused_and_told_what_to_do(client: FlaskClient, host: str, path: str) -> None:
    """The name of a page whose address was changed to this machine's: its browser takes us for that page's site."""
    rebound = {"Host": host, "Origin": f"http://{host}"}

    assert refusal(client, rebound, path) == "host_unknown"
    detail = problem_of(client.get(path, headers=rebound))["detail"]
    assert "DRAGOMAN_API_KEYS" in detail
    assert "DRAGOMAN_PUBLIC_URL" in detail


@pytest.mark.parametrize("host", ["evil.example", "dragoman.default.svc:8080", "10.0.0.7:8080", "[fd00::7]:8080"])
def test_with_keys_any_name_is_answered_to(guarded: FlaskClient, host: str) -> None:
    assert refusal(guarded, {**WITH_KEY, "Host": host}) is None
    assert refusal(guarded, {"Host": host}, "/healthz") is None
    assert guarded.get("/v1/kinds", headers={"Host": host}).status_code == 401


@pytest.mark.parametrize("host", ["dragoman.example.org", "dragoman.example.org:8080", "DRAGOMAN.example.org"])
def test_public_name_is_answered_to(published: FlaskClient, host: str) -> None:
    assert refusal(published, {"Host": host}) is None
    assert refusal(published, {"Host": "localhost"}) is None
    assert refusal(published, {"Host": f"not-{host}"}) == "host_unknown"


def test_public_name_may_have_any_letters(serve: Serve) -> None:
    client = serve(public_url="https://новини.example")

    assert refusal(client, {"Host": "xn--b1amarcd.example", "Origin": "https://xn--b1amarcd.example"}) is None


@pytest.mark.parametrize(
    "url",
    ["dragoman.example.org", "dragoman.example.org:8080", "ftp://example.org", "https://", "/news", "http://[::1"],
)
def test_public_address_that_is_none_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(SettingError, match="DRAGOMAN_PUBLIC_URL"):
        create_app(Settings(public_url=url), ScriptedModel())


@pytest.mark.parametrize("path", BILLED)
def test_programs_are_not_affected(serve: Serve, sqlite_url: str, path: str) -> None:
    answer = serve(database_url=sqlite_url).post(path, data="An article.", content_type="text/plain")

    assert answer.status_code in {200, 202}


@pytest.mark.parametrize("path", ["/", "/results/a"])
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_link_of_another_site_opens_a_page(client: FlaskClient, path: str, site: str) -> None:
    link = {"Sec-Fetch-Site": site, **NAVIGATION}

    assert refusal(client, link, path) is None
    assert client.head(path, headers=link).status_code == 200


@pytest.mark.parametrize(
    "said",
    [
        {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
        {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"},
        {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
        {"Sec-Fetch-Mode": "navigate"},
        {},
    ],
)
def test_other_sites_do_not_show_a_page(client: FlaskClient, said: dict[str, str]) -> None:
    assert refusal(client, {"Sec-Fetch-Site": "cross-site", **said}, "/results/a") == "cross_site"


def test_form_of_another_site_is_no_link(client: FlaskClient) -> None:
    response = client.post("/results/a", headers={"Sec-Fetch-Site": "cross-site", **NAVIGATION})

    assert problem_of(response)["code"] == "cross_site"


@pytest.mark.parametrize("keys", ["", KEY])
def test_every_answer_is_kept_from_other_sites(build: Callable[..., Flask], keys: str) -> None:
    app = build(api_keys=keys)
    answers = [
        app.test_client().open(path, method=method, headers={**WITH_KEY, **said})
        for _, path, method in [*routes(app), ("", "/nowhere", "GET"), ("", "/v1/kinds", "DELETE")]
        for said in ({}, {"Sec-Fetch-Site": "cross-site", "Origin": "null"}, {"Host": "evil.example"})
    ]

    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]


def test_answers_of_the_api_may_load_nothing(client: FlaskClient) -> None:
    policy = client.get("/v1/kinds").headers["Content-Security-Policy"]

    assert policy == "default-src 'none'; frame-ancestors 'none'"


def test_page_has_a_policy_of_its_own(client: FlaskClient) -> None:
    answer = client.get("/")

    assert answer.headers.getlist("Content-Security-Policy") == [POLICY]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_refusals_are_described(client: FlaskClient) -> None:
    for path, by_method in client.get("/openapi.json").get_json()["paths"].items():
        for method, operation in by_method.items():
            (media,) = operation["responses"]["403"]["content"].values()
            codes = media["schema"]["allOf"][1]["properties"]["code"]["enum"]
            assert {"loopback_only", "cross_site", "host_unknown"} <= set(codes), (path, method)
