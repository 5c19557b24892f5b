"""A question as it is sent, and what becomes of its answer."""

from typing import Any

import pytest

import prompts
from schemas.answers import answer_of, candidate_answer_of
from schemas.draft import complete, draft_of
from schemas.kinds.negotiations import Negotiation
from schemas.kinds.quoted_officials import QuotedOfficial
from schemas.kinds.sanctions import Sanction
from service.extraction.grounding.ground import Grounder
from service.extraction.normalize.rules import ArticleContext
from service.extraction.questions.instructions import Instructions
from service.extraction.questions.planned import PlannedQuestion
from service.extraction.questions.prepared import PreparedQuestion, QuestionPreparer
from service.extraction.text.quotes import find_passages
from service.extraction.text.sentences import segment
from service.extraction.text.windows import Window
from tests.unit.extraction.candidates.finding import find

TEXT = "Norvia imposed sanctions on Firm Ara. Schools stay closed. Norvia imposed sanctions on Firm Bela."
WINDOW = Window(tuple(segment(TEXT)))
SEARCH = Instructions.by_examples(Sanction, field_guide=True, lean=False)
JOINT = Instructions.by_definitions([Negotiation, Sanction])
NOT_FOUND = prompts.messages().reasons.not_found


def preparer(text: str = TEXT, *, lean: bool = False) -> QuestionPreparer:
    passages = tuple(find_passages(text))
    return QuestionPreparer(text, passages, Grounder(text, ArticleContext(passages, None, "en")), lean)


def about_window(
    instructions: Instructions = SEARCH, window: Window = WINDOW, *, shown: Window | None = None, bounded: bool = True
) -> PreparedQuestion:
    kinds = tuple(record.kind for record in instructions.lists.values())
    return preparer().prepare(instructions, PlannedQuestion(kinds, window, shown), bounded=bounded)


def sanction(sentence: int, firm: str, **said: Any) -> dict[str, Any]:
    base = {"sentences": [sentence], "action": "imposed", "authorities": ["Norvia"], "status": "active"}
    targets = [{"name": firm, "target_type": "company"}]
    return complete(draft_of(Sanction), {**base, "targets": targets, **said})


# About a window


def test_window_stands_behind_what_is_said_of_the_kinds() -> None:
    prepared = about_window()

    assert prepared.messages[:-1] == list(SEARCH.preamble)
    assert prepared.messages[-1].content.startswith(f"{SEARCH.task}\n\nARTICLE\n[1] Norvia")
    assert prepared.answer_model is answer_of(Sanction)
    assert prepared.has_lists


def test_what_was_asked_before_is_shown_with_the_number_from_which_it_goes_on() -> None:
    prepared = about_window(JOINT, Window(WINDOW.sentences[2:]), shown=WINDOW)

    shown = prepared.messages[-1].content
    assert shown.startswith("ARTICLE\n[1] ")
    assert shown.endswith("END\n" + prompts.going_on().format(number=3))


def test_record_that_ends_before_what_is_asked_about_is_not_reported_again() -> None:
    prepared = about_window(JOINT, Window(WINDOW.sentences[2:]), shown=WINDOW)
    both = [sanction(1, "Firm Ara"), sanction(3, "Firm Bela")]

    grounded = list(prepared.ground(prepared.answer_model.model_validate({"sanctions": both})))

    assert [outcome.record.evidence[0].sentence for outcome in grounded if outcome.record] == [3]


def test_answer_has_room_by_the_length_of_the_window_and_more_without_an_end() -> None:
    short, long = about_window(window=Window(WINDOW.sentences[:1])), about_window()
    joint, endless = about_window(JOINT), about_window(bounded=False)

    assert 150 < short.answer_tokens < long.answer_tokens < joint.answer_tokens < endless.answer_tokens
    assert (short.least_tokens, joint.schema_tokens) == (100, JOINT.schema_tokens)


def test_review_names_what_is_wrong_and_nothing_where_nothing_is() -> None:
    prepared = about_window()
    good, bad = sanction(1, "Firm Ara"), sanction(3, "Firm Bela", reason="because of grain")

    assert prepared.review(prepared.answer_model.model_validate({"records": [good]})) is None
    assert prepared.review(prepared.answer_model.model_validate({"records": [good, bad]})) == (
        "These parts of the answer cannot be used:\n"
        f"- records[1].reason: {NOT_FOUND} (you wrote: 'because of grain')\n"
        "Answer again, whole."
    )


def test_review_of_all_kinds_names_lists_that_are_left_out_and_no_single_values() -> None:
    prepared = about_window(JOINT)
    said = {"sanctions": [sanction(1, "Firm Ara", reason="because of grain")]}

    complaint = prepared.review(prepared.answer_model.model_validate(said))

    assert complaint
    assert complaint.splitlines()[1:-1] == [f"- negotiations: {prompts.messages().reasons.no_list}"]


def test_list_that_nothing_was_wrong_with_is_not_lost_to_a_second_answer() -> None:
    prepared = about_window(JOINT)
    first = prepared.answer_model.model_validate({"sanctions": [sanction(1, "Firm Ara"), sanction(3, "Firm Bela")]})
    second = prepared.answer_model.model_validate({"sanctions": [sanction(1, "Firm Ara")], "negotiations": []})

    prepared.review(first)
    prepared.review(second)
    completed = prepared.complete(second)

    assert (len(completed.sanctions), completed.negotiations) == (2, [])


# About a candidate

SPOKEN = "“We wait for flour,” Mira Dolen said. Rain fell. “They wait for salt,” Dolen said."
JUDGED = Instructions.by_examples(QuotedOfficial, field_guide=True, lean=False)


def about_candidate(text: str = SPOKEN, *, lean: bool = False, bounded: bool = True) -> PreparedQuestion:
    [candidate] = find(QuotedOfficial, text)
    planned = PlannedQuestion(("quoted_officials",), candidate)
    return preparer(text, lean=lean).prepare(JUDGED, planned, bounded=bounded)


def quotation(prepared: PreparedQuestion, **said: Any) -> Any:
    base = {"position": None, "affiliation": None, "speaker_type": "person", "is_official": True, "sector": "gov"}
    return prepared.answer_model.model_validate({"record": {**base, **said}})


def test_candidate_stands_behind_what_is_said_of_judging_and_has_no_lists() -> None:
    prepared = about_candidate()

    assert prepared.messages[:-1] == list(JUDGED.candidate_preamble)
    assert prepared.messages[-1].content.splitlines()[-1].startswith("LEAD [1] ")
    assert not prepared.has_lists
    read_off = frozenset({"evidence", "content", "cue", "about", "speaker"})
    form = candidate_answer_of(QuotedOfficial, read_off, certain=True)
    assert prepared.answer_model.model_json_schema() == form.model_json_schema()


@pytest.mark.parametrize(("bounded", "tokens"), [(True, 370), (False, 1_500)])
def test_answer_about_a_candidate_has_room_of_its_own(*, bounded: bool, tokens: int) -> None:
    assert about_candidate(bounded=bounded).answer_tokens == tokens


def test_lean_question_offers_what_was_found() -> None:
    lean, free = about_candidate(lean=True), about_candidate()

    assert '"enum": ["Mira Dolen"]' not in str(free.answer_model.model_json_schema()).replace("'", '"')
    assert '"enum": ["Mira Dolen"]' in str(lean.answer_model.model_json_schema()).replace("'", '"')


def test_record_is_grounded_at_all_occurrences_and_a_fault_is_told_once() -> None:
    prepared = about_candidate()

    grounded = list(prepared.ground(quotation(prepared, position="queen")))

    assert [outcome.record.evidence[0].sentence for outcome in grounded if outcome.record] == [1, 3]
    assert [[refused.field for refused in outcome.rejections] for outcome in grounded] == [["position"], []]


def test_review_is_of_the_occurrence_that_was_shown() -> None:
    prepared = about_candidate()

    assert prepared.review(quotation(prepared)) is None
    assert prepared.review(quotation(prepared, position="queen")) == (
        "These parts of the answer cannot be used:\n"
        f"- record.position: {NOT_FOUND} (you wrote: 'queen')\n"
        "Answer again, whole."
    )


def test_null_is_no_record() -> None:
    prepared = about_candidate("“We wait for flour,” she said.")

    answer = prepared.answer_model.model_validate({"record": None})

    assert list(prepared.ground(answer)) == []
    assert prepared.review(answer) is None
