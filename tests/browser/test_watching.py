"""The checks themselves: what they are to find they find."""

import pytest
from playwright.sync_api import Browser

from tests.browser.contrast import texts
from tests.browser.watching import Watch


@pytest.mark.parametrize(
    ("style", "ratio"),
    [
        ("color: #000; background: #fff", 21.0),
        ("color: #777; background: #fff", 4.48),
        ("color: rgb(0 0 0 / 0.5); background: #fff", 3.95),
        ("color: #777; background: linear-gradient(#fff, #fff)", 1.0),
        ("color: oklch(0.5 0 0); background: oklch(1 0 0)", 6.0),
        ("color: #fff; background: #000; opacity: 0.5", 5.78),
    ],
)
def test_contrast_is_that_of_what_is_painted(style: str, ratio: float, browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(f"<body style='background: #777'><p><span style='{style}'>words</span></p><p hidden>unseen</p>")

    [text] = texts(page)

    assert text.words == "words"
    assert text.ratio == pytest.approx(ratio, abs=0.3)
    assert text.is_legible == (ratio >= 4.5)
    page.close()


def test_contrast_is_that_of_what_fields_hold_too(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(
        "<style>::placeholder { color: #eee; opacity: 1 }</style><input placeholder='hint' style='background: #fff'>"
        "<textarea style='color: #000; background: #fff'>typed</textarea><input type='checkbox'>"
    )

    assert {text.words: text.is_legible for text in texts(page)} == {"typed": True, "hint": False}
    page.close()


def test_words_on_a_picture_are_not_taken_for_legible(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<p style='background-image: linear-gradient(black, white)'>words</p>")

    assert not next(texts(page)).is_legible
    page.close()


def test_whatever_goes_wrong_behind_a_page_is_noted(browser: Browser) -> None:
    context = browser.new_context()
    watch = Watch(context, "http://127.0.0.1:1")
    page = context.new_page()
    page.route("**/*", lambda route: route.fulfill(body="<title>any</title>", content_type="text/html"))
    page.goto("http://127.0.0.1:1/")

    page.evaluate("console.error('said'); alert('shown'); setTimeout(() => { throw new Error('thrown') })")
    page.evaluate("fetch('http://elsewhere.example/').catch(() => {})")
    page.wait_for_timeout(0)

    told = " ".join(watch.troubles)
    assert all(word in told for word in ("said", "shown", "thrown", "elsewhere.example"))
    context.close()
