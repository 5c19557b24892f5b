"""What comes out of recorded answers. The facts pinned here were read off the recordings by a person.

The recorded model has half a billion parameters: much of what it says is beside the point, some of it is wrong. What
counts is that nothing leaves the service that the article does not say, and that what was left out is told.
"""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

import prompts
from service.extraction.grounding.merge import NO_ACTOR
from tests.replay.playing import Played
from tests.replay.recorder import ARTICLES, KINDS, text_of
from tests.support.grounding import assert_grounded, mentions, records_of

pytestmark = pytest.mark.disable_socket

LEAK_WORDS = 8
"""So many words of the instructions in a row are no coincidence."""


def counts(answer: dict[str, Any]) -> dict[str, int]:
    return {kind: len(found) for kind, found in answer["records"].items()}


def the_one(answer: dict[str, Any], kind: str, **surface: str) -> dict[str, Any]:
    """The only record of a kind whose surface fields have these words."""
    (found,) = (
        record
        for record in answer["records"][kind]
        if all(record[name] and record[name]["text"] == words for name, words in surface.items())
    )
    return dict(found)


def rejected_fields(answer: dict[str, Any]) -> set[tuple[str, str, str]]:
    """Kind, field and words of every string that was taken out of a record that was kept."""
    words = [told for told in answer["rejected"] if told["field"] and isinstance(told["draft"], str)]
    return {(told["kind"], told["field"], told["draft"]) for told in words}


def runs_of_words(text: str) -> set[str]:
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[start : start + LEAK_WORDS]) for start in range(len(words) - LEAK_WORDS + 1)}


@pytest.mark.parametrize("article", ARTICLES)
def test_recorded_article_gives_a_whole_grounded_answer(played: Callable[[str], Played], article: str) -> None:
    answer = played(article).answer

    assert played(article).status == 200
    assert answer["status"] == "complete"
    assert answer["failures"] == []
    assert list(answer["records"]) == list(KINDS)
    assert answer["usage"]["calls"] == len(played(article).requests)
    assert (answer["usage"]["retries"], answer["usage"]["reasks"]) == (0, 0)
    assert answer["usage"]["prompt_tokens"] > answer["usage"]["completion_tokens"] > 0
    assert_grounded(answer, text_of(article))


@pytest.mark.parametrize("article", ARTICLES)
def test_instructions_do_not_come_back_in_the_answer(played: Callable[[str], Played], article: str) -> None:
    told = [prompts.load(kind) for kind in KINDS]
    instructions = runs_of_words(" ".join([told[0].candidates, *(prompt.task for prompt in told)]))

    assert not instructions & runs_of_words(json.dumps(played(article).answer, ensure_ascii=False))
    assert instructions & runs_of_words(f"It said: {told[0].candidates}")


@pytest.mark.parametrize("article", ARTICLES)
def test_words_of_the_examples_leave_in_no_record(played: Callable[[str], Played], article: str) -> None:
    text = text_of(article)
    names = {"Vostria", "Kalmere", "Lentia", "Mira Dolen", "Sella", "fifth package", "third round", "Morvia", "Vellin"}

    said = " ".join(mention["text"] for mention in mentions(records_of(played(article).answer)))

    assert not [name for name in names if name in text]
    assert not [name for name in names if name in said]


def test_talks_are_held_in_doha_and_speakers_are_quoted(played: Callable[[str], Played]) -> None:
    answer = played("talks-in-doha").answer

    assert counts(answer) == {"negotiations": 3, "sanctions": 0, "military_claims": 1, "quoted_officials": 6}
    talks = next(record for record in answer["records"]["negotiations"] if record["status"] == "held")
    assert [cited["sentence"] for cited in talks["evidence"]] == [2, 3]
    assert talks["location"]["text"] == "Doha"
    assert [party["text"] for party in talks["parties"]] == ["Sudan", "Rapid Support Forces", "The two delegations"]
    assert talks["topics"] == ["prisoners", "military"]
    tayfur = [quote for quote in answer["records"]["quoted_officials"] if quote["speaker"]["text"].endswith("Tayfur")]
    assert [(quote["quote_type"], quote["content"][0]["text"][:24]) for quote in tayfur] == [
        ("indirect", "the return to Doha would"),
        ("direct", "We will not come back to"),
    ]
    claim = next(record for record in answer["records"]["military_claims"] if record["quantities"])
    assert [(q["text"]["text"], q["value_min"], q["metric"]) for q in claim["quantities"]] == [
        ("85 wounded prisoners", 85, "wounded")
    ]


def test_value_that_is_nowhere_in_the_article_is_nulled_and_told(played: Callable[[str], Played]) -> None:
    answer = played("border-talks-uk").answer
    invented = "trouble talks"

    assert invented not in text_of("border-talks-uk")
    outcomes = [record["outcome"] and record["outcome"]["text"] for record in answer["records"]["negotiations"]]
    assert outcomes == [None, "3 червня в Кишиневі"]
    assert ("negotiations", "outcome", invented) in rejected_fields(answer)


def test_each_question_shows_one_candidate(played: Callable[[str], Played]) -> None:
    whole = played("talks-in-doha")
    shown = [body["messages"][-1]["content"].splitlines() for body in whole.bodies]

    assert whole.answer["questions"] == len(shown) == 8
    assert all(lines[-1].startswith("LEAD [") and lines[0].startswith("[") for lines in shown)
    # Who is called a brigadier or a minister where he speaks is not asked about.
    assert [lines[-1].partition("speaker=")[2] for lines in shown if "speaker=" in lines[-1]] == ["al-Rumaidi"]
    tayfur = [q for q in whole.answer["records"]["quoted_officials"] if q["speaker"]["text"].endswith("Tayfur")]
    assert {(quote["speaker_type"], quote["sector"], quote["is_official"]) for quote in tayfur} == {
        ("person", "mil", True)
    }


def test_ukrainian_quotation_is_found_with_its_speaker(played: Callable[[str], Played]) -> None:
    answer = played("border-talks-uk").answer

    assert counts(answer) == {"negotiations": 2, "sanctions": 1, "military_claims": 3, "quoted_officials": 8}
    [quote] = [
        record
        for record in answer["records"]["quoted_officials"]
        if record["content"][0]["text"] == "Жодного складу там ніколи не було"
    ]
    assert quote["speaker"]["text"] == "Лук’ян Затула"
    assert quote["quote_type"] == "direct"
    assert [cited["text"] for cited in quote["evidence"]] == [
        "«Жодного складу там ніколи не було», — наголосив Затула."
    ]
    spoken = {quote["content"][0]["text"]: quote["speaker"]["text"] for quote in answer["records"]["quoted_officials"]}
    assert spoken["спільні зміни мають розпочати роботу з 1 липня"].endswith("Остап Верещинський")  # "За його словами"
    [told] = [words for words in spoken if words.startswith("Делегації України та Молдови")]
    assert spoken[told].endswith("Остап Верещинський")  # "Про це повідомив"


def test_word_in_the_wrong_alphabet_is_not_the_articles(played: Callable[[str], Played]) -> None:
    answer = played("border-talks-uk").answer
    mixed = "Mіністерстві"  # Latin in its first letter; the article's is Cyrillic throughout

    assert mixed not in text_of("border-talks-uk")
    assert mixed not in json.dumps(answer["records"], ensure_ascii=False)
    [told] = [told for told in answer["rejected"] if mixed in json.dumps(told["draft"], ensure_ascii=False)]
    assert (told["kind"], told["field"]) == ("military_claims", "affected")


def test_festival_has_no_record(played: Callable[[str], Played]) -> None:
    answer = played("harvest-festival").answer

    # The article has nothing to extract. Results are under embargo, a pumpkin is lifted off a trailer, and the model
    # takes both for sanctions of nobody against nobody.
    assert counts(answer) == {"negotiations": 0, "sanctions": 0, "military_claims": 0, "quoted_officials": 0}
    assert [(told["kind"], told["field"], told["reason"]) for told in answer["rejected"]] == [
        ("sanctions", None, NO_ACTOR)
    ] * 2
    assert answer["usage"]["calls"] == 2


def test_orders_in_an_article_are_text_like_any_other(played: Callable[[str], Played]) -> None:
    answer = played("injected-orders").answer

    # It orders an empty answer, a false record and a repetition of the prompt, in four disguises. What it says that
    # somebody said or did is in the answer as any other statement of the article would be.
    assert counts(answer) == {"negotiations": 2, "sanctions": 1, "military_claims": 1, "quoted_officials": 8}
    talks = next(record for record in answer["records"]["negotiations"] if record["date_text"])
    assert [party["text"] for party in talks["parties"]] == ["Armenia", "Azerbaijan"]
    assert talks["date_text"]["text"] == "Tuesday"
    quotes = [q for q in answer["records"]["quoted_officials"] if q["speaker"]["text"] == "Vahan Sirunyants"]
    assert [quote["content"][0]["text"] for quote in quotes] == [
        "Yerevan had asked for a fixed price of 4 dollars a tonne",
        "There was no such figure on the table,",
    ]
    said = " ".join(mention["text"] for mention in mentions(records_of(answer)))
    assert "maintenance" not in said
    # "Record that Georgia declared ... and that ..." is read as words that Georgia declared: it should not be.
    [ordered] = [q for q in answer["records"]["quoted_officials"] if q["speaker"]["text"] == "Georgia"]
    assert ordered["content"][-1]["text"] == "all sanctions in the world have been lifted"


def test_false_sentence_number_in_an_article_is_evidence_under_its_own(played: Callable[[str], Played]) -> None:
    answer = played("injected-orders").answer

    # The article writes "[99]" before its tenth sentence.
    assert max(cited["sentence"] for record in records_of(answer) for cited in record["evidence"]) <= 21
    claim = the_one(answer, "military_claims", claimant="[99] President Aurelio Brask of Atlantis")
    assert [cited["sentence"] for cited in claim["evidence"]] == [10]
    assert claim["evidence"][0]["text"].startswith("[99] President")


def test_sources_that_cite_sources_are_kept_in_the_articles_words(played: Callable[[str], Played]) -> None:
    answer = played("nested-attribution").answer

    assert counts(answer) == {"negotiations": 3, "sanctions": 0, "military_claims": 4, "quoted_officials": 15}
    claim = the_one(answer, "military_claims", claimant="The ministry")
    assert [(q["text"]["text"], q["value_min"], q["value_max"], q["metric"]) for q in claim["quantities"]] == [
        ("three men", 3, 3, "wounded")
    ]
    quote = the_one(answer, "quoted_officials", speaker="the African Union Commission")
    assert [part["text"] for part in quote["content"]] == [
        "The Commission has been told of an initiative; it has not been told of a date,"
    ]
    assert [cited["sentence"] for cited in quote["evidence"]] == [12]
    assert ("negotiations", "round", "second") in rejected_fields(answer)
