"""Where code sees that a kind may be stated: by its triggers, or wherever somebody speaks."""

import pytest

from schemas.fields import Record
from schemas.kinds.military_claims import MilitaryClaim
from schemas.kinds.negotiations import Negotiation
from schemas.kinds.quoted_officials import QuotedOfficial
from schemas.kinds.sanctions import Sanction
from schemas.registry import built_in
from service.extraction.analysis import analyse
from service.extraction.candidates import candidates as module
from service.extraction.candidates.candidate import Occurrence
from service.extraction.candidates.candidates import find_candidates
from service.extraction.text.lexicon import Lexicon, lexicon_for
from service.extraction.text.quotes import find_passages
from service.extraction.text.sentences import segment
from tests.unit.extraction.candidates.finding import SPEECHES, analysis_of, find, sentence_numbers, texts

TALKS = (
    "Envoys of Vostria and Kalmere met in Tolmi. The market opened at nine. "
    "Ilsa Varn said that the summit was called off. Bread is short."
)


# One for each speaker


def test_speaker_has_one_candidate_with_all_its_occurrences() -> None:
    varn, marl = find(QuotedOfficial, SPEECHES)

    assert texts(varn.prefilled) == {"speaker": "Ilsa Varn"}
    assert sentence_numbers(varn) == [[2], [7]]
    assert texts(marl.prefilled) == {"speaker": "Oke Marl"}
    assert sentence_numbers(marl) == [[4], [5]]


def test_candidate_shows_its_first_occurrence() -> None:
    varn, _ = find(QuotedOfficial, SPEECHES)

    assert [sentence.number for sentence in varn.sentences] == [2]


def test_speakers_are_the_same_in_any_typography() -> None:
    text = "ILSA VARN said that it was late. “The ovens are cold,” Ilsa\u00a0Varn said. Ilsa Varnley said it rained."

    assert list(map(sentence_numbers, find(QuotedOfficial, text))) == [[[1], [2]], [[3]]]


def test_speaker_who_is_not_known_has_a_candidate_for_each_quotation() -> None:
    text = "“The ovens are cold,” she said. The market opened. “We wait for flour every day.”"

    found = find(QuotedOfficial, text)

    assert [sentence_numbers(candidate) for candidate in found] == [[[1]], [[3]]]
    assert all(candidate.prefilled == {} for candidate in found)


def test_occurrence_of_a_split_quotation_has_all_its_parts_and_sentences() -> None:
    text = "“The ovens are cold,” said Ilsa Varn. “They stay cold all week.”"

    [candidate] = find(QuotedOfficial, text)

    assert sentence_numbers(candidate) == [[1, 2]]
    assert [part.text for part in candidate.occurrences[0].prefilled["content"]] == [
        "The ovens are cold,",
        "They stay cold all week.",
    ]


def test_article_without_speech_has_no_candidates() -> None:
    assert find(QuotedOfficial, "The market opened at nine. The mill is closed.") == []
    assert find(QuotedOfficial, "") == []


# One for each sentence with a trigger


def test_each_sentence_with_a_trigger_is_a_candidate() -> None:
    found = find(Negotiation, TALKS)

    assert [sentence_numbers(candidate) for candidate in found] == [[[1]], [[3]]]
    assert all(candidate.occurrences == (Occurrence(candidate.sentences[-1:], {}),) for candidate in found)
    assert all("evidence" in candidate.not_asked and "parties" not in candidate.not_asked for candidate in found)


def test_sentence_without_a_name_is_no_candidate_for_a_kind_that_must_have_one() -> None:
    text = "They met again on Sunday. They imposed sanctions. Shells hit a bakery."

    assert find(Negotiation, text) == []
    assert [sentence_numbers(candidate) for candidate in find(Sanction, text)] == [[[2]]]
    assert [sentence_numbers(candidate) for candidate in find(MilitaryClaim, text)] == [[[3]]]


def test_talks_whose_parties_were_named_before_are_shown_with_them() -> None:
    text = "Envoys of Vostria and Kalmere met in Sella. Rain fell. A second round of talks broke down in June."

    first, second = find(Negotiation, text)

    assert [sentence.number for sentence in first.sentences] == [1]
    assert [sentence.number for sentence in second.sentences] == [1, 3]
    assert sentence_numbers(second) == [[3]]
    assert second.choices.actors == ("Vostria", "Kalmere")
    assert second.choices.dates == ("June",)
    assert second.choices.names == ()


def test_talks_of_nobody_are_no_candidate_far_from_those_of_somebody() -> None:
    far = "Rain fell. " * 8
    text = f"Envoys of Vostria and Kalmere met in Sella. {far}A second round of talks broke down in June."

    assert [sentence_numbers(candidate) for candidate in find(Negotiation, text)] == [[[1]]]


def test_talks_of_which_only_a_person_speaks_are_those_told_before() -> None:
    told = "Foreign Minister Mira Dolen said that talks would go on."

    _, later = find(Negotiation, f"Envoys of Marl and Kalmere met in Sella. {told}")

    assert [sentence.number for sentence in later.sentences] == [1, 2]
    assert later.choices.actors == ("Marl", "Kalmere")
    assert find(Negotiation, told) == []


def test_date_is_that_of_the_sentence_which_tells_it() -> None:
    text = "Envoys of Vostria and Kalmere met in Sella on Friday. A second round of talks in Tolmi broke down."

    first, second = find(Negotiation, text)

    assert [sentence.number for sentence in second.sentences] == [1, 2]
    assert (texts(first.prefilled)["location"], texts(first.prefilled)["date_text"]) == ("Sella", "Friday")
    assert (texts(second.prefilled)["location"], second.prefilled["date_text"]) == ("Tolmi", None)


# Headlines

TOLD = "Envoys of Vostria and Kalmere met in Tolmi on Sunday."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"Vostria and Kalmere hold talks\n\n{TOLD}", [2]),
        (f"Vostria and Kalmere hold talks\n\nRain fell over the harbour. The mill was closed.\n\n{TOLD}", [4]),
        ("Vostria and Kalmere hold talks\n\nRain fell over the harbour.", [1]),
        (f"Vostria and Kalmere hold talks\n\nRain fell. Bread was short. Ovens were cold. {TOLD}", [1, 5]),
    ],
)
def test_headline_of_what_the_next_sentences_tell_is_no_candidate(text: str, found: list[int]) -> None:
    assert [numbers for [numbers] in map(sentence_numbers, find(Negotiation, text))] == [[number] for number in found]


# What a word suggests


def test_value_that_a_word_suggests_is_a_hint() -> None:
    held, cancelled = find(Negotiation, TALKS)

    assert held.hints == {"status": "held"}
    assert cancelled.hints == {"status": "cancelled", "format": "multilateral"}


def test_first_value_whose_word_stands_there_is_the_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    word = lexicon_for("negotiations", "en")["triggers"]
    monkeypatch.setattr(
        module, "lexicon_for", lambda *_: Lexicon({"triggers": word}, {"status": {"planned": word, "held": word}})
    )

    assert [candidate.hints for candidate in find(Negotiation, TALKS)] == [{"status": "planned"}] * 2


def test_values_of_a_list_are_those_whose_words_stand_there() -> None:
    prisoners, nothing = find(Negotiation, "Envoys of Marl met on prisoners and grain. Envoys of Marl met in Sella.")

    assert prisoners.prefilled["topics"] == ["prisoners", "economic"]
    assert nothing.prefilled["topics"] == []


# Languages


def test_language_decides_what_is_a_trigger() -> None:
    text = "Делегації провели переговори в Толмі. Печі холодні."

    assert [sentence_numbers(candidate) for candidate in find(Negotiation, text, "uk")] == [[[1]]]
    assert find(Negotiation, text, "de") == []


@pytest.mark.parametrize("language", ["en", None])
def test_language_that_is_not_given_is_told_by_the_words(language: str | None) -> None:
    text = (
        "The bakers said that they had waited, but nobody came when envoys of Marl met in Tolmi on Sunday and in May."
    )

    [candidate] = find(Negotiation, text, language)

    assert analyse(text, segment(text), find_passages(text), language).language == "en"
    assert candidate.choices.figures == ()


@pytest.mark.parametrize("record", list(built_in()), ids=lambda record: record.kind)
def test_kind_without_triggers_is_not_looked_for(monkeypatch: pytest.MonkeyPatch, record: type[Record]) -> None:
    monkeypatch.setattr(module, "lexicon_for", lambda *_: Lexicon())

    assert find_candidates(record, analyse(TALKS, segment(TALKS), find_passages(TALKS), "en")) is None


def test_kind_without_a_reader_is_not_looked_for() -> None:
    class Omen(Record):
        """A sign of what is to come."""

        kind = "omens"

    assert find_candidates(Omen, analysis_of(TALKS)) is None


@pytest.mark.parametrize("record", list(built_in()), ids=lambda record: record.kind)
def test_nothing_is_looked_for_in_a_language_without_a_pack(record: type[Record]) -> None:
    text = "De delegaties ontmoetten elkaar dinsdag in Tolmi."

    assert find_candidates(record, analysis_of(text, "nl")) is None


# Examples of prompts


def test_reader_leaves_fields_open_in_an_example() -> None:
    text = "“We wait for flour every day,” said Mira Dolen, Vostria’s deputy minister."
    article = analysis_of(text)

    [shown], [found] = (find_candidates(QuotedOfficial, article, is_example=flag) or () for flag in (True, False))

    assert found.not_asked - shown.not_asked == {"position", "affiliation", "speaker_type", "is_official", "sector"}
    assert shown.not_asked <= found.not_asked
    assert (shown.certain, shown.occurrences) == (found.certain, found.occurrences)


def test_example_of_a_claim_asks_whom_it_hit_and_how_certain_it_is() -> None:
    article = analysis_of("Shells killed 14 traders near Sella.")

    [shown], [found] = (find_candidates(MilitaryClaim, article, is_example=flag) or () for flag in (True, False))

    assert found.not_asked - shown.not_asked == {"affected", "modality"}
