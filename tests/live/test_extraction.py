"""The whole service on the built-in model, for real."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from schemas.registry import built_in
from service.app import create_app, runtime_of
from service.cli.built_in import configured_or_built_in
from service.settings import Settings
from tests.support.grounding import assert_grounded, records_of

pytestmark = pytest.mark.live

ARTICLES = sorted((Path(__file__).parents[1] / "articles").glob("*.txt"), key=lambda path: path.stem)
SECONDS = 900.0


@pytest.fixture(scope="module")
def client() -> Iterator[FlaskClient]:
    with configured_or_built_in(Settings.model_construct()) as settings:
        app = create_app(settings)
        yield app.test_client()
        runtime_of(app).close()


def extract(client: FlaskClient, text: str) -> dict[str, Any]:
    """Post an article and check what holds for every answer."""
    response = client.post("/v1/extractions", json={"article": {"text": text}, "deadline_seconds": SECONDS})

    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.get_json()
    assert list(answer["records"]) == list(built_in().names)
    assert (answer["status"] == "partial") == bool(answer["failures"])
    assert all(failure["reason"] for failure in answer["failures"])
    assert answer["usage"]["calls"] >= answer["questions"] > 0
    assert answer["usage"]["prompt_tokens"] > answer["usage"]["completion_tokens"] > 0
    assert_grounded(answer, text)
    return answer


def test_model_server_is_ready_behind_the_service(client: FlaskClient) -> None:
    assert client.get("/readyz").status_code == 200


def test_one_article_yields_grounded_records(client: FlaskClient) -> None:
    text = next(path for path in ARTICLES if path.stem == "talks-in-doha").read_bytes().decode()

    assert records_of(extract(client, text))


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)
def test_every_article_yields_an_honest_answer(client: FlaskClient, path: Path) -> None:
    extract(client, path.read_bytes().decode())
