"""What the figures of a sentence count: told by the words beside them, or not at all."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.kinds.military_claims import Metric
from service.extraction.entities.casualties import Loss, losses
from service.extraction.normalize.numbers import amount_spans
from service.extraction.text.lexicon import lexicon_for
from service.extraction.text.spans import Span

METRICS = lexicon_for("military_claims", "en").values["metric"]


def told(sentence: str) -> list[tuple[str, str]]:
    """The losses of an English sentence, each with its words."""
    figures = amount_spans(sentence, "en")
    assert figures is not None
    return [(sentence[loss.span.start : loss.span.end], loss.metric) for loss in losses(sentence, figures, METRICS)]


def where(sentence: str, *words: str) -> list[tuple[int, int]]:
    """Where some words stand, each behind the one before."""
    found: list[tuple[int, int]] = []
    for said in words:
        start = sentence.index(said, found[-1][1] if found else 0)
        found.append((start, start + len(said)))
    return found


@pytest.mark.parametrize(
    ("sentence", "counted"),
    [
        # before the figure
        ("Shells killed 12 bakers in Sella.", [("12 bakers", "killed")]),
        ("Shells hit Sella, killing 12.", [("12", "killed")]),
        ("The death toll in Sella is 35.", [("35", "killed")]),
        ("A blast wounded at least seven soldiers.", [("at least seven soldiers", "wounded")]),
        ("The blast injured dozens.", [("dozens", "wounded")]),
        # behind it, or among its own words
        ("Twelve were killed.", [("Twelve", "killed")]),
        ("In Sella, 12 soldiers of the 5th Brigade died.", [("12 soldiers", "killed")]),
        ("1,200 of its men have been wounded.", [("1,200", "wounded")]),
        ("12 dead, nine hurt.", [("12 dead", "killed"), ("nine", "wounded")]),
        # several
        ("Shells hit Sella, killing 12 soldiers and wounding nine.", [("12 soldiers", "killed"), ("nine", "wounded")]),
        ("Shells killed 12 and wounded nine.", [("12", "killed"), ("nine", "wounded")]),
        ("12 soldiers were killed and nine wounded.", [("12 soldiers", "killed"), ("nine", "wounded")]),
        (
            "The army killed 12 rebels, captured 30 and burnt two trucks.",
            [("12 rebels", "killed"), ("30", "captured"), ("two trucks", "equipment")],
        ),
        # what stands beyond a stop is told of something else
        ("About 40 men died; 12 were wounded.", [("About 40 men", "killed"), ("12", "wounded")]),
        ("The bakers have 12 ovens: nobody died.", []),
    ],
)
def test_killed_and_wounded_are_told_by_the_nearest_word(sentence: str, counted: list[tuple[str, str]]) -> None:
    assert told(sentence) == counted


@pytest.mark.parametrize(
    ("sentence", "counted"),
    [
        ("Drones killed three civilians in Sella.", [("three civilians", "civilians_killed")]),
        ("Three villagers were killed near Sella.", [("Three villagers", "civilians_killed")]),
        ("Two children died in Tolmi.", [("Two children", "civilians_killed")]),
        ("The shelling wounded five civilians.", [("five civilians", "wounded")]),
        ("Shells killed three civilians and two soldiers.", [("three civilians", "civilians_killed")]),
        ("Shells killed three people of Sella on the civilians’ road.", [("three people", "killed")]),
    ],
)
def test_civilians_are_counted_apart_where_they_are_killed(sentence: str, counted: list[tuple[str, str]]) -> None:
    assert told(sentence)[:1] == counted


@pytest.mark.parametrize(
    ("sentence", "counted"),
    [
        ("The army captured 40 men near Sella.", [("40 men", "captured")]),
        ("Forty rebels were taken prisoner.", [("Forty rebels", "captured")]),
        ("Kalmere holds more than 300 prisoners.", [("more than 300 prisoners", "captured")]),
        # what is lost together
        ("Some 300 soldiers were killed or wounded.", [("Some 300 soldiers", "losses_total")]),
        ("Kalmere put its losses at 300 men.", [("300 men", "losses_total")]),
        ("The front suffered 60 casualties.", [("60 casualties", "losses_total")]),
        ("It put 300 Vostrian soldiers out of action.", [("300 Vostrian soldiers", "losses_total")]),
    ],
)
def test_captured_and_losses_altogether_are_told(sentence: str, counted: list[tuple[str, str]]) -> None:
    assert told(sentence) == counted


@pytest.mark.parametrize(
    ("sentence", "counted"),
    [
        (
            "Vostria destroyed four tanks and 12 armoured vehicles.",
            [("four tanks", "equipment"), ("12 armoured vehicles", "equipment")],
        ),
        ("Two boats sank off Port Adra.", [("Two boats sank", "equipment")]),
        (
            "Vostria fired 30 missiles and more than 90 drones.",
            [("30 missiles", "munitions"), ("more than 90 drones", "munitions")],
        ),
        ("Eight glide bombs fell on Sella.", [("Eight glide bombs", "munitions")]),
        ("The army took 40 square kilometres.", [("40 square kilometres", "area_km2")]),
        ("It holds some 1,200 sq km of Marl.", [("some 1,200 sq km", "area_km2")]),
        # of things, nobody's fate is told
        ("Vostria lost four tanks.", [("four tanks", "equipment")]),
        ("The army captured two tanks.", [("two tanks", "equipment")]),
        ("Three drones killed nobody.", [("Three drones", "munitions")]),
        ("Kalmere lost 300 men and four tanks.", [("300 men", "losses_total"), ("four tanks", "equipment")]),
    ],
)
def test_things_are_told_by_the_words_of_their_own_figure(sentence: str, counted: list[tuple[str, str]]) -> None:
    assert told(sentence) == counted


@pytest.mark.parametrize(
    ("sentence", "counted"),
    [
        # times
        ("The army fought for three hours, and Tolmi was lost.", []),
        ("In the past 24 hours nobody was killed.", []),
        ("In two weeks of shelling, 40 men died.", [("40 men", "killed")]),
        ("At 09:05 shells killed three bakers.", [("three bakers", "killed")]),
        ("Shells fell from 09:05 to 10:30, and nobody was killed.", []),
        # what happened, and how often
        ("Vostria launched 14 attacks, killing nobody.", []),
        ("Drones killed three men in 14 attacks.", [("three men", "killed")]),
        ("The front lost two villages.", []),
        # people who neither died nor were hurt
        ("The shelling displaced 4,000 people.", []),
        ("4,000 displaced people died of cold.", []),
        # figures beside which nothing is told
        ("Sella has 12 bakeries.", []),
        ("Some 200 soldiers were sent to Sella.", []),
        ("T-72 tanks and 155mm shells killed nobody.", []),
        ("Nobody was killed.", []),
        ("", []),
    ],
)
def test_figure_that_counts_no_loss_has_no_metric(sentence: str, counted: list[tuple[str, str]]) -> None:
    assert told(sentence) == counted


def test_fate_that_is_told_far_off_is_not_the_figures() -> None:
    between = "and the bakers of Tolmi went home to wait for flour and for warmer days,"

    assert told(f"There were 12 soldiers in Sella, {between} when Ilsa Varn was killed.") == []
    assert told("There were 12 soldiers in Sella when Ilsa Varn was killed.") == [("12 soldiers", "killed")]


def test_loss_stands_where_its_figure_does() -> None:
    sentence = "Tolmi, 12\u00a0km off, lost 12\n  men, and two died where two had died before."

    found = losses(sentence, where(sentence, "12\n  men", "two", "two"), METRICS)

    assert [(loss.span, loss.metric) for loss in found] == [
        (Span(sentence.index("12\n"), sentence.index(", and two")), "losses_total"),
        (Span(sentence.index("two"), sentence.index("two") + 3), "killed"),
        (Span(sentence.rindex("two"), sentence.rindex("two") + 3), "killed"),
    ]


def test_no_loss_is_told_without_words_for_it() -> None:
    assert losses("Shells killed 12 men.", [(14, 20)], {}) == []
    assert losses("Shells killed 12 women.", [(14, 22)], {"killed": METRICS["killed"]}) == [
        Loss(Span(14, 22), "killed")
    ]


PIECES = [
    *(
        "12 ",
        "1,500 ",
        "three ",
        "dozens ",
        "about ",
        "at least ",
        "09:05 ",
        "20% ",
        "soldiers ",
        "civilians ",
        "tanks ",
    ),
    *(
        "drones ",
        "square kilometres ",
        "hours ",
        "attacks ",
        "killed ",
        "wounding ",
        "captured ",
        "lost ",
        "and ",
        "of ",
    ),
    *(", ", "; ", ". ", "\n", "\u00a0", "\ud83d", "İ ", "(", ")"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=24).map("".join))
def test_losses_of_any_text_stand_in_it_in_order(text: str) -> None:
    figures = amount_spans(text, "en") or ()
    found = losses(text, figures, METRICS)

    ends = [0, *(loss.span.end for loss in found)]
    assert all(end <= loss.span.start < loss.span.end for end, loss in zip(ends, found, strict=False))
    assert all(any(start == loss.span.start and loss.span.end <= end for start, end in figures) for loss in found)
    assert {loss.metric for loss in found} <= set(get_args(Metric))


@pytest.mark.parametrize(
    ("sentence", "counted"),
    [
        ("Vostria holds around 64% of the territory.", [("around 64%", "percent_territory")]),
        ("The Front controls 40 percent of the region.", [("40 percent", "percent_territory")]),
        ("Exports fell by 64% since the war began.", []),
        ("Its troops advanced 12 kilometres towards Sella.", [("12 kilometres towards", "distance_km")]),
        ("Its troops took 12 square kilometres near Sella.", [("12 square kilometres", "area_km2")]),
    ],
)
def test_ground_is_counted_in_shares_distances_and_areas(sentence: str, counted: list[tuple[str, str]]) -> None:
    assert told(sentence) == counted


@pytest.mark.parametrize(
    ("language", "sentence", "counted"),
    [
        (
            "fr",
            "Une frappe a tué 12 soldats et blessé neuf civils.",
            [("12 soldats", "killed"), ("neuf civils", "wounded")],
        ),
        ("es", "Murieron 12 soldados y nueve resultaron heridos.", [("12 soldados", "killed"), ("nueve", "wounded")]),
        ("fr", "L’armée tient 14 % du territoire, soit quinze pour cent de moins.", [("14 %", "percent_territory")]),
    ],
)
def test_conjunctions_and_shares_are_those_of_the_language(
    language: str, sentence: str, counted: list[tuple[str, str]]
) -> None:
    figures = amount_spans(sentence, language)
    metrics = lexicon_for("military_claims", language).values["metric"]

    found = losses(sentence, figures or [], metrics, language)

    assert [(sentence[loss.span.start : loss.span.end], loss.metric) for loss in found] == counted
