"""What an article says stays text, and the page speaks to nobody but its own service."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Opening, Serving
from tests.browser.served import Service
from tests.browser.stories import MARKUP, VALLETTA, Reader
from tests.browser.using import client, fill, is_done, kept, read
from tests.browser.watching import Watch
from tests.support.model_server import refusal

HOSTILE = "<script>alert(9)</script><img src=x onerror=alert(9)>"


def _is_text(page: Page) -> None:
    """Nothing of an article has become an element, and nothing of it ran."""
    drawn = page.locator("#text, #groups, #remarks, #heading, #kicker, #jobs, #batches")
    assert drawn.locator(":is(b, script, img, iframe, object, embed, svg, math, style, link)").count() == 0
    assert page.evaluate("document.querySelectorAll('[onerror], [onclick], [onload], a[href^=javascript]').length") == 0
    assert page.evaluate("document.querySelectorAll('script:not([src]):not([type=\"application/json\"])').length") == 0


def test_tags_in_an_article_are_its_words(service: Service, opened: Opening) -> None:
    page = opened(service)

    read(page, MARKUP)

    expect(page.get_by_role("region", name="Article").locator("p")).to_have_text(MARKUP.text.split("\n\n"))
    expect(page.get_by_text("talks on <b>fishing rights</b> & tolls").last).to_be_visible()
    page.get_by_text("Left out:").click()
    expect(page.get_by_text("<i>Radio Act</i>")).to_be_visible()
    for fold in page.get_by_role("article").get_by_text("JSON").all():
        fold.click()
    _is_text(page)
    expect(page).to_have_title(re.compile(re.escape("<b>its own page</b>")))


def test_tags_in_all_else_that_is_said_of_an_article_are_words(service: Service, opened: Opening) -> None:
    page = opened(service)
    fill(page, VALLETTA.text)
    page.get_by_label("Title").fill(HOSTILE)
    page.get_by_role("button", name="Read it").click()
    is_done(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE)
    _is_text(page)

    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("link", name=HOSTILE).first).to_be_visible()
    _is_text(page)


@pytest.mark.parametrize("url", ["javascript:alert(9)", "data:text/html,<script>alert(9)</script>", "//elsewhere"])
def test_address_of_an_article_that_is_no_web_page_is_no_link(url: str, service: Service, opened: Opening) -> None:
    page = opened(service, kept(service, VALLETTA, url=url))
    is_done(page)

    assert all(link.startswith(f"{service.url}/") for link in page.evaluate("Array.from(document.links, String)"))


def test_words_of_a_model_server_are_words(model: Reader, serving: Serving, opened: Opening) -> None:
    page = opened(serving())
    model.plays = lambda _: refusal(400, HOSTILE, code=HOSTILE)
    fill(page, VALLETTA.text)
    page.get_by_role("button", name="Read it").click()

    expect(page.get_by_role("alert").filter(has_text="There is no answer")).to_be_visible()
    _is_text(page)


def test_policy_is_sent_with_every_page(service: Service, opened: Opening) -> None:
    with client(service) as api:
        for path in ("/", "/results/any", "/assets/main.js"):
            answer = api.get(path)
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        shell = api.get("/").text
    assert re.findall(r"<script(?![^>]*(?:src=|type=\"application/json\"))", shell) == []
    assert re.findall(r"\son\w+=|style=", shell) == []


def test_script_that_gets_in_does_not_run(service: Service, browser: Browser) -> None:
    context = browser.new_context(base_url=service.url)
    watch = Watch(context, service.url)
    page = context.new_page()
    page.goto("/")

    # In a task of its own, for what a debugger evaluates may do more than a page.
    page.evaluate(
        """() => setTimeout(() => {
          const refused = document.documentElement.classList;
          document.addEventListener("securitypolicyviolation", (event) => refused.add(event.effectiveDirective));
          const attempt = (work) => { try { work(); } catch { refused.add("thrown"); } };
          attempt(() => document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.run = 1'>"));
          attempt(() => new Function("window.run = 2")());
          attempt(() => {
            const script = document.createElement("script");
            script.append("window.run = 3");
            document.body.append(script);
          });
          fetch("http://localhost:1/").catch(() => {});
        })"""
    )

    for one in ("require-trusted-types-for", "connect-src", "thrown"):
        expect(page.locator(f"html.{one}")).to_be_attached()
    assert page.evaluate("window.run") is None
    context.close()
    assert watch.troubles


def test_page_is_shown_in_no_frame(service: Service, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.set_content(f"<iframe src='{service.url}/'></iframe>")

    frame = page.frames[-1]
    frame.wait_for_load_state()

    assert "Dragoman" not in frame.content()
    context.close()
