"""Where the files of prompts and language packs are: in this package, and in folders that go before it."""

from collections.abc import Callable, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable

_BUILT_IN = files(__package__)
_search_path: list[Traversable] = [_BUILT_IN]
_caches: list[Callable[[], None]] = []


def use(folders: Sequence[Traversable]) -> None:
    """Look for every file in these folders first, in their order, then in this package. For the whole process.

    A folder is laid out as this package is: a file of the same path replaces ours, another one is added.
    """
    searched = [*folders, _BUILT_IN]
    if [str(folder) for folder in searched] == [str(folder) for folder in _search_path]:
        return
    _search_path[:] = searched
    for clear in _caches:
        clear()


def on_change(clear: Callable[[], None]) -> None:
    """Have a cache of what was read cleared when the folders change."""
    _caches.append(clear)


def find(path: str) -> Traversable | None:
    """The first file of a relative path, such as `languages/en/speech.toml`, or None."""
    found = (root.joinpath(*path.split("/")) for root in _search_path)
    return next((file for file in found if file.is_file()), None)


def listing(folder: str) -> dict[str, Traversable]:
    """What a folder holds by name, from all folders of the search path; the first of a name counts."""
    found: dict[str, Traversable] = {}
    for root in _search_path:
        inside = root.joinpath(*folder.split("/"))
        if inside.is_dir():
            for entry in inside.iterdir():
                found.setdefault(entry.name, entry)
    return dict(sorted(found.items()))


class PromptError(Exception):
    """A prompt file is missing or does not say what it must. The message names the file."""


def text_of(path: str) -> str:
    """What a file of the search path says."""
    file = find(path)
    if file is None:
        raise PromptError(f"prompts/{path} is missing")
    return file.read_text(encoding="utf-8")
