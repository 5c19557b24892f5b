"""Answers of a model that invents values: hypothesis strategies for any kind of record."""

from collections.abc import Mapping, Sequence
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from hypothesis import assume
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from schemas.answers import JointAnswer, answer_of
from schemas.draft import CITATIONS, draft_of
from schemas.fields import Record

MARK = "Qzyx"
"""Stands in every invented word and in no article."""

INVENTED = (MARK, f"{MARK} of Atlantis", f"President {MARK}ov", f"9{MARK}", f"“{MARK} said so”", f"{MARK}会议")


def words_of(text: str) -> st.SearchStrategy[str]:
    """Runs of words of a text, as they stand there or in other typography, case or order."""
    words = text.split()

    def run(bounds: tuple[int, int]) -> str:
        return " ".join(words[bounds[0] : bounds[0] + bounds[1]])

    honest = st.tuples(st.integers(0, len(words) - 1), st.integers(1, 6)).map(run)
    return st.one_of(
        honest,
        honest,
        honest.map(str.upper),
        honest.map(lambda said: f"  «{said}», "),
        honest.map(lambda said: " ".join(reversed(said.split()))),
        honest.map(lambda said: said[1:]),
        st.tuples(honest, st.sampled_from(INVENTED)).map(" ".join),
        st.sampled_from(INVENTED),
        st.integers(0, 9).map(lambda number: f"Q{number}"),
        st.sampled_from(["", " ", "“”", "…", "Q", "Q99999999999", "the", "."]),
    )


@st.composite
def answers(
    draw: st.DrawFn, form: type[BaseModel], records: Sequence[type[Record]], text: str, shown: Sequence[int]
) -> dict[str, Any]:
    """An answer in the form of a question; some drafts break the schema, and many cite what they must not."""
    if not issubclass(form, JointAnswer):
        (asked,) = (record for record in records if answer_of(record) is form)
        return {"records": draw(_drafts(asked, text, shown))}
    said = {record.kind: draw(_drafts(record, text, shown)) for record in records if record.kind in form.model_fields}
    assume(_is_answer(form, said))
    return said


def _is_answer(form: type[BaseModel], said: Mapping[str, Any]) -> bool:
    """Whether the drafts that break the schema are not all that there is."""
    try:
        form.model_validate(said)
    except ValidationError:
        return False
    return True


def _drafts(record: type[Record], text: str, shown: Sequence[int]) -> st.SearchStrategy[list[Any]]:
    said = _object(draft_of(record), words_of(text), shown)
    broken = st.one_of(
        said.map(lambda draft: {**draft, "invented_field": MARK}),
        said.map(lambda draft: {name: value for name, value in draft.items() if name != CITATIONS}),
        said.map(lambda draft: {**draft, CITATIONS: []}),
        st.sampled_from([MARK, None, 7, [], {}]),
    )
    drafts = st.one_of(said, said, said, broken)
    return st.lists(drafts, max_size=3)


def strings(value: Any) -> list[str]:
    """All strings in a JSON value, keys aside."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [found for item in value.values() for found in strings(item)]
    return [found for item in value for found in strings(item)] if isinstance(value, list) else []


def _object(model: type[BaseModel], words: st.SearchStrategy[str], shown: Sequence[int]) -> Any:
    fields: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if name == CITATIONS:
            cited = st.one_of(st.sampled_from(shown), st.sampled_from(shown), st.integers(-3, 10**20))
            fields[name] = st.lists(cited, min_size=1, max_size=3)
        else:
            fields[name] = _value(field.annotation, words, shown)
    return st.fixed_dictionaries(fields)


def _value(annotation: Any, words: st.SearchStrategy[str], shown: Sequence[int]) -> st.SearchStrategy[Any]:
    options = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return _value(options[0], words, shown)
    if get_origin(annotation) is list:
        return st.lists(_value(options[0], words, shown), max_size=3)
    if get_origin(annotation) is Literal:
        return st.sampled_from(options)
    if NoneType in options:
        return st.none() | _value(next(option for option in options if option is not NoneType), words, shown)
    if annotation is bool:
        return st.booleans()
    if annotation is str:
        return words
    return _object(annotation, words, shown)
