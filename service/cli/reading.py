"""Reading articles from files and standard input."""

import sys
from pathlib import Path

import click

STDIN = "-"


class ArticleFileError(click.ClickException):
    """A file is not an article; the message says why."""

    exit_code = 66
    """EX_NOINPUT of BSD's sysexits.h."""


def read_article(name: str) -> str:
    """The text of a file exactly as it is, line ends included; `-` is standard input.

    Raises:
        ArticleFileError: it cannot be read, is not UTF-8 or has no text.

    """
    shown = "standard input" if name == STDIN else name
    try:
        raw = sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as exc:
        raise ArticleFileError(f"{shown}: {exc.strerror or exc}") from exc
    except UnicodeDecodeError as exc:
        raise ArticleFileError(f"{shown}: not UTF-8 text (byte {exc.start:,}); save it as UTF-8 first") from exc
    if not text.strip():
        raise ArticleFileError(f"{shown}: there is no text in it")
    return text
