"""The words that tell where a kind may be stated: how they are matched, and whether the data is what it must be."""

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import pytest

import prompts
from schemas.kinds.military_claims import Metric
from schemas.registry import built_in
from service.extraction.entities.lexicon import SPEECH, Cues, cues, language_of, section

FILES = prompts.cues()
SECTIONS = [(language, kind) for language, kinds in FILES.items() for kind in kinds]
LISTS = {
    "cues",
    "weak",
    "sources",
    "sources_behind",
    "echoes",
    "plural",
    "possessives",
    "bodies",
    "unpersonal",
    "described",
    "former",
    "locatives",
    "masculine_nouns",
    "feminine_nouns",
    "pronouns",
    "nominal",
    "conjunctions",
    "joints",
    "complementizers",
    "adverbials",
    "final",
    "inverting",
    "masculine",
    "masculine_titles",
    "feminine",
    "feminine_titles",
    "neuter",
    "subjects",
    "objects",
    "articles",
    "backward",
}
"""What the reader of attributions asks for."""
OTHER_LISTS = {"cues", "groups", "venues", "before_places", "behind_places"}
"""What is asked for of other kinds."""
LISTS_OF = {
    "negotiations": {"mediated_by", "mediates", "between", "together"},
    "sanctions": {"programs", "ordinals"},
    "military_claims": {"moments", "near", "regions"},
}
"""What is asked for of a kind besides: who mediates, how packages are called, when it was where no date stands."""
METRICS = {*get_args(Metric), "ground", "civilian", "time", "event", "verb"}
"""What words beside a figure tell: what it counts, that it counts civilians, or that it is no loss at all."""

DATA = {
    "en": {
        "talks": {
            "cues": [
                "met",
                "met with",
                "critici*ed",
                "sanction*",
                "peace  plan",
                "*fire",
                "signed a *",
                "a.b",
                "put it",
            ],
            "status": {"held": ["met", "took place"], "planned": ["will *"]},
        },
        "weather": {"cues": ["rain*"]},
    },
    "uk": {"talks": {"cues": ["зустріч*"], "status": {"held": ["зустріл*"]}, "weak": ["каже"]}},
}


@pytest.fixture
def _data(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(prompts, "cues", lambda: DATA)
    cues.cache_clear()
    yield
    cues.cache_clear()


def matched(text: str, language: str | None = "en") -> str | None:
    found = cues("talks", language)["cues"].search(text)
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
def test_cue_is_a_whole_word_in_any_form_it_allows(text: str, found: str | None) -> None:
    assert matched(text) == found


@pytest.mark.usefixtures("_data")
@pytest.mark.parametrize("language", ["en", "EN", "en-GB", "en_US", "en-Latn-GB"])
def test_language_is_the_tags_first_part(language: str) -> None:
    assert matched("They met.", language) == "met"
    assert matched("Ця зустріч.", language) is None


@pytest.mark.usefixtures("_data")
@pytest.mark.parametrize("language", [None, "", "tlh", "xx-YY"])
def test_language_that_is_not_known_has_the_cues_of_all(language: str | None) -> None:
    assert matched("They met.", language) == "met"
    assert matched("Ця зустріч.", language) == "зустріч"
    known = cues("talks", language)
    assert known["weak"].search("каже")
    assert known.values["status"]["held"].search("зустріли")
    assert known.values["status"]["held"].search("took place")


@pytest.mark.usefixtures("_data")
@pytest.mark.parametrize(("kind", "language"), [("horoscopes", "en"), ("horoscopes", None), ("weather", "uk")])
def test_kind_without_a_section_has_no_cues(kind: str, language: str | None) -> None:
    none = cues(kind, language)

    assert not none
    assert none.values == {}
    assert none["cues"].search("They met in the rain.") is None


@pytest.mark.usefixtures("_data")
def test_values_are_apart_from_the_lists() -> None:
    talks = cues("talks", "en")

    assert set(talks.lists) == {"cues"}
    assert set(talks.values) == {"status"}
    assert list(talks.values["status"]) == ["held", "planned"]
    assert talks.values["status"]["planned"].search("They will meet.")
    assert not talks.values["status"]["planned"].search("They met.")


def test_list_that_is_not_there_matches_nothing() -> None:
    assert not Cues()
    assert Cues()["cues"].search("said") is None
    assert Cues()["cues"].fullmatch("") is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The bakers said that they had waited, but nobody came while the ovens were cold.", "en"),
        ("Пекарі сказали, що вони чекали, але ніхто не прийшов, коли печі були холодні.", "uk"),
        ("Пекари сказали, что они ждали, но никто не пришёл, когда печи были холодные.", "ru"),
        ("Die Bäcker sagten, dass sie warteten, aber niemand kam, während die Öfen kalt waren.", "de"),
        ("Los panaderos dijeron que habían esperado, pero nadie vino.", None),
        ("面包师说他们等了很久。", None),
        ("Ilsa Varn, Tolmi.", None),
        ("", None),
    ],
)
def test_language_is_told_by_its_function_words_or_not_at_all(text: str, language: str | None) -> None:
    assert language_of(text) == language


# The data


def words_of(part: Any) -> Iterator[tuple[str, list[str]]]:
    """Each list of a section and of its value tables, with its path."""
    for name, said in part.items():
        if isinstance(said, dict):
            yield from ((f"{name}.{value}", words) for value, words in said.items())
        else:
            yield name, said


def values_of(annotation: Any) -> tuple[str, ...]:
    """The values of an enum, or of a list of them; nothing for other fields."""
    inner = get_args(annotation)[0] if get_origin(annotation) is list else annotation
    return get_args(inner) if get_origin(inner) is Literal else ()


def test_there_are_cues_for_every_kind_in_every_language() -> None:
    assert {"de", "en", "ru", "tr", "uk"} <= set(FILES)
    for language, kinds in FILES.items():
        assert len(language) == 2
        assert language.islower()
        assert set(kinds) == {section(record) for record in built_in()}, language
    assert SPEECH in {section(record) for record in built_in()}


@pytest.mark.parametrize(("language", "kind"), SECTIONS)
def test_section_has_cues_and_no_list_that_nothing_reads(language: str, kind: str) -> None:
    said = FILES[language][kind]
    lists = {name for name, words in said.items() if isinstance(words, list)}

    assert said["cues"]
    assert lists <= (LISTS if kind == SPEECH else OTHER_LISTS | LISTS_OF.get(kind, set()))


@pytest.mark.parametrize(("language", "kind"), SECTIONS)
def test_cue_is_a_trimmed_word_and_matches_itself(language: str, kind: str) -> None:
    known = cues(kind, language)
    for path, words in words_of(FILES[language][kind]):
        name, _, value = path.partition(".")
        pattern = known.values[name][value] if value else known[name]
        for word in words:
            assert isinstance(word, str)
            assert word == word.strip() != "", path
            assert pattern.fullmatch(word.replace("*", "xx")), (path, word)


@pytest.mark.parametrize(("language", "kind"), SECTIONS)
def test_value_table_names_a_field_of_its_kind_and_values_of_its_enum(language: str, kind: str) -> None:
    [record] = [record for record in built_in() if section(record) == kind]
    for name, said in FILES[language][kind].items():
        if name == "metric":
            assert kind == "military_claims"
            assert set(said) <= METRICS
            assert all(said.values())
        elif isinstance(said, dict):
            name = "sector" if name == "office" else name
            assert name in record.model_fields
            assert set(said) <= set(values_of(record.model_fields[name].annotation)), name
            assert all(said.values()), name


@pytest.mark.parametrize("language", FILES)
def test_word_that_stands_before_its_speaker_or_last_is_a_cue(language: str) -> None:
    lists = FILES[language][SPEECH]
    known = cues(SPEECH, language)

    for word in [*lists.get("inverting", []), *lists.get("final", [])]:
        assert known["cues"].fullmatch(word), word
