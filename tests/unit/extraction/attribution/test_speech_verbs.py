"""Which verbs of a clause attribute words."""

import pytest

from service.extraction.attribution.following_speakers import FollowingSpeakers
from service.extraction.attribution.masking import MaskedClause, mask
from service.extraction.attribution.speech_verbs import SpeechVerbs
from service.extraction.text.lexicon import SPEECH, lexicon_for
from service.extraction.text.quotes import find_passages
from service.extraction.text.spans import Span


def verbs_of(text: str, language: str) -> SpeechVerbs:
    words = lexicon_for(SPEECH, language)
    passages = [Span(passage.start, passage.end) for passage in find_passages(text)]
    clause = MaskedClause(text, 0, mask(text, 0, len(text), passages), passages)
    return SpeechVerbs(clause, words, FollowingSpeakers(clause, words))


@pytest.mark.parametrize(
    ("language", "text", "verbs"),
    [
        ("en", "Varn said that the reports were late and warned of frost.", ["said", "warned"]),
        ("en", "Varn joked about frost.", []),
        ("en", "“It was late,” Varn joked.", ["joked"]),
        ("en", "The army’s claims were late.", []),
        # several words
        ("fr", "Tarn a également déclaré que le four est froid.", ["a également déclaré"]),
        ("fr", "« Nous partons », a-t-elle dit.", ["a-t-elle dit"]),
        ("fr", "« Nous partons », dit-il.", ["dit-il"]),
        ("es", "Varn ha advertido de la helada.", ["ha advertido"]),
        # joined by an apostrophe
        ("fr", "Le pain de l’annonce est froid.", []),
        # of several meanings
        ("es", "Varn sostuvo una reunión.", []),
        ("es", "Varn sostuvo que hiela.", ["sostuvo"]),
        ("es", "Varn sostuvo el lunes que hiela.", ["sostuvo"]),
        ("es", "El horno está frío, sostuvo Varn.", ["sostuvo"]),
        # of a clause about a noun
        ("es", "Un vecino que pidió pan dijo que hiela.", ["dijo"]),
        ("es", "Era un vecino que pidió pan.", ["pidió"]),
    ],
)
def test_verb_attributes_where_it_is_one_of_saying(language: str, text: str, verbs: list[str]) -> None:
    assert [verb[0] for verb in verbs_of(text, language).find()] == verbs


def test_participle_may_share_an_auxiliary() -> None:
    verbs = verbs_of("Tarn a dit que le four est froid et exigé du pain.", "fr")
    found = verbs.find()

    assert [verb[0] for verb in verbs.sharing(found[0], found)] == ["exigé"]


@pytest.mark.parametrize(
    ("language", "text", "closes"),
    [
        ("es", "El horno está frío, informó este martes el Ministerio.", True),
        ("es", "El horno está frío, informó.", True),
        ("es", "El horno, dijo la panadera, está frío.", True),
        ("es", "Este martes, informó el Ministerio.", False),
        ("es", "El Ministerio informó de la helada.", False),
        ("fr", "Le four est froid, dit-on de source militaire.", True),
        ("fr", "Le four est froid, a annoncé l’armée.", True),
        ("en", "The oven is cold, said the mayor.", False),
    ],
)
def test_verb_closes_a_statement_where_verbs_stand_before_speakers(language: str, text: str, closes: bool) -> None:
    verbs = verbs_of(text, language)

    assert verbs.closes_statement(verbs.find()[0]) is closes


@pytest.mark.parametrize(
    ("text", "subject", "impersonal"),
    [("« Nous partons », a-t-il dit.", "il", False), ("« Nous partons », dit-on.", None, True)],
)
def test_subject_that_is_joined_to_its_verb(text: str, subject: str | None, impersonal: bool) -> None:
    verbs = verbs_of(text, "fr")
    verb = verbs.find()[0]
    joined = verbs.joined_subject(verb)

    assert (joined and joined[0]) == subject
    assert verbs.is_impersonal(verb) is impersonal
    assert verbs.joined_pronoun(verb) is not None


def test_hyphen_joins_no_subject_in_english() -> None:
    verbs = verbs_of("Varn said that she-bears woke.", "en")

    assert verbs.joined_pronoun(verbs.find()[0]) is None
