"""What readers do on the page again and again, and what holds for it whatever they do."""

from typing import Any

import httpx2
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser import contrast
from tests.browser.served import Service
from tests.browser.stories import PUBLISHED, Story
from tests.support.patience import PATIENCE

PHONE = {"width": 390, "height": 844}
VIOLATIONS = {"resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": False}}}
"""What axe looks at: not at contrast, which is measured here, and not at what is right, which takes it long to tell."""


def client(service: Service, key: str | None = None) -> httpx2.Client:
    """The API, as other programs use it."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx2.Client(base_url=service.url, headers=headers, trust_env=False, timeout=PATIENCE)


def kept(service: Service, story: Story, key: str | None = None, **about: Any) -> str:
    """Have the service read and keep a story; the address of its page."""
    article = {"text": story.text, "published_at": PUBLISHED, "id": story.title, **about}
    with client(service, key) as api:
        answer = api.post("/v1/extractions", json={"article": article, "keep": True})
        assert answer.status_code == 200, answer.text
        return f"/results/{answer.json()['id']}"


def job_of(page: Page) -> str:
    """The address in the API of what a page shows."""
    return "/v1/jobs/" + page.url.rpartition("/")[2]


def text_box(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Article")


def fill(page: Page, text: str, published: str = PUBLISHED) -> None:
    text_box(page).fill(text)
    page.get_by_label("Published").fill(published)


def start(page: Page, story: Story) -> None:
    """Have an article read."""
    fill(page, story.text)
    page.get_by_role("button", name="Read it").click()
    away(page)


def away(page: Page) -> None:
    """Move the pointer to where nothing is."""
    page.mouse.move(0, 0)


def is_done(page: Page) -> None:
    """Wait for the whole answer."""
    expect(page.get_by_role("button", name="Download JSON")).to_be_visible()


def read(page: Page, story: Story) -> None:
    """Have an article read to the end."""
    start(page, story)
    is_done(page)


def cards(page: Page) -> Locator:
    return page.get_by_role("region", name="Records", exact=True).get_by_role("article")


def card(page: Page, words: str) -> Locator:
    """The card with some words in its heading; of several the first."""
    return cards(page).filter(has=page.get_by_role("heading", name=words)).first


def mark(page: Page, words: str) -> Locator:
    """The marked stretch of the article that has some words in it."""
    return page.get_by_role("region", name="Article").get_by_role("mark").filter(has_text=words).first


def is_accessible(page: Page) -> None:
    """Nothing that axe finds, and every word legible on whatever is behind it."""
    settle(page)
    found = Axe().run(page, options=VIOLATIONS).response["violations"]
    assert [(one["id"], one["impact"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert [text for text in contrast.texts(page) if not text.is_legible] == []
    fits(page)


def settle(page: Page) -> None:
    """Wait until nothing moves: what is half faded in has no contrast yet."""
    page.evaluate("Promise.allSettled(document.getAnimations().map((animation) => animation.finished))")


def fits(page: Page) -> None:
    """Nothing is wider than the window."""
    assert page.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
