"""What stands around an article and its sentences, and what is said of an answer that cannot be used."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from string import Formatter

import pytest

import prompts

SAID = Path("prompts/messages.toml").read_text(encoding="utf-8")
PLACES = {
    "sentence": {"number", "text"},
    "passage": {"number"},
    "candidate": {"number"},
    "known_value": {"field", "value"},
    "kind": {"kind", "definition"},
    "kind_in_guide": {"kind", "definition"},
    "outside": {"outside"},
    "complaint.line": {"place", "reason"},
    "complaint.line_with_value": {"place", "reason", "value"},
    "reasons.named_elsewhere": {"other"},
    "reasons.bad_form": {"problems"},
}
"""What differs in a line, in braces."""


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    prompts.use([])


def lines() -> dict[str, str]:
    """All lines by their names."""
    messages = prompts.messages()
    sections = {"": messages, "complaint.": messages.complaint, "reasons.": messages.reasons}
    named = {
        f"{section}{field.name}": getattr(said, field.name)
        for section, said in sections.items()
        for field in fields(said)
    }
    return {name: said for name, said in named.items() if isinstance(said, str)}


def test_every_line_is_one_line_with_what_differs_in_it() -> None:
    for name, said in lines().items():
        assert said == said.strip() != ""
        assert "\n" not in said
        assert {place for _, place, _, _ in Formatter().parse(said) if place} == PLACES.get(name, set()), name


def test_complaint_and_reasons_are_told_apart_from_each_other() -> None:
    reasons = [said for name, said in lines().items() if name.startswith("reasons.")]

    assert len(set(reasons)) == len(reasons)


@pytest.mark.parametrize(
    ("words", "others", "hint"),
    [
        ('article_begins = "ARTICLE"', "", "article_begins"),
        ('article_begins = "ARTICLE"', 'article_begins = "ARTICLE"\nheadline = "TITLE"', "headline"),
        ('ends = "Answer again, whole."', "", "ends"),
        ("[reasons]", "[grounds]", "'reasons'"),
        ("[reasons]", "[reasons", ""),
    ],
)
def test_line_that_is_missing_or_means_nothing_is_refused_with_its_name(
    tmp_path: Path, words: str, others: str, hint: str
) -> None:
    assert words in SAID
    (tmp_path / "messages.toml").write_text(SAID.replace(words, others), encoding="utf-8")
    prompts.use([tmp_path])

    with pytest.raises(prompts.PromptError, match=f"^prompts/messages.toml: .*{hint}"):
        prompts.messages()
