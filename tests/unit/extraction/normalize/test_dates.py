"""Date expressions in five languages: as they stand there, and nothing that is no date."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.extraction.normalize import dates as found
from service.extraction.normalize.dates import date_spans


def dates(sentence: str, language: str | None) -> tuple[str, ...]:
    return found.date_texts(sentence, date_spans(sentence, language))


@pytest.mark.parametrize(
    ("language", "sentence", "expected"),
    [
        ("en", "Talks were held on 12 March 2024 in Tolmi.", ["12 March 2024"]),
        ("en", "Talks resumed on May 5 in Tolmi.", ["May 5"]),
        ("en", "Talks resumed on May 4-5, 2024.", ["May 4-5, 2024"]),
        ("en", "They met on Wednesday, March 5, 2025, and left.", ["Wednesday, March 5, 2025"]),
        ("en", "They met on the 12th of March and by March 3rd.", ["12th of March", "March 3rd"]),
        ("en", "They met on Tuesday.", ["Tuesday"]),
        ("en", "Friday’s talks went on last Sunday.", ["Friday", "last Sunday"]),
        ("en", "They left last week and came three days ago.", ["last week", "three days ago"]),
        ("en", "They left yesterday and meet tomorrow.", ["yesterday", "tomorrow"]),
        ("en", "In 2023, June 2024 and early March they met.", ["2023", "June 2024", "early March"]),
        ("en", "They meet next month or at the end of July.", ["next month", "the end of July"]),
        ("en", "They met on 2025-02-27, not on 03.02.2025.", ["2025-02-27", "03.02.2025"]),
        ("en", "They met on Feb. 26.", ["Feb. 26"]),
        ("en", "They met on Sept. 3, 2024.", ["Sept. 3, 2024"]),
        ("en", "Talks resumed on May 4.", ["May 4"]),
        ("uk", "12 березня 2024 року сторони зустрілися.", ["12 березня 2024 року"]),
        ("uk", "Сторони зустрілися у вівторок, 4–5 лютого.", ["вівторок, 4–5 лютого"]),
        ("uk", "Вчора, минулого тижня і три дні тому.", ["Вчора", "минулого тижня", "три дні тому"]),
        ("uk", "Сторони зустрілися у березні 2024 року.", ["березні 2024 року"]),
        ("uk", "Сторони зустрілися в п’ятницю.", ["п’ятницю"]),
        ("ru", "12 марта 2024 года стороны встретились.", ["12 марта 2024 года"]),
        ("ru", "Они встретились во вторник и в пятницу.", ["вторник", "пятницу"]),
        ("ru", "Они уехали вчера, а приехали три дня назад.", ["вчера", "три дня назад"]),
        ("ru", "Они встретились в марте и в 2023 году.", ["марте", "2023 году"]),
        ("ru", "Это было с 4 по 5 февраля.", ["с 4 по 5 февраля"]),
        ("tr", "Heyetler 12 Mart 2024'te görüştü.", ["12 Mart 2024'te"]),
        ("tr", "Heyetler Salı günü görüştü.", ["Salı günü"]),
        ("tr", "Heyetler geçen hafta ve üç gün önce görüştü.", ["geçen hafta", "üç gün önce"]),
        ("tr", "Heyetler bugün, Mayıs ayında görüştü.", ["bugün", "Mayıs ayında"]),
        ("tr", "Heyetler dün görüştü.", ["dün"]),
        ("tr", "Heyetler cuma günü görüştü.", ["cuma günü"]),
        ("de", "Am 12. März 2024 trafen sie sich.", ["12. März 2024"]),
        ("de", "Sie trafen sich am Dienstag und gestern.", ["Dienstag", "gestern"]),
        ("de", "Vor drei Tagen und letzte Woche kamen sie.", ["Vor drei Tagen", "letzte Woche"]),
        (
            "de",
            "Vom 4. bis 5. Februar, Anfang Mai und Ende 2024.",
            ["Vom 4. bis 5. Februar", "Anfang Mai", "Ende 2024"],
        ),
        ("de", "Sie kommen nächsten Monat.", ["nächsten Monat"]),
    ],
)
def test_date_is_found_as_it_stands(language: str, sentence: str, expected: list[str]) -> None:
    assert list(dates(sentence, language)) == expected


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "They may march if the march is long."),
        ("en", "A T-72 and 1,500 men; 2,010 tanks of the 12th brigade."),
        ("en", "The sun sat on a second bench for two hours, from 5 to 7."),
        ("en", "They talked for two years, day by day."),
        ("en", "Flight 20245 left gate 1.2.3."),
        ("uk", "Танк Т-72, 1 500 осіб, дві години."),
        ("ru", "Танк Т-72, 1 500 человек, сейчас."),
        ("tr", "T-72 tankı ve 1.500 asker iki saat bekledi."),
        ("de", "Der T-72-Panzer mag mit 1.500 Soldaten jetzt marschieren."),
        ("en", ""),
    ],
)
def test_what_is_no_date_is_left(language: str, sentence: str) -> None:
    assert dates(sentence, language) == ()


@pytest.mark.parametrize("language", ["en-GB", "EN_us", "en"])
def test_language_is_the_tags_first_part(language: str) -> None:
    assert dates("On Tuesday, am Dienstag.", language) == ("Tuesday",)


@pytest.mark.parametrize("language", [None, "", "tlh"])
def test_language_that_is_not_known_has_the_dates_of_all(language: str | None) -> None:
    said = "On 3 May, am Dienstag, у вівторок, 5 марта, 12 Mart, mardi."

    # Of French and Spanish only where they are known, whose words mean something else in other languages.
    assert dates(said, language) == ("3 May", "Dienstag", "вівторок", "5 марта", "12 Mart")


def test_each_date_is_there_once_and_at_most_eight() -> None:
    said = ", ".join(f"{day} May" for day in (1, 1, *range(2, 12)))

    assert dates(said, "en") == tuple(f"{day} May" for day in range(1, 9))


PIECES = [
    *(
        "12 ",
        "4–5 ",
        "May ",
        "march ",
        "March, ",
        "2024 ",
        "last ",
        "week ",
        "three days ",
        "ago ",
        "Tuesday, ",
        "1,500 ",
    ),
    *(
        "вівторок ",
        "березня ",
        "року ",
        "на прошлой неделе ",
        "Salı ",
        "üç gün önce ",
        "vor ",
        "drei Tagen ",
        "Anfang ",
    ),
    *(", ", ".", "\n", "\u00a0", "İ", "ß", "\ud83d", "-", "’s "),
]


@given(
    st.one_of(st.text(st.characters(), max_size=100), st.lists(st.sampled_from(PIECES), max_size=30).map("".join)),
    st.sampled_from(["en", "uk", "ru", "tr", "de", "tlh", None]),
)
def test_dates_of_any_text_stand_in_it(text: str, language: str | None) -> None:
    for date in dates(text, language):
        assert date == date.strip() != ""
        assert date in text
