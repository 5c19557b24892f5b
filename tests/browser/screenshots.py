"""Pictures of the page for README.md and the documentation, each of a state that the tests check too.

make screenshots
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.launching import launched
from tests.browser.served import UNDETERRED, Service, served
from tests.browser.stories import LAST, MUSCAT, PIECES, VALLETTA, Reader
from tests.browser.using import PHONE, card, cards, is_done, kept, mark, read, start
from tests.support.model_server import answer, refusal

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
MOST_BYTES = 300_000
DESK = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}
HAND = {"viewport": PHONE, "device_scale_factor": 1.5, "has_touch": True, "is_mobile": True, "reduced_motion": "reduce"}


@contextmanager
def _picture(browser: Browser, name: str, service: Service, path: str = "/", **options: Any) -> Iterator[Page]:
    """A page, of which a picture is taken at the end of the block."""
    context = browser.new_context(base_url=service.url, **{**DESK, **options})
    page = context.new_page()
    page.goto(path)
    yield page
    # Fonts and pictures that come late would be missing.
    page.evaluate("document.fonts.ready")
    taken = page.screenshot(path=FOLDER / f"{name}.png")
    assert len(taken) <= MOST_BYTES, f"{name}.png has {len(taken)} bytes"
    context.close()


def take(browser: Browser, model: Reader, whole: Service, pieces: Service) -> None:
    """Take all of them: of a service that reads an article at once, and of one that reads it in pieces."""
    address = kept(whole, VALLETTA)
    for scheme in ("light", "dark"):
        with _picture(browser, scheme, whole, address, color_scheme=scheme) as page:
            is_done(page)
            cards(page).first.focus()
    with _picture(browser, "arabic", whole, kept(whole, MUSCAT)) as page:
        is_done(page)
        cards(page).first.focus()
    with _picture(browser, "phone", whole, address, **HAND) as page:
        is_done(page)
        card(page, "through Malta").get_by_role("button", name="sentence 2").tap()
        expect(mark(page, "VALLETTA, March 9")).to_be_focused()
    with _picture(browser, "marks", whole, address) as page:
        is_done(page)
        _mark(page)
    # Held back until the picture is taken, which is when its block ends.
    with model.holding(lambda question: LAST in question.sentences), _picture(browser, "half-way", pieces) as page:
        start(page, VALLETTA)
        expect(cards(page)).to_have_count(9)
        card(page, "Norway → their owners").focus()
    with _picture(browser, "partial", pieces) as page:
        model.plays = lambda question: answer("No.") if 6 in question.sentences else None
        read(page, VALLETTA)
    with _picture(browser, "failed", pieces) as page:
        model.plays = lambda _: refusal(401, "Incorrect API key", code="invalid_api_key")
        start(page, VALLETTA)
        expect(page.get_by_role("alert").filter(has_text="There is no answer")).to_be_visible()


def _mark(page: Page) -> None:
    """Say of one record that it is right, and what is wrong about another."""
    right = card(page, "EU → Orlun Marine").get_by_role("button", name="Right")
    right.click()
    expect(right).to_have_attribute("aria-pressed", "true")
    norway = card(page, "Norway → their owners")
    norway.get_by_role("button", name="Missing or wrong value").click()
    norway.get_by_role("combobox", name="Field").select_option("Date")
    norway.get_by_role("textbox", name="Date").fill("on Thursday")
    norway.get_by_label("Note").fill("The day that Norway means is not certain.")
    norway.get_by_role("button", name="Save").focus()


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as one,
        tempfile.TemporaryDirectory() as other,
        Reader() as model,
        served(model, Path(one)) as whole,
        served(model, Path(other), **PIECES, **UNDETERRED) as pieces,
        launched() as browser,
    ):
        take(browser, model, whole, pieces)


if __name__ == "__main__":
    main()
