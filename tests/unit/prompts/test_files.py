"""Files are looked for in folders that go before the package, then in the package."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import prompts
from prompts.files import on_change, text_of


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    prompts.use([])
    yield
    prompts.use([])


def write(folder: Path, **files: str) -> Path:
    """Write files into a folder; `__` in a name stands for a folder's end, `_` for a dot."""
    for name, words in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words, encoding="utf-8")
    return folder


def test_files_are_those_of_the_package_where_nothing_goes_before() -> None:
    found = prompts.find("system.txt")

    assert found
    assert found.read_text(encoding="utf-8") == Path("prompts/system.txt").read_text(encoding="utf-8")
    assert prompts.find("languages/en/speech.toml")
    assert prompts.find("languages/en") is None
    assert prompts.find("nothing.txt") is None


def test_file_of_a_folder_goes_before_the_packages_and_the_others_stay(tmp_path: Path) -> None:
    prompts.use([write(tmp_path, system_txt="Other rules.", more_txt="More.")])

    assert (text_of("system.txt"), text_of("more.txt")) == ("Other rules.", "More.")
    assert text_of("guided.txt") == Path("prompts/guided.txt").read_text(encoding="utf-8")


def test_folders_are_searched_in_their_order(tmp_path: Path) -> None:
    first = write(tmp_path / "first", system_txt="First.")
    second = write(tmp_path / "second", system_txt="Second.", more_txt="More.")

    prompts.use([first, second])
    assert (text_of("system.txt"), text_of("more.txt")) == ("First.", "More.")
    prompts.use([second, first])
    assert text_of("system.txt") == "Second."


def test_folders_of_before_are_not_searched_any_more(tmp_path: Path) -> None:
    prompts.use([write(tmp_path, more_txt="More.")])
    prompts.use([])

    with pytest.raises(prompts.PromptError, match=r"^prompts/more\.txt is missing$"):
        text_of("more.txt")


def test_folder_that_is_not_there_has_no_files(tmp_path: Path) -> None:
    prompts.use([tmp_path / "nowhere"])

    assert text_of("system.txt")
    assert set(prompts.listing("languages")) >= {"common", "en", "uk"}


# What a folder holds


def test_listing_has_what_all_folders_hold_each_name_once_in_order(tmp_path: Path) -> None:
    write(tmp_path, languages__en__speech_toml="ours", languages__en__omens_toml="new", languages__xx__about_toml="new")
    before = set(prompts.listing("languages/en"))
    prompts.use([tmp_path])

    found = prompts.listing("languages/en")

    assert set(found) == before | {"omens.toml"}
    assert list(found) == sorted(found)
    assert found["speech.toml"].read_text(encoding="utf-8") == "ours"
    assert "xx" in prompts.listing("languages")


def test_listing_of_a_folder_that_is_not_there_is_empty() -> None:
    assert prompts.listing("languages/xx") == {}
    assert prompts.listing("system.txt") == {}


# What was read before


def test_what_was_read_is_read_anew_with_other_folders(tmp_path: Path) -> None:
    said = Path("prompts/messages.toml").read_text(encoding="utf-8")
    write(
        tmp_path, messages_toml=said.replace('"ARTICLE"', '"TEXT"'), guided_txt="Look.", going_on_txt="From {number}."
    )
    before = prompts.messages().article_begins, prompts.guided()

    prompts.use([tmp_path])

    assert (prompts.messages().article_begins, prompts.guided()) == ("TEXT", "Look.")
    prompts.use([])
    assert (prompts.messages().article_begins, prompts.guided()) == before


def test_caches_are_cleared_when_the_folders_change_and_only_then(tmp_path: Path) -> None:
    cleared: list[bool] = []
    on_change(lambda: cleared.append(True))

    prompts.use([])
    assert cleared == []
    prompts.use([tmp_path])
    prompts.use([tmp_path])
    assert cleared == [True]
    prompts.use([])
    assert cleared == [True, True]
