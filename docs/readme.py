"""Keeps the settings table in README.md and `.env.example` the same as `service/settings.py`.

python -m docs.readme            write both
python -m docs.readme --check    exit 1 if they are not current
"""

import sys
from pathlib import Path

from pydantic_core import PydanticUndefined

from service.settings import Settings, variable

README = Path(__file__).parent.parent / "README.md"
EXAMPLE = README.with_name(".env.example")
BEGIN, END = "<!-- settings: make docs -->", "<!-- /settings -->"


def variables() -> list[tuple[str, str, str]]:
    """Name, default (empty where there is none) and meaning of each environment variable."""
    found = []
    for name, field in Settings.model_fields.items():
        plain = field.default_factory is None and field.default not in (None, PydanticUndefined)
        default = str(getattr(field.default, "value", field.default)) if plain else ""
        found.append((variable(name), default, field.description or ""))
    return found


def readme(text: str) -> str:
    """README's text with the table as it should be."""
    rows = ["| variable | default | what it does |", "| --- | --- | --- |"]
    rows += [
        f"| `{name}` | {f'`{default}`' if default else ''} | {meaning} |" for name, default, meaning in variables()
    ]
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return "\n".join([f"{before}{BEGIN}", *rows, f"{END}{after}"])


def example() -> str:
    """The text of `.env.example`."""
    lines = ["# Every setting with its default; take the # away to change it. Made from service/settings.py: make docs"]
    for name, default, meaning in variables():
        lines += ["", f"# {meaning}", f"# {name}={default}"]
    return "\n".join(lines) + "\n"


def main() -> None:
    pages = {README: readme(README.read_text(encoding="utf-8")), EXAMPLE: example()}
    if "--check" in sys.argv:
        sys.exit(any(path.read_text(encoding="utf-8") != text for path, text in pages.items()))
    for path, text in pages.items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
