"""What one question is about: what is known of it, and what is left to ask."""

from dataclasses import replace

from schemas.draft import marked
from schemas.fields import Derived
from schemas.kinds.military_claims import MilitaryClaim
from schemas.kinds.negotiations import Negotiation
from schemas.kinds.quoted_officials import QuotedOfficial
from schemas.kinds.sanctions import Sanction
from tests.unit.extraction.candidates.finding import SPEECHES, find


def test_what_is_prefilled_is_not_asked() -> None:
    varn, _ = find(QuotedOfficial, SPEECHES)
    [nobody] = find(QuotedOfficial, "“We wait for flour every day.”")

    assert varn.not_asked == {"evidence", "content", "cue", "about", "speaker"}
    assert nobody.not_asked == {"evidence", "content", "cue", "about"}


def test_quotation_whose_speaker_is_known_is_certain_and_nothing_else_is() -> None:
    text = SPEECHES + " The army said its drones hit Tolmi."

    assert all(candidate.certain for candidate in find(QuotedOfficial, text))
    assert not any(candidate.certain for candidate in find(QuotedOfficial, "“We wait for flour every day.”"))
    assert not any(
        candidate.certain for record in (MilitaryClaim, Negotiation, Sanction) for candidate in find(record, text)
    )


def test_fields_of_all_occurrences_and_of_each_are_not_asked() -> None:
    [candidate] = find(QuotedOfficial, "“We wait for flour every day,” said Mira Dolen, Vostria’s deputy minister.")

    assert candidate.not_asked == {"evidence", *candidate.prefilled, *candidate.occurrences[0].prefilled}
    assert {"position", "affiliation", "speaker_type"} <= set(candidate.prefilled)
    assert {"content", "cue", "about"} == set(candidate.occurrences[0].prefilled)


def test_candidate_needs_no_question_where_code_knows_every_field_that_is_not_derived() -> None:
    known, unknown = find(
        QuotedOfficial,
        "“We wait for flour every day,” said Mira Dolen, Vostria’s deputy minister. “They wait,” said Oke Marl.",
    )
    derived = {name for name, field in QuotedOfficial.model_fields.items() if marked(field, Derived)}

    assert known.needs_no_question
    assert known.not_asked == QuotedOfficial.model_fields.keys() - derived
    assert not unknown.needs_no_question


def test_candidate_that_may_be_no_record_needs_a_question_whatever_is_known() -> None:
    [known] = find(QuotedOfficial, "“We wait for flour every day,” said Mira Dolen, Vostria’s deputy minister.")

    assert not replace(known, certain=False).needs_no_question


def test_candidate_has_whoever_speaks_in_it_for_nobody_else() -> None:
    told, said, body = find(
        MilitaryClaim, "Drones hit Tolmi. Ilsa Varn said that shells hit Sella. The army said that drones hit Tolmi."
    )

    assert (told.speakers, said.speakers, body.speakers) == (frozenset(), {"Ilsa Varn"}, frozenset())


def test_candidate_begins_and_ends_with_the_sentences_that_are_shown() -> None:
    text = "Envoys of Vostria and Kalmere met in Sella. Rain fell. A second round of talks broke down in June."

    _, second = find(Negotiation, text)

    assert (second.start, second.end) == (0, len(text))
    assert [sentence.number for sentence in second.sentences] == [1, 3]
