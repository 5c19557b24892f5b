"""Results for other programs: what is copied, downloaded and printed is what the service said."""

import csv
import io
import json
from typing import Any

import pytest
from playwright.sync_api import Download, Page, expect

from tests.browser.conftest import Opening
from tests.browser.served import Service
from tests.browser.stories import STORIES, VALLETTA, Story
from tests.browser.using import cards, client, is_done, job_of, kept


def _result(service: Service, page: Page) -> dict[str, Any]:
    with client(service) as api:
        result: dict[str, Any] = api.get(f"{job_of(page)}/result").json()
    return result


def _downloaded(page: Page, name: str) -> Download:
    with page.expect_download() as coming:
        page.get_by_role("button", name=name).click()
    return coming.value


def test_json_is_the_answer_itself(service: Service, opened: Opening) -> None:
    page = opened(service, kept(service, VALLETTA))

    file = _downloaded(page, "Download JSON")
    page.get_by_role("button", name="Copy JSON").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert file.suggested_filename == "Envoys-of-Tarvia-and-the-Coastal-Front-to-meet-again-in-Vall.json"
    assert json.loads(file.path().read_text(encoding="utf-8")) == _result(service, page)
    assert json.loads(page.evaluate("navigator.clipboard.readText()")) == _result(service, page)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_csv_has_a_row_for_each_record(story: Story, service: Service, opened: Opening) -> None:
    page = opened(service, kept(service, story))

    file = _downloaded(page, "Download CSV")

    assert file.suggested_filename.endswith(".csv")
    data = file.path().read_bytes()
    assert data.startswith("\ufeff".encode())
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    records = [(kind, one) for kind, found in _result(service, page)["records"].items() for one in found]
    assert [row["kind"] for row in rows] == [kind for kind, _ in records]
    for row, (kind, record) in zip(rows, records, strict=True):
        assert row["sentences"] == "; ".join(str(part["sentence"]) for part in record["evidence"])
        assert row["start"] == "; ".join(str(part["start"]) for part in record["evidence"])
        if kind == "sanctions":
            assert row["action"] == record["action"]
            assert row["authorities"] == "; ".join(part["text"] for part in record["authorities"])
            assert row["targets.name"] == "; ".join(target["name"]["text"] for target in record["targets"])


def test_whole_article_and_all_records_are_printed(service: Service, opened: Opening) -> None:
    page = opened(service, kept(service, VALLETTA), viewport={"width": 1280, "height": 420})
    is_done(page)

    page.emulate_media(media="print")

    expect(cards(page).last).to_be_visible()
    expect(page.get_by_role("banner")).to_be_hidden()
    expect(page.get_by_role("button", name="Download JSON")).to_be_hidden()
    pane = page.get_by_role("region", name="Article")
    assert pane.evaluate("(pane) => pane.scrollHeight - pane.clientHeight") <= 0
    assert page.pdf(format="A4").startswith(b"%PDF")
