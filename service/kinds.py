"""The kinds of this installation, with their prompts: Dragoman's own and those which settings or packages add."""

from pathlib import Path

import prompts
from prompts.languages import codes, pack
from schemas.draft import marked
from schemas.fields import Closed, Derived, Record, parts_of
from schemas.registry import KindError, Registry, installed
from service.extraction.candidates.kind_reader import ReaderError
from service.extraction.candidates.readers import reader_of
from service.extraction.normalize.rules import rules
from service.settings import SettingError, Settings


def load_kinds(settings: Settings) -> Registry:
    """Find the kinds, check them and their readers, and have their prompts found, for the whole process.

    Raises:
        SettingError: DRAGOMAN_KINDS_DIR or DRAGOMAN_PROMPTS_DIR cannot be used, or an installed kind.

    """
    overrides = _folder("DRAGOMAN_PROMPTS_DIR", settings.prompts_dir)
    _folder("DRAGOMAN_KINDS_DIR", settings.kinds_dir)
    try:
        registry = installed(settings.kinds_dir)
        for record in registry:
            _check_rules(record, record)
            reader_of(record)
        prompts.use([*overrides, *registry.prompt_folders()])
        prompts.messages()
        for language in codes():
            pack(language)
        for record in registry:
            prompts.load(record.kind)
    except (KindError, ReaderError) as exc:
        raise SettingError(f"A kind of DRAGOMAN_KINDS_DIR or of an installed package cannot be used: {exc}") from exc
    except prompts.PromptError as exc:
        raise SettingError(f"A file of DRAGOMAN_PROMPTS_DIR or of a kind cannot be used: {exc}") from exc
    return registry


def _check_rules(record: type[Record], model: type[Closed]) -> None:
    """Refuse a derived field whose rule there is not."""
    for name, field in model.model_fields.items():
        mark, parts = marked(field, Derived), parts_of(field.annotation)
        if mark and mark.rule not in rules():
            known = ", ".join(sorted(rules()))
            raise KindError(f"{record.__module__}: {name}: there is no rule {mark.rule!r}; there are {known}")
        if parts:
            _check_rules(record, parts)


def _folder(setting: str, folder: Path | None) -> list[Path]:
    if folder is None:
        return []
    if not folder.is_dir():
        raise SettingError(f"{setting}: {folder} is no folder.")
    return [folder.resolve()]
