"""The suite of forms: each has its right answer in its text, and what is judged is what code reads."""

import pytest

from evals.form_suite import (
    Judged,
    QuotationForm,
    Said,
    ValueForm,
    Verdict,
    judge_quotations,
    judge_value,
    quotation_forms,
    tally,
    value_forms,
)

FORMS = list(quotation_forms())
VALUES = list(value_forms())


def form(text: str, *speech: Said) -> QuotationForm:
    return QuotationForm(id="one", kind="plain", language="en", because="a test", text=text, speech=speech)


def verdicts(one: QuotationForm) -> list[Verdict]:
    return [judged.verdict for judged in judge_quotations(one)]


def test_there_are_as_many_as_the_suite_promises_each_once() -> None:
    assert len(FORMS) >= 150
    assert len({one.id for one in FORMS}) == len(FORMS)
    assert {one.language for one in FORMS} == {"en", "uk", "ru", "de", "tr", "fr", "es"}
    assert sum(one.kind != "countries" for one in VALUES) >= 300


@pytest.mark.parametrize("one", FORMS, ids=lambda one: one.id)
def test_right_answer_stands_in_the_text(one: QuotationForm) -> None:
    for said in one.speech:
        assert said.words
        for piece in (*said.words, *said.speaker):
            assert piece in one.text
    for sentence in one.sentences or ():
        assert sentence in one.text


def test_words_stand_in_their_sentences() -> None:
    assert [one for one in VALUES if one.words not in one.sentence] == []


def test_words_of_the_right_speaker_are_right() -> None:
    said = Said(words=("the mill was closed",), speaker=("Ilsa Varn",))

    assert verdicts(form("Ilsa Varn said the mill was closed.", said)) == [Verdict.RIGHT]


def test_words_of_another_speaker_are_the_worst() -> None:
    said = Said(words=("the mill was closed",), speaker=("Oke Marl",))

    assert verdicts(form("Ilsa Varn said the mill was closed.", said)) == [Verdict.WRONG_SPEAKER]


def test_speaker_who_is_not_told_is_none() -> None:
    said = Said(words=("the mill was closed",))

    assert verdicts(form("Ilsa Varn said the mill was closed.", said)) == [Verdict.WRONG_SPEAKER]


def test_what_is_not_found_is_unknown_and_what_is_cut_is_wrong() -> None:
    unseen = Said(words=("The mill is closed",), speaker=("Ilsa Varn",))
    longer = Said(words=("Ilsa Varn said the mill was closed",), speaker=("Ilsa Varn",))

    assert verdicts(form("The mill is closed.", unseen)) == [Verdict.UNKNOWN]
    assert verdicts(form("Ilsa Varn said the mill was closed.", longer)) == [Verdict.WRONG]


def test_words_that_come_twice_are_judged_where_they_stand() -> None:
    said = Said(words=("the mill was closed",), speaker=("Ilsa Varn",))

    text = "Ilsa Varn said the mill was closed. Tom Berg wept. Ilsa Varn said the mill was closed."
    assert verdicts(form(text, said, said)) == [Verdict.RIGHT, Verdict.RIGHT]


def test_speech_where_there_is_none_is_an_invention_and_none_there_is_right() -> None:
    assert verdicts(form("Ilsa Varn said the mill was closed.")) == [Verdict.WRONG_SPEAKER]
    assert verdicts(form("The mill is closed.")) == [Verdict.RIGHT]


def test_value_is_right_unknown_or_wrong() -> None:
    def judged(words: str, value: str) -> Verdict:
        return judge_value(ValueForm("countries", "en", words, words, value)).verdict

    assert judged("Norway", "NO") is Verdict.RIGHT
    assert judged("Norway", "SE") is Verdict.WRONG
    assert judged("Amvar", "SE") is Verdict.UNKNOWN


def test_tally_counts_every_verdict() -> None:
    counts = tally([Judged(Verdict.RIGHT), Judged(Verdict.RIGHT), Judged(Verdict.WRONG)])

    assert counts == {Verdict.RIGHT: 2, Verdict.UNKNOWN: 0, Verdict.WRONG: 1, Verdict.WRONG_SPEAKER: 0}


def test_no_value_is_wrong_and_hardly_any_is_unknown() -> None:
    counts = tally([judge_value(one) for one in VALUES])

    assert counts[Verdict.WRONG] == 0
    assert counts[Verdict.RIGHT] >= 0.98 * len(VALUES)


def test_no_words_are_given_to_the_wrong_speaker_and_nearly_all_to_the_right_one() -> None:
    counts = tally([judged for one in FORMS for judged in judge_quotations(one)])

    assert counts[Verdict.WRONG_SPEAKER] == 0
    assert counts[Verdict.RIGHT] >= 0.97 * sum(counts.values())
