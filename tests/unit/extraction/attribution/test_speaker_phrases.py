"""The words of a clause that name the speaker before a verb."""

import pytest

from service.extraction.attribution.masking import MaskedClause
from service.extraction.attribution.speaker_phrases import SpeakerPhrases
from service.extraction.text.lexicon import SPEECH, Lexicon, lexicon_for
from service.extraction.text.spans import Span


def phrases(text: str, words: Lexicon | None = None) -> SpeakerPhrases:
    return SpeakerPhrases(MaskedClause(text, 0, text, []), lexicon_for(SPEECH, "en") if words is None else words)


def words_of(text: str, span: Span | None) -> str | None:
    return text[span.start : span.end] if span else None


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("Ilsa Varn", "Ilsa Varn"),
        ("The army has since", "The army"),
        ("Ilsa Varn repeatedly", "Ilsa Varn"),
        ("In Tolmi, Ilsa Varn, the mayor,", "Ilsa Varn"),
        ("But Ilsa Varn, the mayor,", "Ilsa Varn"),
        ("On Monday the bakers of Tolmi", "the bakers of Tolmi"),
        ("It was cold while the bakers", "the bakers"),
        ("the baker and the miller", "the baker and the miller"),
        ("A baker who asked for flour", "A baker"),
        ("The Bank of Tolmi in its long report on ovens for bakers", "The Bank of Tolmi"),
        ("the very old baker of the small grey town behind the hills of the north", None),
        ("The deputy head of mission at the cold embassy in Tolmi, Ilsa Varn,", "Ilsa Varn"),
        ("", None),
        (" , ", None),
    ],
)
def test_speaker_before_a_verb_is_the_subject_of_its_clause(text: str, speaker: str | None) -> None:
    assert words_of(text, phrases(text).before(0, len(text))) == speaker


def test_speaker_before_a_participle_is_the_subject_of_the_whole_clause() -> None:
    text = "The Front denied the charge of theft"

    assert words_of(text, phrases(text).before(0, len(text), participle=True)) == "The Front"
    assert words_of(text, phrases(text).before(0, len(text))) == text


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("El martes el Gobierno también", "el Gobierno"),
        ("El martes también lo", None),
        ("También", None),
        ("En Tolmi ha", None),
        ("Varn lo había", "Varn"),
    ],
)
def test_subject_may_go_unsaid(text: str, speaker: str | None) -> None:
    assert words_of(text, phrases(text, lexicon_for(SPEECH, "es")).before(0, len(text))) == speaker


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("Sabah limanda konuşan Varnoğlu", "Varnoğlu"),
        ("Tolmi Liman İdaresi dün sabah erken", "Tolmi Liman İdaresi"),
        ("liman idaresi", "liman idaresi"),
        ("sabah erken saatlerde limanda", None),
    ],
)
def test_speaker_at_the_opening_is_a_name_or_few_words(text: str, speaker: str | None) -> None:
    assert words_of(text, phrases(text, lexicon_for(SPEECH, "tr")).at_opening(len(text))) == speaker


def test_pronoun_is_found_in_its_source_phrase() -> None:
    text = "It was late, in her account."
    source = lexicon_for(SPEECH, "en")["pronoun_sources"].search(text)

    assert source is not None
    assert words_of(text, phrases(text).pronoun_in(source)) == "her"


def test_without_a_language_pack_punctuation_alone_tells_the_subject() -> None:
    text = "In Tolmi, Ilsa Varn"

    assert words_of(text, phrases(text, Lexicon()).before(0, len(text))) == ("Ilsa Varn")
