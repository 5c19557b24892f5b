"""What one clause attributes to whom: the forms of newswire attribution, in every language."""

import pytest

from tests.unit.extraction.attribution.reading import said

ANY = None
"""A language that is not known: the words of all of them count."""


@pytest.mark.parametrize(
    ("text", "speaker", "cue", "words"),
    [
        # quotation + X said
        ("“The ferry sails at dawn,” Ilsa Varn said.", "Ilsa Varn", "said", "The ferry sails at dawn,"),
        ("“The ferry sails at dawn,” Ilsa Varn told the Courier.", "Ilsa Varn", "told", "The ferry sails at dawn,"),
        ("“The ferry sails at dawn,” the harbour master said on Monday.", "the harbour master", "said", None),
        ("“The ferry sails at dawn,” Varn, who bakes, said.", "Varn", "said", "The ferry sails at dawn,"),
        ("“The ferry sails at dawn” — Ilsa Varn said.", "Ilsa Varn", "said", "The ferry sails at dawn"),
        # quotation + said X
        ("“The ferry sails at dawn,” said Ilsa Varn.", "Ilsa Varn", "said", "The ferry sails at dawn,"),
        ('"The ferry sails at dawn," said Ilsa Varn.', "Ilsa Varn", "said", "The ferry sails at dawn,"),
        ("‘The ferry sails at dawn,’ said Ilsa Varn.", "Ilsa Varn", "said", "The ferry sails at dawn,"),
        ("“The ferry sails at dawn,” said Ilsa Varn, a baker.", "Ilsa Varn", "said", "The ferry sails at dawn,"),
        ("“Does the ferry sail at dawn?” asked Ilsa Varn.", "Ilsa Varn", "asked", "Does the ferry sail at dawn?"),
        # X said + quotation
        ("Ilsa Varn said: “The ferry sails at dawn.”", "Ilsa Varn", "said", "The ferry sails at dawn."),
        ("Ilsa Varn said, “The ferry sails at dawn.”", "Ilsa Varn", "said", "The ferry sails at dawn."),
        ("Ilsa Varn called it “a danger to the street”.", "Ilsa Varn", "called", "a danger to the street"),
        # X said (that) words
        ("Ilsa Varn said that the ferry was late.", "Ilsa Varn", "said", "the ferry was late"),
        ("Ilsa Varn said the ferry was late.", "Ilsa Varn", "said", "the ferry was late"),
        ("Ilsa Varn said on Monday that the ferry was late.", "Ilsa Varn", "said", "the ferry was late"),
        ("Ilsa Varn told reporters that the ferry was late.", "Ilsa Varn", "told", "the ferry was late"),
        ("The Front has since said that the ferry was late.", "The Front", "said", "the ferry was late"),
        ("Ilsa Varn has repeatedly said that the ferry was late.", "Ilsa Varn", "said", "the ferry was late"),
        ("Ilsa Varn said the ferry was “a danger to the town”.", "Ilsa Varn", "said", None),
        ("On Monday, Ilsa Varn said the ferry was late.", "Ilsa Varn", "said", "the ferry was late"),
        ("The sea was calm, but Ilsa Varn insisted that it was cold.", "Ilsa Varn", "insisted", "it was cold"),
        # asides between the cue and the words
        (
            "Ilsa Varn said on Monday, citing the army, that the ferry was late.",
            "Ilsa Varn",
            "said",
            "the ferry was late",
        ),
        # a description, X, said
        ("Its spokesman, Oke Marl, said that the ferry was late.", "Oke Marl", "said", "the ferry was late"),
        ("“The ferry sails at dawn,” said its spokesman, Oke Marl, on Monday.", "Oke Marl", "said", None),
        ("Its spokesman, a baker, said that the ferry was late.", "Its spokesman", "said", "the ferry was late"),
        ("The mayor of Tolmi, Ilsa Varn, said that it was late.", "Ilsa Varn", "said", "it was late"),
        ("The Vostrian Foreign Minister, Ilsa Varn, said that it was late.", "Ilsa Varn", "said", "it was late"),
        (
            "A lawyer for Tolmi Ferries, Brig. Oke B. Marl, said it was late.",
            "Brig. Oke B. Marl",
            "said",
            "it was late",
        ),
        (
            "The deputy head of mission at the embassy in Tolmi, Ilsa Varn, said that it was late.",
            "Ilsa Varn",
            "said",
            "it was late",
        ),
        ("“The ferry sails at dawn,” said the mayor of Tolmi, Ilsa Varn.", "Ilsa Varn", "said", None),
        ("The mayor of Tolmi, Vostria, said that it was late.", "The mayor of Tolmi", "said", "it was late"),
        ("“It is late,” said a resident of the town, Sella.", "a resident of the town", "said", None),
        ("“It is late,” said a resident of the capital, Tallinn.", "a resident of the capital", "said", None),
        ("Envoy Ilsa Varn, Oke Marl, said that it was late.", "Envoy Ilsa Varn", "said", "it was late"),
        # after a dateline
        ("TOLMI, Vostria (Wire) — Ilsa Varn said that it was late.", "Ilsa Varn", "said", "it was late"),
        ("UN envoy Ilsa Varn said that talks — held in Tolmi — failed.", "UN envoy Ilsa Varn", "said", None),
        # words, X said
        ("The ferry sails at dawn, Ilsa Varn said.", "Ilsa Varn", "said", "The ferry sails at dawn"),
        ("The ferry sails at dawn, the office said on Monday.", "the office", "said", "The ferry sails at dawn"),
        ("The ferry sails at dawn, said the mayor of Tolmi.", "the mayor of Tolmi", "said", "The ferry sails at dawn"),
        # according to X
        ("According to Ilsa Varn, the ferry was late.", "Ilsa Varn", "According to", "the ferry was late"),
        ("The ferry was late, according to Ilsa Varn.", "Ilsa Varn", "according to", "The ferry was late"),
        ("The ferry was late according to the office.", "the office", "according to", "The ferry was late"),
        ("According to the office, “the ferry was late”.", "the office", "According to", "the ferry was late"),
        # X, a baker, said
        ("Ilsa Varn, a baker, said that the oven was cold.", "Ilsa Varn", "said", "the oven was cold"),
        ("In Tolmi, Ilsa Varn, a baker, said that the oven was cold.", "Ilsa Varn", "said", "the oven was cold"),
        ("But Ilsa Varn, the mayor, denied that the oven was cold.", "Ilsa Varn", "denied", "the oven was cold"),
        ("Ilsa Varn, 41, said she was tired.", "Ilsa Varn", "said", "she was tired"),
        ("The United States said that it was late.", "The United States", "said", "it was late"),
        ("The Gulf states and Iran said that it was late.", "The Gulf states and Iran", "said", "it was late"),
        ("A baker who asked not to be named said that it was late.", "A baker", "said", "it was late"),
        ("“It is late now,” said\u2028\u2003Ilsa Varn.", "Ilsa Varn", "said", "It is late now,"),
        ("Ilsa Varn, a baker from Tolmi, flatly denied that it was late.", "Ilsa Varn", "denied", "it was late"),
        # more than the subject before the cue
        ("On Sunday the bakers of Tolmi said that it was late.", "the bakers of Tolmi", "said", "it was late"),
        ("The Front rejected the charge, insisting that it was late.", "The Front", "insisting", "it was late"),
        # a subject with a clause of its own is not the words
        (
            "Ilsa Varn, who was praised for baking in the dark, said the oven would be lit.",
            "Ilsa Varn",
            "said",
            "the oven would be lit",
        ),
        ("Its owner, Ilsa Varn, said the oven was lit.", "Ilsa Varn", "said", "the oven was lit"),
    ],
)
def test_form_of_attribution_is_read(text: str, speaker: str, cue: str, words: str | None) -> None:
    [(found_speaker, found_cue, parts)] = said(text)

    assert (found_speaker, found_cue) == (speaker, cue)
    assert len(parts) == 1
    if words:
        assert parts == [words]


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("Ilsa Varn said that the ovens were cold and warned that flour was short.", "warned"),
        ("Ilsa Varn said the ovens were cold, and warned that flour was short.", "warned"),
        ("Ilsa Varn said that the ovens were cold and later added that flour was short.", "added"),
    ],
)
def test_two_verbs_of_one_subject_are_two_attributions(text: str, cue: str) -> None:
    (first_speaker, first_cue, [first]), second = said(text)

    assert (first_speaker, first_cue) == ("Ilsa Varn", "said")
    assert first.startswith("the ovens were cold")
    assert "flour" not in first
    assert second == ("Ilsa Varn", cue, ["flour was short"])


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "uk",
            "«Пором вийде на світанку», — сказала Ілса Варненко.",
            ("Ілса Варненко", "сказала", "Пором вийде на світанку"),
        ),
        ("uk", "Ілса Варненко сказала, що печі холодні.", ("Ілса Варненко", "сказала", "печі холодні")),
        ("uk", "Ілса Варненко, пекарка, сказала, що печі холодні.", ("Ілса Варненко", "сказала", "печі холодні")),
        (
            "uk",
            "Ілса Варненко заявила: «Пором вийде на світанку».",
            ("Ілса Варненко", "заявила", "Пором вийде на світанку"),
        ),
        ("uk", "За словами Ілси Варненко, печі холодні.", ("Ілси Варненко", "За словами", "печі холодні")),
        (
            "ru",
            "«Паром выйдет на рассвете», — сказала Илса Варнова.",
            ("Илса Варнова", "сказала", "Паром выйдет на рассвете"),
        ),
        ("ru", "Илса Варнова сказала, что печи холодные.", ("Илса Варнова", "сказала", "печи холодные")),
        ("ru", "Илса Варнова, пекарь, сказала, что печи холодные.", ("Илса Варнова", "сказала", "печи холодные")),
        (
            "ru",
            "Илса Варнова заявила: «Паром выйдет на рассвете».",
            ("Илса Варнова", "заявила", "Паром выйдет на рассвете"),
        ),
        ("ru", "По словам Илсы Варновой, печи холодные.", ("Илсы Варновой", "По словам", "печи холодные")),
        (
            "de",
            "„Die Öfen sind heute kalt“, sagte Ilsa Varnholt.",
            ("Ilsa Varnholt", "sagte", "Die Öfen sind heute kalt"),
        ),
        ("de", "Ilsa Varnholt sagte, dass die Öfen kalt seien.", ("Ilsa Varnholt", "sagte", "die Öfen kalt seien")),
        ("de", "Ilsa Varnholt erklärte, die Öfen seien kalt.", ("Ilsa Varnholt", "erklärte", "die Öfen seien kalt")),
        (
            "de",
            "Ilsa Varnholt sagte: „Die Öfen sind heute kalt.“",
            ("Ilsa Varnholt", "sagte", "Die Öfen sind heute kalt."),
        ),
        (
            "de",
            "Die Fähre fahre im Morgengrauen, sagte Ilsa Varnholt.",
            ("Ilsa Varnholt", "sagte", "Die Fähre fahre im Morgengrauen"),
        ),
        (ANY, "“Vapur şafakta kalkacak,” dedi Ilsa Varnoğlu.", ("Ilsa Varnoğlu", "dedi", "Vapur şafakta kalkacak,")),
        (ANY, "Ilsa Varnoğlu, “Vapur şafakta kalkacak” dedi.", ("Ilsa Varnoğlu", "dedi", "Vapur şafakta kalkacak")),
        (ANY, "Ilsa Varnoğlu, vapurun kalkacağını söyledi.", ("Ilsa Varnoğlu", "söyledi", "vapurun kalkacağını")),
        (
            ANY,
            "Ilsa Varnoğlu “Vapur şafakta kalkacak” diye konuştu.",
            ("Ilsa Varnoğlu", "diye konuştu", "Vapur şafakta kalkacak"),
        ),
        (ANY, "Liman idaresi, vapurun kalkacağını açıkladı.", ("Liman idaresi", "açıkladı", "vapurun kalkacağını")),
        (
            "tr",
            "Sabah limanda konuşan Varnoğlu, vapurun “şafakta kalkacağını” söyledi.",
            ("Varnoğlu", "söyledi", "vapurun “şafakta kalkacağını”"),
        ),
        (
            "tr",
            "Tolmi Liman İdaresi dün sabah, vapurun “şafakta kalkacağını” duyurdu.",
            ("Tolmi Liman İdaresi", "duyurdu", "vapurun “şafakta kalkacağını”"),
        ),
        (
            "tr",
            "Liman kaynaklarına göre vapur şafakta kalkacak.",
            ("Liman kaynaklarına", "göre", "vapur şafakta kalkacak"),
        ),
        (
            "uk",
            "Пором вийде до міста на світанку, повідомила міська пекарня.",
            ("міська пекарня", "повідомила", "Пором вийде до міста на світанку"),
        ),
    ],
)
def test_form_of_another_language_is_read(language: str | None, text: str, expected: tuple[str, str, str]) -> None:
    speaker, cue, words = expected

    assert said(text, language) == [(speaker, cue, [words])]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("uk", "Ферма зачинена. Про це повідомила Ілса Варненко."),
        ("uk", "Ферма зачинена. Про це Ілса Варненко повідомила у вівторок."),
        ("ru", "Ферма зачинена. Об этом сообщила Ілса Варненко."),
    ],
)
def test_announcement_of_the_sentence_before_gives_its_words(language: str, text: str) -> None:
    [(speaker, _, parts)] = said(text, language)

    assert (speaker, parts) == ("Ілса Варненко", ["Ферма зачинена"])


def test_announcement_of_words_that_are_somebodys_gives_nobody_more() -> None:
    text = "«Ферма зачинена до весни», — сказав Оке Марл. Про це повідомила Ілса Варненко."

    assert said(text, "uk") == [("Оке Марл", "сказав", ["Ферма зачинена до весни"])]


@pytest.mark.parametrize(
    "text",
    [
        "The reports reached the mayor on Monday.",
        "Its claims were read in the council of Tolmi.",
        "The mayor filed the claims in two volumes.",
        "The bakery rejected the claims of its bakers.",
        "The market opened at nine on Monday.",
        "The “Blue Oven” bakery opened at nine.",
        "Varn called the bakery.",
        "🧇",
        "",
    ],
)
def test_sentence_that_gives_nobody_words_has_no_attribution(text: str) -> None:
    assert said(text) == []


def test_split_quotation_of_another_language_is_one_attribution() -> None:
    text = "„Die Öfen sind heute kalt“, sagte Ilsa Varnholt, „und sie bleiben es auch“."

    assert said(text, "de") == [("Ilsa Varnholt", "sagte", ["Die Öfen sind heute kalt", "und sie bleiben es auch"])]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "“The ovens are cold,” Ilsa Varn said, “and they stay cold.”",
            ["The ovens are cold,", "and they stay cold."],
        ),
        (
            "“The ovens are cold,” said Ilsa Varn, a baker, “and they stay cold.”",
            ["The ovens are cold,", "and they stay cold."],
        ),
        ("“The ovens are cold,” said Ilsa Varn. “They stay cold.”", ["The ovens are cold,", "They stay cold."]),
    ],
)
def test_quotation_split_round_its_cue_is_one_attribution(text: str, parts: list[str]) -> None:
    assert said(text) == [("Ilsa Varn", "said", parts)]
