"""Earlier articles and batches: listed, followed while they are read, cancelled, found again."""

import json
import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Opening, Serving
from tests.browser.served import Service
from tests.browser.stories import MARKUP, MUSCAT, VALLETTA, Reader
from tests.browser.using import cards, client, kept

NDJSON = {"Content-Type": "application/x-ndjson"}


def _rows(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name).get_by_role("listitem")


def _articles(page: Page) -> Locator:
    return page.get_by_role("region", name="Articles").get_by_role("list").locator("> li")


def test_nothing_was_read_yet(anew: Serving, opened: Opening) -> None:
    page = opened(anew(), "/#history")

    expect(page.get_by_role("heading", level=1)).to_have_text("History")
    expect(page.get_by_text("There are none yet.")).to_have_count(2)


def test_kept_articles_are_listed_and_opened(service: Service, opened: Opening) -> None:
    address = kept(service, VALLETTA)
    kept(service, MUSCAT)
    page = opened(service)

    page.get_by_role("link", name="History").click()
    row = _articles(page).filter(has_text=VALLETTA.title).first
    expect(row).to_contain_text("complete")
    expect(_articles(page).filter(has_text=MUSCAT.title).first).to_be_visible()
    row.get_by_role("link").click()

    expect(page).to_have_url(f"{service.url}{address}")
    expect(cards(page)).to_have_count(14)
    page.go_back()
    expect(_articles(page).first).to_be_visible()


def test_jobs_are_followed_until_they_end(model: Reader, service: Service, opened: Opening) -> None:
    with client(service) as api, model.holding():
        api.post("/v1/jobs", json={"article": {"text": MARKUP.text, "id": "followed"}, "reuse": False})
        page = opened(service, "/#history")
        row = _articles(page).filter(has_text="followed")
        expect(row).to_contain_text(re.compile("queued|running"))

    expect(row).to_contain_text("complete")
    expect(row.get_by_role("button", name="Cancel")).to_have_count(0)


def test_job_is_cancelled(model: Reader, service: Service, opened: Opening) -> None:
    with client(service) as api, model.holding():
        job = api.post("/v1/jobs", json={"article": {"text": MARKUP.text, "id": "unwanted"}, "reuse": False}).json()
        page = opened(service, "/#history")
        row = _articles(page).filter(has_text="unwanted")

        row.get_by_role("button", name="Cancel").click()

        expect(row).to_contain_text("cancelled")
        assert api.get(f"/v1/jobs/{job['id']}").json()["state"] == "cancelled"
    page.goto(f"/results/{job['id']}")
    expect(page.get_by_role("alert")).to_contain_text("job_cancelled")


def test_articles_of_a_batch_are_shown_alone(service: Service, opened: Opening) -> None:
    kept(service, VALLETTA)
    lines = [{"article": {"text": story.text, "id": f"batch {story.name}"}} for story in (MUSCAT, MARKUP)]
    with client(service) as api:
        body = "\n".join([*map(json.dumps, lines), '{"article": {}}'])
        batch = api.post("/v1/jobs", content=body, headers=NDJSON).json()
    page = opened(service, "/#history")
    row = _rows(page, "Batches").filter(has_text=batch["id"]).first
    expect(row).to_contain_text("2 complete")
    expect(row).to_contain_text("1 line refused")

    row.get_by_role("button", name=batch["id"]).click()

    expect(_articles(page)).to_have_count(2)
    expect(page.get_by_text(f"of batch {batch['id']}")).to_be_visible()
    page.get_by_role("button", name="show all").click()
    expect(_articles(page).filter(has_text=VALLETTA.title).first).to_be_visible()


def test_list_is_narrowed_to_a_state(model: Reader, service: Service, opened: Opening) -> None:
    kept(service, VALLETTA)
    with client(service) as api, model.holding():
        job = api.post("/v1/jobs", json={"article": {"text": MARKUP.text, "id": "narrowed"}, "reuse": False}).json()
        api.delete(f"/v1/jobs/{job['id']}")
    page = opened(service, "/#history")
    expect(_articles(page).filter(has_text=VALLETTA.title).first).to_be_visible()

    page.get_by_role("combobox", name="State").select_option("cancelled")

    expect(_articles(page).filter(has_text="narrowed")).to_have_count(1)
    expect(_articles(page).filter(has_text=VALLETTA.title)).to_have_count(0)
    for row in _articles(page).all():
        expect(row).to_contain_text("cancelled")


def test_long_list_goes_on_where_it_ended(anew: Serving, opened: Opening) -> None:
    full = anew()
    lines = [json.dumps({"article": {"text": MUSCAT.text, "id": f"article {number}"}}) for number in range(60)]
    with client(full) as api:
        assert api.post("/v1/jobs", content="\n".join(lines), headers=NDJSON).status_code == 202
    page = opened(full, "/#history")
    more = page.get_by_role("region", name="Articles").get_by_role("button", name="Show more")
    expect(_articles(page)).to_have_count(25)

    more.click()
    expect(_articles(page)).to_have_count(50)
    more.click()
    expect(_articles(page)).to_have_count(60)
    expect(more).to_have_count(0)
    names = {row.get_by_role("link").inner_text() for row in _articles(page).all()}
    assert len(names) == 60
