"""The page on which people read articles with what was found in them.

One script draws live answers, stored results and files that need no service: `shell` is the page which fetches all data
from the API, `whole` a file that has them in it. What both know of the kinds is `service.page.guide`'s.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2

from schemas.article import Article
from schemas.fields import Record
from schemas.result import Extraction
from service.page.assets import bundle, digest, modules, source
from service.page.guide import guide

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' blob:; img-src 'self' data:; "
    "font-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""What a browser lets the shell do. `blob:` is for HTML files of the reader's own, which the browser's loader parses
(`static/files.js`): it takes the bytes and finds out their encoding, and a policy for `DOMParser` is not needed."""

_MAIN = "main.js"
_WHOLE = "whole.js"
_STYLE = "page.css"


@dataclass(frozen=True, slots=True)
class Reading:
    """An article with its answer, or with the `code` and `detail` of why there is none."""

    article: Article
    answer: Extraction | None = None
    problem: Mapping[str, str] | None = None


@cache
def _templates() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("service.page"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    # `tojson` escapes all that could end a script; what is not ASCII too, so that no encoding can spoil it.
    made.policies["json.dumps_kwargs"] = {"sort_keys": False}
    return made


def shell(kinds: Iterable[type[Record]]) -> str:
    """Make the page which the service serves at every address of its own: without data, so for anybody to see.

    Args:
        kinds: those that can be asked for, in their order.

    """
    return _shell(tuple(kinds))


@cache
def _shell(kinds: tuple[type[Record], ...]) -> str:
    return (
        _templates()
        .get_template("shell.html")
        .render(data={"guide": _guide(kinds), "samples": samples()}, modules=modules(_MAIN), main=_MAIN, style=_STYLE)
    )


def whole(kinds: Iterable[type[Record]], readings: Sequence[Reading]) -> str:
    """Make one file of articles and their answers, with script, style and data inside: no network is needed.

    Args:
        kinds: those that answers may have, in their order.
        readings: one or several, in the order in which they are listed.

    """
    script, style = bundle(_WHOLE), source(_STYLE)
    policy = (
        f"default-src 'none'; script-src 'sha256-{digest(script)}'; style-src 'sha256-{digest(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    return (
        _templates()
        .get_template("whole.html")
        .render(
            data={"guide": _guide(kinds), "readings": [_told(reading) for reading in readings]},
            policy=policy,
            script=script,
            style=style,
        )
    )


@cache
def samples() -> tuple[Mapping[str, Any], ...]:
    """Articles to try: `label`, and the members of `schemas.article.Article`. The events are invented."""
    found = (file for file in (files(__name__) / "samples").iterdir() if file.name.endswith(".toml"))
    return tuple(tomllib.loads(file.read_text(encoding="utf-8")) for file in sorted(found, key=lambda file: file.name))


def _guide(kinds: Iterable[type[Record]]) -> list[dict[str, Any]]:
    return [asdict(kind) for kind in guide(kinds)]


def _told(reading: Reading) -> dict[str, Any]:
    return {
        "article": reading.article.model_dump(mode="json"),
        "answer": reading.answer and reading.answer.model_dump(mode="json"),
        "problem": reading.problem,
    }
