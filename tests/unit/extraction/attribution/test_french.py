"""French attributions: verbs of several words, subjects joined to them, words joined by an apostrophe."""

import pytest

from tests.unit.extraction.attribution.reading import said as read


def said(text: str) -> list[tuple[str, str | None, str | None]]:
    """Words, cue and speaker of each attribution."""
    return [("|".join(parts), cue, speaker) for speaker, cue, parts in read(text, "fr")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("« La ville tient », a déclaré le maire.", ("La ville tient", "a déclaré", "le maire")),
        ("« La ville tient », a déclaré mardi à Tolmi le maire.", ("La ville tient", "a déclaré", "le maire")),
        ("Le maire a ensuite affirmé que la ville tenait.", ("la ville tenait", "a ensuite affirmé", "Le maire")),
        ("Ilse Tarn a dit qu’elle partirait.", ("elle partirait", "a dit", "Ilse Tarn")),
        ("Selon l’armée, la ville est tombée.", ("la ville est tombée", "Selon", "l’armée")),
        ("D'après Ilse Tarn, la ville est tombée.", ("la ville est tombée", "D'après", "Ilse Tarn")),
        (
            "Pour l’analyste Ilse Tarn, la trêve tiendra.",
            ("la trêve tiendra", "Pour l’analyste", "l’analyste Ilse Tarn"),
        ),
        ("« Il faut, a plaidé le maire, partir. »", ("Il faut|partir.", "a plaidé", "le maire")),
        ("La ville est tombée, a annoncé l’armée.", ("La ville est tombée", "a annoncé", "l’armée")),
        ("La ville est tombée, dit-on de source militaire.", ("La ville est tombée", "dit-on", "source militaire")),
        (
            "Le porte-parole de la junte, le général Ilse Tarn, a nié toute attaque.",
            ("toute attaque", "a nié", "Ilse Tarn"),
        ),
        ("« La ville tient », regrette un sabotier.", ("La ville tient", "regrette", "un sabotier")),
        ("« Nous partons », dit Ilse Tarn.", ("Nous partons", "dit", "Ilse Tarn")),
        ("« La ville tient », a dit M. Tarn.", ("La ville tient", "a dit", "Tarn")),
        ("Le texte, a prévenu l’armée, « restera lettre morte ».", ("Le texte", "a prévenu", "l’armée")),
        ("Un diplomate qui a requis l’anonymat a dit que la ville tient.", ("la ville tient", "a dit", "Un diplomate")),
        ("Le ministre lui a dit que la ville tient.", ("la ville tient", "a dit", "Le ministre")),
    ],
)
def test_words_are_given_to_whom_they_belong(text: str, expected: tuple[str, str, str]) -> None:
    assert said(text) == [expected]


def test_subject_behind_its_verb_stands_for_who_was_named() -> None:
    text = "Ilse Tarn, la ministre, est arrivée hier. « Nous parlerons », a-t-elle dit."

    assert said(text) == [("Nous parlerons", "a-t-elle dit", "Ilse Tarn")]
    assert said("Le maire Paul Berg est là. « Il faut, dit-il, partir. »") == [
        ("Il faut|partir.", "dit-il", "Paul Berg")
    ]


def test_two_participles_share_their_auxiliary() -> None:
    text = "Le maire a déploré que la ville soit vide et exigé que les habitants reviennent."

    assert [(cue, words) for words, cue, _ in said(text)] == [
        ("a déploré", "la ville soit vide"),
        ("exigé", "les habitants reviennent"),
    ]


def test_noun_is_no_verb_though_an_apostrophe_joins_it() -> None:
    assert said("L’annonce de la trêve n’a rien changé, et nul ne précise la date.") == []


def test_description_goes_on_to_the_name_behind_it() -> None:
    text = "Le chef de la délégation, Ilse Tarn, est arrivé. Il a dit que la ville tient."

    assert said(text) == [("la ville tient", "a dit", "Ilse Tarn")]
