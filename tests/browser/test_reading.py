"""An article on its way through the page: taken in, read, shown with its records, kept under an address of its own."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from service.page import samples
from tests.browser.conftest import Opening
from tests.browser.served import Service
from tests.browser.stories import MARKUP, MUSCAT, PUBLISHED, STORIES, VALLETTA, Story
from tests.browser.using import card, cards, client, is_done, job_of, kept, mark, read, text_box

DROP = """
(element, [name, type, text]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([text], name, { type }));
  for (const kind of ["dragenter", "dragover", "drop"]) {
    element.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }
}
"""
HTML = f"""<!doctype html>
<html lang="en"><head><title>Talks</title><meta property="article:published_time" content="{PUBLISHED}T08:00:00Z">
<script>document.title = "run"; parent.run = true</script></head>
<body><nav><a href="https://elsewhere.example/">Home</a></nav>
<article><h1>Talks</h1><img src="https://elsewhere.example/picture.png">
{"".join(f"<p>{part}</p>" for part in VALLETTA.text.split(chr(10) * 2))}</article></body></html>
"""


def _records(page: Page, service: Service) -> dict[str, Any]:
    with client(service) as api:
        result: dict[str, Any] = api.get(f"{job_of(page)}/result").json()
    return result


def test_pasted_article_is_read_and_shown_beside_its_records(service: Service, opened: Opening) -> None:
    page = opened(service)

    read(page, VALLETTA)

    expect(page.get_by_role("heading", level=1)).to_have_text(VALLETTA.title)
    expect(cards(page)).to_have_count(14)
    expect(page.get_by_text("14 records in 12 sentences")).to_be_visible()
    expect(card(page, "European Union")).to_contain_text("asset freeze")
    expect(page.get_by_role("region", name="Article").locator("p")).to_have_text(VALLETTA.text.split("\n\n"))


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_marks_cover_what_the_records_cite_and_nothing_else(story: Story, service: Service, opened: Opening) -> None:
    page = opened(service, kept(service, story))
    is_done(page)

    records = [one for kind in _records(page, service)["records"].values() for one in kind]

    cited = sorted({(part["start"], part["text"]) for record in records for part in record["evidence"]})
    marked = page.get_by_role("region", name="Article").get_by_role("mark").all_text_contents()
    assert marked == [text for _, text in cited]


def test_several_kinds_in_one_sentence_each_have_their_line(service: Service, opened: Opening) -> None:
    page = opened(service, kept(service, VALLETTA))

    of_all = mark(page, "shelled two depots")

    expect(of_all.locator(".line")).to_have_count(3)
    lines = of_all.evaluate(
        "(mark) => [mark, ...mark.querySelectorAll('.line')].map((node) => getComputedStyle(node).textDecorationStyle)"
    )
    assert sorted(lines) == sorted(set(lines))
    for kind in ("Negotiations", "Sanctions", "Military claims", "Quoted officials"):
        expect(of_all).to_have_attribute("aria-description", re.compile(kind))


def test_sample_is_filled_in_and_read(service: Service, opened: Opening) -> None:
    page = opened(service)
    for sample in samples():
        page.get_by_role("button", name=sample["label"]).click()
        expect(text_box(page)).to_have_value(sample["text"])
        expect(page.get_by_label("Title")).to_have_value(sample["title"])
        expect(page.get_by_label("Published")).to_have_value(sample["published_at"])

    page.keyboard.press("Control+Enter")

    is_done(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(samples()[-1]["title"])


def test_picked_file_is_read_whatever_ends_its_lines(service: Service, opened: Opening) -> None:
    page = opened(service)
    text = MARKUP.text.replace("\n", "\r\n")

    with page.expect_file_chooser() as chosen:
        page.get_by_role("button", name="Choose a file").click()
    chosen.value.set_files({"name": "radio.txt", "mimeType": "text/plain", "buffer": text.encode()})

    expect(page.get_by_text("This is what was taken from radio.txt").first).to_be_visible()
    page.get_by_role("button", name="Read it").click()
    is_done(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("radio.txt")
    with client(service) as api:
        assert api.get(f"{job_of(page)}/article").json()["text"] == MARKUP.text


@pytest.mark.parametrize(("name", "type_"), [("talks.txt", "text/plain"), ("talks.html", "text/html")])
def test_dropped_file_is_taken(name: str, type_: str, service: Service, opened: Opening) -> None:
    page = opened(service)
    text = HTML if name.endswith("html") else VALLETTA.text

    page.locator("body").evaluate(DROP, [name, type_, text])

    expect(text_box(page)).to_have_value(re.compile("Envoys of Tarvia"))
    assert "Home" not in text_box(page).input_value()
    assert VALLETTA.text.strip().partition("\n\n")[2] in text_box(page).input_value()
    if name.endswith("html"):
        expect(page.get_by_label("Published")).to_have_value(PUBLISHED)
        expect(page.get_by_label("Language")).to_have_value("en")
    assert page.evaluate("window.run") is None


def test_only_the_chosen_kinds_are_looked_for(service: Service, opened: Opening) -> None:
    page = opened(service)
    page.get_by_role("checkbox", name="Negotiations").uncheck()
    page.get_by_role("checkbox", name="Sanctions").uncheck()
    page.get_by_role("checkbox", name="Quoted officials").uncheck()

    read(page, VALLETTA)

    expect(cards(page)).to_have_count(3)
    assert list(_records(page, service)["records"]) == ["military_claims"]


def test_kept_result_has_an_address_of_its_own(service: Service, opened: Opening) -> None:
    page = opened(service)
    read(page, VALLETTA)
    address = page.url
    assert address != f"{service.url}/"

    page.get_by_role("link", name="Copy link").click()
    expect(page.get_by_role("link", name="Link copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == address

    elsewhere = opened(service, address)
    expect(cards(elsewhere)).to_have_count(14)
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text(VALLETTA.title)
    expect(elsewhere.get_by_role("region", name="Article").locator("p")).to_have_text(VALLETTA.text.split("\n\n"))


def test_result_that_is_not_kept_has_no_address(service: Service, opened: Opening) -> None:
    page = opened(service)
    page.get_by_role("checkbox", name="Keep article and result").uncheck()

    read(page, MUSCAT)

    assert page.url == f"{service.url}/"
    expect(cards(page)).to_have_count(6)
    expect(page.get_by_role("link", name="Copy link")).to_have_count(0)
    expect(page.get_by_role("button", name="Right")).to_have_count(0)


def test_back_and_forward_go_between_the_form_and_the_result(service: Service, opened: Opening) -> None:
    page = opened(service)
    read(page, VALLETTA)

    page.go_back()
    expect(page.get_by_role("button", name="Read it")).to_be_visible()
    page.go_forward()

    expect(cards(page)).to_have_count(14)


def test_words_left_out_are_told_with_their_reason(service: Service, opened: Opening) -> None:
    page = opened(service, kept(service, VALLETTA))

    page.get_by_text("Left out: 1 record and 2 values").click()

    left_out = page.locator("#remarks")
    for words in ("Switzerland", "Fourth Maritime Package"):
        said = left_out.get_by_role("listitem").filter(has_text=words)
        expect(said).to_contain_text("not in the article")
    left_out.get_by_text("What the model said", exact=True).click()
    expect(left_out.get_by_text("the trawler captains")).to_be_visible()


def test_card_tells_how_its_values_came_about_and_the_whole_record(service: Service, opened: Opening) -> None:
    page = opened(service, kept(service, VALLETTA))
    of_norway = card(page, "Norway → their owners")

    of_norway.get_by_text("How each value came about").click()
    of_norway.get_by_text("JSON").click()

    expect(of_norway.get_by_role("definition").filter(has_text="measures")).to_be_visible()
    record = json.loads(of_norway.locator("pre").inner_text())
    assert record == next(one for one in _records(page, service)["records"]["sanctions"] if one["action"] == "proposed")


def test_legend_leaves_kinds_out(service: Service, opened: Opening) -> None:
    page = opened(service, kept(service, VALLETTA))
    chips = page.get_by_role("group", name="Kinds that are shown")
    quotes = chips.get_by_role("button", name="Quoted officials")
    expect(mark(page, "We agreed on the map")).to_be_visible()

    quotes.click()

    expect(quotes).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_role("heading", name="Quoted officials")).to_be_hidden()
    expect(mark(page, "We agreed on the map")).to_have_count(0)
    quotes.click()
    expect(mark(page, "We agreed on the map")).to_be_visible()
    expect(page.get_by_role("heading", name="Quoted officials")).to_be_visible()
