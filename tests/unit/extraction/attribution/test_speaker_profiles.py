"""Who a speaker is, read off the words that stand with the name."""

import pytest

from service.extraction.analysis import analyse
from service.extraction.attribution.speaker_profiles import SpeakerProfile, SpeakerProfiles
from service.extraction.text.quotes import find_passages
from service.extraction.text.sentences import segment
from service.extraction.text.spans import Span


def profile(text: str, language: str = "en") -> SpeakerProfile | None:
    """That of the last speaker of a text."""
    article = analyse(text, segment(text, language), find_passages(text), language)
    speaker = article.attributions[-1].speaker
    assert speaker is not None
    return article.speaker_profiles.of(speaker)


def told(text: str, language: str = "en") -> tuple[str, str, bool] | None:
    found = profile(text, language)
    return (found.speaker_type, found.sector, found.is_official) if found else None


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("“We wait,” said Ilsa Varn, Tolmia’s foreign minister.", ("person", "gov", True)),
        ("Tolmia’s foreign minister, Ilsa Varn, said that the road was shut.", ("person", "gov", True)),
        ("Foreign Minister Ilsa Varn said that the road was shut.", ("person", "gov", True)),
        ("Colonel Ilsa Varn said that the road was shut.", ("person", "mil", True)),
        ("Ilsa Varn, 51, a judge at the court of Tolm, said that the road was shut.", ("person", "jud", True)),
        ("Ilsa Varn, who leads the opposition in Tolm, said that the road was shut.", ("person", "pty", True)),
        ("Ilsa Varn, president of the Lakes Bank, said that the road was shut.", ("person", "bus", False)),
        ("Ilsa Varn, a retired colonel, said that the road was shut.", ("person", "mil", False)),
        ("Ilsa Varn of Norway said that the road was shut.", ("person", "gov", True)),
        ("Ilsa Varn came to Tolm. Varn, a senator, smiled. She said that the road was shut.", ("person", "leg", True)),
        ("A Western diplomat said that the road was shut.", ("anonymous", "gov", True)),
        ("Two officials said that the road was shut.", ("group", "gov", True)),
        ("Residents said that the road was shut.", ("group", "cvl", False)),
        ("The rebels said that the road was shut.", ("group", "mil", True)),
        ("The defence ministry said that the road was shut.", ("institution", "mil", True)),
        ("The prime minister’s office said that the road was shut.", ("institution", "gov", True)),
        ("A spokesman for the Lakes Council said that the road was shut.", ("anonymous", "gov", True)),
        ("Norway said that the road was shut.", ("institution", "gov", True)),
        ("Oslo said that the road was shut.", ("institution", "gov", True)),
        ("The United Nations said that the road was shut.", ("institution", "igo", True)),
        ("The company said that the road was shut.", ("institution", "bus", False)),
    ],
)
def test_noun_beside_a_name_tells_who_that_is(text: str, who: tuple[str, str, bool]) -> None:
    assert told(text) == who


@pytest.mark.parametrize(
    ("language", "text", "who"),
    [
        ("de", "Die Außenministerin Ilsa Warn sagte, die Straße sei gesperrt.", ("person", "gov", True)),
        ("de", "Das Verteidigungsministerium sagte, die Straße sei gesperrt.", ("institution", "mil", True)),
        ("fr", "Le ministère de la Défense a dit que la route est fermée.", ("institution", "mil", True)),
        ("fr", "Un diplomate qui a requis l’anonymat a dit que la route est fermée.", ("anonymous", "gov", True)),
        ("es", "El parte militar señala que la ruta está cerrada.", ("institution", "mil", True)),
        ("es", "«Hay nieve», dijo en rueda de prensa la enviada omaní, Ilsa Varn.", ("person", "gov", True)),
        ("ru", "Министр иностранных дел Ильза Варн заявила, что дорога закрыта.", ("person", "gov", True)),
        ("uk", "Речник бригади майор Юрій Варн сказав, що дорогу закрито.", ("person", "mil", True)),
        ("tr", "Savunma Bakanlığı yolun kapalı olduğunu açıkladı.", ("institution", "mil", True)),
    ],
)
def test_every_language_has_its_nouns(language: str, text: str, who: tuple[str, str, bool]) -> None:
    assert told(text, language) == who


@pytest.mark.parametrize(
    "text",
    [
        "Ilsa Varn said that the road was shut.",
        "Ilsa Varn said that the army had left, adding that the minister knew.",
        "The minister told Ilsa Varn of it. “The road is shut,” Varn said.",
        "After talks with the minister, Ilsa Varn said that the road was shut.",
        "Their leader said that the road was shut.",
    ],
)
def test_somebody_of_whom_nothing_is_told_has_no_profile(text: str) -> None:
    assert profile(text) is None


@pytest.mark.parametrize(
    ("text", "position", "affiliation"),
    [
        ("Tolmia’s deputy foreign minister, Ilsa Varn, said that all was well.", "deputy foreign minister", "Tolmia"),
        ("Ilsa Varn, a spokeswoman for the Lakes Council, said that all was well.", "spokeswoman", "Lakes Council"),
        (
            "Ilsa Varn, head of the regional administration, said that all was well.",
            "head of the regional administration",
            None,
        ),
        ("Foreign Minister Ilsa Varn said that all was well.", "Foreign Minister", None),
        ("“We wait,” said Ilsa Varn, Envoy of the U.S. President for Sella and Tolmi.", "Envoy", "U.S. President"),
        ("“We wait,” said the deputy minister Ilsa Varn, who led the talks.", "deputy minister", None),
        ("Minister of State Hamad al-Marl said that all was well.", "Minister", None),
        ("[99] President Ilsa Varn said that all was well.", "President", None),
        ("‘The ovens are cold,’ ministry spokesman Ilsa Varn said.", "ministry spokesman", None),
        ("The Council’s chief negotiator said that all was well.", "chief negotiator", "Council"),
        ("The defence ministry said that all was well.", None, None),
    ],
)
def test_office_and_whom_it_is_held_for_are_the_articles_words(
    text: str, position: str | None, affiliation: str | None
) -> None:
    found = profile(text)

    assert found is not None
    said = [span and text[span.start : span.end] for span in (found.position, found.affiliation)]
    assert said == [position, affiliation]


def test_abbreviation_is_looked_up() -> None:
    text = (
        "The Union of Free Soldiers (UFS) holds the pass. A minister called it a gang. "
        "The UFS’s spokesman, Oke Marl, said that the road was shut."
    )
    article = analyse(text, segment(text, "en"), find_passages(text), "en")
    [speaker] = {
        said.speaker
        for said in article.attributions
        if said.speaker and "Marl" in text[said.speaker.start : said.speaker.end]
    }

    found = article.speaker_profiles.of(speaker)

    assert found is not None
    assert (found.sector, found.is_official) == ("mil", True)


def profiles_of(text: str) -> SpeakerProfiles:
    return analyse(text, segment(text, "en"), find_passages(text), "en").speaker_profiles


@pytest.mark.parametrize(
    ("speaker", "name"),
    [
        ("Ilsa Varn", "Ilsa Varn"),
        ("Foreign Minister Ilsa Varn", "Ilsa Varn"),
        ("Ilsa Varn of Norway", "Ilsa Varn"),
        # nobody who is named
        ("a Western diplomat", "a Western diplomat"),
        # whoever speaks for a state, a body or several
        ("the defence ministry", None),
        ("the president", None),
        ("Norway", None),
        ("residents", None),
        ("traders in Sella", None),
    ],
)
def test_individual_is_a_person_by_name_or_somebody_unnamed(speaker: str, name: str | None) -> None:
    text = f"“We wait for flour,” said {speaker}."
    start = text.index(speaker)

    found = profiles_of(text).individual_name(Span(start, start + len(speaker)))

    assert (found and text[found.start : found.end]) == name


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("They met Ilsa Varn, Tolmia’s foreign minister.", True),
        ("They met Foreign Minister Ilsa Varn.", True),
        ("They met Ilsa Varn, a retired colonel.", False),
        ("They met Ilsa Varn, chairman of the Lakes Bank.", False),
        ("They met Ilsa Varn, a baker.", False),
        ("They met Ilsa Varn.", False),
    ],
)
def test_office_holder_speaks_for_a_state_or_its_organisations(text: str, holds: bool) -> None:
    start = text.index("Ilsa Varn")
    title = text.rindex("met ", 0, start) + 4

    assert (profiles_of(text).office_holder(Span(title, start + len("Ilsa Varn"))) is not None) is holds
