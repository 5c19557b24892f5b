"""Other ways to write a quotation mark are read as one, and every offset stays as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.extraction.text.characters import readable
from service.extraction.text.quotes import find_passages


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("``We left,'' he said.", " “We left,”  he said."),
        ("&ldquo;We left,&rdquo; he said.", "      “We left,”       he said."),
        ("said &quot;we left&quot;.", 'said      "we left"     .'),
        ("Fish &amp; chips, it's ''late''.", "Fish &amp; chips, it's ''late''."),
        ("\u200eNadia Ferrant\u200e said", " Nadia Ferrant  said"),
        ("Vas\u200bkov", "Vas\u200bkov"),
    ],
)
def test_marks_are_plain_and_what_shows_nothing_is_a_space(text: str, shown: str) -> None:
    assert readable(text) == shown


@pytest.mark.parametrize("text", ["``We have left,'' he said.", "&#8220;We have left,&#8221; he said."])
def test_passage_between_such_marks_has_its_words(text: str) -> None:
    assert [text[one.start : one.end] for one in find_passages(text)] == ["We have left,"]


@given(st.text(st.sampled_from("ab `'&;ldquo\u200b\u200e \n"), max_size=60))
def test_length_never_changes(text: str) -> None:
    assert len(readable(text)) == len(text)
