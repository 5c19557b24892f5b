"""Language packs: every one that ships is whole, and a faulty one is refused with the file and the list."""

import re
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest

import prompts
from prompts import PromptError
from prompts.languages import COMMON, Grammar, KindWords, LanguagePack, Names, PackWarning, Section, Speech, codes, pack
from schemas.kinds.military_claims import Metric
from schemas.registry import built_in

PACKS: dict[str, LanguagePack] = {code: read for code in (COMMON, *codes()) if (read := pack(code))}
SECTIONS = ("speech", "names", "grammar", "dates", "numbers", "countries")
SPOKEN = "quoted_officials"
"""The kind whose records are somebody's words, which `speech.toml` tells."""
KINDS = {record.kind: record for record in built_in()}
METRICS = {*get_args(Metric), "ground", "civilian", "time", "event", "verb"}
"""What words beside a figure tell: what it counts, that it counts civilians, or that it is no loss at all."""

by_code = pytest.mark.parametrize("code", codes())


def lists_of(read: LanguagePack) -> Iterator[tuple[str, Any]]:
    """Every list and table of a pack that a file has, with its path."""
    sections: dict[str, Section] = {name: getattr(read, name) for name in SECTIONS} | dict(read.kinds)
    for name, section in sections.items():
        for key in section.model_fields_set:
            yield f"{name}.{key}", getattr(section, key)


def words_of(value: Any) -> Iterator[str]:
    """The words of a list or of all lists of a table."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from words_of(inner)
    elif isinstance(value, tuple):
        yield from value


# The packs that ship


def test_there_are_packs_of_seven_languages() -> None:
    assert {code: PACKS[code].about.name for code in codes()} == {
        "de": "German",
        "en": "English",
        "es": "Spanish",
        "fr": "French",
        "ru": "Russian",
        "tr": "Turkish",
        "uk": "Ukrainian",
    }
    assert pack("tlh") is None


@by_code
def test_language_tells_where_every_kind_may_be_stated(code: str) -> None:
    assert set(PACKS[code].kinds) == KINDS.keys() - {SPOKEN}
    assert PACKS[code].speech.speech_verbs
    assert all(words.triggers for words in PACKS[code].kinds.values())


@by_code
def test_what_a_language_leaves_out_is_declared_and_not_there(code: str) -> None:
    has = {path for path, _ in lists_of(PACKS[code])}
    left_out = set(PACKS[code].about.leaves_out)

    assert has & left_out == set()
    for kind, words in PACKS[code].kinds.items():
        elsewhere = {key for read in PACKS.values() if kind in read.kinds for key in read.kinds[kind].model_fields_set}
        for key in elsewhere - words.model_fields_set:
            assert f"{kind}.{key}" in left_out


@pytest.mark.parametrize("code", PACKS)
def test_word_is_trimmed_and_told_once(code: str) -> None:
    for path, value in lists_of(PACKS[code]):
        words = list(words_of(value))
        assert all(word == word.strip() != "" for word in words), path
        if isinstance(value, tuple):
            assert len(set(words)) == len(words), path


@by_code
def test_verb_that_stands_before_its_speaker_or_last_is_a_speech_verb(code: str) -> None:
    speech = PACKS[code].speech

    assert {*speech.inverted_verbs, *speech.clause_final_verbs} <= set(speech.speech_verbs)


@by_code
def test_table_is_of_a_field_and_of_values_of_its_vocabulary(code: str) -> None:
    speech = PACKS[code].speech
    assert speech.office.keys() <= speech.sector.keys()
    tables = {(SPOKEN, name): getattr(speech, name) for name in ("speaker_type", "sector")}
    tables |= {(kind, name): table for kind, words in PACKS[code].kinds.items() for name, table in words.values.items()}
    for (kind, name), table in tables.items():
        if name == "metric":
            assert table.keys() <= METRICS
        else:
            assert table.keys() <= set(vocabulary(KINDS[kind].model_fields[name].annotation)), (kind, name)


def vocabulary(annotation: Any) -> tuple[str, ...]:
    """The values of a vocabulary, or of a list of them; nothing for other fields."""
    inner = get_args(annotation)[0] if get_origin(annotation) is list else annotation
    return get_args(inner) if get_origin(inner) is Literal else ()


@pytest.mark.parametrize("section", [Speech, Names, Grammar, KindWords])
def test_every_list_says_what_it_is_for_with_an_example(section: type[Section]) -> None:
    for name, field in section.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name
        assert re.search(r'"[^"]+"', field.description), name


def test_lists_of_speech_names_and_grammar_have_names_of_their_own() -> None:
    # One lexicon holds all.
    keys = [key for section in (Speech, Names, Grammar) for key in section.model_fields]
    assert len(set(keys)) == len(keys)


@by_code
def test_part_of_a_list_is_in_the_list(code: str) -> None:
    speech, grammar = PACKS[code].speech, PACKS[code].grammar

    assert set(grammar.sources_with_noun) <= set(speech.source_phrases)
    assert set(grammar.impersonal_pronouns) <= set(grammar.joined_pronouns)
    assert set(grammar.name_articles) <= set(speech.definite_articles)


# Packs of one's own

SAID = 'speech_verbs = ["said"]\n'
ALL_LEFT_OUT = 'name = "Klingon"\nleaves_out = ["speech", "names", "grammar", "dates", "numbers", "countries"]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that goes before the package's own files."""
    prompts.use([tmp_path])
    yield tmp_path
    prompts.use([])


def write(folder: Path, path: str, text: str) -> None:
    """Write a file of a folder; packs that were read before are read again."""
    file = folder / "languages" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    prompts.use([])
    prompts.use([folder])


def test_language_can_be_added(folder: Path) -> None:
    write(folder, "tlh/about.toml", ALL_LEFT_OUT)

    read = pack("tlh")

    assert codes() == ("de", "en", "es", "fr", "ru", "tlh", "tr", "uk")
    assert read == LanguagePack(about=read.about) if read else False


def test_file_of_a_language_can_be_replaced_and_a_kind_added(folder: Path) -> None:
    before = prompts.version([], with_languages=True)
    write(folder, "de/sanctions.toml", 'triggers = ["embargo"]\n')
    write(folder, "de/weather.toml", 'triggers = ["regen*"]\n[values.sky]\ngrey = ["wolke*"]\n')

    read = pack("de")

    assert read is not None
    assert read.kinds["sanctions"].triggers == ("embargo",)
    assert read.kinds["weather"].values == {"sky": {"grey": ("wolke*",)}}
    assert read.speech == PACKS["de"].speech
    assert prompts.version([], with_languages=True) != before


@pytest.mark.parametrize(
    ("path", "text", "named"),
    [
        ("tlh/speech.toml", "shouts = [\n", "tlh/speech.toml"),
        ("tlh/speech.toml", 'shouts = ["ja"]\n', "tlh/speech.toml: shouts"),
        ("tlh/speech.toml", 'speech_verbs = "jatlh"\n', "tlh/speech.toml: speech_verbs"),
        ("tlh/speech.toml", "speech_verbs = [1]\n", "tlh/speech.toml: speech_verbs"),
        ("tlh/speech.toml", 'speech_verbs = [""]\n', "tlh/speech.toml: speech_verbs"),
        ("tlh/speech.toml", 'speech_verbs = [" ja"]\n', "tlh/speech.toml: speech_verbs"),
        ("tlh/speech.toml", "speech_verbs = []\n", "tlh/speech.toml: speech_verbs"),
        ("tlh/speech.toml", 'speech_verbs = ["ja", "ja"]\n', "tlh/speech.toml: speech_verbs: .*'ja' stands twice"),
        ("tlh/speech.toml", 'adverb_patterns = ["(ja"]\n', "tlh/speech.toml: adverb_patterns: .*regular expression"),
        ("tlh/speech.toml", '[sector]\nmil = ["yo", "yo"]\n', "tlh/speech.toml: sector.mil"),
        ("tlh/weather.toml", 'near = ["ja"]\n', "tlh/weather.toml"),
        ("tlh/weather.toml", "", "tlh/weather.toml: triggers"),
        ("tlh/notes.txt", "ja", "tlh/notes.txt: not a .toml file"),
        ("tlh/about.toml", 'language = "Klingon"\n', "tlh/about.toml"),
        # what is left out
        ("tlh/about.toml", ALL_LEFT_OUT.replace('"names"', '"names.shouts"'), "about.toml: leaves_out: 'names.shouts'"),
        ("tlh/speech.toml", SAID, "about.toml: leaves_out: 'speech.speech_verbs' is there"),
    ],
)
def test_faulty_pack_is_refused_with_its_file_and_list(folder: Path, path: str, text: str, named: str) -> None:
    write(folder, "tlh/about.toml", ALL_LEFT_OUT)
    write(folder, path, text)

    with pytest.raises(PromptError, match=named):
        pack("tlh")


def test_pack_of_before_a_list_was_added_is_read_with_a_warning(folder: Path) -> None:
    write(folder, "tlh/about.toml", 'name = "Klingon"\nleaves_out = ["names"]\n')

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        read = pack("tlh")

    assert read is not None
    assert read.speech.speech_verbs == ()
    said = [str(warning.message) for warning in caught if warning.category is PackWarning]
    named = "prompts/languages/tlh/speech.toml: speech_verbs: missing; add it, or name it in `leaves_out` of about.toml"
    assert named in said


def test_list_of_the_common_pack_need_not_be_declared(folder: Path) -> None:
    declared = [f"speech.{name}" for name in Speech.model_fields if name not in PACKS[COMMON].speech.model_fields_set]
    about = ALL_LEFT_OUT.replace('"speech"', ", ".join(f'"{path}"' for path in declared))
    write(folder, "tlh/about.toml", about)

    assert pack("tlh") is not None
