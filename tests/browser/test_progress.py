"""What is seen while an article is read, when it is stopped, and when nobody answers any more."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opening, Serving
from tests.browser.served import Service
from tests.browser.stories import LAST, PIECES, VALLETTA, Asked, Reader
from tests.browser.using import cards, client, is_done, mark, start


@pytest.fixture
def service(model: Reader, serving: Serving) -> Service:
    return serving(**PIECES)


def _last(question: Asked) -> bool:
    return LAST in question.sentences


def test_records_are_shown_as_they_come(model: Reader, service: Service, opened: Opening) -> None:
    page = opened(service)
    with model.holding(_last):
        start(page, VALLETTA)
        progress = page.get_by_role("region", name="Progress")

        expect(progress).to_contain_text("4 of 5 questions")
        expect(progress.get_by_role("progressbar")).to_have_js_property("value", 4)
        expect(cards(page)).to_have_count(9)
        expect(page.locator(".card.provisional")).to_have_count(9)
        expect(mark(page, "shot down nine drones")).to_be_visible()
        expect(mark(page, "shelled two depots")).to_have_count(0)
        chips = page.get_by_role("group", name="Kinds that are shown")
        expect(chips.get_by_role("button", name="Sanctions")).to_have_text(re.compile(r"Sanctions\s+2\s+4/5"))
        expect(page.get_by_role("button", name="Download JSON")).to_have_count(0)

    is_done(page)
    expect(progress).to_be_hidden()
    expect(cards(page)).to_have_count(13)
    expect(page.locator(".card.provisional")).to_have_count(0)
    expect(mark(page, "shelled two depots")).to_be_visible()


def test_record_in_hand_stays_in_hand_when_the_answer_is_whole(
    model: Reader, service: Service, opened: Opening
) -> None:
    page = opened(service)
    with model.holding(_last):
        start(page, VALLETTA)
        expect(cards(page)).to_have_count(9)
        norway = page.get_by_role("article", name="Norway → their owners")
        norway.focus()
        expect(mark(page, "Norway said")).to_have_class(re.compile(r"\bon\b"))

    is_done(page)
    expect(norway).to_be_focused()
    expect(mark(page, "Norway said")).to_have_class(re.compile(r"\bon\b"))


def test_progress_is_told_to_those_who_do_not_see_it(model: Reader, service: Service, opened: Opening) -> None:
    page = opened(service)
    told = page.locator("#status")
    with model.holding():
        start(page, VALLETTA)
        expect(told).to_have_text(re.compile("Reading has begun|0 of 5 questions answered"))
    is_done(page)
    expect(told).to_have_text("13 records; the answer is complete.")


@pytest.mark.parametrize("how", ["button", "key"])
def test_stopped_article_keeps_what_was_found(how: str, model: Reader, service: Service, opened: Opening) -> None:
    page = opened(service)
    with model.holding(_last):
        start(page, VALLETTA)
        expect(cards(page)).to_have_count(9)

        if how == "key":
            page.keyboard.press("Escape")
        else:
            page.get_by_role("button", name="Stop").click()

        expect(page.get_by_role("alert")).to_contain_text("You stopped it")
        expect(page.get_by_text("9 records, unfinished")).to_be_visible()
        expect(cards(page)).to_have_count(9)
        expect(page.get_by_role("region", name="Progress")).to_be_hidden()

    page.get_by_role("button", name="Run it again").click()
    is_done(page)
    expect(cards(page)).to_have_count(13)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_service_that_dies_leaves_what_was_found(model: Reader, anew: Serving, opened: Opening) -> None:
    mortal = anew(**PIECES)
    page = opened(mortal)
    with model.holding(_last):
        start(page, VALLETTA)
        expect(cards(page)).to_have_count(9)

        mortal.kill()

        expect(page.get_by_role("alert")).to_contain_text("The connection was cut off before the end.")
        expect(cards(page)).to_have_count(9)

    page.get_by_role("button", name="Run it again").click()
    expect(page.get_by_role("alert")).to_contain_text("The service could not be reached.")


def test_result_of_a_job_is_shown_once_it_is_there(model: Reader, service: Service, opened: Opening) -> None:
    with client(service) as api, model.holding(_last):
        job = api.post("/v1/jobs", json={"article": {"text": VALLETTA.text}, "reuse": False}).json()
        page = opened(service, f"/results/{job['id']}")
        expect(page.get_by_text("The article is running")).to_be_visible()

    is_done(page)
    expect(cards(page)).to_have_count(13)


def test_leaving_in_the_middle_is_asked_about(model: Reader, service: Service, opened: Opening) -> None:
    page = opened(service)
    with model.holding(_last):
        start(page, VALLETTA)
        expect(cards(page)).to_have_count(9)
        page.mouse.click(5, 5)  # browsers ask for those only who have used the page

        with page.expect_event("dialog") as asked:
            page.evaluate("setTimeout(() => location.reload())")

        assert asked.value.type == "beforeunload"
        expect(cards(page)).to_have_count(9)
    is_done(page)


def test_way_to_the_content_stops_nothing_and_loses_nothing(model: Reader, service: Service, opened: Opening) -> None:
    page = opened(service)
    page.get_by_role("checkbox", name="Keep article and result").uncheck()
    skip = page.get_by_role("link", name="To the content")
    with model.holding(_last):
        start(page, VALLETTA)
        expect(cards(page)).to_have_count(9)

        skip.focus()
        page.keyboard.press("Enter")

        expect(page.get_by_role("main")).to_be_focused()
        expect(page.get_by_role("region", name="Progress")).to_be_visible()
    is_done(page)
    skip.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    expect(cards(page)).to_have_count(13)
