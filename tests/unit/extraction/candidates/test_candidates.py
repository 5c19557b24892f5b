"""Candidates: where a kind may be stated, and what is settled, hinted at and offered for choice there."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.draft import draft_of
from schemas.fields import Mention, Record
from schemas.kinds.military_claims import Metric, MilitaryClaim
from schemas.kinds.negotiations import Negotiation
from schemas.kinds.quoted_officials import QuotedOfficial
from schemas.kinds.sanctions import Sanction
from schemas.registry import built_in
from service.extraction.analysis import analyse
from service.extraction.candidates import candidates as module
from service.extraction.candidates.candidate import Candidate, Occurrence
from service.extraction.candidates.candidates import find_candidates
from service.extraction.candidates.choices import Choices
from service.extraction.candidates.readers import reader_of
from service.extraction.text.lexicon import Lexicon, lexicon
from service.extraction.text.quotes import find_passages
from service.extraction.text.sentences import segment

SPEECHES = (
    "Ilsa Varn came to Tolmi on Sunday. “The ovens are cold this week,” Varn said. The market opened at nine. "
    "Oke Marl said that flour was short. “We wait for it every day,” he added. Nobody else spoke. "
    "Varn denied that the mill was closed."
)


def find(record: type[Record], text: str, language: str | None = "en") -> list[Candidate]:
    found = find_candidates(record, analyse(text, segment(text, language), find_passages(text), language))
    assert found is not None
    return found


def numbers(candidate: Candidate) -> list[list[int]]:
    """The sentences of each place of a candidate."""
    return [[sentence.number for sentence in place.sentences] for place in candidate.occurrences]


def texts(settled: Mapping[str, Mention | str | None]) -> dict[str, str | None]:
    return {name: value.text if isinstance(value, Mention) else value for name, value in settled.items()}


def counted(candidate: Candidate) -> list[tuple[str, str, bool]]:
    """What figures of a candidate count, with their words and whether they are approximate."""
    quantities = candidate.prefilled["quantities"]
    assert isinstance(quantities, list)
    return [(one["metric"], one["text"].text, one["approximate"]) for one in quantities]


def assert_stands(text: str, mention: Mention) -> None:
    assert text[mention.start : mention.end] == mention.text != ""


# Quotations


def test_speaker_has_one_lead_with_all_places() -> None:
    varn, marl = find(QuotedOfficial, SPEECHES)

    assert texts(varn.prefilled) == {"speaker": "Ilsa Varn"}
    assert numbers(varn) == [[2], [7]]
    assert texts(marl.prefilled) == {"speaker": "Oke Marl"}
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

    assert [numbers(candidate) for candidate in found] == [[[1]], [[3]]]
    assert all(candidate.prefilled == {} for candidate in found)


def test_place_settles_words_and_cue() -> None:
    varn, marl = find(QuotedOfficial, SPEECHES)

    settled = [place.prefilled for candidate in (varn, marl) for place in candidate.occurrences]

    assert [[part.text for part in known["content"]] for known in settled] == [
        ["The ovens are cold this week,"],
        ["the mill was closed"],
        ["flour was short"],
        ["We wait for it every day,"],
    ]
    assert [known["cue"].text for known in settled] == ["said", "denied", "said", "added"]
    assert all(set(known) == {"content", "cue", "about"} for known in settled)
    for known in settled:
        for mention in [*known["content"], known["cue"]]:
            assert_stands(SPEECHES, mention)


def test_place_of_a_split_quotation_has_all_its_parts_and_sentences() -> None:
    text = "“The ovens are cold,” said Ilsa Varn. “They stay cold all week.”"

    [candidate] = find(QuotedOfficial, text)

    assert numbers(candidate) == [[1, 2]]
    assert [part.text for part in candidate.occurrences[0].prefilled["content"]] == [
        "The ovens are cold,",
        "They stay cold all week.",
    ]


def test_quotation_without_a_cue_settles_that_there_is_none() -> None:
    [candidate] = find(QuotedOfficial, "“We wait for flour every day.”")

    assert candidate.occurrences[0].prefilled["cue"] is None


def test_speaker_is_settled_where_the_fullest_name_stands() -> None:
    varn, _ = find(QuotedOfficial, SPEECHES)

    speaker = varn.prefilled["speaker"]

    assert isinstance(speaker, Mention)
    assert (speaker.start, speaker.end) == (0, len("Ilsa Varn"))


def test_what_is_settled_is_known() -> None:
    varn, _ = find(QuotedOfficial, SPEECHES)
    [nobody] = find(QuotedOfficial, "“We wait for flour every day.”")

    assert varn.not_asked == {"evidence", "content", "cue", "about", "speaker"}
    assert nobody.not_asked == {"evidence", "content", "cue", "about"}


def test_what_words_are_about_is_settled_for_each_place_by_the_cues_of_the_kinds() -> None:
    text = (
        "Ilsa Varn said the ovens were cold. Varn said that envoys met on Sunday. "
        "Varn said that sanctions had failed and that shells hit a bakery."
    )

    [candidate] = find(QuotedOfficial, text)

    assert [place.prefilled["about"] for place in candidate.occurrences] == [[], ["negotiation"], ["sanctions", "military"]]


def test_article_without_speech_has_no_candidates() -> None:
    assert find(QuotedOfficial, "The market opened at nine. The mill is closed.") == []
    assert find(QuotedOfficial, "") == []


# Kinds that are found by their words

TALKS = (
    "Envoys of Vostria and Kalmere met in Tolmi. The market opened at nine. "
    "Ilsa Varn said that the summit was called off. Bread is short."
)


def test_each_sentence_with_a_cue_is_a_candidate() -> None:
    found = find(Negotiation, TALKS)

    assert [numbers(candidate) for candidate in found] == [[[1]], [[3]]]
    assert all(candidate.places == (Occurrence(candidate.sentences[-1:], {}),) for candidate in found)
    assert all("evidence" in candidate.not_asked and "parties" not in candidate.not_asked for candidate in found)


def test_value_that_a_word_suggests_is_a_hint() -> None:
    held, cancelled = find(Negotiation, TALKS)

    assert held.hints == {"status": "held"}
    assert cancelled.hints == {"status": "cancelled", "format": "multilateral"}


def test_first_value_whose_word_stands_there_is_the_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    word = lexicon("negotiations", "en")["triggers"]
    monkeypatch.setattr(module, "lexicon", lambda *_: Lexicon({"triggers": word}, {"status": {"planned": word, "held": word}}))

    assert [candidate.hints for candidate in find(Negotiation, TALKS)] == [{"status": "planned"}] * 2


def test_sentence_without_a_name_is_no_lead_for_a_kind_that_must_have_one() -> None:
    text = "They met again on Sunday. They imposed sanctions. Shells hit a bakery."

    assert find(Negotiation, text) == []
    assert [numbers(candidate) for candidate in find(Sanction, text)] == [[[2]]]
    assert [numbers(candidate) for candidate in find(MilitaryClaim, text)] == [[[3]]]


@pytest.mark.parametrize(
    ("text", "actors"),
    [
        ("Envoys of Vostria and Kalmere met in Port Adra.", ["Vostria", "Kalmere"]),
        ("Envoys of Vostria held talks in the hill town of Sella.", ["Vostria"]),
        ("Envoys of Vostria held talks with Sella in Sella.", ["Vostria", "Sella"]),
        ("Envoys of Vostria left the Sella talks.", ["Vostria", "Sella"]),
        ("Envoys of Vostria left the Sella talks early. Bakers in Sella rejoiced.", ["Vostria"]),
        ("The Marlan talks with Vostria failed in Sella.", ["Marlan", "Vostria"]),
        ("Envoys of Vostria left the Vienna talks.", ["Vostria"]),
        ("The Ukraine talks with Vostria go on in Sella.", ["Ukraine", "Vostria"]),
        ("Both delegations met in Sella.", ["Both delegations"]),
        ("A second round broke down when the rebel delegation left Sella.", ["the rebel delegation"]),
    ],
)
def test_parties_are_names_that_do_not_only_say_where_and_groups(text: str, actors: list[str]) -> None:
    [candidate] = find(Negotiation, text)

    assert list(candidate.choices.actors or ()) == actors


@pytest.mark.parametrize(
    ("text", "actors"),
    [
        ("On Sunday Vostria’s army shelled the Sella district.", ["Vostria", "army"]),
        ("The Vostrian army said it had killed rebels near Sella.", ["Vostrian army", "rebels"]),
        ("Two residents had seen soldiers shell the mill.", ["soldiers"]),
        ("Its troops retook Sella and killed 12 soldiers.", ["Its troops"]),
    ],
)
def test_who_fights_is_a_name_or_a_group_that_is_not_counted(text: str, actors: list[str]) -> None:
    [candidate] = find(MilitaryClaim, text)

    assert list(candidate.choices.actors or ()) == actors


def test_talks_whose_parties_were_named_before_are_shown_with_them() -> None:
    text = "Envoys of Vostria and Kalmere met in Sella. Rain fell. A second round of talks broke down in June."

    first, second = find(Negotiation, text)

    assert [sentence.number for sentence in first.sentences] == [1]
    assert [sentence.number for sentence in second.sentences] == [1, 3]
    assert numbers(second) == [[3]]
    assert second.choices.actors == ("Vostria", "Kalmere")
    assert second.choices.dates == ("June",)
    assert second.choices.names == ()


def test_talks_of_nobody_are_no_lead_far_from_those_of_somebody() -> None:
    far = "Rain fell. " * 8
    text = f"Envoys of Vostria and Kalmere met in Sella. {far}A second round of talks broke down in June."

    assert [numbers(candidate) for candidate in find(Negotiation, text)] == [[[1]]]


def voiced(candidate: Candidate) -> dict[str, Any]:
    """What is settled of who claims something."""
    return {name: said for name, said in texts(candidate.prefilled).items() if name in ("claimant", "attribution_status")}


def test_claimant_and_its_status_are_settled_unless_somebody_speaks_who_is_not_known() -> None:
    text = "Shells hit a bakery. He said that drones hit Tolmi. The army said its drones killed 12 men of Sella."

    told, unknown, said = find(MilitaryClaim, text)

    assert voiced(told) == {"claimant": None, "attribution_status": "reported_as_fact"}
    assert voiced(unknown) == {"attribution_status": "claimed"}
    assert voiced(said) == {"claimant": "The army", "attribution_status": "claimed"}
    read_off = {"evidence", "attribution_status", "quantities", "location", "precision", "date_text"}
    assert told.not_asked == {*read_off, "claimant"}
    assert said.not_asked == {*read_off, "claimant", "affected"}
    assert unknown.not_asked == read_off


def test_quotation_whose_speaker_is_known_is_certain_and_nothing_else_is() -> None:
    text = SPEECHES + " The army said its drones hit Tolmi."

    assert all(candidate.certain for candidate in find(QuotedOfficial, text))
    assert not any(candidate.certain for candidate in find(QuotedOfficial, "“We wait for flour every day.”"))
    assert not any(candidate.certain for record in (MilitaryClaim, Negotiation, Sanction) for candidate in find(record, text))


def test_claimant_is_settled_where_the_name_stands() -> None:
    text = "Ilsa Varn came on Sunday. Varn said that drones killed 12 soldiers near Sella."

    [candidate] = find(MilitaryClaim, text)

    assert candidate.prefilled["claimant"] == Mention(start=0, end=len("Ilsa Varn"), text="Ilsa Varn")


def test_kind_without_a_speaker_settles_none() -> None:
    [candidate] = find(Sanction, "Ilsa Varn said that Vostria imposed sanctions on two banks.")

    assert candidate.prefilled == {"measures": ["financial_restrictions"], "program": None}


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ("Vostria adopted its twenty-second package of sanctions.", "twenty-second package of sanctions"),
        ("Vostria put two banks on Vostria’s Sella list of sanctions.", "Sella list"),
        ("Vostria imposed sanctions under the Varn Act.", "Varn Act"),
        ("Vostria imposed sanctions on a list of banks.", None),
    ],
)
def test_program_is_a_package_or_law_that_has_a_number_or_name(text: str, program: str | None) -> None:
    [candidate] = find(Sanction, text)

    found = candidate.prefilled["program"]
    assert (found.text if isinstance(found, Mention) else found) == program


def test_authorities_are_states_and_public_bodies_where_there_are_any() -> None:
    known, unknown = find(
        Sanction, "The bank Nakhla Bullion said France had lifted sanctions. Sella and Varn banned it."
    )

    assert known.choices.authorities == ("France",)
    assert unknown.choices.authorities == unknown.choices.actors


def test_two_parties_are_asked_for_unless_one_stands_for_several() -> None:
    two, group, one = find(
        Negotiation,
        "Envoys of Vostria met envoys of Kalmere in Sella. "
        "The two delegations met while Qatari officials looked on. Envoys of Vostria met in Tolmi.",
    )

    for candidate, fewest in ((two, 2), (group, 1), (one, 1)):
        draft = draft_of(Negotiation, candidate.not_asked, lean=True, allowed=candidate.reader.allowed(candidate.choices))
        assert draft.model_json_schema()["properties"]["parties"]["minItems"] == fewest


def test_words_behind_a_name_that_are_no_office_make_no_representative() -> None:
    [candidate] = find(
        Negotiation,
        "Talks of Marl on a road between Port Adra and El Sella, is planned for March 26 in the Qatari capital.",
    )

    assert candidate.prefilled["representatives"] == []


@pytest.mark.parametrize(
    ("text", "who", "parties"),
    [
        ("Envoys of Vostria and Kalmere held talks brokered by Qatar.", ["Qatar"], ["Vostria", "Kalmere"]),
        ("U.N.-brokered talks of Vostria and Kalmere collapsed.", ["U.N."], ["Vostria", "Kalmere"]),
        ("Talks of Vostria and Kalmere, which Lentia had offered to host, go on.", ["Lentia"], ["Vostria", "Kalmere"]),
        ("Norway, which has run the mediation, met envoys of Vostria.", ["Norway"], ["Vostria"]),
        ("Envoys of Vostria and Kalmere met in Lentia for talks.", [], ["Vostria", "Kalmere"]),
    ],
)
def test_who_mediates_is_told_by_the_words_beside_a_name_and_is_no_party(
    text: str, who: list[str], parties: list[str]
) -> None:
    [candidate] = find(Negotiation, text)

    assert [mention.text for mention in candidate.prefilled["mediators"]] == who  # type: ignore[union-attr]
    assert (candidate.hints.get("format") == "third_party") == bool(who)
    assert list(candidate.choices.actors or ()) == parties


def test_representatives_are_persons_with_an_office_who_do_not_only_speak() -> None:
    text = (
        "Ilse Marn, Lentia’s foreign minister, said that Vostria’s foreign minister Mira Dolen had met Oke Brandt "
        "in Sella for talks."
    )

    [candidate] = find(Negotiation, text)

    [dolen] = candidate.prefilled["representatives"]  # type: ignore[union-attr, misc]
    assert {name: mention.text for name, mention in dolen.items()} == {
        "name": "Mira Dolen",
        "position": "foreign minister",
        "organization": "Vostria",
    }
    assert candidate.speakers == {"Ilse Marn"}


@pytest.mark.parametrize(
    ("text", "where", "precision"),
    [
        ("Drones hit a mill in Sella.", "Sella", "exact"),
        ("Drones hit a mill near the town of Sella.", "Sella", "exact"),
        ("Drones hit a mill near Sella.", "Sella", "near"),
        ("Drones hit a mill in the Sella region.", "Sella", "region"),
        ("Drones hit a mill in the province of Sella.", "Sella", "region"),
        ("Drones hit a mill in Norway.", "Norway", "country"),
        ("Drones hit a mill.", None, None),
    ],
)
def test_how_exactly_a_place_is_named_is_told_by_the_words_beside_it(
    text: str, where: str | None, precision: str | None
) -> None:
    [candidate] = find(MilitaryClaim, text)

    location = candidate.prefilled["location"]
    assert (location.text if isinstance(location, Mention) else location) == where
    assert candidate.prefilled["precision"] == precision


def test_language_decides_what_is_a_cue() -> None:
    text = "Делегації провели переговори в Толмі. Печі холодні."

    assert [numbers(candidate) for candidate in find(Negotiation, text, "uk")] == [[[1]]]
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
def test_kind_without_cues_is_not_looked_for(monkeypatch: pytest.MonkeyPatch, record: type[Record]) -> None:
    monkeypatch.setattr(module, "lexicon", lambda *_: Lexicon())

    assert find_candidates(record, analyse(TALKS, segment(TALKS), find_passages(TALKS), "en")) is None


# What is offered for choice


def test_choices_are_the_names_dates_and_figures_that_are_shown() -> None:
    text = "Ilsa Varn left. On 3 May, drones killed about 40 people in Port\u00a0Adra and 12 soldiers near Sella."

    [candidate] = find(MilitaryClaim, text)

    assert candidate.choices == Choices(
        names=("Port Adra", "Sella"),
        places=("Port Adra", "Sella"),
        actors=(),
        authorities=(),
        persons=("Port Adra",),
        dates=("3 May",),
        figures=("about 40 people", "12 soldiers"),
    )


def test_values_of_a_list_are_those_whose_words_stand_there() -> None:
    prisoners, nothing = find(Negotiation, "Envoys of Marl met on prisoners and grain. Envoys of Marl met in Sella.")

    assert prisoners.prefilled["topics"] == ["prisoners", "economic"]
    assert nothing.prefilled["topics"] == []


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("Envoys of Marl met in Port\u00a0Adra.", "Port\u00a0Adra"),
        ("Envoys of Marl met in the hill town of Sella.", "Sella"),
        ("Envoys of Marl met in Sella and in Tolmi.", "Sella"),
        ("In Tolmi, as in Sella before, envoys of Marl met.", "Tolmi"),
        # what is said tells it before the saying does
        ("The mayor said in Tolmi that envoys of Marl met in Sella.", "Sella"),
        ("“Envoys of Marl met in Sella,” the mayor said in Tolmi.", "Sella"),
        ("The mayor said in Tolmi that envoys of Marl met.", "Tolmi"),
    ],
)
def test_where_it_was_is_the_first_name_that_says_so(text: str, where: str) -> None:
    [candidate] = find(Negotiation, text)

    location = candidate.prefilled["location"]
    assert isinstance(location, Mention)
    assert location.text == where
    assert text[location.start : location.end] == where


@pytest.mark.parametrize(
    "text",
    [
        "Envoys of Marl met with Sella in talks with Tolmi.",
        "Envoys of Marl met in May.",
        "Envoys of Marl left the Sella talks.",
    ],
)
def test_where_talks_were_is_asked_for_where_no_name_says_so(text: str) -> None:
    [candidate] = find(Negotiation, text)

    assert "location" not in candidate.not_asked


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("Drones hit a bakery in Sella and a mill near Tolmi.", "Sella"),
        ("The army said in Tolmi that drones hit a bakery near Sella.", "Sella"),
        ("Drones hit Sella.", "Sella"),
        ("Rebels seized the mining settlement of Sella after leaving Tolmi.", "Sella"),
        ("A hospital in Tolmi said that shells hit the Sella district.", "Sella"),
        ("Drones crossed into Romanian airspace and hit a mill.", "Romanian airspace"),
        ("Troops captured Sella fighters.", None),
        ("Drones hit French ships.", None),
        ("Drones hit a bakery in May.", None),
    ],
)
def test_place_of_a_claim_is_a_name_that_the_words_beside_it_make_one(text: str, where: str | None) -> None:
    [candidate] = find(MilitaryClaim, text)

    location = candidate.prefilled["location"]
    assert (location.text if isinstance(location, Mention) else location) == where


@pytest.mark.parametrize(
    ("record", "text"),
    [
        (Negotiation, "Tolmi ve Kalmere heyetleri salı günü Ankara’da görüştü."),
        (MilitaryClaim, "Drone’lar salı günü Ankara’da bir köprüyü vurdu."),
    ],
)
def test_where_it_was_is_asked_for_where_no_words_for_in_are_known(record: type[Record], text: str) -> None:
    [candidate] = find(record, text, "tr")

    assert "location" not in candidate.not_asked
    assert texts(candidate.prefilled)["date_text"] == "salı"
    assert "Ankara’da" in (candidate.choices.places or ())


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("Drones hit Sella on Friday.", "Friday"),
        ("Drones hit Sella on Friday and Tolmi on Sunday.", "Friday"),
        ("Drones hit Sella.", None),
        # when it was said
        ("The army said on Sunday that drones hit Sella.", None),
        ("On Sunday the army said that drones hit Sella.", None),
        ("Drones hit a bakery in Sella, the army said on Sunday.", None),
        ("The army said overnight that drones hit Sella.", None),
        # when it was, in what is said
        ("The army said on Sunday that drones hit Sella on Friday.", "Friday"),
        ("On Sunday the army said that on 3 May drones hit Sella.", "3 May"),
        ("Drones hit Sella on Friday, the army said on Sunday.", "Friday"),
        ("“Drones hit Sella on Friday,” the army said on Sunday.", "Friday"),
        ("The army said on Sunday that drones hit Sella overnight.", "overnight"),
    ],
)
def test_when_it_was_is_the_first_date_that_is_not_of_the_saying(text: str, when: str | None) -> None:
    [candidate] = find(MilitaryClaim, text)

    date = candidate.prefilled["date_text"]
    assert (date.text if isinstance(date, Mention) else date) == when
    if isinstance(date, Mention):
        assert_stands(text, date)


def test_date_of_a_saying_is_no_date_of_talks() -> None:
    said = "Ilsa Varn said on Sunday that envoys of Marl and Kalmere had met"

    [told] = find(Negotiation, f"{said} in Sella on Friday.")
    [untold] = find(Negotiation, f"{said} in Sella.")

    assert texts(told.prefilled)["date_text"] == "Friday"
    assert untold.prefilled["date_text"] is None


def test_date_is_that_of_the_sentence_which_tells_it() -> None:
    text = "Envoys of Vostria and Kalmere met in Sella on Friday. A second round of talks in Tolmi broke down."

    first, second = find(Negotiation, text)

    assert [sentence.number for sentence in second.sentences] == [1, 2]
    assert (texts(first.prefilled)["location"], texts(first.prefilled)["date_text"]) == ("Sella", "Friday")
    assert (texts(second.prefilled)["location"], second.prefilled["date_text"]) == ("Tolmi", None)


@pytest.mark.parametrize(
    ("text", "language", "when"),
    [
        ("Drones hit Sella overnight.", "en", "overnight"),
        ("OVERNIGHT drones hit Sella.", "en", "OVERNIGHT"),
        ("Shells fell on Sella this\u00a0morning.", "en", "this\u00a0morning"),
        ("Shells fell near Sella in the past 24 hours.", "en", "in the past 24 hours"),
        ("In the past week shells fell near Sella.", "en", "In the past week"),
        ("Drones hit Sella overnight, and again on Friday.", "en", "overnight"),
        ("On Friday, before dawn, drones hit Sella.", "en", "Friday"),
        ("Дрони влучили в Селлу уночі.", "uk", "уночі"),
        ("In der Nacht fielen Bomben auf Sella.", "de", "In der Nacht"),
        ("Drone’lar bu sabah Sella’yı vurdu.", "tr", "bu sabah"),
    ],
)
def test_moment_tells_when_it_was_as_a_date_does(text: str, language: str, when: str) -> None:
    [candidate] = find(MilitaryClaim, text, language)

    date = candidate.prefilled["date_text"]
    assert isinstance(date, Mention)
    assert date.text == when
    assert_stands(text, date)


def test_moment_tells_nothing_of_a_kind_that_has_none() -> None:
    [candidate] = find(Negotiation, "Envoys of Marl and Kalmere met in Sella overnight.")

    assert candidate.prefilled["date_text"] is None


@pytest.mark.parametrize(
    ("text", "language", "figures"),
    [
        (
            "Shells killed 12 soldiers and wounded about 40 near Sella.",
            "en",
            [("killed", "12 soldiers", False), ("wounded", "about 40", True)],
        ),
        (
            "The army said its drones killed at least three civilians and burnt two tanks.",
            "en",
            [("civilians_killed", "at least three civilians", True), ("equipment", "two tanks", False)],
        ),
        ("On 3 May shells killed dozens of bakers.", "en", [("killed", "dozens of bakers", True)]),
        (
            "У вівторок загинули 12 військових, поранено близько 40.",
            "uk",
            [("killed", "12 військових", False), ("wounded", "близько 40", True)],
        ),
        ("Shells fell on Sella for three hours.", "en", []),
        ("Shells fell on Sella at 09:05.", "en", []),
        ("Shells fell on Sella.", "en", []),
    ],
)
def test_figures_are_settled_with_what_they_count(
    text: str, language: str, figures: list[tuple[str, str, bool]]
) -> None:
    [candidate] = find(MilitaryClaim, text, language)

    assert counted(candidate) == figures
    quantities = candidate.prefilled["quantities"]
    assert isinstance(quantities, list)
    for quantity in quantities:
        assert_stands(text, quantity["text"])


def test_figures_stand_in_their_own_sentence() -> None:
    text = "Shells killed two men in Tolmi. Shells killed two men in Sella."

    first, second = find(MilitaryClaim, text)

    [there], [here] = first.prefilled["quantities"], second.prefilled["quantities"]
    assert (there["text"].start, here["text"].start) == (text.index("two"), text.rindex("two"))


def test_figures_are_asked_for_where_number_words_of_the_language_are_not_known() -> None:
    [spelled] = find(MilitaryClaim, "Дрони вбили двох солдатів у Селлі.", "uk")

    assert "quantities" not in spelled.not_asked


def test_figures_are_asked_for_where_no_words_tell_what_they_count(monkeypatch: pytest.MonkeyPatch) -> None:
    known = module.lexicon

    def without(kind: str, language: str | None) -> Lexicon:
        found = known(kind, language)
        return replace(found, values={name: table for name, table in found.values.items() if name != "metric"})

    monkeypatch.setattr(module, "lexicon", without)

    [candidate] = find(MilitaryClaim, "Shells killed 12 people near Sella.")

    assert "quantities" not in candidate.not_asked
    assert {"location", "date_text"} <= candidate.not_asked


@pytest.mark.parametrize(
    ("text", "actors"),
    [
        # persons, by name or by what they are called
        ("Mira Dolen, the foreign minister, said that Marl met envoys of Kalmere.", ["Marl", "Kalmere"]),
        ("Foreign Minister Mira Dolen said that she met envoys of Kalmere in Sella.", ["Kalmere"]),
        ("Envoys of Marl met those of Kalmere, Foreign Minister Mira Dolen said.", ["Marl", "Kalmere"]),
        ("“Envoys of Marl met those of Kalmere,” said Mira Dolen, the minister.", ["Marl", "Kalmere"]),
        ("The Kalmere envoy said that Marl met envoys of Sella.", ["Kalmere", "Marl", "Sella"]),
        # states and bodies
        ("The Foreign Ministry said that Marl met envoys of Kalmere.", ["Foreign Ministry", "Marl", "Kalmere"]),
        ("Vostria’s Foreign Ministry said that it met Marl.", ["Vostria’s Foreign Ministry", "Marl"]),
        ("Norway said that it met envoys of Kalmere in Sella.", ["Norway", "Kalmere"]),
        ("The African Union said that it met envoys of Kalmere.", ["African Union", "Kalmere"]),
        # a person who is only spoken of
        ("The Foreign Ministry said that Mira Dolen met Marl.", ["Foreign Ministry", "Mira Dolen", "Marl"]),
        ("Envoys of Marl met Mira Dolen, the foreign minister.", ["Marl", "Mira Dolen"]),
    ],
)
def test_person_who_speaks_is_no_actor_and_a_state_or_body_is(text: str, actors: list[str]) -> None:
    [candidate] = find(Negotiation, text)

    assert list(candidate.choices.actors or ()) == actors


def test_surname_of_who_speaks_is_no_actor() -> None:
    text = "Mira Dolen, the foreign minister, came on Sunday. Dolen said that Marl met envoys of Kalmere."

    [candidate] = find(Negotiation, text)

    assert candidate.choices.actors == ("Marl", "Kalmere")
    assert "Dolen" in (candidate.choices.names or ())


def test_person_who_speaks_is_an_actor_where_others_speak() -> None:
    text = "Foreign Minister Mira Dolen said that Marl met Kalmere. The Foreign Ministry said that Mira Dolen met Marl."

    first, second = find(Negotiation, text)

    assert first.choices.actors == ("Marl", "Kalmere")
    assert second.choices.actors == ("Foreign Ministry", "Mira Dolen", "Marl")


def test_talks_of_which_only_a_person_speaks_are_those_told_before() -> None:
    told = "Foreign Minister Mira Dolen said that talks would go on."

    _, later = find(Negotiation, f"Envoys of Marl and Kalmere met in Sella. {told}")

    assert [sentence.number for sentence in later.sentences] == [1, 2]
    assert later.choices.actors == ("Marl", "Kalmere")
    assert find(Negotiation, told) == []


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Shells killed 14 traders and wounded nine.", "14 traders"),
        ("Shells wounded at least nine and killed two men.", None),
        ("Drones destroyed four tanks of Sella.", None),
    ],
)
def test_who_suffered_is_who_is_counted_where_the_figure_names_them(text: str, who: str | None) -> None:
    [candidate] = find(MilitaryClaim, text)

    affected = candidate.prefilled.get("affected")
    assert (affected.text if isinstance(affected, Mention) else affected) == who
    assert ("affected" in candidate.not_asked) == bool(who)


def test_town_whose_talks_are_told_of_is_where_they_are() -> None:
    ways = "The Doha talks of Marl and Kalmere go on.", "Envoys of Marl and Kalmere will travel to Tolmi for talks."
    for text in ways:
        [candidate] = find(Negotiation, text)
        assert isinstance(candidate.prefilled["location"], Mention)


def test_place_is_not_chosen_among_demonyms_bodies_and_who_speaks() -> None:
    text = "The Georgian envoys and the Marl Council held talks, and Tolmi was next, said Ilsa Varn."

    [candidate] = find(Negotiation, text)

    assert candidate.choices.places == ("Tolmi",)
    assert set(candidate.choices.names or ()) >= {"Georgian", "Marl Council", "Ilsa Varn"}


def test_persons_are_names_of_several_words_that_are_neither_bodies_nor_countries() -> None:
    text = "Ilsa Varn, Marl and the Foreign Ministry of South Sudan held talks in Tolmi."

    [candidate] = find(Negotiation, text)

    assert candidate.choices.persons == ("Ilsa Varn",)
    assert set(candidate.choices.names or ()) > {"Ilsa Varn", "Marl", "Tolmi"}


def test_choices_of_several_sentences_are_each_there_once() -> None:
    text = "“The ovens in Tolmi are cold,” said Ilsa Varn on Sunday. “Tolmi has two of them, and 40 bakers.”"

    [candidate] = find(QuotedOfficial, text)

    assert candidate.choices == Choices(
        names=("Tolmi", "Ilsa Varn"),
        places=("Tolmi",),
        actors=("Tolmi",),
        authorities=("Tolmi",),
        persons=("Ilsa Varn",),
        dates=("Sunday",),
        figures=("two", "40 bakers"),
    )


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("In 2024 shells killed 12 people in Sella.", ("12 people",)),
        ("Shells killed 31 people in Sella on 31 March 2024.", ("31 people",)),
        ("Shells hit Sella three days ago.", ()),
        ("Shells killed 12 people Tuesday morning in Sella.", ("12 people",)),
        ("On 3 March and on 13 March shells hit Sella.", ()),
    ],
)
def test_dates_are_no_figures(text: str, figures: tuple[str, ...]) -> None:
    [candidate] = find(MilitaryClaim, text)

    assert candidate.choices.figures == figures


def test_figures_are_not_chosen_in_a_language_whose_number_words_are_not_known() -> None:
    counted, spelled = find(MilitaryClaim, "Дрони вбили 12 солдатів у Селлі. Дрони вбили двох солдатів у Селлі.", "uk")

    assert counted.choices.figures == ("12 солдатів",)
    assert spelled.choices.figures is None


PIECES = [
    *("Ilsa Varn said that ", "“We wait for flour every day,” ", "drones killed ", "envoys met ", "he added that "),
    *("12 people ", "about 40 soldiers ", "dozens of men ", "1,500 ", "T-72 ", "three ", "more than ", "killed "),
    *("Tuesday ", "on 3 May ", "13 May 2024 ", "last week ", "in 2023 ", "morning ", "two days ago ", "March "),
    *("Port\u00a0Adra ", "Vostria’s ", "the EU ", "KYIV, Ukraine — ", ". ", "\n", "\t", ", ", "\u2028", "\ud83d", "İ "),
    *("у вівторок ", "понад 300 солдатів ", "дрони вбили ", "vor drei Tagen ", "üç gün önce "),
]


@settings(max_examples=400)
@given(st.lists(st.sampled_from(PIECES), max_size=16).map("".join), st.sampled_from(["en", "uk", "de", "tr", None]))
def test_choices_of_any_text_stand_in_what_is_shown(text: str, language: str | None) -> None:
    for record in built_in():
        for candidate in find(record, text, language):
            shown = [" ".join(sentence.text.split()) for sentence in candidate.sentences]
            choices = candidate.choices
            offered = (choices.names, choices.actors, choices.persons, choices.dates, choices.figures)
            for choice in (choice for some in offered for choice in some or ()):
                assert choice
                assert any(choice in sentence for sentence in shown), choice


PLACED = [
    *(*PIECES, "overnight ", ", this morning, ", "in Sella ", "near Tolmi "),
    *("the army said ", "wounded ", "tanks ", "hours "),
]


@settings(max_examples=200)
@given(st.lists(st.sampled_from(PLACED), max_size=16).map("".join), st.sampled_from(["en", "uk", "de", "tr", None]))
def test_places_dates_and_figures_that_are_settled_stand_in_the_sentence(text: str, language: str | None) -> None:
    for record in (MilitaryClaim, Negotiation):
        for candidate in find(record, text, language):
            [sentence] = candidate.occurrences[0].sentences
            quantities: Any = candidate.prefilled.get("quantities", [])
            settled = (candidate.prefilled.get("location"), candidate.prefilled.get("date_text"), *(q["text"] for q in quantities))
            for mention in (mention for mention in settled if isinstance(mention, Mention)):
                assert_stands(text, mention)
                assert sentence.start <= mention.start < mention.end <= sentence.end
                assert mention.text == mention.text.strip(" ,")
            assert all(quantity["metric"] in get_args(Metric) for quantity in quantities)
