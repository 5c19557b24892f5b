"""The file with articles and answers in it: opened from a disk, it draws and links them without any service."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.launching import TALL
from tests.browser.served import DRAGOMAN
from tests.browser.stories import MARKUP, MUSCAT, PUBLISHED, VALLETTA, Asked, Reader
from tests.browser.using import PHONE, card, cards, is_accessible, mark
from tests.browser.watching import Watch
from tests.support.model_server import Scripted, refusal
from tests.support.patience import PATIENCE


@pytest.fixture(scope="session")
def file(reader: Reader, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two articles with answers, and one that the model server refused."""

    def refuses(question: Asked) -> Scripted | None:
        return refusal(400, "no", code="no") if question.story is MARKUP else None

    folder = tmp_path_factory.mktemp("whole")
    for story in (VALLETTA, MUSCAT, MARKUP):
        (folder / f"{story.name}.txt").write_text(story.text, encoding="utf-8")
    reader.plays = refuses
    named = [f"{story.name}.txt" for story in (VALLETTA, MUSCAT, MARKUP)]
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("DRAGOMAN_", "OPENAI_"))}
    settings = {"OPENAI_BASE_URL": reader.base_url, "OPENAI_API_KEY": "sk-operator", "DRAGOMAN_MODEL": "scripted"}
    run = subprocess.run(
        [sys.executable, "-c", DRAGOMAN, "extract", "--format", "html", "--published", PUBLISHED, *named],
        cwd=folder,
        env={**outside, **settings, "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        check=False,
        timeout=PATIENCE,
    )
    reader.behave()
    assert run.stdout, run.stderr.decode()
    path = folder / "articles.html"
    path.write_bytes(run.stdout)
    return path


@pytest.fixture(params=["light", "dark", "phone"])
def way(request: pytest.FixtureRequest) -> dict[str, object]:
    if request.param == "phone":
        return {"viewport": {**TALL, "width": PHONE["width"]}, "has_touch": True, "is_mobile": True}
    return {"viewport": TALL, "color_scheme": request.param}


@pytest.fixture
def page(file: Path, browser: Browser, way: dict[str, object]) -> Iterator[Page]:
    """The file, opened where there is no network."""
    context = browser.new_context(**way, offline=True)
    watch = Watch(context, file.parent.as_uri())
    page = context.new_page()
    page.goto(file.as_uri())
    yield page
    context.close()
    assert watch.troubles == []


def _side(page: Page, name: str) -> None:
    """Bring a side to the front, where there is room for one only."""
    if page.get_by_role("group", name="What is shown").is_visible():
        page.get_by_role("group", name="What is shown").get_by_role("button", name=name).click()


def _choose(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Articles").get_by_role("button", name=name).click()


def test_first_article_is_shown_with_its_records(page: Page) -> None:
    _side(page, "Records")
    expect(cards(page)).to_have_count(14)
    expect(page.get_by_role("button", name="Right")).to_have_count(0)
    is_accessible(page)
    card(page, "Norway → their owners").get_by_role("button", name="sentence 7").click()

    expect(mark(page, "Norway said")).to_be_focused()
    expect(mark(page, "Norway said")).to_be_in_viewport()
    is_accessible(page)


def test_every_article_of_the_file_can_be_chosen(page: Page) -> None:
    _choose(page, "muscat")
    _side(page, "Records")
    expect(cards(page)).to_have_count(6)
    expect(page.locator("#text")).to_have_css("direction", "rtl")

    _choose(page, "markup")
    expect(page.get_by_role("alert")).to_contain_text("There is no answer")
    _side(page, "Article")
    expect(page.get_by_role("region", name="Article").locator("p")).to_have_text(MARKUP.text.split("\n\n"))
    is_accessible(page)


def test_answer_is_downloaded_without_a_network(page: Page) -> None:
    _side(page, "Records")
    with page.expect_download() as coming:
        page.get_by_role("button", name="Download CSV").click()

    assert coming.value.path().read_bytes().count(b"\r\n") >= 14
