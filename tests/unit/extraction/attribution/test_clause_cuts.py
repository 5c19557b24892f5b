"""A sentence in which several speak is cut between them, and no other."""

import pytest

from service.extraction.attribution.clause_cuts import clauses_of, with_answers_apart
from service.extraction.text.lexicon import SPEECH, lexicon_for


def cut(sentence: str, language: str = "en") -> list[str]:
    return [sentence[start:end].strip(" ,") for start, end in clauses_of(sentence, lexicon_for(SPEECH, language))]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "The army said it killed ten, and | the rebels said they lost none."),
        ("en", "Zelin said that talks failed, but | Defence Minister Karla Voss replied that they had not."),
        ("en", "The embassy warned of delays; | the ministry denied it."),
        ("en", "The port is closed, according to the mayor, while | according to the union it is open."),
        ("en", "Berg said it rained, while | Voss, the minister, said that it snowed."),
        ("de", "Berg sagte, es regne, aber | Voss entgegnete, es schneie."),
        ("fr", "Le maire a dit qu’il pleuvait, mais | le ministre a assuré qu’il neigeait."),
    ],
)
def test_each_speaker_has_a_clause(language: str, sentence: str) -> None:
    joined = sentence.replace(" | ", " ")
    parts = cut(joined, language)

    assert len(parts) == 2
    assert joined.startswith(parts[0])
    assert joined.endswith(parts[1])
    assert parts[1] == sentence.split(" | ")[1]


@pytest.mark.parametrize(
    "sentence",
    [
        "The army said it killed ten and lost none.",
        "The Gulf states and Iran said that it was late.",
        "The mayor said that bread was short and that the mill was closed.",
        "The council named Both Nyal, a fighter, and Simon Lok, a commander accused of raids.",
        "The council named Varn, and so far nobody has said no.",
        "Varn said bread and the reports of it were late.",
    ],
)
def test_sentence_of_one_speaker_is_whole(sentence: str) -> None:
    assert cut(sentence) == [sentence]


def test_whoever_is_spoken_to_and_answers_stands_apart() -> None:
    lexicon = lexicon_for(SPEECH, "en")
    told = "Oostvogt told Finance Minister Ilse Brandauer, who answered that she had read it."
    whole = "The mill of Castle Partners, who said little, is closed."

    assert with_answers_apart(told, lexicon).partition(";")[0] == "Oostvogt told"
    assert len(with_answers_apart(told, lexicon)) == len(told)
    assert with_answers_apart(whole, lexicon) == whole
