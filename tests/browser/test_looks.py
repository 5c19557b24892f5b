"""The page in every state that it has, looked at on a desk and on a phone, by day and by night, in both directions."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opening, Serving
from tests.browser.contrast import texts
from tests.browser.launching import TALL
from tests.browser.served import Service
from tests.browser.stories import LAST, MUSCAT, PIECES, VALLETTA, Reader
from tests.browser.using import PHONE, card, cards, fits, is_accessible, is_done, kept, mark, read, settle, start
from tests.support.model_server import answer, refusal

WAYS = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {**TALL, "width": PHONE["width"]}, "has_touch": True, "is_mobile": True},
    "forced colours": {"forced_colors": "active"},
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> dict[str, object]:
    """How a page is looked at."""
    return WAYS[request.param]


@pytest.fixture
def service(model: Reader, serving: Serving) -> Service:
    return serving(**PIECES)


def _sides(page: Page, check: Callable[[Page], None]) -> None:
    """Check the page, and where it shows one side at a time the other side too."""
    check(page)
    sides = page.get_by_role("group", name="What is shown")
    if sides.is_visible():
        other = sides.get_by_role("button", pressed=False).inner_text()
        sides.get_by_role("button", name=other).click()
        check(page)
        sides.get_by_role("button", pressed=False).click()


def test_form(way: dict[str, object], service: Service, opened: Opening) -> None:
    page = opened(service, **way)
    is_accessible(page)

    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("alert").first).to_contain_text("no text")
    is_accessible(page)


def test_article_while_it_is_read(way: dict[str, object], model: Reader, service: Service, opened: Opening) -> None:
    page = opened(service, **way)
    with model.holding(lambda question: LAST in question.sentences):
        start(page, VALLETTA)
        expect(cards(page)).to_have_count(9)
        _sides(page, is_accessible)


def test_result_with_all_that_can_be_opened(way: dict[str, object], serving: Serving, opened: Opening) -> None:
    service = serving()
    page = opened(service, kept(service, VALLETTA), **way)
    is_done(page)
    page.get_by_text("Left out:").click()
    page.get_by_text("How it was read").click()
    page.get_by_text("Something was missed").click()
    first = card(page, "European Union")
    for fold in ("How each value came about", "JSON", "not stated"):
        first.get_by_text(fold).click()
    first.get_by_role("button", name="Wrong", exact=True).click()
    expect(first.get_by_role("button", pressed=True)).to_have_count(1)
    first.get_by_role("button", name="Missing or wrong value").click()
    first.get_by_role("combobox", name="Field").select_option("Targets")
    first.get_by_role("button", name="Another value").click()
    first.get_by_role("combobox", name="Field").last.select_option("Measures")

    _sides(page, is_accessible)


def test_article_without_an_answer(way: dict[str, object], model: Reader, service: Service, opened: Opening) -> None:
    page = opened(service, **way)
    model.plays = lambda _: refusal(401, "Incorrect API key", code="invalid_api_key")
    start(page, VALLETTA)
    expect(page.get_by_role("alert").filter(has_text="There is no answer")).to_be_visible()

    _sides(page, is_accessible)


def test_article_with_parts_without_an_answer(
    way: dict[str, object], model: Reader, service: Service, opened: Opening
) -> None:
    page = opened(service, **way)
    model.plays = lambda question: answer("No.") if 6 in question.sentences else None
    read(page, VALLETTA)
    expect(page.get_by_role("heading", name="Partial")).to_be_visible()

    _sides(page, is_accessible)


def test_article_that_was_stopped(way: dict[str, object], model: Reader, service: Service, opened: Opening) -> None:
    page = opened(service, **way)
    with model.holding(lambda question: LAST in question.sentences):
        start(page, VALLETTA)
        expect(cards(page)).to_have_count(9)
        page.get_by_role("button", name="Stop").click()
        expect(page.get_by_role("heading", name="Unfinished")).to_be_visible()

        _sides(page, is_accessible)


def test_history(way: dict[str, object], service: Service, opened: Opening) -> None:
    kept(service, VALLETTA)
    page = opened(service, "/#history", **way)
    expect(page.get_by_role("link", name=VALLETTA.title).first).to_be_visible()

    is_accessible(page)


@pytest.mark.parametrize("dialog", ["Keys", "This service wants a key"])
def test_dialogs(dialog: str, way: dict[str, object], model: Reader, serving: Serving, opened: Opening) -> None:
    page = opened(serving(DRAGOMAN_API_KEYS="key-of-the-newsroom"), "/#history", **way)
    asked = page.get_by_role("dialog", name="This service wants a key")
    expect(asked).to_be_visible()
    if dialog == "Keys":
        asked.get_by_role("button", name="Cancel").click()
        page.evaluate("document.getElementById('keys').showModal()")
    expect(page.get_by_role("dialog", name=dialog)).to_be_visible()

    is_accessible(page)


def test_article_from_right_to_left(way: dict[str, object], serving: Serving, opened: Opening) -> None:
    service = serving()
    page = opened(service, kept(service, MUSCAT), **way)
    is_done(page)
    cards(page).first.focus()

    _sides(page, is_accessible)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_are_legible_whatever_records_they_belong_to(scheme: str, serving: Serving, opened: Opening) -> None:
    service = serving()
    page = opened(service, kept(service, VALLETTA), color_scheme=scheme)
    is_done(page)
    seen = 0
    for number in range(cards(page).count()):
        cards(page).nth(number).focus()
        expect(page.locator("mark.on").first).to_be_visible()
        settle(page)
        found = list(texts(page))
        seen += len(found)
        assert [text for text in found if not text.is_legible] == []
    for several in page.get_by_role("mark").all():
        several.focus()
        settle(page)
        assert [text for text in texts(page, "#text") if not text.is_legible] == []
    assert seen > 100


def test_article_from_right_to_left_reads_that_way(serving: Serving, opened: Opening) -> None:
    service = serving()
    page = opened(service, kept(service, MUSCAT))
    is_done(page)

    expect(page.locator("#text")).to_have_css("direction", "rtl")
    expect(page.locator("html")).to_have_css("direction", "ltr")
    heading = page.get_by_role("heading", level=1)
    assert heading.evaluate("(heading) => getComputedStyle(heading).direction") == "rtl"
    first = mark(page, MUSCAT.title)
    text, pane = first.bounding_box(), page.locator("#text").bounding_box()
    assert text
    assert pane
    assert text["x"] + text["width"] / 2 > pane["x"] + pane["width"] / 2
    cards(page).nth(1).focus()
    expect(page.locator("#text .word").first).to_be_visible()
    assert page.locator("#text .word").all_inner_texts()


def test_phone_shows_one_side_and_leads_to_the_other(serving: Serving, opened: Opening) -> None:
    service = serving()
    page = opened(service, kept(service, VALLETTA), viewport=PHONE, has_touch=True, is_mobile=True)
    is_done(page)
    fits(page)
    expect(page.get_by_role("region", name="Article")).to_be_hidden()

    card(page, "Norway → their owners").get_by_role("button", name="sentence 7").tap()

    sentence = mark(page, "Norway said")
    expect(sentence).to_be_in_viewport()
    expect(cards(page).first).to_be_hidden()
    fits(page)
    sentence.tap()
    expect(card(page, "Norway → their owners")).to_be_visible()
    expect(page.locator(".card:focus")).to_be_in_viewport()
    expect(page.get_by_role("region", name="Article")).to_be_hidden()


@pytest.mark.parametrize("width", [320, 390, 768, 961, 1920])
def test_nothing_is_wider_than_the_window(width: int, serving: Serving, opened: Opening) -> None:
    service = serving()
    page = opened(service, viewport={"width": width, "height": 800})
    fits(page)
    page.goto("/#history")
    fits(page)
    page.goto(kept(service, VALLETTA))
    is_done(page)
    _sides(page, fits)


def test_without_motion_nothing_moves(serving: Serving, opened: Opening) -> None:
    service = serving()
    page = opened(service, kept(service, VALLETTA), reduced_motion="reduce", viewport={"width": 1000, "height": 420})
    is_done(page)

    moving = page.evaluate("document.getAnimations().length")
    cards(page).last.focus()

    assert moving == 0
    expect(mark(page, "shelled two depots")).to_be_in_viewport()
