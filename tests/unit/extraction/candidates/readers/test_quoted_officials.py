"""Quotations: words, cue, speaker and subjects are read off."""

from schemas.fields import Mention
from schemas.kinds.quoted_officials import QuotedOfficial
from tests.unit.extraction.candidates.finding import SPEECHES, assert_stands, find


def test_occurrence_has_its_words_and_cue() -> None:
    varn, marl = find(QuotedOfficial, SPEECHES)

    prefilled = [occurrence.prefilled for candidate in (varn, marl) for occurrence in candidate.occurrences]

    assert [[part.text for part in known["content"]] for known in prefilled] == [
        ["The ovens are cold this week,"],
        ["the mill was closed"],
        ["flour was short"],
        ["We wait for it every day,"],
    ]
    assert [known["cue"].text for known in prefilled] == ["said", "denied", "said", "added"]
    assert all(set(known) == {"content", "cue", "about"} for known in prefilled)
    for known in prefilled:
        for mention in [*known["content"], known["cue"]]:
            assert_stands(SPEECHES, mention)


def test_quotation_without_a_cue_has_none() -> None:
    [candidate] = find(QuotedOfficial, "“We wait for flour every day.”")

    assert candidate.occurrences[0].prefilled["cue"] is None


def test_speaker_is_found_where_the_fullest_name_stands() -> None:
    varn, _ = find(QuotedOfficial, SPEECHES)

    speaker = varn.prefilled["speaker"]

    assert isinstance(speaker, Mention)
    assert (speaker.start, speaker.end) == (0, len("Ilsa Varn"))


def test_what_words_are_about_is_read_off_each_occurrence_by_the_triggers_of_kinds() -> None:
    text = (
        "Ilsa Varn said the ovens were cold. Varn said that envoys met on Sunday. "
        "Varn said that sanctions had failed and that shells hit a bakery."
    )

    [candidate] = find(QuotedOfficial, text)

    assert [occurrence.prefilled["about"] for occurrence in candidate.occurrences] == [
        [],
        ["negotiation"],
        ["sanctions", "military"],
    ]
