"""Forms of whole answers, made of drafts: about one kind, about several at once, about one candidate.

Items that do not fit are kept as `BrokenDraft`s beside the good ones. A large model is asked for several kinds at once
(`joint_answer_of`), in a schema without descriptions: it is told what everything means in the prompt, by
`schemas.definitions`. A bounded answer's lists have an end in the schema alone, and `full_lists` tells where there may
be more than was said.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Annotated, Any, NamedTuple, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    create_model,
    model_validator,
)
from pydantic_core import PydanticCustomError

from schemas.draft import ANYTHING, CITATIONS, MOST_ITEMS, Allowed, Draft, LeanDraft, NullDraft, draft_of, ending
from schemas.fields import Record
from schemas.strict import StrictModel

MOST_RECORDS = 16
"""Most records in one bounded answer."""


class BrokenDraft:
    """An item of an answer that does not fit its schema: kept, so that the good ones beside it are not lost.

    `problems` names fields and error types, and holds nothing of the values.
    """

    def __init__(self, said: Any, problems: list[str]) -> None:
        self.said = said
        self.problems = problems


def answer_of(record: type[Record], *, bounded: bool = True) -> type[StrictModel]:
    """The whole answer of one call: `{"records": [draft, …]}`; each item is a draft or a `BrokenDraft`."""
    # One class, whether the default is named or not: the class tells what was asked for.
    return _answer_of(record, bounded=bounded)


@cache
def _answer_of(record: type[Record], *, bounded: bool) -> type[StrictModel]:
    item: Any = Annotated[draft_of(record, bounded=bounded), WrapValidator(_keep_broken)]
    records = Field(description="empty if the article states none", **ending(MOST_RECORDS, bounded=bounded))
    return create_model(f"{record.__name__}Answer", __base__=Draft, records=(list[item], records))


class JointAnswer(NullDraft):
    """The whole answer of one call about several kinds: `{KIND: [draft, …], …}`.

    A list that the model left out is empty and not in `model_fields_set`; the schema requires all of them, and nothing
    else. What else a model adds that is not held to it is nobody's loss.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    _order: tuple[str, ...] = PrivateAttr(default=())

    @property
    def order(self) -> tuple[str, ...]:
        """The lists in the order in which the model wrote them: where an answer was cut off, the last is unfinished."""
        return self._order

    @model_validator(mode="wrap")
    @classmethod
    def _noted(cls, value: Any, validate: ModelWrapValidatorHandler[Self]) -> Self:
        answer = validate(value)
        if not isinstance(value, Mapping):
            return answer
        order = tuple(name for name in value if name in cls.model_fields)
        if not order:
            # Behind an answer there may be a `{}` in prose.
            raise PydanticCustomError("no_list", "none of the lists is there")
        drafts = [draft for name in order for draft in getattr(answer, name)]
        if drafts and not any(map(_is_told, drafts)):
            told = {"told": "; ".join(drafts[0].problems)}
            raise PydanticCustomError("unknown_form", "no item has the fields that are asked for: {told}", told)
        answer._order = order  # noqa: SLF001 -- its own
        return answer


def _is_told(draft: Any) -> bool:
    """Whether a draft was written by somebody who knows its schema, right or wrong.

    Who was told only of the kinds, by a server that ignores schemas, gives items in a form of their own.
    """
    return not isinstance(draft, BrokenDraft) or (isinstance(draft.said, Mapping) and CITATIONS in draft.said)


@cache
def joint_answer_of(records: tuple[type[Record], ...], *, bounded: bool) -> type[JointAnswer]:
    """The answer about several kinds, each a list of drafts or `BrokenDraft`s under the kind's name."""
    lists: dict[str, Any] = {}
    for record in records:
        draft = draft_of(record, bounded=bounded, described=False)
        item: Any = Annotated[draft, WrapValidator(_keep_broken)]
        lists[record.kind] = (list[item], Field(default_factory=list, **ending(MOST_RECORDS, bounded=bounded)))
    return create_model("Records", __base__=JointAnswer, **lists)


@lru_cache(maxsize=1_024)
def candidate_answer_of(
    record: type[Record],
    without: frozenset[str],
    *,
    lean: bool = False,
    allowed: Allowed = ANYTHING,
    certain: bool = False,
    bounded: bool = True,
) -> type[BaseModel]:
    """The answer about one candidate: `{"record": draft or null}`, without null where there is `certain`ly a record.

    The other arguments are `draft_of`'s.
    """
    draft = draft_of(record, without, lean=lean, allowed=allowed, bounded=bounded)
    item: Any = Annotated[draft if certain else draft | None, WrapValidator(_keep_broken)]
    base = LeanDraft if lean else Draft
    # Servers are sent this name with the schema; it is the one that the recorded cassettes have.
    return create_model(f"{record.__name__}Lead", __base__=base, record=(item, ...))


class FullLists(NamedTuple):
    """Which lists of a bounded answer are as long as they may be, so that there may be more than they hold."""

    records: frozenset[str] = frozenset()
    """Lists of records, by their names in the answer."""
    inside: frozenset[str] = frozenset()
    """Fields of the answer with a full list inside a record."""


def full_lists(answer: BaseModel) -> FullLists:
    """Tell which lists of a bounded answer are full.

    Items that repeat one another count once: a small model that ran away had nothing more to say.
    """
    drafts = {name: value if isinstance(value, list) else [value] for name, value in answer}
    return FullLists(
        records=frozenset(name for name, of in drafts.items() if _distinct(of) >= MOST_RECORDS),
        inside=frozenset(name for name, of in drafts.items() if any(map(_holds_a_full_list, of))),
    )


def _holds_a_full_list(draft: Any) -> bool:
    return any(_distinct(items) >= MOST_ITEMS for items in _lists(draft))


def _distinct(items: Sequence[Any]) -> int:
    return len({repr(item.said if isinstance(item, BrokenDraft) else item) for item in items})


def _lists(said: Any) -> Iterator[list[Any]]:
    """Every list in a draft."""
    if isinstance(said, list):
        yield said
    parts = said if isinstance(said, list) else dict(said).values() if isinstance(said, BaseModel) else ()
    for part in parts:
        yield from _lists(part)


def _keep_broken(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    try:
        return validate(value)
    except ValidationError as exc:
        errors = exc.errors(include_url=False, include_context=False, include_input=False)
        problems = [f"{'.'.join(map(str, error['loc'])) or 'record'}: {error['type']}" for error in errors]
        return BrokenDraft(value, problems)
