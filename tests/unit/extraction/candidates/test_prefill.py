"""Values of fields that code reads off sentences: each function answers for one field of one occasion."""

from dataclasses import replace
from typing import Any, get_args

import pytest

from schemas.fields import Mention
from service.extraction.attribution.attribution import Attribution
from service.extraction.candidates.prefill import (
    UNKNOWN,
    Occasion,
    ProfileField,
    counted_as,
    figures,
    first_date,
    first_place,
    first_program,
    from_attribution,
    mediators,
    office_holders,
    place_precision,
    profile,
    quoted_words,
    speaker,
    speech_verb,
    subjects,
    unless_told,
)
from service.extraction.text.lexicon import Lexicon, lexicon_for
from tests.unit.extraction.candidates.finding import analysis_of, assert_stands, words_of

CLAIMS, TALKS, SANCTIONS = "military_claims", "negotiations", "sanctions"


def occasion(text: str, kind: str = CLAIMS, language: str | None = "en") -> Occasion:
    """All sentences of an article, with who says something in it first."""
    article = analysis_of(text, language)
    said: Attribution | None = next(iter(article.attributions), None)
    return Occasion(
        article,
        article.sentences,
        lexicon_for(kind, language),
        said.speaker if said else None,
        is_said=bool(said),
        attribution=said,
    )


def without_words(occasion: Occasion, *names: str) -> Occasion:
    """The same where the language pack has not some of its lists and tables."""
    words = occasion.lexicon
    lists = {name: pattern for name, pattern in words.lists.items() if name not in names}
    values = {name: table for name, table in words.values.items() if name not in names}
    return replace(occasion, lexicon=Lexicon(lists, values, words.expressions))


def found(value: Any) -> Any:
    """The words of a value that was read off, or of each in a list."""
    if isinstance(value, list):
        return [
            {name: words_of(part) for name, part in item.items()} if isinstance(item, dict) else words_of(item)
            for item in value
        ]
    return words_of(value)


# Who says it


def test_speaker_is_where_the_fullest_name_stands() -> None:
    text = "Ilsa Varn came on Sunday. Varn said that drones hit Sella."

    assert speaker(occasion(text)) == Mention(start=0, end=9, text="Ilsa Varn")


def test_speaker_is_nobody_where_the_article_says_it_and_unknown_where_it_is_not_known_who_does() -> None:
    assert speaker(occasion("Drones hit Sella.")) is None
    assert speaker(occasion("He said that drones hit Sella.")) is UNKNOWN


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("The army said that drones hit Sella.", "claimed"),
        ("He said that drones hit Sella.", "claimed"),
        ("Drones hit Sella.", "fact"),
    ],
)
def test_value_follows_from_whether_somebody_says_it(text: str, value: str) -> None:
    assert from_attribution(said="claimed", not_said="fact")(occasion(text)) == value


# Where


@pytest.mark.parametrize(
    ("text", "language", "ask_if_none", "place"),
    [
        ("Drones hit a mill in Sella and one in Tolmi.", "en", False, "Sella"),
        ("Drones hit a mill.", "en", False, None),
        ("Drones hit a mill.", "en", True, UNKNOWN),
        ("Drone’lar salı günü Ankara’da bir köprüyü vurdu.", "tr", False, UNKNOWN),
    ],
)
def test_first_place(text: str, language: str, place: Any, *, ask_if_none: bool) -> None:
    assert found(first_place(ask_if_none=ask_if_none)(occasion(text, language=language))) == place


@pytest.mark.parametrize(
    ("text", "language", "precision"),
    [
        ("Drones hit a mill near Sella.", "en", "near"),
        ("Drones hit a mill.", "en", None),
        ("Drone’lar salı günü Ankara’da bir köprüyü vurdu.", "tr", UNKNOWN),
    ],
)
def test_place_precision(text: str, language: str, precision: Any) -> None:
    assert place_precision(occasion(text, language=language)) == precision


# When


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("Drones hit Sella on Friday and Tolmi on Sunday.", "Friday"),
        ("Drones hit Sella.", None),
        ("The army said on Sunday that drones hit Sella.", None),
    ],
)
def test_first_date(text: str, when: str | None) -> None:
    assert found(first_date(occasion(text))) == when


# How many, and whom they count


def test_figures_are_read_with_what_they_count() -> None:
    text = "Shells killed 12 soldiers and wounded about 40 near Sella."
    read = figures(occasion(text))

    assert found(read) == [
        {"metric": "killed", "text": "12 soldiers", "approximate": False},
        {"metric": "wounded", "text": "about 40", "approximate": True},
    ]
    for figure in read:
        assert_stands(text, figure["text"])


def test_figures_are_none_where_there_are_none_and_unknown_where_code_cannot_tell() -> None:
    counted = occasion("Shells killed 12 soldiers near Sella.")

    assert figures(occasion("Drones hit Sella.")) == []
    assert figures(without_words(counted, "metric")) is UNKNOWN
    assert figures(occasion("Дрони вбили двох солдатів у Селлі.", language="uk")) is UNKNOWN


@pytest.mark.parametrize(
    ("text", "metrics", "who"),
    [
        ("Shells killed 14 traders and wounded nine men.", ("civilians_killed", "wounded"), "14 traders"),
        ("Shells killed 14 traders and wounded nine men.", ("wounded",), "nine men"),
        ("Shells left nine dead and hurt two men.", ("killed",), UNKNOWN),  # "nine dead" are not who
        ("Drones destroyed four tanks of Sella.", ("killed", "wounded"), UNKNOWN),
        ("Drones hit Sella.", ("killed",), UNKNOWN),
    ],
)
def test_counted_as(text: str, metrics: tuple[str, ...], who: Any) -> None:
    assert found(counted_as(*metrics)(occasion(text))) == who


def test_nobody_is_counted_where_figures_cannot_be_told() -> None:
    assert counted_as("killed")(occasion("Дрони вбили двох солдатів у Селлі.", language="uk")) is UNKNOWN


# Packages and laws


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ("Vostria adopted its fifth package of sanctions under the Varn Act.", "fifth package of sanctions"),
        ("Vostria imposed sanctions on two banks.", None),
    ],
)
def test_first_program(text: str, program: str | None) -> None:
    known = occasion(text, SANCTIONS)

    assert found(first_program(known)) == program
    assert first_program(without_words(known, "program_nouns")) is UNKNOWN


# Who mediates and who came


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Envoys of Vostria and Kalmere held talks brokered by Qatar.", ["Qatar"]),
        ("Envoys of Vostria and Kalmere held talks.", []),
    ],
)
def test_mediators(text: str, who: list[str]) -> None:
    known = occasion(text, TALKS)

    assert found(mediators(known)) == who
    assert mediators(without_words(known, "after_mediator")) is UNKNOWN


def test_office_holders_are_those_who_say_nothing_with_what_they_hold() -> None:
    read = office_holders(name="name", position="office", organization="body")
    text = (
        "Ilse Marn, Lentia’s foreign minister, said that Vostria’s foreign minister Mira Dolen had met Oke Brandt "
        "in Sella for talks."
    )

    assert found(read(occasion(text, TALKS))) == [
        {"name": "Mira Dolen", "office": "foreign minister", "body": "Vostria"}
    ]
    assert read(occasion("Envoys of Vostria and Kalmere held talks.", TALKS)) == []


def test_office_holders_are_unknown_where_the_language_has_no_words_for_offices() -> None:
    known = occasion("Vostria’s foreign minister Mira Dolen met Oke Brandt in Sella for talks.", TALKS)
    speech = known.article.speech_lexicon
    known.article.__dict__["speech_lexicon"] = Lexicon(
        speech.lists, {**speech.values, "office": {}}, speech.expressions
    )

    assert office_holders(name="name", position="position", organization="organization")(known) is UNKNOWN


# Who the speaker is


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("speaker_type", "person"),
        ("is_official", True),
        ("sector", "gov"),
        ("position", "deputy foreign minister"),
        ("affiliation", "Vostria"),
    ],
)
def test_profile(part: ProfileField, value: Any) -> None:
    known = occasion("“We wait for flour,” said Mira Dolen, Vostria’s deputy foreign minister.")

    assert found(profile(part)(known)) == value


@pytest.mark.parametrize("part", get_args(ProfileField))
def test_profile_is_unknown_where_the_article_tells_nothing_or_nobody_is_known(part: ProfileField) -> None:
    assert profile(part)(occasion("“We wait for flour,” said Mira Dolen.")) is UNKNOWN
    assert profile(part)(occasion("“We wait for flour,” she said.")) is UNKNOWN


def test_office_that_a_speaker_does_not_hold_is_none() -> None:
    assert profile("position")(occasion("“We wait for flour,” the defence ministry said.")) is None


# What is said


def test_quoted_words_are_the_unbroken_pieces_and_the_verb_stands_with_them() -> None:
    text = "“The ovens are cold,” said Ilsa Varn. “They stay cold all week.”"
    known = occasion(text)

    assert found(quoted_words(known)) == ["The ovens are cold,", "They stay cold all week."]
    assert found(speech_verb(known)) == "said"
    for mention in [*quoted_words(known), speech_verb(known)]:
        assert_stands(text, mention)


def test_quotation_without_a_verb_has_none() -> None:
    assert speech_verb(occasion("“We wait for flour every day.”")) is None


def test_words_and_verb_are_unknown_where_nobody_says_anything() -> None:
    nobody = occasion("Drones hit Sella.")

    assert quoted_words(nobody) is UNKNOWN
    assert speech_verb(nobody) is UNKNOWN


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Ilsa Varn said the ovens were cold.", []),
        ("Ilsa Varn said that envoys met on Sunday.", ["talks"]),
        ("Ilsa Varn said that sanctions had failed and that shells hit a bakery.", ["measures", "fights"]),
    ],
)
def test_subjects_are_those_whose_kind_has_a_trigger_there(text: str, values: list[str]) -> None:
    assert subjects({"talks": TALKS, "measures": SANCTIONS, "fights": CLAIMS})(occasion(text)) == values


# What plain statements are


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Shells hit a bakery of Sella.", "certain"),
        ("Shells probably hit a bakery of Sella.", UNKNOWN),
        ("Vostria denied that its shells hit a bakery of Sella.", UNKNOWN),
        ("Shells hit a bakery of Sella. It was denied by Vostria.", UNKNOWN),
    ],
)
def test_value_of_plain_statements_holds_unless_a_word_tells_another(text: str, said: Any) -> None:
    assert unless_told("modality", otherwise="certain")(occasion(text)) == said


def test_value_of_plain_statements_is_asked_for_where_the_language_has_no_words_for_others() -> None:
    told = without_words(occasion("Shells hit a bakery of Sella."), "modality")

    assert unless_told("modality", otherwise="certain")(told) is UNKNOWN
