"""The words of a language pack as patterns: how they match, and which languages' words count."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import prompts
from prompts.languages import COMMON, codes, pack
from service.extraction.text.lexicon import SPEECH, Lexicon, detect_language, has_lexicon, lexicon_for

ENGLISH_TALKS = """
triggers = ["met", "met with", "critici*ed", "sanction*", "peace  plan", "*fire", "signed a *", "a.b", "put it"]
[values.status]
held = ["met", "took place"]
planned = ["will *"]
"""
UKRAINIAN_TALKS = """
triggers = ["зустріч*"]
actor_groups = ["сторони"]
[values.status]
held = ["зустріл*"]
"""


@pytest.fixture
def _data(tmp_path: Path) -> Iterator[None]:
    """A kind, "talks", in two languages, and one, "weather", in one."""
    said = {"en/talks": ENGLISH_TALKS, "uk/talks": UKRAINIAN_TALKS, "en/weather": 'triggers = ["rain*"]'}
    for path, text in said.items():
        file = tmp_path / "languages" / f"{path}.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    prompts.use([tmp_path])
    yield
    prompts.use([])


def matched(text: str, language: str | None = "en") -> str | None:
    found = lexicon_for("talks", language)["triggers"].search(text)
    return found[0] if found else None


@pytest.mark.usefixtures("_data")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("They met in Tolmi.", "met"),
        ("They MET in Tolmi.", "MET"),
        ("A metre of rope.", None),
        ("A kilomet.", None),
        ("met", "met"),
        # `*` is any ending or inner letters of one word
        ("new sanctions came", "sanctions"),
        ("a sanction came", "sanction"),
        ("It was sanctioned.", "sanctioned"),
        ("unsanctioned", None),
        ("He criticised it.", "criticised"),
        ("He criticized it.", "criticized"),
        ("He critici ed it.", None),
        ("The ceasefire held.", "ceasefire"),
        ("They signed a treaty.", "signed a treaty"),
        ("They signed a", None),
        # white space is any white space
        ("the peace plan", "peace plan"),
        ("the peace\r\n plan", "peace\r\n plan"),
        ("the peace\u00a0plan", "peace\u00a0plan"),
        ("the peaceplan", None),
        # other characters stand for themselves
        ("a.b", "a.b"),
        ("aXb", None),
        # the longest counts
        ("They met with nobody.", "met with"),
        ("They met without us.", "met"),
    ],
)
def test_word_of_a_list_is_a_whole_word_in_any_form_it_allows(text: str, found: str | None) -> None:
    assert matched(text) == found


@pytest.mark.usefixtures("_data")
@pytest.mark.parametrize("language", ["en", "EN", "en-GB", "en_US", "en-Latn-GB"])
def test_language_is_the_tags_first_part(language: str) -> None:
    assert matched("They met.", language) == "met"
    assert matched("Ця зустріч.", language) is None


@pytest.mark.usefixtures("_data")
@pytest.mark.parametrize("language", [None, "", "tlh", "xx-YY"])
def test_language_that_is_not_known_has_the_words_of_all(language: str | None) -> None:
    assert matched("They met.", language) == "met"
    assert matched("Ця зустріч.", language) == "зустріч"
    known = lexicon_for("talks", language)
    assert known["actor_groups"].search("сторони")
    assert known.values["status"]["held"].search("зустріли")
    assert known.values["status"]["held"].search("took place")


@pytest.mark.usefixtures("_data")
@pytest.mark.parametrize(("kind", "language"), [("horoscopes", "en"), ("horoscopes", None), ("weather", "uk")])
def test_kind_without_a_file_has_no_words(kind: str, language: str | None) -> None:
    none = lexicon_for(kind, language)

    assert not none
    assert none.values == {}
    assert none["triggers"].search("They met in the rain.") is None


@pytest.mark.usefixtures("_data")
def test_values_are_apart_from_the_lists() -> None:
    talks = lexicon_for("talks", "en")

    assert set(talks.lists) == {"triggers"}
    assert set(talks.values) == {"status"}
    assert list(talks.values["status"]) == ["held", "planned"]
    assert talks.values["status"]["planned"].search("They will meet.")
    assert not talks.values["status"]["planned"].search("They met.")


def test_list_that_is_not_there_matches_nothing() -> None:
    assert not Lexicon()
    assert Lexicon()["triggers"].search("said") is None
    assert Lexicon()["triggers"].fullmatch("") is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The bakers said that they had waited, but nobody came while the ovens were cold.", "en"),
        ("Пекарі сказали, що вони чекали, але ніхто не прийшов, коли печі були холодні.", "uk"),
        ("Пекари сказали, что они ждали, но никто не пришёл, когда печи были холодные.", "ru"),
        ("Die Bäcker sagten, dass sie warteten, aber niemand kam, während die Öfen kalt waren.", "de"),
        ("Los panaderos dijeron que habían esperado, pero nadie vino.", "es"),
        ("Les boulangers ont dit qu’ils avaient attendu, mais que personne n’est venu.", "fr"),
        # like Spanish and French, but neither
        ("Il governo ha detto che la tregua è stata violata, ma non si sa da chi.", None),
        ("O governo disse que a trégua foi violada, mas não se sabe por quem, e que os fornos estão frios.", None),
        ("El govern ha dit que la treva s’ha trencat, però ningú sap qui ho ha fet.", None),
        ("Guvernul a spus că armistițiul a fost încălcat, dar nu se știe de cine.", None),
        ("面包师说他们等了很久。", None),
        ("Ilsa Varn, Tolmi.", None),
        ("", None),
    ],
)
def test_language_is_told_by_its_function_words_or_not_at_all(text: str, language: str | None) -> None:
    assert detect_language(text) == language


def test_expression_is_any_word_of_some_lists() -> None:
    english = lexicon_for(SPEECH, "en")

    assert all(re.fullmatch(english.expression("articles"), word) for word in ("the", "a", "an"))
    assert not re.fullmatch(english.expression("articles"), "some")
    assert re.fullmatch(english.expression("articles", "participles"), "saying")
    assert english.expression("clause_final_verbs") == "(?:(?!))"


def test_opening_is_a_word_with_what_separates_it_from_the_next() -> None:
    before = re.compile(rf"{lexicon_for(SPEECH, 'fr').opening('articles')}pain", re.IGNORECASE)

    assert all(before.fullmatch(words) for words in ("le pain", "un  pain", "l’pain", "l'pain"))
    assert not before.fullmatch("lepain")
    assert not before.fullmatch("l pain")


@pytest.mark.parametrize("text", ["l'armée", "l’armée", "L’armée"])
def test_apostrophe_of_a_word_is_either_and_joins_it_to_the_next(text: str) -> None:
    found = lexicon_for(SPEECH, "fr")["definite_articles"].search(text)

    assert found is not None
    assert text[found.end() :] == "armée"


@pytest.mark.parametrize(
    ("language", "text", "verb"),
    [
        ("fr", "elle a déclaré", "a déclaré"),
        ("fr", "elle a également déclaré", "a également déclaré"),
        ("fr", "dit-elle", "dit-elle"),
        ("fr", "a-t-elle dit", "a-t-elle dit"),
        ("fr", "le four déclaré", None),
        ("es", "ella ha declarado", "ha declarado"),
        ("es", "el horno declarado", None),
    ],
)
def test_verb_may_have_several_words(language: str, text: str, verb: str | None) -> None:
    found = lexicon_for(SPEECH, language)["speech_verbs"].search(text)

    assert (found and found[0]) == verb


def test_grammar_counts_only_in_its_language() -> None:
    assert "dropped_pronouns" in lexicon_for(SPEECH, "es").lists
    for language in ("en", "fr", None):
        assert "dropped_pronouns" not in lexicon_for(SPEECH, language).lists


def test_speech_of_a_language_that_shares_words_counts_only_where_it_is_known() -> None:
    assert lexicon_for(SPEECH, "es")["speech_verbs"].fullmatch("dijo")
    assert lexicon_for(SPEECH, None)["speech_verbs"].fullmatch("said")
    assert not lexicon_for(SPEECH, None)["speech_verbs"].fullmatch("dijo")
    assert lexicon_for("sanctions", None)["triggers"].search("embargo de armas")


def test_pattern_of_a_list_is_a_regular_expression() -> None:
    adverb = lexicon_for(SPEECH, "en")["adverb_patterns"]

    assert adverb.fullmatch("repeatedly")
    assert not adverb.fullmatch("ly")


@pytest.mark.parametrize("language", codes())
def test_common_words_count_in_every_language_with_its_own(language: str) -> None:
    own, common = pack(language), pack(COMMON)
    assert own is not None
    assert common is not None

    known = lexicon_for(SPEECH, language)

    assert known["articles"].fullmatch("the")
    assert all(known["speech_verbs"].fullmatch(word.replace("*", "xx")) for word in own.speech.speech_verbs)
    assert all(known["not_names"].fullmatch(word) for word in common.names.not_names)


@pytest.mark.parametrize("language", codes())
def test_word_of_a_pack_matches_itself(language: str) -> None:
    own = pack(language)
    assert own is not None
    for kind, said in own.kinds.items():
        known = lexicon_for(kind, language)
        for key in said.model_fields_set - {"values"}:
            assert all(known[key].fullmatch(word.replace("*", "xx")) for word in getattr(said, key)), (kind, key)
        for field, table in said.values.items():
            for value, words in table.items():
                assert all(known.values[field][value].fullmatch(word.replace("*", "xx")) for word in words), value


@pytest.mark.parametrize(
    ("language", "known"), [("en", True), ("en-GB", True), ("tlh", False), ("", False), (None, False)]
)
def test_language_has_a_lexicon_if_it_has_a_pack(language: str | None, known: bool) -> None:
    assert has_lexicon(language) is known


def test_lexicon_is_made_once_for_a_language_and_for_all_others() -> None:
    assert lexicon_for(SPEECH, "en-GB") is lexicon_for(SPEECH, "EN")
    assert lexicon_for(SPEECH, "tlh") is lexicon_for(SPEECH, None)
