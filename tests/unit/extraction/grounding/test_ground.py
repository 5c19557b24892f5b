"""One draft on its way to a record: what is kept, what is refused, and what is said about it."""

from datetime import date
from typing import Any

import pytest

import prompts
from schemas.answers import BrokenDraft, answer_of
from schemas.draft import complete, draft_of
from schemas.fields import Record
from schemas.kinds.military_claims import MilitaryClaim
from schemas.kinds.negotiations import Negotiation
from schemas.kinds.quoted_officials import QuotedOfficial
from service.extraction.candidates.choices import Choices
from service.extraction.candidates.readers import reader_of
from service.extraction.grounding.ground import Grounded, Grounder
from service.extraction.normalize.rules import ArticleContext
from service.extraction.text.quotes import find_passages
from service.extraction.text.sentences import segment
from service.extraction.text.windows import Window

TEXT = (
    "Envoys of Vostria and the Kalmere Union met in Port Adra on Tuesday. "
    "“We are closer than last week,” said Mira Dolen, Vostria’s deputy foreign minister. "
    "Schools stay closed.\n\n"
    "The army said its drones killed 12 soldiers near Sella. "
    "“Nobody was there at all,” said Oke Brandt."
)
REASONS = prompts.messages().reasons
SENTENCES = segment(TEXT)
WHOLE = Window(tuple(SENTENCES))
LAST = Window(tuple(SENTENCES[3:]))

TALKS = {
    "sentences": [1],
    "parties": ["Vostria", "the Kalmere Union"],
    "format": "bilateral",
    "status": "held",
    "stage": "ceasefire",
}
QUOTE = {
    "sentences": [2],
    "content": ["Q1"],
    "speaker": "Mira Dolen",
    "speaker_type": "person",
    "is_official": True,
    "sector": "gov",
}
CLAIM = {
    "sentences": [4],
    "claim_type": "casualties",
    "claimant": "The army",
    "modality": "certain",
    "attribution_status": "claimed",
    "precision": "near",
}


def ground(record: type[Record], said: dict[str, Any], window: Window = WHOLE) -> Grounded:
    draft = draft_of(record).model_validate(complete(draft_of(record), said))
    around = ArticleContext(tuple(find_passages(TEXT)), date(2025, 2, 27), "en")
    return Grounder(TEXT, around).ground(record, draft, window)


def test_everything_found_is_a_record_without_rejections() -> None:
    outcome = ground(Negotiation, {**TALKS, "location": "port adra", "date_text": "Tuesday", "topics": ["ceasefire"]})

    assert outcome.rejections == ()
    record = outcome.record
    assert isinstance(record, Negotiation)
    assert [party.text for party in record.parties] == ["Vostria", "the Kalmere Union"]
    assert record.location is not None
    assert (record.location.text, TEXT[record.location.start : record.location.end]) == ("Port Adra", "Port Adra")
    assert record.date == "2025-02-25"
    [evidence] = record.evidence
    assert (evidence.sentence, evidence.text) == (1, SENTENCES[0].text)


def test_optional_value_that_is_not_in_the_article_is_null_and_named() -> None:
    outcome = ground(Negotiation, {**TALKS, "location": "Geneva", "round": "third round"})

    assert isinstance(outcome.record, Negotiation)
    assert outcome.record.location is None
    assert outcome.record.country is None
    assert [(r.field, r.draft, r.reason) for r in outcome.rejections] == [
        ("round", "third round", REASONS.not_found),
        ("location", "Geneva", REASONS.not_found),
    ]
    assert {rejection.kind for rejection in outcome.rejections} == {"negotiations"}


def test_required_value_that_is_not_in_the_article_drops_the_record() -> None:
    outcome = ground(QuotedOfficial, {**QUOTE, "speaker": "Ruslan Invented", "cue": "said"})

    assert outcome.record is None
    [rejection] = outcome.rejections
    assert rejection.field is None
    assert rejection.reason == f"speaker: {REASONS.not_found}"
    assert rejection.draft["speaker"] == "Ruslan Invented"
    assert rejection.draft["sentences"] == [2]


def test_list_loses_only_the_item_that_is_not_in_the_article() -> None:
    outcome = ground(Negotiation, {**TALKS, "parties": ["Vostria", "Atlantis", "the Kalmere Union"]})

    assert isinstance(outcome.record, Negotiation)
    assert [party.text for party in outcome.record.parties] == ["Vostria", "the Kalmere Union"]
    assert [(r.field, r.draft) for r in outcome.rejections] == [("parties/1", "Atlantis")]


def test_list_that_must_not_be_empty_drops_the_record_with_its_last_item() -> None:
    outcome = ground(Negotiation, {**TALKS, "parties": ["Atlantis"], "location": "Port Adra", "date_text": "Tuesday"})

    assert outcome.record is None
    [rejection] = outcome.rejections
    assert rejection.reason == f"parties: {REASONS.not_found}"
    assert rejection.draft["parties"] == ["Atlantis"]


def test_nested_item_is_dropped_with_its_required_value_and_kept_without_an_optional_one() -> None:
    persons = [
        {"name": "Mira Dolen", "position": "queen", "organization": None},
        {"name": "Ruslan Invented", "position": "deputy foreign minister", "organization": None},
    ]

    outcome = ground(Negotiation, {**TALKS, "representatives": persons})

    assert isinstance(outcome.record, Negotiation)
    [person] = outcome.record.representatives
    assert (person.name.text, person.position) == ("Mira Dolen", None)
    assert [(r.field, r.draft) for r in outcome.rejections] == [
        ("representatives/0/position", "queen"),
        ("representatives/1", persons[1]),
    ]
    assert outcome.rejections[1].reason == f"representatives/1/name: {REASONS.not_found}"


def test_figure_is_dropped_when_the_article_has_another() -> None:
    quantities = [
        {"metric": "killed", "text": "12 soldiers", "approximate": False},
        {"metric": "killed", "text": "2 soldiers", "approximate": False},
    ]

    outcome = ground(MilitaryClaim, {**CLAIM, "quantities": quantities})

    assert isinstance(outcome.record, MilitaryClaim)
    [quantity] = outcome.record.quantities
    assert (quantity.text.text, quantity.value_min, quantity.value_max) == ("12 soldiers", 12, 12)
    assert [r.field for r in outcome.rejections] == ["quantities/1"]


def test_item_said_twice_is_there_once() -> None:
    outcome = ground(Negotiation, {**TALKS, "parties": ["Vostria", "VOSTRIA", "“Vostria”"]})

    assert isinstance(outcome.record, Negotiation)
    assert [party.text for party in outcome.record.parties] == ["Vostria"]


@pytest.mark.parametrize("label", ["Q1", "q1", " Q1.", "Q1 "])
def test_label_stands_for_the_words_of_its_passage(label: str) -> None:
    outcome = ground(QuotedOfficial, {**QUOTE, "content": [label]})

    assert isinstance(outcome.record, QuotedOfficial)
    assert [part.text for part in outcome.record.content] == ["We are closer than last week,"]
    assert outcome.record.quote_type == "direct"


@pytest.mark.parametrize("label", ["Q0", "Q3", "Q99", "Q9999", "Q" + "9" * 5_000, "Q", "Q1 and Q2"])
def test_label_that_was_not_shown_drops_the_record(label: str) -> None:
    outcome = ground(QuotedOfficial, {**QUOTE, "content": [label]})

    assert outcome.record is None
    [rejection] = outcome.rejections
    assert rejection.reason == f"content: {REASONS.not_found}"
    assert rejection.draft["content"] == [label]


def test_quotation_keeps_the_parts_that_are_there() -> None:
    outcome = ground(QuotedOfficial, {**QUOTE, "content": ["We are closer", "Q9", "than last week", "Q1 and Q2"]})

    assert isinstance(outcome.record, QuotedOfficial)
    assert [part.text for part in outcome.record.content] == ["We are closer", "than last week"]
    assert [(r.field, r.draft) for r in outcome.rejections] == [("content/1", "Q9"), ("content/3", "Q1 and Q2")]


def test_labels_count_from_one_in_each_window() -> None:
    outcome = ground(QuotedOfficial, {**QUOTE, "sentences": [5], "speaker": "Oke Brandt"}, LAST)

    assert isinstance(outcome.record, QuotedOfficial)
    assert [part.text for part in outcome.record.content] == ["Nobody was there at all,"]
    beyond = {**QUOTE, "sentences": [5], "speaker": "Oke Brandt", "content": ["Q2"]}
    assert ground(QuotedOfficial, beyond, LAST).record is None
    assert ground(QuotedOfficial, beyond).record is not None


def test_label_means_a_passage_in_its_own_field_alone() -> None:
    outcome = ground(QuotedOfficial, {**QUOTE, "cue": "Q1"})

    assert isinstance(outcome.record, QuotedOfficial)
    assert outcome.record.cue is None
    assert [r.field for r in outcome.rejections] == ["cue"]


def test_words_may_be_copied_instead_of_named() -> None:
    outcome = ground(QuotedOfficial, {**QUOTE, "content": ["“we are closer\nthan last week”"]})

    assert isinstance(outcome.record, QuotedOfficial)
    assert [part.text for part in outcome.record.content] == ["We are closer than last week"]


def test_words_of_the_cited_sentence_come_before_those_of_another() -> None:
    outcome = ground(
        QuotedOfficial, {**QUOTE, "sentences": [5], "content": ["Q2"], "speaker": "Oke Brandt", "cue": "said"}
    )

    assert isinstance(outcome.record, QuotedOfficial)
    assert outcome.record.cue is not None
    assert SENTENCES[4].start <= outcome.record.cue.start < SENTENCES[4].end


def test_place_that_was_hit_may_be_what_suffered_it() -> None:
    outcome = ground(MilitaryClaim, {**CLAIM, "claim_type": "strike", "affected": "Sella", "location": "Sella"})

    assert isinstance(outcome.record, MilitaryClaim)
    assert outcome.record.affected == outcome.record.location is not None
    assert outcome.rejections == ()


def test_words_outside_of_the_window_are_not_found() -> None:
    said = {**CLAIM, "location": "Port Adra"}

    in_all, in_last = ground(MilitaryClaim, said), ground(MilitaryClaim, said, LAST)

    assert isinstance(in_all.record, MilitaryClaim)
    assert isinstance(in_last.record, MilitaryClaim)
    assert in_all.record.location is not None
    assert in_last.record.location is None
    assert [r.field for r in in_last.rejections] == ["location"]


def test_numbers_that_were_not_shown_are_no_evidence() -> None:
    outcome = ground(MilitaryClaim, {**CLAIM, "sentences": [0, -1, 99, 4, 4, 2]}, LAST)

    assert outcome.record is not None
    assert [evidence.sentence for evidence in outcome.record.evidence] == [4]


def test_evidence_is_in_the_order_of_the_article() -> None:
    outcome = ground(Negotiation, {**TALKS, "sentences": [2, 1]})

    assert outcome.record is not None
    assert [evidence.sentence for evidence in outcome.record.evidence] == [1, 2]


@pytest.mark.parametrize("sentences", [[3], [77]])
def test_miscounted_citation_is_put_right_when_one_sentence_holds_several_of_its_words(sentences: list[int]) -> None:
    outcome = ground(Negotiation, {**TALKS, "sentences": sentences})

    assert outcome.record is not None
    assert [evidence.sentence for evidence in outcome.record.evidence] == [1]


@pytest.mark.parametrize(
    "said",
    [
        {**CLAIM, "sentences": [3]},  # one word of it stands somewhere else
        {**CLAIM, "claimant": None},  # it names nothing at all
        {**CLAIM, "claimant": "Atlantis", "actor": "Lemuria"},
        {**CLAIM, "sentences": [99], "claimant": "Atlantis"},
    ],
)
def test_record_that_no_sentence_supports_is_dropped(said: dict[str, Any]) -> None:
    outcome = ground(MilitaryClaim, said)

    assert outcome.record is None
    [rejection] = outcome.rejections
    assert (rejection.field, rejection.reason) == (None, REASONS.unsupported)
    assert rejection.draft["claim_type"] == "casualties"


def test_draft_that_breaks_the_schema_is_rejected_alone_and_in_its_own_words() -> None:
    good = complete(draft_of(Negotiation), TALKS)
    bad = {**good, "format": "seance", "sentences": [], "extra": "SECRET"}

    answer = answer_of(Negotiation).model_validate({"records": [bad, good, "nonsense"]})

    items: list[Any] = answer.records  # type: ignore[attr-defined]  # the answer's model is made at run time
    assert [type(item) is BrokenDraft for item in items] == [True, False, True]
    outcome = Grounder(TEXT, ArticleContext((), None, None)).ground(Negotiation, items[0], WHOLE)
    assert outcome.record is None
    [rejection] = outcome.rejections
    assert rejection.draft == bad
    assert rejection.reason == (
        "does not fit the schema: sentences: too_short; format: literal_error; extra: extra_forbidden"
    )
    assert "SECRET" not in rejection.reason


def test_list_that_may_not_be_empty_breaks_the_draft_and_nothing_else() -> None:
    good = complete(draft_of(Negotiation), TALKS)

    answer = answer_of(Negotiation).model_validate({"records": [{**good, "parties": []}, good]})

    first, second = answer.records  # type: ignore[attr-defined]  # the answer's model is made at run time
    assert isinstance(first, BrokenDraft)
    assert first.problems == ["parties: too_short"]
    assert not isinstance(second, BrokenDraft)


def test_number_of_a_passage_copied_with_the_sentence_is_not_part_of_the_words() -> None:
    said = {**QUOTE, "content": ["Q1 “We are closer than last week,” said Mira Dolen"]}

    outcome = ground(QuotedOfficial, said)

    assert outcome.record is not None
    assert [part.text for part in outcome.record.content] == ["We are closer than last week,” said Mira Dolen"]


def test_number_of_a_passage_is_found_in_scripts_without_spaces() -> None:
    text = "外交部表示呼吁“尽快停火并恢复谈判”的立场没有改变。"
    window = Window(tuple(segment(text)))
    said = {**QUOTE, "sentences": [1], "speaker": "外交部", "content": ["呼吁Q1 “尽快停火并恢复谈判”的立场没有改变"]}
    draft = draft_of(QuotedOfficial).model_validate(complete(draft_of(QuotedOfficial), said))

    outcome = Grounder(text, ArticleContext(tuple(find_passages(text)), None, "zh")).ground(
        QuotedOfficial, draft, window
    )

    assert outcome.record is not None
    assert outcome.record.content[0].text == "呼吁“尽快停火并恢复谈判”的立场没有改变"


# How values came about


def origins(record: type[Record], said: dict[str, Any]) -> dict[str, str]:
    grounded = ground(record, said).record
    assert grounded is not None
    return dict(grounded.origins)


def test_values_are_asked_for_or_derived_from_others() -> None:
    talks = {**TALKS, "location": "Port Adra", "date_text": "Tuesday", "topics": ["ceasefire"]}

    assert origins(Negotiation, talks) == {
        "parties": "asked",
        "format": "asked",
        "status": "asked",
        "stage": "asked",
        "topics": "asked",
        "location": "asked",
        "date_text": "asked",
        "date": "derived",
    }


def test_value_that_is_null_or_empty_or_refused_came_from_nowhere_and_false_did_not() -> None:
    told = origins(QuotedOfficial, {**QUOTE, "position": "queen", "cue": "said", "is_official": False})

    assert told == {
        "content": "chosen",
        "speaker": "asked",
        "cue": "asked",
        "speaker_type": "asked",
        "is_official": "asked",
        "sector": "asked",
        "quote_type": "derived",
    }


@pytest.mark.parametrize(
    ("content", "origin"),
    [
        (["Q1"], "chosen"),
        (["q1.", "Q2"], "chosen"),
        (["Q1", "these words stand nowhere", "Q9"], "chosen"),
        (["We are closer than last week"], "asked"),
        (["Q1 “We are closer than last week,”"], "asked"),
        (["Q1", "Nobody was there at all"], "asked"),
    ],
)
def test_passage_is_chosen_by_its_number_alone(content: list[str], origin: str) -> None:
    assert origins(QuotedOfficial, {**QUOTE, "content": content})["content"] == origin


FOUND = Choices(
    names=("Vostria",), actors=("Vostria", "the Kalmere Union"), persons=("Mira Dolen",), places=(), dates=("Tuesday",)
)


@pytest.mark.parametrize(("choices", "origin"), [(FOUND, "chosen"), (Choices(), "asked")])
def test_value_is_chosen_where_what_code_had_found_was_offered(choices: Choices, origin: str) -> None:
    person = {"name": "Mira Dolen", "position": "deputy foreign minister", "organization": None}
    said = {**TALKS, "representatives": [person], "outcome": "closer than last week", "date_text": "Tuesday"}
    reader = reader_of(Negotiation)
    assert reader
    form = draft_of(Negotiation, allowed=reader.allowed(choices))
    around = ArticleContext(tuple(find_passages(TEXT)), date(2025, 2, 27), "en")

    record = Grounder(TEXT, around).ground(Negotiation, form.model_validate(complete(form, said)), WHOLE).record

    assert record is not None
    chosen = {name for name in record.origins if record.origins[name] == origin}
    assert {"parties", "representatives", "date_text"} <= chosen
    assert (record.origins["outcome"], record.origins["format"]) == ("asked", "asked")
