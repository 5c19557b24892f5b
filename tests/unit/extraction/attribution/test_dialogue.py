"""Speech behind a dash at the beginning of a paragraph, where an author says who speaks."""

import pytest

from service.extraction.attribution.dialogue import dialogue_passages
from service.extraction.text.lexicon import SPEECH, lexicon_for
from service.extraction.text.paragraphs import paragraphs_of


def spoken(text: str, language: str) -> list[str]:
    lexicon = lexicon_for(SPEECH, language)
    return [text[one.start : one.end] for one in dialogue_passages(text, paragraphs_of(text, lexicon), lexicon)]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("uk", "– Ми підпишемо, – сказала вона. – Завтра.", ["Ми підпишемо", "Завтра."]),
        ("ru", "— Мы подпишем! — заявил министр.", ["Мы подпишем!"]),
        ("es", "—Firmaremos —dijo ella—. Mañana.", ["Firmaremos", "Mañana."]),
        ("fr", "— Nous signerons, a dit la maire.", []),  # only a dash ends what is spoken
        ("en", "— The mill is closed, — said Varn.", ["The mill is closed"]),
    ],
)
def test_words_stand_between_the_dashes(language: str, text: str, expected: list[str]) -> None:
    assert spoken(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "- Rents are frozen for a year, the minister said."),
        ("en", "– Bread – milk – salt"),
        ("uk", "Ферма – сказала вона – зачинена."),
        ("uk", "– Скільки суден зайшло в порт?"),
        ("uk", "– Скільки суден зайшло в порт?   "),
    ],
)
def test_other_dashes_open_no_speech(language: str, text: str) -> None:
    assert spoken(text, language) == []
