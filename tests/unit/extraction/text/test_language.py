"""The language of a BCP 47 tag."""

import pytest

from service.extraction.text.language import subtag


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en", "en"),
        ("EN", "en"),
        ("pt-BR", "pt"),
        ("pt_BR", "pt"),
        ("zh-Hant-TW", "zh"),
        ("tlh", "tlh"),
        ("", None),
        ("-BR", None),
        (None, None),
    ],
)
def test_language_is_the_first_part_of_a_tag(tag: str | None, language: str | None) -> None:
    assert subtag(tag) == language
