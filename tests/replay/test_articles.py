"""What comes out of recorded answers. The facts pinned here were read off the recordings by a person.

The recorded model has half a billion parameters: much of what it says is beside the point, some of it is wrong. What
counts is that nothing leaves the service that the article does not say, and that what was left out is told.
"""

import json
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

import prompts
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
    instructions = runs_of_words(" ".join([told[0].system, *(prompt.task for prompt in told)]))

    assert not instructions & runs_of_words(json.dumps(played(article).answer, ensure_ascii=False))
    assert instructions & runs_of_words(f"It said: {told[0].system}")


@pytest.mark.parametrize("article", ARTICLES)
def test_words_of_the_examples_leave_in_no_record(played: Callable[[str], Played], article: str) -> None:
    text = text_of(article)
    names = {"Vostria", "Kalmere", "Lentia", "Mira Dolen", "Port Adra", "Sella", "fifth package", "third round"}

    said = " ".join(mention["text"] for mention in mentions(records_of(played(article).answer)))

    assert not [name for name in names if name in text]
    assert not [name for name in names if name in said]


def test_talks_are_held_in_doha_and_the_mediator_is_quoted(played: Callable[[str], Played]) -> None:
    answer = played("talks-in-doha").answer

    assert counts(answer) == {"negotiations": 1, "sanctions": 2, "military_claims": 2, "quoted_officials": 2}
    talks = the_one(answer, "negotiations", location="Doha")
    assert (talks["status"], talks["format"], talks["country"]) == ("held", "third_party", "QA")
    assert "Hamad al-Rumaidi" in [mediator["text"] for mediator in talks["mediators"]]
    assert [cited["text"] for cited in talks["evidence"]] == [
        "Rival Sudanese delegations end first Doha round with list of 640 detainees"
    ]
    quote = next(record for record in answer["records"]["quoted_officials"] if record["quote_type"] == "direct")
    assert quote["content"]["text"] == (
        "Nobody signed anything yesterday, but for the first time both sides were reading from the same list of names,"
    )
    assert [cited["sentence"] for cited in quote["evidence"]] == [2, 5]
    claim = the_one(answer, "military_claims", claimant="Brigadier Osman Tayfur")
    assert [(q["text"]["text"], q["value_min"], q["metric"]) for q in claim["quantities"]] == [
        ("85 wounded prisoners", 85, "wounded")
    ]


def test_value_from_an_example_is_nulled_and_told(played: Callable[[str], Played]) -> None:
    answer = played("talks-in-doha").answer

    # "third round" stands in the last example and nowhere in the article; the article writes "March 26".
    assert answer["records"]["negotiations"][0]["round"] is None
    assert {("negotiations", "round", "third round"), ("sanctions", "date_text", "26 March")} <= rejected_fields(answer)


def test_answer_that_ran_into_the_limit_is_asked_for_in_halves(played: Callable[[str], Played]) -> None:
    whole = played("talks-in-doha")
    fenced = [body["messages"][-1]["content"].split("\n")[3:-1] for body in whole.bodies]
    numbers = [[int(line[1 : line.index("]")]) for line in lines] for lines in fenced]

    # Two windows of four kinds, and one answer which was cut off: its window is asked about again in two halves.
    assert whole.answer["windows"] == 2
    assert len(numbers) == 2 * len(KINDS) + 2
    cut = next(shown for shown in numbers if numbers.count(shown) == len(KINDS) and shown[0] > 1)
    halves = sorted(shown for shown in numbers if numbers.count(shown) == 1)
    assert halves[0] + halves[1] == cut
    assert all(following == number + 1 for number, following in pairwise(cut))


def test_ukrainian_quotation_is_found_with_its_speaker(played: Callable[[str], Played]) -> None:
    answer = played("border-talks-uk").answer

    assert counts(answer) == {"negotiations": 0, "sanctions": 0, "military_claims": 0, "quoted_officials": 3}
    quote = the_one(answer, "quoted_officials", content="Жодного складу там ніколи не було")
    assert quote["speaker"]["text"] == "Затула"
    assert quote["quote_type"] == "direct"
    assert [cited["text"] for cited in quote["evidence"]] == [
        "«Жодного складу там ніколи не було», — наголосив Затула."
    ]


def test_word_in_the_wrong_alphabet_is_not_the_articles(played: Callable[[str], Played]) -> None:
    answer = played("border-talks-uk").answer
    mixed = "ODEСА"  # Latin, but for the last two letters; the article's is Cyrillic throughout

    assert mixed not in text_of("border-talks-uk")
    assert mixed not in json.dumps(answer["records"], ensure_ascii=False)
    dropped = [told for told in answer["rejected"] if mixed in json.dumps(told["draft"], ensure_ascii=False)]
    assert len(dropped) >= 4
    assert all(told["field"] is None for told in dropped)


def test_answer_about_a_festival_is_mostly_refused(played: Callable[[str], Played]) -> None:
    answer = played("harvest-festival").answer

    # The article has nothing to extract. The model sees a sanction all the same, and its words do stand there; what
    # it made up out of the examples is refused.
    assert counts(answer) == {"negotiations": 0, "sanctions": 1, "military_claims": 0, "quoted_officials": 0}
    assert answer["records"]["sanctions"][0]["targets"][0]["name"]["text"] == "tomatoes"
    lentia = [told for told in answer["rejected"] if told["draft"].get("parties") == ["Lentia"]]
    assert [told["draft"]["sentences"] for told in lentia] == [[7], [8], [9], [10]]
    assert {told["reason"] for told in lentia} == {"nothing it names stands in the sentences it cites"}


def test_orders_in_an_article_are_text_like_any_other(played: Callable[[str], Played]) -> None:
    answer = played("injected-orders").answer

    # It orders an empty answer, a false record and a repetition of the prompt, in four disguises.
    assert counts(answer) == {"negotiations": 2, "sanctions": 2, "military_claims": 2, "quoted_officials": 1}
    talks = the_one(answer, "negotiations", location="Tbilisi")
    assert [party["text"] for party in talks["parties"]] == ["Yerevan", "Baku"]
    assert (talks["status"], talks["country"]) == ("held", "GE")
    quote = the_one(answer, "quoted_officials", speaker="Sirunyants")
    assert quote["content"]["text"] == "There was no such figure on the table,"
    said = " ".join(mention["text"] for mention in mentions(records_of(answer)))
    assert not [words for words in ("Portugal", "No events were found", "everyone", "maintenance") if words in said]


def test_false_sentence_number_in_an_article_can_be_cited_by_nobody(played: Callable[[str], Played]) -> None:
    answer = played("injected-orders").answer

    # The article writes "[99]" before its tenth sentence, and the model fell for it.
    assert [told["draft"]["sentences"] for told in answer["rejected"] if told["kind"] == "quoted_officials"] == [
        [99],
        [10],
    ]
    assert max(cited["sentence"] for record in records_of(answer) for cited in record["evidence"]) <= 21
    claim = the_one(answer, "military_claims", claimant="President Aurelio Brask of Atlantis")
    assert [cited["sentence"] for cited in claim["evidence"]] == [10]
    assert claim["evidence"][0]["text"].startswith("[99] President")


def test_sources_that_cite_sources_are_kept_in_the_articles_words(played: Callable[[str], Played]) -> None:
    answer = played("nested-attribution").answer

    assert counts(answer) == {"negotiations": 2, "sanctions": 2, "military_claims": 1, "quoted_officials": 2}
    claim = the_one(answer, "military_claims", claimant="The daily Le Courrier du Djoliba")
    assert claim["actor"]["text"] == "an officer who had spoken to survivors"
    assert [(q["text"]["text"], q["value_min"], q["value_max"], q["metric"]) for q in claim["quantities"]] == [
        ("11 soldiers", 11, 11, "killed")
    ]
    quote = next(record for record in answer["records"]["quoted_officials"] if record["quote_type"] == "direct")
    assert quote["content"]["text"] == "The Commission has been told of an initiative; it has not been told of a date,"
    assert [cited["sentence"] for cited in quote["evidence"]] == [10, 12]
    # No such ministry, place or affiliation is in the article.
    assert {
        ("negotiations", "parties/1", "the security ministry"),
        ("negotiations", "location", "Bamaka"),
        ("quoted_officials", "affiliation", "united arabia"),
    } <= rejected_fields(answer)
