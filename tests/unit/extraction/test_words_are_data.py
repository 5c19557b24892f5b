"""No word of any language stands in the code that reads articles: words are lists of the language packs."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
import regex

from prompts.languages import Grammar, KindWords, LanguagePack, Names, Numbers, Section, Speech
from prompts.languages.dates import Dates
from schemas.kinds.military_claims import Metric
from schemas.kinds.quoted_officials import Sector, SpeakerType
from service.extraction.text.paragraphs import ParagraphKind

PACKAGES = ("entities", "attribution", "text")
MODULES = [path for package in PACKAGES for path in sorted(Path("service/extraction", package).glob("*.py"))]
SECTIONS: tuple[type[Section], ...] = (Speech, Names, Grammar, Dates, Numbers, KindWords, LanguagePack)
KEYS = {
    *(key for section in SECTIONS for key in section.model_fields),
    *(value for vocabulary in (Sector, SpeakerType, Metric) for value in get_args(vocabulary)),
    *("masculine", "feminine"),  # of which keys begin
    *("exact", "near", "region", "country"),  # ACLED's precision
    *("metric", "ground", "civilian", "time", "event", "verb"),  # the table of that name, with more than its values
    "en",  # the language of general rules
    *ParagraphKind,
    *("name", "words", "bold", "dash", "stop", "told"),  # groups of expressions
    *("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR", "Cf", "NFD"),  # of Unicode
    *("utf-8", "surrogatepass"),  # of Python's codecs
}
_WORD = regex.compile(r"[\p{Lu}\p{Ll}\p{Lt}\p{Lo}]{2,}")
_SYNTAX = regex.compile(r"\(\?P=\w+\)|\\[pP]\{\w+\}|\\[a-zA-Z]|\(\?[aimsx]+[:)]|\(\?P?<\w+>|\w-\w")
"""What has letters in a regular expression without being a word: classes, escapes, flags, names of groups, ranges."""


def constants(tree: ast.AST) -> Iterator[ast.Constant]:
    """The string constants of a module, without docstrings (also those of attributes) and without types."""
    outside = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign | ast.FunctionDef):
            types = node.returns if isinstance(node, ast.FunctionDef) else node.annotation
            outside |= {id(part) for part in ast.walk(types or ast.Pass())}
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "TypeVar":
            outside |= {id(part) for part in node.args}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in outside:
            yield node


def is_key(words: str) -> bool:
    """Whether a constant is a key of a language pack, or the end of one: "masculine" "_titles"."""
    return words in KEYS or (words.startswith("_") and any(key.endswith(words) for key in KEYS))


def words_in(code: str) -> list[str]:
    """The words of natural language in the constants of a module."""
    said = (node.value for node in constants(ast.parse(code)))
    return [word for value in said if not is_key(value) for word in _WORD.findall(_SYNTAX.sub(" ", value))]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_word_stands_in_a_module(path: Path) -> None:
    assert words_in(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ('X = "the"', ["the"]),
        ('X = re.compile(r"\\b(?:in|at)\\s")', ["in", "at"]),
        ("X = f\"(?:{said('articles')}|каже)\"", ["каже"]),
        ('X = lexicon["articles"]', []),
        ('X = lexicon[f"{gender}_titles"]', []),
        ('X = regex.compile(r"(?i:\\p{Lu}[’\']s\\s)")', []),
        ('def halves() -> "tuple[Span, Span]": ...', []),
        ('"""The docstring."""\nX = 1\n"""Another one."""', []),
    ],
)
def test_words_are_told_from_keys_and_syntax(code: str, words: list[str]) -> None:
    assert words_in(code) == words
