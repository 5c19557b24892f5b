"""What readers say of records: marked, explained, corrected, taken back, and there again the next time."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Opening, Serving
from tests.browser.served import Service
from tests.browser.stories import VALLETTA
from tests.browser.using import card, client, is_done, job_of, kept

NORWAY = "Norway → their owners"


@pytest.fixture
def page(service: Service, opened: Opening) -> Page:
    page = opened(service, kept(service, VALLETTA))
    is_done(page)
    return page


def _saved(service: Service, page: Page) -> list[dict[str, Any]]:
    with client(service) as api:
        reviews: list[dict[str, Any]] = api.get(f"{job_of(page)}/reviews").json()["reviews"]
    return reviews


def _verdict(of: Locator, name: str) -> Locator:
    return of.get_by_role("group", name="Your review").get_by_role("button", name=re.compile(rf"^(✓ )?{name}$"))


def _pressed(of: Locator, name: str) -> None:
    expect(_verdict(of, name)).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize(("name", "verdict", "key"), [("Right", "right", "r"), ("Wrong", "wrong", "w")])
def test_record_is_marked_at_once(name: str, verdict: str, key: str, page: Page, service: Service) -> None:
    norway, malta = card(page, NORWAY), card(page, "through Malta")

    _verdict(norway, name).click()
    _pressed(norway, name)
    malta.focus()
    page.keyboard.press(key)
    _pressed(malta, name)

    saved = _saved(service, page)
    assert {(one["kind"], one["record"], one["verdict"]) for one in saved} == {
        ("sanctions", 1, verdict),
        ("negotiations", 1, verdict),
    }
    expect(page.locator("#remarks")).to_contain_text("2 of 14 records marked, none added as missed.")
    page.reload()
    _pressed(card(page, NORWAY), name)
    expect(page.locator("#remarks")).to_contain_text("2 of 14 records marked")


def test_mind_can_be_changed_and_a_mark_taken_back(page: Page, service: Service) -> None:
    norway = card(page, NORWAY)
    _verdict(norway, "Right").click()
    _pressed(norway, "Right")

    _verdict(norway, "Wrong").click()
    _pressed(norway, "Wrong")
    assert [one["verdict"] for one in _saved(service, page)] == ["wrong"]

    _verdict(norway, "Wrong").click()
    norway.get_by_role("button", name="Take back").click()
    expect(_verdict(norway, "Wrong")).to_have_attribute("aria-pressed", "false")
    assert _saved(service, page) == []


def test_note_says_why(page: Page, service: Service) -> None:
    norway = card(page, NORWAY)
    _verdict(norway, "Wrong").click()
    _pressed(norway, "Wrong")

    _verdict(norway, "Wrong").click()
    norway.get_by_label("Note").fill("It was only <b>said</b> to be planned.")
    norway.get_by_role("button", name="Save").click()

    expect(norway.get_by_text("It was only <b>said</b> to be planned.")).to_be_visible()
    [saved] = _saved(service, page)
    assert (saved["verdict"], saved["note"]) == ("wrong", "It was only <b>said</b> to be planned.")
    page.reload()
    expect(card(page, NORWAY).get_by_text("It was only <b>said</b> to be planned.")).to_be_visible()


def test_values_are_corrected(page: Page, service: Service) -> None:
    norway = card(page, NORWAY)
    _verdict(norway, "Missing or wrong value").click()

    norway.get_by_role("combobox", name="Field").select_option("Status")
    norway.get_by_role("combobox", name="Status").select_option("unknown")
    norway.get_by_role("button", name="Another value").click()
    norway.get_by_role("combobox", name="Field").last.select_option("Date")
    norway.get_by_role("textbox", name="Date").fill("on Thursday")
    norway.get_by_role("button", name="Another value").click()
    norway.get_by_role("combobox", name="Field").last.select_option("Measures")
    norway.get_by_role("group", name="Measures").get_by_label("asset freeze").check()
    norway.get_by_label("Note").fill("See the last sentence.")
    norway.get_by_role("button", name="Save").click()

    _pressed(norway, "Missing or wrong value")
    [saved] = _saved(service, page)
    assert saved["verdict"] == "incomplete"
    assert saved["corrections"] == {
        "status": "unknown",
        "date_text": "on Thursday",
        "measures": ["asset_freeze", "travel_ban"],
    }
    page.reload()
    norway = card(page, NORWAY)
    _verdict(norway, "Missing or wrong value").click()
    expect(norway.get_by_role("textbox", name="Date")).to_have_value("on Thursday")
    expect(norway.get_by_label("Note")).to_have_value("See the last sentence.")


def test_words_selected_in_the_article_are_a_correction(page: Page, service: Service) -> None:
    of_union = card(page, "European Union")
    _verdict(of_union, "Missing or wrong value").click()
    of_union.get_by_role("combobox", name="Field").select_option("Reason")

    _select(page, "it accuses of carrying weapons")
    of_union.get_by_role("button", name="Use selected words").click()

    expect(of_union.get_by_role("textbox", name="Reason")).to_have_value("it accuses of carrying weapons")
    of_union.get_by_role("button", name="Save").click()
    _pressed(of_union, "Missing or wrong value")
    assert _saved(service, page)[0]["corrections"] == {"reason": "it accuses of carrying weapons"}


def test_missed_record_is_added_by_its_sentences(page: Page, service: Service) -> None:
    missed = page.get_by_role("region", name="Reviews")
    missed.get_by_text("Something was missed").click()
    missed.get_by_label("Kind").select_option("military claims")

    _select(page, "The Coastal Front denied having lost a drone.")
    missed.get_by_role("button", name="Use the selected sentences").click()
    expect(missed.get_by_label("Sentences that state it")).to_have_value("9")
    missed.get_by_label("Note").fill("A denial is a claim.")
    missed.get_by_role("button", name="Save").click()

    expect(missed.get_by_role("listitem")).to_contain_text("military claims, sentence 9: A denial is a claim.")
    [saved] = _saved(service, page)
    assert (saved["verdict"], saved["kind"], saved["sentences"], saved["note"]) == (
        "missed",
        "military_claims",
        [9],
        "A denial is a claim.",
    )
    page.reload()
    expect(missed.get_by_role("listitem")).to_contain_text("A denial is a claim.")
    missed.get_by_role("button", name="Take back").click()
    expect(missed.get_by_role("listitem")).to_have_count(0)
    assert _saved(service, page) == []


def test_sentences_that_do_not_exist_are_refused_before_they_are_sent(page: Page, service: Service) -> None:
    missed = page.get_by_role("region", name="Reviews")
    missed.get_by_text("Something was missed").click()
    missed.get_by_label("Sentences that state it").fill("3, 40")

    missed.get_by_role("button", name="Save").click()

    expect(missed.get_by_role("alert")).to_contain_text("sentences from 1 to 12")
    assert _saved(service, page) == []


def test_gold_is_downloaded(anew: Serving, opened: Opening) -> None:
    service = anew()
    page = opened(service, kept(service, VALLETTA))
    _verdict(card(page, NORWAY), "Right").click()
    _pressed(card(page, NORWAY), "Right")

    with page.expect_download() as coming:
        page.get_by_role("button", name="Download all reviews").click()

    lines = coming.value.path().read_text(encoding="utf-8").splitlines()
    [article] = [json.loads(line) for line in lines]
    [judged] = [one for one in article["records"]["sanctions"] if not one.get("optional")]
    assert article["text"] == VALLETTA.text
    assert (judged["action"], judged["authorities"]) == ("proposed", [["Norway"]])


def test_what_was_typed_stays_when_it_cannot_be_saved(anew: Serving, opened: Opening) -> None:
    mortal = anew()
    page = opened(mortal, kept(mortal, VALLETTA))
    norway = card(page, NORWAY)
    _verdict(norway, "Missing or wrong value").click()
    norway.get_by_label("Note").fill("A long thought.")
    mortal.kill()

    norway.get_by_role("button", name="Save").click()

    expect(norway.get_by_role("alert")).to_contain_text("That did not work: the service could not be reached")
    expect(norway.get_by_label("Note")).to_have_value("A long thought.")


def _select(page: Page, words: str) -> None:
    """Select words of the article, as a reader does with the pointer."""
    page.get_by_role("region", name="Article").evaluate(
        """(article, words) => {
          const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
          let all = "";
          const nodes = [];
          while (walker.nextNode()) {
            nodes.push([all.length, walker.currentNode]);
            all += walker.currentNode.data;
          }
          const place = (at) => {
            const [start, node] = nodes.findLast(([start]) => start <= at);
            return [node, at - start];
          };
          const start = all.indexOf(words);
          getSelection().setBaseAndExtent(...place(start), ...place(start + words.length));
        }""",
        words,
    )
