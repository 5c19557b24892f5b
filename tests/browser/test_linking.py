"""Records and the article's words point at one another: by pointer, by focus and by keys alone."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Opening
from tests.browser.served import Service
from tests.browser.stories import MARKUP, VALLETTA
from tests.browser.using import away, card, cards, is_done, kept, mark

ON = re.compile(r"\bon\b")
ACTIVE = "mark.on"


@pytest.fixture
def page(service: Service, opened: Opening) -> Page:
    page = opened(service, kept(service, VALLETTA), viewport={"width": 1280, "height": 720})
    is_done(page)
    return page


def _active(page: Page) -> Locator:
    return page.locator("#text mark.on")


def test_pointer_on_a_card_shows_its_sentence_and_words(page: Page) -> None:
    card(page, "Norway → their owners").hover()

    expect(_active(page)).to_have_text(["Norway said it would propose an entry ban for their owners on Thursday."])
    expect(_active(page)).to_be_in_viewport()
    expect(page.locator("#text .word")).to_have_text(["Norway", "their owners", "Thursday"])
    expect(page.locator("#text .labels span")).to_have_text(["Authorities", "Targets", "Date"])


def test_pointer_on_a_sentence_shows_its_cards(page: Page) -> None:
    mark(page, "shelled two depots").hover()

    expect(page.locator(".card.on")).to_have_count(4)
    expect(page.locator(".card.on").first).to_be_in_viewport()


def test_several_sentences_of_a_record_are_shown_together(page: Page) -> None:
    card(page, "Tarvia, the Coastal Front").hover()

    expect(_active(page)).to_have_text([VALLETTA.title, "A third round is planned for March 16 in the same city."])


def test_click_on_a_sentence_goes_through_its_records(page: Page) -> None:
    sentence = mark(page, "shelled two depots")
    seen = []
    for _ in range(4):
        sentence.click()
        expect(page.locator(".card:focus")).to_have_count(1)
        seen.append(page.locator(".card:focus").get_attribute("id"))
        expect(page.locator(".card.on")).to_have_count(1)
        expect(page.locator(".card:focus")).to_be_in_viewport()
    assert len(set(seen)) == 4


def test_sentence_link_of_a_card_goes_to_that_sentence(page: Page) -> None:
    card(page, "Tarvia, the Coastal Front").get_by_role("button", name="sentence 4").click()

    third = mark(page, "A third round")
    expect(third).to_be_focused()
    expect(third).to_have_class(ON)
    expect(third).to_be_in_viewport()


def test_sentence_far_down_is_brought_into_sight(service: Service, opened: Opening) -> None:
    page = opened(service, kept(service, VALLETTA), viewport={"width": 1000, "height": 420})
    last = mark(page, "shelled two depots")
    expect(last).not_to_be_in_viewport()

    cards(page).last.focus()

    expect(last).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(last).to_be_focused()
    page.keyboard.press("k")
    expect(mark(page, "Tarvian army said")).to_be_focused()
    expect(mark(page, "Tarvian army said")).to_be_in_viewport()


def test_whole_page_is_walked_by_keys_alone(page: Page) -> None:
    press = page.keyboard.press
    press("Tab")
    expect(page.get_by_role("link", name="To the content")).to_be_focused()
    press("Enter")
    expect(page.get_by_role("main")).to_be_focused()

    # One stop for all marks, and one for all cards besides what is inside the one that is reached.
    press("Tab")
    expect(mark(page, VALLETTA.title)).to_be_focused()
    expect(mark(page, VALLETTA.title)).to_have_class(ON)
    press("j")
    expect(mark(page, "VALLETTA, March 9")).to_be_focused()
    press("ArrowDown")
    press("ArrowUp")
    press("k")
    expect(mark(page, VALLETTA.title)).to_be_focused()
    press("Enter")
    first = cards(page).first
    expect(first).to_be_focused()
    expect(first).to_have_class(ON)

    for place in range(1, 14):
        press("ArrowDown" if place % 2 else "j")
        expect(cards(page).nth(place)).to_be_focused()
        expect(cards(page).nth(place)).to_be_in_viewport()
        expect(_active(page).first).to_be_in_viewport()
    press("j")
    expect(cards(page).last).to_be_focused()
    press("Enter")
    expect(mark(page, "shelled two depots")).to_be_focused()

    press("Escape")
    expect(_active(page)).to_have_count(0)
    press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    press("Escape")
    expect(keys).to_be_hidden()
    expect(mark(page, "shelled two depots")).to_be_focused()


def test_focus_can_be_seen_wherever_it_is(page: Page) -> None:
    unseen = []
    page.keyboard.press("Tab")
    for _ in range(60):
        seen = page.evaluate(
            """() => {
              const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
              const { tagName, className, textContent } = document.activeElement;
              const isSeen = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
              return [isSeen, tagName, className, textContent.slice(0, 40)];
            }"""
        )
        if seen[1] == "BODY":
            break
        if not seen[0]:
            unseen.append(seen)
        page.keyboard.press("Tab")
    assert unseen == []


def test_pointer_that_rests_leaves_the_keyboard_alone(service: Service, opened: Opening) -> None:
    small = {"viewport": {"width": 1000, "height": 520}, "reduced_motion": "reduce"}
    page = opened(service, kept(service, VALLETTA), **small)
    page.clock.install()
    page.reload()
    norway, pane = card(page, "Norway → their owners"), page.get_by_role("region", name="Article")
    norway.focus()
    other = mark(page, "“These ships brought rockets")
    x, y = other.evaluate("(mark) => { const { x, y } = mark.getClientRects()[0]; return [x + 20, y + 5]; }")
    page.evaluate("document.activeElement.blur()")
    pane.evaluate("(pane) => pane.scrollTo(0, 0)")
    page.mouse.move(x, y)
    page.clock.run_for(1_000)

    norway.focus()  # the article is scrolled, and the other mark comes to lie under the pointer

    expect(page.locator("mark:hover")).to_have_text(other.inner_text())
    page.clock.run_for(1_000)
    expect(page.locator(".card.on")).to_have_count(1)
    expect(norway).to_have_class(ON)


def test_characters_of_two_units_shift_nothing(service: Service, opened: Opening) -> None:
    page = opened(service, kept(service, MARKUP), viewport={"width": 1280, "height": 720})

    card(page, "army of Tarvia").hover()

    expect(page.locator("#text .word")).to_have_text(["The army of Tarvia", "the station’s mast", "Ventspils"])
    away(page)
