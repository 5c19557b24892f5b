"""Forms of Turkish, in which the verb ends the sentence."""

import pytest

from tests.unit.extraction.attribution.reading import said


@pytest.mark.parametrize(
    ("text", "speaker", "words"),
    [
        ("Ilsa Varn, fırınların soğuk olduğunu söyledi.", "Ilsa Varn", "fırınların soğuk olduğunu"),
        ("Ilsa Varn ise fırınların soğuk olduğunu söyledi.", "Ilsa Varn", "fırınların soğuk olduğunu"),
        ("Bakan Oke Marl'ın sözcüsü Ilsa Varn fırınların soğuk olduğunu söyledi.", "Ilsa Varn", None),
        ("Muhalefet lideri Ilsa Varn fırınların soğuk olduğunu söyledi.", "Ilsa Varn", "fırınların soğuk olduğunu"),
        ("Fırınların soğuk olduğunu Sella Valiliği açıkladı.", "Sella Valiliği", "Fırınların soğuk olduğunu"),
        ("Hiçbir fırının soğuk olmadığını söyledi.", None, "Hiçbir fırının soğuk olmadığını"),
    ],
)
def test_speaker_is_who_comes_first_and_what_is_said_follows(text: str, speaker: str | None, words: str | None) -> None:
    [(found, _, parts)] = said(text, "tr")

    assert found == speaker
    assert parts == [words or "fırınların soğuk olduğunu"]


def test_denial_of_what_is_not_told_gives_nobody_words() -> None:
    assert said("Başkan yardımcısı Ilsa Varn iddiaları reddetti.", "tr") == []


def test_participle_gives_words_to_whoever_follows_and_says_more() -> None:
    text = "“Fırınlar soğuk, un bitti” diyen Ilsa Varn, yolun kapalı olduğunu da sözlerine ekledi."

    assert [(speaker, parts) for speaker, _, parts in said(text, "tr")] == [
        ("Ilsa Varn", ["Fırınlar soğuk, un bitti"]),
        ("Ilsa Varn", ["yolun kapalı olduğunu"]),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "Ilsa Varn, önerinin “bir el değil, bir yumruk” olduğunu belirtti.",
            "önerinin “bir el değil, bir yumruk” olduğunu",
        ),
        ("Ilsa Varn, “Bir el değil, bir yumruk gördük” dedi.", "Bir el değil, bir yumruk gördük"),
        ("Ilsa Varn gazetecilerin karşısına çıkarak yolun kapalı olduğunu söyledi.", "yolun kapalı olduğunu"),
    ],
)
def test_words_are_all_that_is_said_and_not_how(text: str, words: str) -> None:
    assert [parts for _, _, parts in said(text, "tr")] == [[words]]
