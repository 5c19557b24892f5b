"""What readers are told when something does not work, and what they can do about it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opening, Serving
from tests.browser.served import Service
from tests.browser.stories import VALLETTA, Reader
from tests.browser.using import cards, client, is_done, kept, mark, read, start, text_box
from tests.support.model_server import Scripted, answer, refusal

KEY = "key-of-the-newsroom"
KEYS = {"DRAGOMAN_API_KEYS": KEY}


def _told(page: Page, *words: str) -> None:
    for one in words:
        expect(page.get_by_role("alert").filter(has_text=re.compile(r"\S"))).to_contain_text(one)


def test_empty_article_is_not_sent(service: Service, opened: Opening) -> None:
    page = opened(service)

    page.get_by_role("button", name="Read it").click()

    _told(page, "There is no text yet")
    expect(text_box(page)).to_be_focused()
    expect(text_box(page)).to_have_attribute("aria-invalid", "true")


def test_no_kind_at_all_is_not_sent(service: Service, opened: Opening) -> None:
    page = opened(service)
    for box in page.get_by_role("group", name="What to look for").get_by_role("checkbox").all():
        box.uncheck()

    start(page, VALLETTA)

    _told(page, "Choose at least one kind")
    expect(page.get_by_role("checkbox", name="Negotiations")).to_be_focused()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("talks.docx", b"PK\x03\x04 and so on", "word processor"),
        ("talks.pdf", b"%PDF-1.7", "PDF"),
        ("talks.txt", b"Verhandlungen \xfcber Getreide", "UTF-8"),
        ("talks.txt", b"  \n ", "no text"),
        ("talks.html", b"<p hidden>unseen</p>", "no text"),
    ],
)
def test_file_that_is_no_article_is_refused(
    name: str, data: bytes, words: str, service: Service, opened: Opening
) -> None:
    page = opened(service)
    text_box(page).fill("What was there before.")

    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "", "buffer": data})

    _told(page, words)
    expect(text_box(page)).to_have_value("What was there before.")


def test_what_the_service_refuses_is_told_by_its_place(service: Service, opened: Opening) -> None:
    page = opened(service)
    page.get_by_label("Language").fill("no language!")

    start(page, VALLETTA)

    _told(page, "invalid_fields", "language")


def test_article_that_is_too_long_is_refused(model: Reader, serving: Serving, opened: Opening) -> None:
    page = opened(serving(DRAGOMAN_MAX_CHARS="1000"))

    start(page, VALLETTA)

    _told(page, "article_too_long", "longer")


def test_key_is_asked_for_kept_and_forgotten(model: Reader, serving: Serving, opened: Opening) -> None:
    page = opened(serving(**KEYS))
    expect(page.get_by_role("button", name="Forget key")).to_be_hidden()
    start(page, VALLETTA)
    asked = page.get_by_role("dialog", name="This service wants a key")

    asked.get_by_label("Key").fill("a wrong one")
    asked.get_by_role("button", name="Go on").click()
    expect(asked).to_contain_text("not one of its keys")
    expect(asked.get_by_label("Key")).to_have_value("")
    asked.get_by_label("Key").fill(KEY)
    page.keyboard.press("Enter")

    is_done(page)
    expect(asked).to_be_hidden()
    address = page.url
    page.reload()
    expect(cards(page)).to_have_count(14)
    assert page.evaluate("[JSON.stringify({...localStorage}), document.cookie]") == ["{}", ""]

    page.get_by_role("button", name="Forget key").click()
    expect(asked).to_be_visible()
    asked.get_by_role("button", name="Cancel").click()
    _told(page, "There is no result to show")
    expect(cards(page)).to_have_count(0)

    elsewhere = page.context.new_page()
    elsewhere.goto(address)
    expect(elsewhere.get_by_role("dialog", name="This service wants a key")).to_be_visible()


def test_key_that_is_not_given_leaves_the_article_where_it_is(model: Reader, serving: Serving, opened: Opening) -> None:
    page = opened(serving(**KEYS))
    start(page, VALLETTA)
    expect(page.get_by_role("dialog", name="This service wants a key")).to_be_visible()

    page.keyboard.press("Escape")

    _told(page, "There is no answer")
    expect(page.get_by_role("region", name="Article").locator("p")).to_have_text(VALLETTA.text.split("\n\n"))
    page.get_by_role("button", name="Run it again").click()
    page.get_by_label("Key", exact=True).fill(KEY)
    page.get_by_role("button", name="Go on").click()
    is_done(page)


def test_key_with_any_characters_is_only_a_wrong_one(model: Reader, serving: Serving, opened: Opening) -> None:
    page = opened(serving(**KEYS), "/#history")

    page.get_by_label("Key", exact=True).fill("clé 🗝 ключ")
    page.get_by_role("button", name="Go on").click()

    expect(page.get_by_text("not one of its keys")).to_be_visible()


def test_service_that_is_away_is_told(anew: Serving, opened: Opening) -> None:
    mortal = anew()
    page = opened(mortal)
    mortal.kill()

    start(page, VALLETTA)

    _told(page, "The service could not be reached.")
    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("alert")).to_have_count(2)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (refusal(401, "Incorrect API key", code="invalid_api_key"), "model_refused_credentials"),
        (refusal(400, "unknown model", code="model_not_found"), "model_refused_request"),
        (refusal(503, "overloaded"), "model_unavailable"),
    ],
    ids=["key", "request", "down"],
)
def test_article_without_any_answer_tells_why_and_can_be_run_again(
    said: Scripted, code: str, model: Reader, serving: Serving, opened: Opening
) -> None:
    page = opened(serving())
    model.plays = lambda _: said
    start(page, VALLETTA)

    _told(page, "There is no answer", code)
    expect(page.get_by_role("region", name="Article").locator("p")).to_have_text(VALLETTA.text.split("\n\n"))

    model.behave()
    page.get_by_role("button", name="Run it again").click()
    is_done(page)
    expect(page.get_by_role("alert").filter(has_text="There is no answer")).to_have_count(0)


def test_parts_without_an_answer_are_named_and_shown(model: Reader, serving: Serving, opened: Opening) -> None:
    page = opened(serving(DRAGOMAN_WINDOW_TOKENS="100"), viewport={"width": 1280, "height": 600})
    model.plays = lambda question: answer("No.") if 6 in question.sentences else None

    read(page, VALLETTA)

    partial = page.get_by_role("region", name="Records", exact=True)
    expect(partial.get_by_role("heading", name="Partial")).to_be_visible()
    expect(partial).to_contain_text("answer_malformed")
    part = page.get_by_role("button", name="Sentences 5–7")
    expect(partial.get_by_role("listitem").filter(has=part).last).to_have_text(
        "Sentences 5–7: Negotiations, Sanctions, Military claims, Quoted officials"
    )
    part.click()
    selected = page.evaluate("getSelection().toString()")
    assert selected.startswith("Hours before the meeting")
    assert selected.endswith("their owners on Thursday.")
    expect(mark(page, "Tarvian army said")).to_be_visible()


def test_result_that_does_not_exist_is_told(service: Service, opened: Opening) -> None:
    page = opened(service, "/results/no-such-job")

    _told(page, "job_unknown", "There is no such result")


def test_failed_job_is_told(model: Reader, anew: Serving, opened: Opening) -> None:
    hopeless = anew(DRAGOMAN_JOB_ATTEMPTS="1")
    model.plays = lambda _: refusal(401, "Incorrect API key", code="invalid_api_key")
    with client(hopeless) as api:
        job = api.post("/v1/jobs", json={"article": {"text": VALLETTA.text, "id": "hopeless"}}).json()
    page = opened(hopeless, f"/results/{job['id']}")

    _told(page, "job_failed")
    page.get_by_role("link", name="History").click()
    row = page.get_by_role("region", name="Articles").get_by_role("listitem").filter(has_text="hopeless")
    expect(row).to_contain_text("model_refused_credentials")


def test_result_is_shown_again_once_the_service_is_back(service: Service, opened: Opening) -> None:
    page = opened(service, kept(service, VALLETTA))
    is_done(page)
    page.route("**/v1/jobs/**", lambda route: route.abort())
    page.reload()
    _told(page, "There is no result to show", "could not be reached")

    page.unroute_all()
    page.get_by_role("button", name="Try again").click()

    expect(cards(page)).to_have_count(14)
