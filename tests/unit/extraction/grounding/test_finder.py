"""Words of a draft are found in the article as they stand there, or a passage by its number."""

from typing import Any

import pytest

from schemas.draft import complete, draft_of
from schemas.kinds.military_claims import MilitaryClaim
from schemas.kinds.quoted_officials import QuotedOfficial
from service.extraction.grounding.finder import WordFinder, copied_words, is_label
from service.extraction.text.quotes import find_passages
from service.extraction.text.sentences import segment
from service.extraction.text.windows import Window

TEXT = "Mira Dolen came to Sella. “We wait for flour,” Dolen said. “They wait for salt,” she added in Sella."
SENTENCES = segment(TEXT)
WHOLE, LAST = Window(tuple(SENTENCES)), Window(tuple(SENTENCES[2:]))


def find(words: str, *, sentence: int = 1, label: bool = False, shown: Window = WHOLE) -> tuple[int, str] | None:
    """Where words begin that are looked for in a sentence first, then in all that is shown, and what stands there."""
    spans = [SENTENCES[sentence - 1].span, *(one.span for one in shown.sentences)]
    found = WordFinder(TEXT, find_passages(TEXT)).find(words, spans, shown, label=label)
    return (found.start, found.text) if found else None


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Mira Dolen", (0, "Mira Dolen")),
        ("mira  dolen", (0, "Mira Dolen")),
        ("“Mira Dolen”,", (0, "Mira Dolen")),
        ("Atlantis", None),
        ("", None),
    ],
)
def test_words_are_the_articles_own_form_of_them(words: str, found: tuple[int, str] | None) -> None:
    assert find(words) == found


def test_first_sentence_that_has_the_words_counts() -> None:
    assert find("Sella", sentence=1) == (TEXT.index("Sella"), "Sella")
    assert find("Sella", sentence=3) == (TEXT.rindex("Sella"), "Sella")
    assert find("Sella", sentence=2) == (TEXT.index("Sella"), "Sella")


@pytest.mark.parametrize(
    ("words", "shown", "found"),
    [
        ("Q1", WHOLE, "We wait for flour,"),
        (" q2. ", WHOLE, "They wait for salt,"),
        ("Q1", LAST, "They wait for salt,"),
        ("Q0", WHOLE, None),
        ("Q3", WHOLE, None),
        ("Q2", LAST, None),
    ],
)
def test_number_names_a_passage_of_what_was_shown(words: str, shown: Window, found: str | None) -> None:
    assert (find(words, label=True, shown=shown) or (0, None))[1] == found


def test_number_is_words_like_others_where_no_passage_may_be_named() -> None:
    assert find("Q1") is None


def test_numbers_that_were_copied_with_a_sentence_are_no_words_of_it() -> None:
    assert find("Q1 “We wait for flour,” Dolen said") == (TEXT.index("We"), "We wait for flour,” Dolen said")


@pytest.mark.parametrize(
    ("words", "label"), [("Q1", True), (" q12.", True), ("Q12345", False), ("Q", False), ("Q1 and Q2", False)]
)
def test_number_of_a_passage_is_told_from_words(words: str, *, label: bool) -> None:
    assert is_label(words) is label


# What of a draft should be the article's words


def test_words_of_a_draft_are_those_of_surface_fields_and_of_models_inside() -> None:
    said: dict[str, Any] = {
        "sentences": [1],
        "claim_type": "casualties",
        "claimant": "the army",
        "modality": "certain",
        "attribution_status": "claimed",
        "contested_by": ["Vostria"],
        "quantities": [{"metric": "killed", "text": "12 soldiers", "approximate": False}],
    }
    form = draft_of(MilitaryClaim)
    draft = form.model_validate(complete(form, said))

    assert sorted(copied_words(MilitaryClaim, draft)) == [
        ("12 soldiers", False),
        ("Vostria", False),
        ("the army", False),
    ]


def test_words_of_a_quotation_may_be_its_passages_number() -> None:
    said: dict[str, Any] = {
        "sentences": [1],
        "content": ["Q1", "flour"],
        "speaker": "Dolen",
        "speaker_type": "person",
        "is_official": True,
        "sector": "gov",
    }
    form = draft_of(QuotedOfficial)
    draft = form.model_validate(complete(form, said))

    assert sorted(copied_words(QuotedOfficial, draft)) == [("Dolen", False), ("Q1", True), ("flour", True)]


def test_fields_that_were_not_asked_for_have_no_words() -> None:
    form = draft_of(QuotedOfficial, frozenset({"evidence", "content", "speaker"}))
    draft = form.model_validate(
        complete(form, {"speaker_type": "person", "is_official": True, "sector": "gov", "position": "minister"})
    )

    assert list(copied_words(QuotedOfficial, draft)) == [("minister", False)]
