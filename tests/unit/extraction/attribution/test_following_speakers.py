"""The speaker behind a verb or a source phrase."""

import pytest

from service.extraction.attribution.following_speakers import FollowingSpeakers, names_speaker
from service.extraction.attribution.masking import MaskedClause
from service.extraction.text.lexicon import SPEECH, Lexicon, lexicon_for
from service.extraction.text.spans import Span


def speakers(text: str, words: Lexicon | None = None) -> FollowingSpeakers:
    return FollowingSpeakers(MaskedClause(text, 0, text, []), lexicon_for(SPEECH, "en") if words is None else words)


def spanish(text: str) -> FollowingSpeakers:
    return speakers(text, lexicon_for(SPEECH, "es"))


def french(text: str) -> FollowingSpeakers:
    return speakers(text, lexicon_for(SPEECH, "fr"))


def words_of(text: str, span: Span | None) -> str | None:
    return text[span.start : span.end] if span else None


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        (" Ilsa Varn on Monday.", "Ilsa Varn"),
        (" Ilsa Varn, a baker.", "Ilsa Varn"),
        (" Ilsa Varn, who bakes.", "Ilsa Varn"),
        (" the mayor of Tolmi during a visit.", "the mayor of Tolmi"),
        (" the mayor and then left", "the mayor"),
        (" Ilsa Varn", "Ilsa Varn"),
        (".", None),
    ],
)
def test_speaker_ends_at_punctuation_or_a_preposition(text: str, speaker: str | None) -> None:
    assert words_of(text, speakers(text).after(0)) == speaker
    assert words_of(text, speakers(text).after_verb(0)) == speaker


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        (" este martes en un comunicado la ministra de Obras a la prensa.", "la ministra de Obras"),
        (" el martes, por la noche Ilsa Varn.", "Ilsa Varn"),
        (" un alto funcionario tras la reunión.", "un alto funcionario"),
        # what is said, not who says it
        (" una reunión con los sindicatos.", None),
        (" que la ciudad resiste.", None),
        (".", None),
    ],
)
def test_words_may_stand_before_a_speaker_who_may_go_unsaid(text: str, speaker: str | None) -> None:
    assert words_of(text, spanish(text).after_verb(0)) == speaker


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        (" mardi à la presse le maire de Tolmi devant la mairie.", "le maire de Tolmi"),
        (" M. Tarn lundi.", "M. Tarn"),
        (" un sabotier.", "un sabotier"),
        (" qu’il partirait.", None),
    ],
)
def test_speaker_is_always_told_where_none_goes_unsaid(text: str, speaker: str | None) -> None:
    assert words_of(text, french(text).after_verb(0)) == speaker


@pytest.mark.parametrize(
    ("text", "speaker"),
    [(" el ministro que la ciudad resiste.", "el ministro"), (" que la ciudad resiste.", None), (" el lunes.", None)],
)
def test_speaker_may_stand_before_the_statement(text: str, speaker: str | None) -> None:
    assert words_of(text, spanish(text).before_statement(0)) == speaker


def test_no_speaker_stands_before_the_statement_where_none_stands_behind_its_verb() -> None:
    text = " the minister that the city holds."

    assert speakers(text).before_statement(0) is None


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        (" este martes el Estado Mayor.", True),
        (".", True),
        (" el lunes.", True),
        (" una reunión con los sindicatos.", False),
        (" la ministra que habrá cumbre.", False),
    ],
)
def test_clause_ends_with_its_speaker_or_the_verb(text: str, ends: bool) -> None:
    assert spanish(text).ends_clause(0) is ends


def test_verb_alone_ends_no_clause_where_no_speaker_goes_unsaid() -> None:
    assert not french(".").ends_clause(0)
    assert french(" l’armée.").ends_clause(0)


@pytest.mark.parametrize(
    ("language", "words", "speaker"),
    [
        ("es", "la ministra de Obras", True),
        ("es", "Vertol", True),
        ("es", "otro alto funcionario", True),
        ("es", "una reunión", False),
        ("es", "el día de la ministra", False),
        ("fr", "l’armée", True),
        ("fr", "l'habitant", True),
        ("fr", "la trêve", False),
        ("es", "", False),
    ],
)
def test_speaker_is_named_by_a_capital_or_a_noun(language: str, words: str, speaker: bool) -> None:
    assert names_speaker(words, lexicon_for(SPEECH, language)) is speaker
