"""Items of lists, picked out while the answer is written."""

import json

import pytest

from service.llm.items import Item, ItemScanner

ANSWER = {
    "talks": [{"parties": ["A {", 'the "B"'], "at": {"place": "C]"}}, {"parties": []}],
    "sanctions": [],
    "claims": [{"back\\slash": "\\"}, {"ж": "жé😀"}],
}
ITEMS = [(name, item) for name, items in ANSWER.items() for item in items]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("escaped", [True, False])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1_000])
@pytest.mark.parametrize("before", ["", "```json\n", "Here it is: "])
def test_each_item_is_picked_out_as_soon_as_it_is_whole(
    size: int, escaped: bool, indent: int | None, before: str
) -> None:
    text = before + json.dumps(ANSWER, ensure_ascii=escaped, indent=indent)
    items = ItemScanner()

    found = [item for at in range(0, len(text), size) for item in items.feed(text[at : at + size])]

    assert [(item.list_name, json.loads(item.text)) for item in found] == ITEMS


def test_item_comes_with_the_piece_that_ends_it() -> None:
    items = ItemScanner()

    assert list(items.feed('{"a": [{"b": {"c": 1}')) == []
    assert list(items.feed("}, {")) == [Item("a", '{"b": {"c": 1}}')]
    assert list(items.feed("}")) == [Item("a", "{}")]


@pytest.mark.parametrize("text", ["", "no JSON", '{"record": {"a": 1}}', "[[{}]]", '[{"a": 1}]', "}]}{", '{"a": "['])
def test_nothing_is_picked_out_of_anything_else(text: str) -> None:
    assert list(ItemScanner().feed(text)) == []
