"""Words that are given to a source by a phrase, without a verb."""

import pytest

from tests.unit.extraction.attribution.reading import said


@pytest.mark.parametrize(
    ("language", "text", "speaker", "words"),
    [
        (
            "en",
            "The mill was closed on Sunday, according to Ilsa Varn.",
            "Ilsa Varn",
            ["The mill was closed on Sunday"],
        ),
        (
            "en",
            "According to Ilsa Varn, who led the mill until May, the ovens are cold.",
            "Ilsa Varn",
            ["the ovens are cold"],
        ),
        (
            "ru",
            "По словам Ильзы Варн, возглавлявшей пекарню до мая, печи стоят без огня.",
            "Ильзы Варн",
            ["печи стоят без огня"],
        ),
        (
            "en",
            "The potato harvest this year, according to Ilsa Varn, will come late.",
            "Ilsa Varn",
            ["The potato harvest this year", "will come late"],
        ),
        (
            "en",
            "The mill was closed on Sunday, according to Ilsa Varn, and the ovens were cold.",
            "Ilsa Varn",
            ["The mill was closed on Sunday"],
        ),
        (
            "de",
            "Laut Generalstab sind bei den Kämpfen zwölf Soldaten gefallen.",
            "Generalstab",
            ["sind bei den Kämpfen zwölf Soldaten gefallen"],
        ),
        ("tr", "Ilsa Varn'a göre, fırınlar soğuk kalacak.", "Ilsa Varn", ["fırınlar soğuk kalacak"]),
    ],
)
def test_words_stand_before_or_behind_their_source_or_around_it(
    language: str, text: str, speaker: str, words: list[str]
) -> None:
    assert [(found, parts) for found, _, parts in said(text, language)] == [(speaker, words)]


def test_phrase_inside_what_a_last_verb_says_is_no_source() -> None:
    text = "Meclis üyesi Ilsa Varn, ihalenin tek firmaya göre hazırlandığını söyledi."

    assert said(text, "tr") == [("Ilsa Varn", "söyledi", ["ihalenin tek firmaya göre hazırlandığını"])]
