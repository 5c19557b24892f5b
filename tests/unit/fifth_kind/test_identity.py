"""What was found is used again only where the same kinds with the same files would find the same; prompts, too."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prompts.files import text_of
from schemas.article import Article
from schemas.registry import built_in
from service.app import build_extractor
from service.deadline import Deadline
from service.settings import SettingError, Settings
from service.strategy import Strategy
from tests.support.kinds import forget_kinds
from tests.support.scripted_model import NOTHING, ScriptedModel
from tests.unit.fifth_kind.conftest import FOLDER
from tests.unit.fifth_kind.protests import KIND

Make = Callable[..., Settings]
TALKS = built_in().names[0]


def identity(settings: Settings, kinds: list[str] | None = None) -> str:
    """The identity of what one more process with these settings finds."""
    forget_kinds()
    return build_extractor(settings, ScriptedModel()).identity(kinds)


def copied(folder: Path, path: str = "", words: str = "", others: str = "") -> Path:
    """A copy of the kinds with some words of one file changed, or with a file more."""
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    if path:
        file = folder / KIND / path
        said = file.read_text(encoding="utf-8") if file.exists() else ""
        assert words in said
        file.write_text(said.replace(words, others, 1) if words else others, encoding="utf-8")
    return folder


def test_identity_of_all_kinds_differs_with_one_more(settings: Make) -> None:
    assert identity(settings()) != identity(settings(kinds_dir=None))


def test_identity_of_other_kinds_is_the_same_with_one_more(settings: Make) -> None:
    assert identity(settings(), [TALKS]) == identity(settings(kinds_dir=None), [TALKS])


def test_identity_is_the_same_for_the_same_files_wherever_they_are(settings: Make, tmp_path: Path) -> None:
    assert identity(settings(kinds_dir=copied(tmp_path / "copy"))) == identity(settings())


@pytest.mark.parametrize(
    ("path", "words", "others"),
    [
        ("__init__.py", "who protests", "who marches"),
        ("__init__.py", "class Turnout", "# a comment\nclass Turnout"),
        ("definition.toml", "fairs, parades", "parades, fairs"),
        ("reader.py", "ask_if_none=True", "ask_if_none=False"),
        ("prompts/protests.toml", "Report protests", "Find protests"),
        ("prompts/languages/en/protests.toml", '"protest*",', ""),
        ("notes.txt", "", "What the words mean."),
    ],
)
def test_identity_differs_where_a_file_of_the_kind_does(
    settings: Make, tmp_path: Path, path: str, words: str, others: str
) -> None:
    changed = copied(tmp_path / "kinds", path, words, others)

    assert identity(settings(kinds_dir=changed), [KIND]) != identity(settings(), [KIND])
    assert identity(settings(kinds_dir=changed), [TALKS]) == identity(settings(), [TALKS])


def test_identity_differs_with_the_strategy(settings: Make) -> None:
    assert len({identity(settings(strategy=strategy), [KIND]) for strategy in Strategy}) == 3


# DRAGOMAN_PROMPTS_DIR


async def asked(settings: Settings, kinds: list[str]) -> tuple[list[str], str]:
    """All that is said to a model in one question, and the version of it."""
    forget_kinds()
    model = ScriptedModel(otherwise=NOTHING)
    found = await build_extractor(settings, model).extract(
        Article(text="Rain fell.", language="en"), kinds=kinds, deadline=Deadline.after(60)
    )
    return [message.content for message in model.questions[0].messages], found.prompt_version


@pytest.mark.parametrize(
    ("strategy", "path", "said"),
    [
        ("guided", "guided.txt", "Read the article and report what it states as JSON."),
        ("search", "system.txt", "Read the article and report one kind of record as JSON."),
        ("search", f"{KIND}.toml", 'task = "Find protests alone."\nexamples = []\n'),
    ],
)
async def test_file_of_a_folder_replaces_that_of_the_package(
    settings: Make, tmp_path: Path, strategy: str, path: str, said: str
) -> None:
    folder = tmp_path / "prompts"
    folder.mkdir()
    (folder / path).write_text(said, encoding="utf-8")

    before, first = await asked(settings(strategy=strategy), [KIND])
    after, second = await asked(settings(strategy=strategy, prompts_dir=folder), [KIND])

    words = said.split('"')[1] if path.endswith(".toml") else said
    assert words in "\n".join(after)
    assert words not in "\n".join(before)
    assert first != second


async def test_article_is_shown_in_the_words_of_the_folder(settings: Make, tmp_path: Path) -> None:
    said = text_of("messages.toml").replace('"ARTICLE"', '"TEXT"')
    (tmp_path / "messages.toml").write_text(said, encoding="utf-8")

    shown, _ = await asked(settings(kinds_dir=None, prompts_dir=tmp_path), [TALKS])

    assert shown[-1] == "TEXT\n[1] Rain fell.\nEND"


def test_words_of_a_language_come_from_the_folder(settings: Make, tmp_path: Path) -> None:
    pack = tmp_path / "languages/en/protests.toml"
    pack.parent.mkdir(parents=True)
    said = (FOLDER / KIND / "prompts/languages/en/protests.toml").read_text(encoding="utf-8")
    pack.write_text(said.replace('"riot*",', "", 1), encoding="utf-8")
    chosen: dict[str, Any] = {"strategy": "candidates"}

    assert identity(settings(**chosen, prompts_dir=tmp_path), [KIND]) != identity(settings(**chosen), [KIND])


def test_prompt_that_cannot_be_used_is_a_wrong_setting(settings: Make, tmp_path: Path) -> None:
    (tmp_path / f"{KIND}.toml").write_text('task = "Look."', encoding="utf-8")

    with pytest.raises(
        SettingError, match=f"^A file of DRAGOMAN_PROMPTS_DIR or of a kind .*: prompts/{KIND}.toml: 'examples'"
    ):
        build_extractor(settings(prompts_dir=tmp_path), ScriptedModel())


def test_folder_of_prompts_that_is_not_there_is_a_wrong_setting(settings: Make, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"^DRAGOMAN_PROMPTS_DIR: .*nowhere is no folder\.$"):
        build_extractor(settings(prompts_dir=tmp_path / "nowhere"), ScriptedModel())
