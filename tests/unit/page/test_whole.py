"""A file with articles in it: it holds all that it needs, and nothing of an article can get out of its data."""

import json
import re
from base64 import b64encode
from hashlib import sha256
from html import unescape
from typing import Any

from schemas.article import Article
from schemas.registry import built_in
from schemas.result import Extraction, Usage
from service.page import Reading, samples, shell, whole

NASTY = "</script><script>alert(1)</script><!-- ]]> <b>&amp; \u2028\u2029 \ud83c\udfa3 “Ω” 'quoted'"
NASTY = NASTY.encode("utf-16", "surrogatepass").decode("utf-16")


def answer(article: Article) -> Extraction:
    return Extraction(
        id="one",
        article_id=article.id,
        status="complete",
        records={kind: [] for kind in built_in().names},
        rejected=[],
        failures=[],
        usage=Usage(),
        model=NASTY,
        prompt_version="p",
        schema_version="s",
        sentences=1,
        questions=1,
        duration_seconds=1.0,
    )


def page_of(*readings: Reading) -> str:
    return whole(built_in(), readings)


def block(page: str, pattern: str) -> str:
    (found,) = re.findall(pattern, page, re.DOTALL)
    assert isinstance(found, str)
    return found


def data_of(page: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(block(page, r'<script type="application/json" id="data">(.*?)</script>'))
    return data


def test_articles_and_answers_are_in_the_file_unchanged() -> None:
    article = Article(text=NASTY, title=NASTY, id="a", published_at="2026-03-09")
    found = answer(article)

    data = data_of(page_of(Reading(article, found)))

    (reading,) = data["readings"]
    assert reading["article"] == article.model_dump(mode="json")
    assert reading["answer"] == found.model_dump(mode="json")
    assert reading["problem"] is None
    assert [kind["name"] for kind in data["guide"]] == list(built_in().names)


def test_article_without_an_answer_is_there_with_its_reason() -> None:
    problem = {"code": "model_unavailable", "detail": "the model server is down"}

    (reading,) = data_of(page_of(Reading(Article(text="Nothing."), problem=problem)))["readings"]

    assert (reading["answer"], reading["problem"]) == (None, problem)


def test_records_keep_the_order_of_their_fields() -> None:
    article = Article(text="Nothing.")

    (reading,) = data_of(page_of(Reading(article, answer(article))))["readings"]

    assert list(reading["answer"]) == list(Extraction.model_fields)


def test_text_cannot_end_the_data_that_it_is_in() -> None:
    article = Article(text=NASTY, title=NASTY)

    page = page_of(Reading(article, answer(article)))

    assert "alert(1)" in page
    assert "<script>alert" not in page
    inside = block(page, r'<script type="application/json" id="data">(.*?)\n<script type="module">')
    assert inside.count("<") == 1  # of its own end tag
    assert inside.isascii()


def test_policy_lets_its_own_script_and_style_run_and_nothing_else() -> None:
    page = page_of(Reading(Article(text="Nothing.")))
    policy = unescape(block(page, r'<meta http-equiv="Content-Security-Policy" content="(.*?)">'))
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))

    script, style = block(page, r'<script type="module">(.*?)</script>'), block(page, r"<style>(.*?)</style>")
    assert directives["script-src"] == f"'sha256-{hashed(script)}'"
    assert directives["style-src"] == f"'sha256-{hashed(style)}'"
    assert directives["default-src"] == "'none'"
    assert directives["trusted-types"] == "'none'"
    assert "connect-src" not in directives


def hashed(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode()


def test_file_refers_to_nothing_outside() -> None:
    page = page_of(Reading(Article(text="Nothing.")))
    markup = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)

    assert not re.search(r"\b(src|href)=\"(?!#)", markup)
    assert "style=" not in markup
    assert re.search(r"\son\w+=", markup) is None


def test_reader_without_script_is_told_so() -> None:
    for page in (page_of(Reading(Article(text="Nothing."))), shell(built_in())):
        assert "JavaScript" in block(page, r"<noscript>(.*?)</noscript>")


def test_samples_are_articles() -> None:
    for sample in samples():
        about = {name: value for name, value in sample.items() if name != "label"}
        article = Article.model_validate(about)
        assert sample["label"]
        assert article.title
        assert article.published_at
        assert 400 < len(article.text) < 2_500
