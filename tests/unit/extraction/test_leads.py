"""Leads: where a kind may be stated, what is settled and proposed there, and how leads are asked about together."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.fields import Mention, Record
from schemas.kinds.military_claims import MilitaryClaim
from schemas.kinds.negotiations import Negotiation
from schemas.kinds.quoted_officials import QuotedOfficial
from schemas.kinds.sanctions import Sanction
from service.extraction import leads as module
from service.extraction.ask import SPEECH
from service.extraction.cues import Cues, cues
from service.extraction.leads import Batch, Lead, Place, batches, leads
from service.extraction.plan import tokens
from service.extraction.quotation import passages
from service.extraction.segment import Sentence, segment
from service.extraction.speech import attributions

SPEECHES = (
    "Ilsa Varn came to Tolmi on Sunday. “The ovens are cold this week,” Varn said. The market opened at nine. "
    "Oke Marl said that flour was short. “We wait for it every day,” he added. Nobody else spoke. "
    "Varn denied that the mill was closed."
)


def find(record: type[Record], text: str, words: Cues | None = None, language: str = "en") -> list[Lead]:
    sentences = segment(text, language)
    said = attributions(text, sentences, passages(text), cues(SPEECH, language))
    return leads(record, text, sentences, said, cues(record.kind, language) if words is None else words)


def numbers(lead: Lead) -> list[list[int]]:
    """The sentences of each place of a lead."""
    return [[sentence.number for sentence in place.sentences] for place in lead.places]


def texts(proposed: object) -> dict[str, str]:
    assert isinstance(proposed, dict)
    return {name: value.text if isinstance(value, Mention) else value for name, value in proposed.items()}


def assert_stands(text: str, mention: Mention) -> None:
    assert text[mention.start : mention.end] == mention.text != ""


# Quotations


def test_speaker_has_one_lead_with_all_places() -> None:
    varn, marl = find(QuotedOfficial, SPEECHES)

    assert texts(varn.proposed)["speaker"] == "Ilsa Varn"
    assert numbers(varn) == [[2], [7]]
    assert texts(marl.proposed)["speaker"] == "Oke Marl"
    assert numbers(marl) == [[4], [5]]


def test_lead_shows_its_first_place() -> None:
    varn, _ = find(QuotedOfficial, SPEECHES)

    assert [sentence.number for sentence in varn.sentences] == [2]


def test_speakers_are_the_same_in_any_typography() -> None:
    text = "ILSA VARN said that it was late. “The ovens are cold,” Ilsa\u00a0Varn said. Ilsa Varnley said it rained."

    assert list(map(numbers, find(QuotedOfficial, text))) == [[[1], [2]], [[3]]]


def test_speaker_who_is_not_known_has_a_lead_for_each_quotation() -> None:
    text = "“The ovens are cold,” she said. The market opened. “We wait for flour every day.”"

    found = find(QuotedOfficial, text)

    assert [numbers(lead) for lead in found] == [[[1]], [[3]]]
    assert all("speaker" not in lead.proposed for lead in found)


def test_place_settles_words_and_cue() -> None:
    varn, marl = find(QuotedOfficial, SPEECHES)

    settled = [place.settled for lead in (varn, marl) for place in lead.places]

    assert [[part.text for part in known["content"]] for known in settled] == [
        ["The ovens are cold this week,"],
        ["the mill was closed"],
        ["flour was short"],
        ["We wait for it every day,"],
    ]
    assert [known["cue"].text for known in settled] == ["said", "denied", "said", "added"]
    assert all(set(known) == {"content", "cue"} for known in settled)
    for known in settled:
        for mention in [*known["content"], known["cue"]]:
            assert_stands(SPEECHES, mention)


def test_place_of_a_split_quotation_has_all_its_parts_and_sentences() -> None:
    text = "“The ovens are cold,” said Ilsa Varn. “They stay cold all week.”"

    [lead] = find(QuotedOfficial, text)

    assert numbers(lead) == [[1, 2]]
    assert [part.text for part in lead.places[0].settled["content"]] == [
        "The ovens are cold,",
        "They stay cold all week.",
    ]


def test_quotation_without_a_cue_settles_that_there_is_none() -> None:
    [lead] = find(QuotedOfficial, "“We wait for flour every day.”")

    assert lead.places[0].settled["cue"] is None


def test_speaker_is_proposed_where_the_fullest_name_stands() -> None:
    varn, _ = find(QuotedOfficial, SPEECHES)

    speaker = varn.proposed["speaker"]

    assert isinstance(speaker, Mention)
    assert (speaker.start, speaker.end) == (0, len("Ilsa Varn"))


def test_article_without_speech_has_no_leads() -> None:
    assert find(QuotedOfficial, "The market opened at nine. The mill is closed.") == []
    assert find(QuotedOfficial, "") == []


# Kinds that are found by their words

TALKS = (
    "Envoys of Vostria and Kalmere met in Tolmi. The market opened at nine. "
    "Ilsa Varn said that the summit was called off. Bread is short."
)


def test_each_sentence_with_a_cue_is_a_lead_that_settles_nothing() -> None:
    found = find(Negotiation, TALKS)

    assert [numbers(lead) for lead in found] == [[[1]], [[3]]]
    assert all(place == Place(lead.sentences, {}) for lead in found for place in lead.places)


def test_value_that_a_word_suggests_is_proposed() -> None:
    held, cancelled = find(Negotiation, TALKS)

    assert texts(held.proposed) == {"status": "held"}
    assert texts(cancelled.proposed) == {"status": "cancelled", "format": "multilateral"}


def test_first_value_whose_word_stands_there_is_proposed() -> None:
    words = Cues(
        {"cues": cues("negotiations", "en")["cues"]},
        {"status": {"planned": cues("negotiations", "en")["cues"], "held": cues("negotiations", "en")["cues"]}},
    )

    assert [texts(lead.proposed) for lead in find(Negotiation, TALKS, words)] == [{"status": "planned"}] * 2


def test_claimant_is_proposed_where_somebody_speaks() -> None:
    text = "The army said its drones killed 12 soldiers near Sella. Shells hit a bakery, killing nobody."

    said, told = find(MilitaryClaim, text)

    assert texts(said.proposed)["claimant"] == "The army"
    assert "claimant" not in told.proposed


def test_kind_without_a_speaker_has_none_proposed() -> None:
    [lead] = find(Sanction, "Ilsa Varn said that Vostria imposed sanctions on two banks.")

    assert set(lead.proposed) <= set(Sanction.model_fields)
    assert not any(isinstance(value, Mention) for value in lead.proposed.values())


def test_language_decides_what_is_a_cue() -> None:
    text = "Делегації провели переговори в Толмі. Печі холодні."

    assert [numbers(lead) for lead in find(Negotiation, text, language="uk")] == [[[1]]]
    assert find(Negotiation, text, language="de") == []


def test_without_cues_there_are_no_leads() -> None:
    assert find(Negotiation, TALKS, Cues()) == []


# Batches

COSTS = st.lists(st.integers(1, 400), min_size=1, max_size=20)


def article(lengths: Sequence[int]) -> list[Sentence]:
    made: list[Sentence] = []
    start = 0
    for length in lengths:
        made.append(Sentence(len(made) + 1, start, start + length, "x" * length, 0))
        start += length + 1
    return made


def one_each(sentences: Sequence[Sentence]) -> list[Lead]:
    return [Lead((Place((sentence,), {}),), {}) for sentence in sentences]


def cost(batch: Batch) -> int:
    return sum(tokens(sentence.text) for sentence in batch.sentences)


@pytest.fixture(params=[1, 2, 4, 100])
def most(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many leads a batch may have."""
    monkeypatch.setattr(module, "_MOST_LEADS", request.param)
    return int(request.param)


@pytest.fixture
def context(monkeypatch: pytest.MonkeyPatch) -> int:
    """Two sentences before each lead are shown with it."""
    monkeypatch.setattr(module, "_CONTEXT", 2)
    return 2


@given(COSTS, st.integers(1, 300))
def test_every_lead_is_in_one_batch_in_order(lengths: list[int], budget: int) -> None:
    sentences = article(lengths)
    found = one_each(sentences)

    assert [lead for batch in batches(found, sentences, budget) for lead in batch.leads] == found


@given(COSTS, st.integers(1, 300))
def test_batch_is_small_enough_unless_it_is_one_lead(lengths: list[int], budget: int) -> None:
    sentences = article(lengths)

    for batch in batches(one_each(sentences), sentences, budget):
        assert 1 <= len(batch.leads) <= module._MOST_LEADS
        assert cost(batch) <= budget or len(batch.leads) == 1


def test_batch_has_at_most_so_many_leads(most: int) -> None:
    sentences = article([10] * 9)

    sizes = [len(batch.leads) for batch in batches(one_each(sentences), sentences, 10_000)]

    assert sum(sizes) == 9
    assert max(sizes) == min(most, 9)
    assert len(sizes) == -(-9 // most)


def test_batch_is_under_the_budget(most: int) -> None:
    sentences = article([100] * 9)
    three = 3 * tokens("x" * 100)

    made = batches(one_each(sentences), sentences, three)

    assert all(cost(batch) <= three for batch in made)
    assert max(len(batch.leads) for batch in made) == min(most, 3)


def test_lead_over_the_budget_is_a_batch_of_its_own(most: int) -> None:
    sentences = article([10, 4_000, 10])

    made = batches(one_each(sentences), sentences, 50)

    assert [len(batch.leads) for batch in made] == [1, 1, 1]


def test_sentence_of_several_leads_is_shown_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_LEADS", 4)
    sentences = article([10, 10])
    found = one_each([sentences[0], sentences[0], sentences[1]])

    [batch] = batches(found, sentences, 1_000)

    assert [sentence.number for sentence in batch.sentences] == [1, 2]
    assert (batch.start, batch.end) == (0, sentences[1].end)


def test_no_leads_are_no_batches() -> None:
    assert batches([], article([10]), 100) == []


def test_only_the_leads_sentences_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_LEADS", 4)
    monkeypatch.setattr(module, "_CONTEXT", 0)
    sentences = article([10] * 9)
    found = one_each([sentences[2], sentences[7]])

    [batch] = batches(found, sentences, 1_000)

    assert [sentence.number for sentence in batch.sentences] == [3, 8]
    assert batch.before(found[1]) == []


def test_context_is_the_sentences_before_a_lead(monkeypatch: pytest.MonkeyPatch, context: int) -> None:
    monkeypatch.setattr(module, "_MOST_LEADS", 4)
    sentences = article([10] * 9)
    found = one_each([sentences[0], sentences[4], sentences[5]])

    [batch] = batches(found, sentences, 1_000)

    assert [sentence.number for sentence in batch.sentences] == [1, 3, 4, 5, 6]
    assert [[sentence.number for sentence in batch.before(lead)] for lead in found] == [[], [3, 4], [4, 5]]


def test_context_counts_towards_the_budget(monkeypatch: pytest.MonkeyPatch, context: int) -> None:
    monkeypatch.setattr(module, "_MOST_LEADS", 4)
    sentences = article([100] * 9)
    found = one_each([sentences[2], sentences[8]])
    each = (1 + context) * tokens("x" * 100)

    assert len(batches(found, sentences, 2 * each)) == 1
    assert len(batches(found, sentences, 2 * each - 1)) == 2


@pytest.mark.parametrize("count", [2, 3, 4, 7])
def test_halves_have_the_leads_of_the_batch_and_show_only_their_own(
    monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(module, "_MOST_LEADS", 10)
    monkeypatch.setattr(module, "_CONTEXT", 0)
    sentences = article([10] * 9)
    [batch] = batches(one_each(sentences[:count]), sentences, 10_000)

    halves = batch.halves()

    assert halves is not None
    assert halves[0].leads + halves[1].leads == batch.leads
    assert all(half.leads for half in halves)
    for half in halves:
        assert half.sentences == tuple(sentence for lead in half.leads for sentence in lead.sentences)


def test_one_lead_has_no_halves() -> None:
    sentences = article([10, 10])
    [batch] = batches(one_each(sentences[:1]), sentences, 100)

    assert batch.halves() is None


def test_halves_keep_the_context(monkeypatch: pytest.MonkeyPatch, context: int) -> None:
    monkeypatch.setattr(module, "_MOST_LEADS", 4)
    sentences = article([10] * 9)
    [batch] = batches(one_each([sentences[3], sentences[8]]), sentences, 10_000)

    halves = batch.halves()

    assert halves is not None
    assert [[sentence.number for sentence in half.sentences] for half in halves] == [[2, 3, 4], [7, 8, 9]]
