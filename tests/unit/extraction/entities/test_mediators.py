"""Who mediates, by the words beside a name."""

import pytest

from service.extraction.entities.mediators import find_mediators
from service.extraction.text.lexicon import SPEECH, lexicon_for


def mediators(names: list[str], sentence: str, language: str = "en") -> list[str]:
    kind, speech = lexicon_for("negotiations", language), lexicon_for(SPEECH, language)
    return [sentence[span.start : span.end] for span in find_mediators(names, sentence, kind, speech)]


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("The talks were brokered by Velm.", True),
        ("The talks were brokered by the Velm.", True),
        ("Velm mediated the talks.", True),
        ("Velm, which has hosted the talks, was silent.", True),
        ("Velm has offered to host the talks.", True),
        ("Velm’s mediators were silent.", True),
        ("The Velm-brokered truce held.", True),
        ("Velm had asked for talks that Sella hosted.", False),
        ("Velm has had the will to be a host.", False),
        ("The talks went on without Velm.", False),
    ],
)
def test_words_beside_a_name_tell_that_it_mediates(sentence: str, found: bool) -> None:
    assert mediators(["Velm"], sentence) == (["Velm"] if found else [])


def test_each_of_several_names_is_looked_at() -> None:
    sentence = "Velm and Sella met in talks mediated by Tarn."

    assert mediators(["Velm", "Sella", "Tarn"], sentence) == ["Tarn"]


@pytest.mark.parametrize(
    ("language", "sentence", "name"),
    [
        ("uk", "Переговори пройшли за посередництва Велму.", "Велму"),
        ("ru", "Переговоры прошли при посредничестве Велма.", "Велма"),
        ("de", "Die Gespräche wurden vermittelt von Velm.", "Velm"),
    ],
)
def test_other_languages_have_words_before_a_mediator(language: str, sentence: str, name: str) -> None:
    assert mediators([name], sentence, language) == [name]


def test_language_without_such_words_has_no_mediators() -> None:
    assert mediators(["Velm"], "Velm görüşmelere aracılık etti.", "tr") == []
