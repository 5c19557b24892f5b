"""Request bodies: the models of what callers may post, and the parsing of JSON, NDJSON and text."""

import codecs
import json
from collections.abc import Sequence
from math import isfinite
from typing import Annotated, Any, NoReturn, TypeVar

from flask import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge, UnsupportedMediaType

from schemas.article import Article
from service.http import json_pointers
from service.http.problems import Problem, ProblemError, invalid, malformed, of_http

JSON = "application/json"
TEXT = "text/plain"
NDJSON = ("application/x-ndjson", "application/ndjson", "application/jsonl")
"""Media types of JSON lines."""

BYTES_PER_CHAR = 12
"""Most bytes of one code point in JSON: two `\\uXXXX` escapes."""
BYTES_BESIDE_TEXT = 64 * 1024
"""Bytes for everything but the article's text."""

CHARSETS = frozenset(
    codecs.lookup(name).name
    for name in (
        *("utf-8", "utf-16", "utf-16-le", "utf-16-be", "us-ascii", "koi8-r", "koi8-u", "mac-cyrillic"),
        *(f"iso8859-{part}" for part in (*range(1, 12), *range(13, 17))),
        *("cp866", "cp874", *(f"cp{number}" for number in range(1250, 1259))),
        *("gbk", "gb18030", "big5", "euc-jp", "iso2022-jp", "shift-jis", "euc-kr"),
    )
)
"""Encodings of text on the web. Python has further codecs, some of which are not for text."""

CHARSET = Problem(415, "unsupported_charset", "The text has an encoding this service does not read.")
JSON_PROBLEMS = (
    *(of_http(error) for error in (BadRequest(), RequestEntityTooLarge(), UnsupportedMediaType())),
    *(malformed("").problem, invalid(()).problem),
)
"""The problems of reading a JSON body; their details vary."""
PROBLEMS = (*JSON_PROBLEMS, CHARSET)
"""The problems of reading an article."""


class ArticleRequest(BaseModel):
    """An article, and what is wanted of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    article: Article
    kinds: list[Annotated[str, Field(max_length=100)]] | None = Field(default=None, min_length=1, max_length=100)
    deadline_seconds: float | None = Field(default=None, gt=0, strict=True, allow_inf_nan=False)


class ExtractionRequest(ArticleRequest):
    """An article whose records are waited for."""

    keep: bool = Field(
        default=False,
        strict=True,
        description="Whether article and answer are kept as a job that has ended, whose id is the answer's.",
    )


Form = TypeVar("Form", bound=BaseModel)


def read_article(request: Request, form: type[Form]) -> Form:
    """Read a request with an article, as JSON or as text.

    Raises:
        ProblemError: 400 the body is malformed, 415 another media type, 422 invalid fields.
        HTTPException: 413 the body is too large.

    """
    require(request, JSON, TEXT)
    data = read_bytes(request)
    document = _json(data) if request.mimetype == JSON else {"article": {"text": _text(data, request.mimetype_params)}}
    return _validated(document, form)


def read_json(request: Request, form: type[Form]) -> Form:
    """Read a JSON request.

    Raises:
        ProblemError: 400 the body is malformed, 415 another media type, 422 invalid fields.
        HTTPException: 413 the body is too large.

    """
    require(request, JSON)
    return _validated(_json(read_bytes(request)), form)


def require(request: Request, *types: str) -> None:
    """Refuse other media types.

    Raises:
        ProblemError: 415.

    """
    if request.mimetype not in types:
        one_of = " or ".join(filter(None, [", ".join(types[:-1]), types[-1]]))
        raise ProblemError(Problem(415, "unsupported_media_type", f"The body must be {one_of}."))


def read_line(data: bytes, form: type[Form]) -> Form:
    """Read a line of NDJSON.

    Raises:
        ProblemError: 400 the line is not JSON, 422 invalid fields.

    """
    return _validated(_json(data.rstrip(b"\r\n"), "line"), form)


def read_bytes(request: Request) -> bytes:
    """Read the whole body.

    Raises:
        ProblemError: 400 it broke off.
        HTTPException: 413 it is too large.

    """
    try:
        data = request.get_data()
        request.stream.read(1)  # raises if a chunked body is over the limit: `get_data` returns only its beginning
    except HTTPException:
        raise
    except Exception as error:  # whatever a WSGI server raises here, the sender broke off or sent bad chunks
        raise malformed("The body broke off or its chunks are wrong.") from error
    return data


def _text(data: bytes, params: dict[str, str]) -> str:
    charset = params.get("charset", "utf-8")
    try:
        codec = codecs.lookup(charset).name
    except (LookupError, ValueError):
        codec = ""
    if codec not in CHARSETS:
        raise ProblemError(CHARSET)
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        raise malformed(f"The bytes of the body are not {codec}.") from error


def _json(data: bytes, whole: str = "body") -> Any:
    try:
        return json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=_object_without_duplicates,
            parse_constant=_refuse_constant,
            parse_float=_finite_float,
        )
    except UnicodeDecodeError as error:
        raise malformed(f"The {whole} is not UTF-8, which JSON has to be.") from error
    except json.JSONDecodeError as error:
        line = f"line {error.lineno}, " if whole == "body" else ""
        raise malformed(f"The {whole} is not JSON: {line}column {error.colno}.") from error
    except RecursionError as error:
        raise malformed(f"The {whole} is nested too deeply.") from error
    except ValueError as error:
        raise malformed(f"The {whole} has a number with too many digits.") from error


def _object_without_duplicates(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise malformed("An object has the same name twice.")
    return found


def _refuse_constant(_name: str) -> NoReturn:
    raise malformed("NaN and Infinity are not JSON.")


def _finite_float(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise malformed("A number is too large.")
    return number


def _validated(document: Any, form: type[Form]) -> Form:
    try:
        return form.model_validate(document)
    except ValidationError as error:
        raise invalid(json_pointers.faults(error, document)) from None
