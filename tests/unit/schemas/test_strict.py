"""The schema that is sent is within what OpenAI's strict mode takes and what llama.cpp turns into a grammar."""

import json
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from pydantic import BaseModel

from schemas.answers import answer_of, candidate_answer_of, joint_answer_of
from schemas.fields import Record
from schemas.registry import built_in
from schemas.strict import StrictModel, strict_schema
from service.extraction.candidates.choices import Choices
from service.extraction.candidates.readers import reader_of

KINDS = list(built_in())
by_kind = pytest.mark.parametrize("record", KINDS, ids=lambda record: record.kind)

# https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
OPENAI_TYPES = {"string", "number", "boolean", "integer", "object", "array", "null"}
OPENAI_KEYWORDS = {
    *("type", "properties", "required", "additionalProperties", "items", "enum", "anyOf", "description"),
    *("minItems", "maxItems", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("pattern", "format"),
}
OPENAI_PROPERTIES, OPENAI_DEPTH, OPENAI_ENUM_VALUES, OPENAI_CHARACTERS = 5_000, 10, 1_000, 120_000
OPENAI_LONG_ENUM, OPENAI_LONG_ENUM_CHARACTERS = 250, 15_000

# https://github.com/ggml-org/llama.cpp, common/json-schema-to-grammar.cpp, SchemaConverter::visit: what it reads of a
# node of each type. It passes over everything else in silence, so that an answer would not be held to it.
LLAMA_CPP_KEYWORDS = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "minItems", "maxItems"},
    "string": {"enum", "minLength", "maxLength", "pattern", "format"},
    "integer": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
    "number": set(),
    "boolean": set(),
    "null": set(),
    None: {"anyOf"},
}
LLAMA_CPP_FORMATS = {"date", "time", "date-time", "uuid"}
ANNOTATIONS = {"type", "description"}


def nodes(schema: dict[str, Any], depth: int = 1) -> Iterator[tuple[int, dict[str, Any]]]:
    """Every schema in a schema, with how deep in objects it stands."""
    yield depth, schema
    for part in schema.get("properties", {}).values():
        yield from nodes(part, depth + 1)
    for part in schema.get("anyOf", []):
        yield from nodes(part, depth)
    if "items" in schema:
        yield from nodes(schema["items"], depth)


def sent(record: type[Record]) -> dict[str, Any]:
    return answer_of(record).model_json_schema()


ANYTHING = Choices()
SOME = Choices(
    names=("Norvia", "Ana Rell"),
    places=("Norvia",),
    actors=("Norvia", "both sides"),
    persons=("Ana Rell",),
    dates=("Tuesday",),
    figures=("about 40 people",),
)
NONE = Choices(names=(), places=(), actors=(), persons=(), dates=(), figures=())


def sent_about_a_candidate(record: type[Record], *, lean: bool, choices: Choices = ANYTHING) -> dict[str, Any]:
    reader = reader_of(record)
    assert reader
    allowed = reader.allowed(choices)
    return candidate_answer_of(record, frozenset({"evidence"}), lean=lean, allowed=allowed).model_json_schema()


def openai_faults(schema: dict[str, Any]) -> list[str]:
    """What OpenAI's strict mode would refuse in a schema."""
    found = list(nodes(schema))
    faults = [fault for _, node in found for fault in _openai_faults_of(node)]
    if schema.get("type") != "object" or "anyOf" in schema:
        faults.append("the root is not an object")
    if max(depth for depth, _ in found) > OPENAI_DEPTH:
        faults.append("too deep")
    names = [name for _, node in found for name in node.get("properties", {})]
    values = [str(value) for _, node in found for value in node.get("enum", [])]
    if len(names) > OPENAI_PROPERTIES or len(values) > OPENAI_ENUM_VALUES:
        faults.append("too many names or values")
    if sum(map(len, [*names, *values])) > OPENAI_CHARACTERS:
        faults.append("too long names or values")
    return faults


def _openai_faults_of(node: dict[str, Any]) -> Iterator[str]:
    yield from (f"keyword {key}" for key in node.keys() - OPENAI_KEYWORDS)
    if "anyOf" not in node and node.get("type") not in OPENAI_TYPES:
        yield f"type {node.get('type')}"
    if node.get("type") == "object" and node.get("required") != list(node.get("properties", {})):
        yield "not all required"
    if node.get("type") == "object" and node.get("additionalProperties") is not False:
        yield "not closed"
    if node.get("type") == "array" and "items" not in node:
        yield "array of anything"
    values = list(map(str, node.get("enum", [])))
    if len(values) > OPENAI_LONG_ENUM and sum(map(len, values)) > OPENAI_LONG_ENUM_CHARACTERS:
        yield "long enum"


def llama_cpp_faults(schema: dict[str, Any]) -> list[str]:
    """What llama.cpp would pass over in a schema."""
    faults: list[str] = []
    for _, node in nodes(schema):
        kind = node.get("type")
        if kind not in LLAMA_CPP_KEYWORDS:
            faults.append(f"type {kind}")
            continue
        faults += [f"{kind}: keyword {key}" for key in node.keys() - LLAMA_CPP_KEYWORDS[kind] - ANNOTATIONS]
        if "pattern" in node and not (node["pattern"].startswith("^") and node["pattern"].endswith("$")):
            faults.append("pattern that is not anchored")
        if "format" in node and node["format"] not in LLAMA_CPP_FORMATS:
            faults.append(f"format {node['format']}")
        if "enum" in node and not node["enum"]:
            faults.append("enum without a value")
    return faults


@by_kind
def test_schema_of_a_kind_is_in_openais_strict_subset(record: type[Record]) -> None:
    assert openai_faults(sent(record)) == []
    assert openai_faults(sent_about_a_candidate(record, lean=False)) == []


@by_kind
def test_schema_of_a_kind_is_in_what_llama_cpp_reads(record: type[Record]) -> None:
    assert llama_cpp_faults(sent(record)) == []
    assert llama_cpp_faults(sent_about_a_candidate(record, lean=False)) == []
    for choices in (ANYTHING, SOME, NONE):
        assert llama_cpp_faults(sent_about_a_candidate(record, lean=True, choices=choices)) == []


@pytest.mark.parametrize("bounded", [True, False])
@pytest.mark.parametrize("records", [KINDS, KINDS[1:3], KINDS[:1]], ids=len)
def test_schema_of_all_kinds_at_once_is_strict_and_has_a_list_for_each(
    records: list[type[Record]], *, bounded: bool
) -> None:
    schema = joint_answer_of(tuple(records), bounded=bounded).model_json_schema()

    assert openai_faults(schema) == []
    assert llama_cpp_faults(schema) == []
    assert list(schema["properties"]) == schema["required"] == [record.kind for record in records]
    for record in records:
        fields = schema["properties"][record.kind]["items"]["properties"]
        assert list(fields) == list(sent(record)["properties"]["records"]["items"]["properties"])


def test_schema_of_all_kinds_at_once_describes_nothing() -> None:
    schema = joint_answer_of(tuple(KINDS), bounded=False).model_json_schema()

    assert all("description" not in node for _, node in nodes(schema))


@by_kind
@pytest.mark.parametrize("choices", [ANYTHING, SOME, NONE])
def test_lean_schema_is_closed_and_puts_what_it_requires_first(record: type[Record], choices: Choices) -> None:
    schema = sent_about_a_candidate(record, lean=True, choices=choices)
    objects = [node for _, node in nodes(schema) if node.get("type") == "object"]

    assert len(objects) >= 2
    for node in objects:
        assert node["additionalProperties"] is False
        assert list(node["properties"])[: len(node["required"])] == node["required"]
    assert any(set(node["required"]) < set(node["properties"]) for node in objects)


@by_kind
def test_schema_of_a_kind_has_neither_references_nor_titles_nor_defaults(record: type[Record]) -> None:
    def keywords(node: Any, *, names: bool = False) -> set[str]:
        if isinstance(node, list):
            return {found for item in node for found in keywords(item)}
        if not isinstance(node, dict):
            return set()
        own = set() if names else set(node)
        return own | {found for key, value in node.items() for found in keywords(value, names=key == "properties")}

    assert keywords(sent(record)).isdisjoint({"$ref", "$defs", "title", "default", "const", "allOf", "oneOf"})


@by_kind
def test_llama_cpp_makes_a_grammar_of_the_schema_in_its_order(record: type[Record]) -> None:
    xllamacpp = pytest.importorskip("xllamacpp", reason="the extra `local` is not installed")
    schema = sent(record)

    grammar = xllamacpp.json_schema_to_grammar(json.dumps(schema))

    assert "root ::=" in grammar or grammar.startswith("%llguidance")
    fields = list(schema["properties"]["records"]["items"]["properties"])
    positions = [grammar.index(f'"{name}') for name in fields]
    assert positions == sorted(positions)


@pytest.mark.parametrize(
    ("schema", "fault"),
    [
        ({"type": "array", "items": {"type": "string"}}, "the root is not an object"),
        ({"type": "object", "properties": {"a": {"type": "string"}}, "required": []}, "not all required"),
        ({"type": "object", "properties": {}, "required": []}, "not closed"),
        ({"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}}, "keyword $ref"),
        ({"type": "object", "properties": {"a": {"type": "string", "minLength": 3}}}, "keyword minLength"),
        ({"type": "object", "properties": {"a": {"type": "array"}}}, "array of anything"),
    ],
)
def test_what_openai_refuses_is_noticed(schema: dict[str, Any], fault: str) -> None:
    assert fault in openai_faults(schema)


@pytest.mark.parametrize(
    ("node", "fault"),
    [
        ({"type": "array", "items": {"type": "string"}, "uniqueItems": True}, "array: keyword uniqueItems"),
        ({"type": "number", "minimum": 3}, "number: keyword minimum"),
        ({"type": "string", "pattern": "[A-Z]"}, "pattern that is not anchored"),
        ({"type": ["string", "null"]}, "type ['string', 'null']"),
    ],
)
def test_what_llama_cpp_passes_over_is_noticed(node: dict[str, Any], fault: str) -> None:
    if isinstance(node["type"], list):
        node = {**node, "type": str(node["type"])}
    assert fault in llama_cpp_faults({"type": "object", "properties": {"a": node}})


class Inner(BaseModel):
    """A nested model."""

    title: str = "a field that is called title"
    default: int | None = None


class Choice(StrictModel):
    one: Literal["sole"]


class Outer(StrictModel):
    inner: Inner
    inners: list[Inner]
    only: Choice


def test_fields_called_like_keywords_survive() -> None:
    schema = Outer.model_json_schema()

    inner = {
        "description": "A nested model.",
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "default": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        },
        "required": ["title", "default"],
        "additionalProperties": False,
    }
    assert schema == {
        "type": "object",
        "properties": {
            "inner": inner,
            "inners": {"type": "array", "items": inner},
            "only": {
                "type": "object",
                "properties": {"one": {"type": "string", "enum": ["sole"]}},
                "required": ["one"],
                "additionalProperties": False,
            },
        },
        "required": ["inner", "inners", "only"],
        "additionalProperties": False,
    }


def test_schema_that_refers_to_itself_is_refused() -> None:
    with pytest.raises(RecursionError):
        strict_schema({"$ref": "#/$defs/A", "$defs": {"A": {"type": "array", "items": {"$ref": "#/$defs/A"}}}})
