"""Dates as a language writes them, read into the English that dateparser knows: "il y a deux jours" as "2 days ago".

The tables `readings` and `phrases` of a language pack have for each English expression the phrases that mean it, with
slots for what varies. The names that fill slots are dateparser's. The same phrases find dates in a sentence.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from types import MappingProxyType
from typing import Any

import regex
from dateparser.data.languages_info import language_order
from text_to_num import text2num

from prompts import on_change
from prompts.languages import COMMON, Dates, Words, pack
from service.extraction.normalize.amount_patterns import SPELLED

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_UNITS = ("day", "week", "month", "year")
_SLOT = regex.compile(r"\{(\w+)\}")
_PIECE = regex.compile(r"[\p{Ll}--[iı]]{3,}", regex.V1)
_YEAR = regex.compile(r"\b\d{4}$")
_YEAR_IN_FIGURES = r"(?:1[89]|20)\d{2}"
_MONTH_FIRST = "MDY"
_CAPITAL = r"(?-i:(?=\p{Lu}))"
_CASES: Mapping[str | None, str] = {"always": _CAPITAL, "never": r"(?-i:(?=\p{Ll}))"}
_PLANNED = "planned "
"""What English begins with that is a date only of what is planned."""
_NO_VALUE = ""
"""Where the English would be, that phrases have no value."""
_SHORTEST_UNIT = 2
_FIRST_DECADE = 30
"""Of those without a century, the first that is of the last one only: "les années 30", but not "les années 20"."""
_SHORTEST_INFLECTED = 4
"""Names with fewer letters are abbreviations, which take no endings."""
_NEVER = "(?!)"
_READ, _FOUND = "(?P<{name}>{expression})", "(?:{expression})"
"""Forms of a slot in a regular expression: where it is to be read, and where a phrase is only found."""


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A phrase and the English it means.

    Args:
        said: the phrase.
        reading: the English.
        pieces: what stands in it outside slots, without letters whose case depends on the language.

    """

    said: str
    reading: str
    pieces: tuple[str, ...]

    def may_be(self, words: str) -> bool:
        """Whether words in small letters have all of its pieces: a language has thousands of phrases to compile."""
        return all(piece in words for piece in self.pieces)


class DatePhrases:
    """The phrases of one language.

    Args:
        language: code of the language.
        said: its words of dates, with `readings` or `phrases`.
        common: phrases of all languages.

    """

    def __init__(self, language: str, said: Dates, common: Mapping[str, Words] = MappingProxyType({})) -> None:
        self._language = language
        self._said = said
        self.alone = bool(said.readings)
        """Whether the language is read by phrases alone, and not by dateparser."""
        self._readings = _joined(said.readings, said.phrases, common)
        self._patterns: dict[str, regex.Pattern[str]] = {}
        self._forms: list[tuple[regex.Pattern[str], str]] = []
        """Expressions for the names that fill slots, with their English."""
        self._slots = self._filled(import_module(f"dateparser.data.date_translation_data.{language}").info)
        without_value = (*said.open_phrases, *self._readings.pop(_NO_VALUE, ()))
        self._open = _compiled("|".join(self._expression(phrase, _FOUND) for phrase in without_value) or _NEVER)
        leading = _words((*said.before_date, *said.articles))
        self._leading = _compiled(rf"{leading}(?:(?<=['’])|\s+)")
        time_of_day = rf"[\s,]+(?:{'|'.join([_words(said.parts_of_day), *said.clock_patterns])})"
        self._time_of_day = _compiled(rf"{time_of_day}\Z")
        # How long something took is said as when something planned will be: "in ten days".
        sought = (phrases for reading, phrases in self._readings.items() if not reading.startswith(_PLANNED))
        every = [phrase for phrases in sought for phrase in phrases]
        found, open_ = self._any_of(every), self._any_of(without_value)
        year = rf"|{_YEAR_IN_FIGURES}" if self.alone else ""
        self.expression = rf"(?:(?P<open>{open_})|(?:{found})(?:{time_of_day})*+{year})"
        """Finds a date in a sentence with the time of day behind it, and as `open` what holds one and has none."""

    def is_open(self, words: str) -> bool:
        """Whether words that hold a date have none themselves: "every Tuesday"."""
        return self._open.fullmatch(words) is not None

    def read(self, words: str) -> str | None:
        """The English for a date, a range with a stroke: "3 may/5 may"; None where no phrase says the same.

        Of several phrases that the words are, the one with the fewest slots counts.
        """
        for candidate in self._without_surroundings(words):
            small = candidate.lower()
            for phrase in self._phrases:
                if phrase.may_be(small) and (match := self._pattern(phrase.said).fullmatch(candidate)):
                    filled = {slot: self._english(slot.rstrip("2"), said) for slot, said in match.groupdict().items()}
                    return _with_year(phrase.reading.format(**filled)) if None not in filled.values() else None
        return None

    @cached_property
    def _phrases(self) -> list[_Phrase]:
        """Those with the fewest slots first."""
        phrases = [(phrase, reading) for reading, phrases in self._readings.items() for phrase in phrases]
        phrases.sort(key=lambda phrase: len(_SLOT.findall(phrase[0])))
        return [_Phrase(phrase, reading, tuple(_PIECE.findall(_SLOT.sub(" ", phrase)))) for phrase, reading in phrases]

    def _pattern(self, phrase: str) -> regex.Pattern[str]:
        if phrase not in self._patterns:
            self._patterns[phrase] = _compiled(self._expression(phrase, _READ))
        return self._patterns[phrase]

    def _without_surroundings(self, words: str) -> Iterator[str]:
        """The words, and what is left of them without the time of day behind and the prepositions before a date."""
        while True:
            rest = words
            while True:
                yield rest
                leading = self._leading.match(rest)
                if not leading:
                    break
                rest = rest[leading.end() :]
            if not (time_of_day := self._time_of_day.search(words)):
                return
            words = words[: time_of_day.start()]

    def _any_of(self, phrases: Iterable[str]) -> str:
        """An expression for any of some phrases, in which those that begin alike share their beginning.

        A longer phrase is tried before a shorter one.
        """
        endings: dict[str, list[str]] = {}
        for phrase in sorted(phrases, key=_length, reverse=True):
            first, _, ending = phrase.partition(" ")
            endings.setdefault(first, []).append(ending)
        found: list[str] = []
        for first, said in endings.items():
            longer = self._any_of(filter(None, said)) if any(said) else ""
            goes_on = rf"(?:\s+(?:{longer})){'?' if '' in said else ''}" if longer else ""
            found.append(f"{self._expression(first, _FOUND)}{goes_on}")
        return "|".join(found) or _NEVER

    def _filled(self, info: Mapping[str, Any]) -> dict[str, str]:
        """For each slot, a regular expression for what fills it."""
        said = self._said
        months, weekdays, units = (
            {form: name for name in names for form in _forms(info, name)} for names in (_MONTHS, WEEKDAYS, _UNITS)
        )
        # What is cut off a longer form is a month only beside a day, and no weekday: "mar" is the sea, "sept" seven.
        weekdays, full = _full_forms(weekdays), _full_forms(months)
        for names in (months, weekdays, units):
            self._forms += [(_compiled(_inflected(form, said)), name) for form, name in names.items()]
        of = rf"(?:{_words(said.before_month)}\s+)?" if said.before_month else ""
        year, full_month = _YEAR_IN_FIGURES, _any(_inflected(form, said) for form in full)
        month = rf"(?:{full_month}|{_any(_inflected(form, said) for form in months.keys() - full.keys())}\.?)"
        lookalikes = rf"(?!(?:{'|'.join(said.not_weekday_patterns)}))" if said.not_weekday_patterns else ""
        weekday = lookalikes + _any(_inflected(form, said) for form in weekdays)
        ordinal = _words(said.ordinal_endings)
        day = rf"(?:{_words(said.first_day)}|(?:3[01]|[12]?\d){ordinal}?(?!\w))"
        date = rf"{day}\s+{of}{month}"
        date = rf"(?:{date}|{month}\s+{day})" if info.get("date_order") == _MONTH_FIRST else date
        # In a language that writes them without a capital, a name with one is another's: "Mars", "Abril".
        case = _CASES.get(said.name_capitals, "")
        after = rf"(?:\s{_words(said.after_year)})?" if said.after_year else ""
        return {
            "day": day,
            "nth": rf"(?:3[01]|[12]?\d){ordinal}(?!\w)",
            "year": year,
            "years": rf"{year}\s?[-–/]\s?(?:20|19)?\d{{2}}(?!\d)",
            "weekday": (case if case == _CAPITAL else "") + weekday,
            "month": rf"(?:{month},?\s+{of}{year}{after}|{case}{full_month}(?!\s+\d))",
            "bare_month": month,
            "date": rf"(?:{weekday},?\s+)?{date}(?:,?\s+{of}{year}{after})?",
            "unit": _words(form for form in units if len(form) >= _SHORTEST_UNIT),
            "count": rf"(?:\d{{1,3}}|{_words(said.count_words)})",
            "decade": rf"(?:(?:1[89]|20)?\d0|{_words(said.count_words)})",
        }

    def _expression(self, phrase: str, slot: str) -> str:
        """A phrase as a regular expression, in which slots have the form of `slot`."""
        parts = _SLOT.split(phrase)
        found = [
            slot.format(name=part, expression=self._slots[part.rstrip("2")]) if number % 2 else _word(part)
            for number, part in enumerate(parts)
        ]
        if slot == _FOUND and "nth" in parts:
            # Alone it is a date only behind a preposition and before a mark: "on the 10th.", not "the 10th brigade".
            before = rf"(?<={_words(self._said.before_date)}\s+(?:\w+\s+)?)"
            found = [before, *found, r"(?![\w-]|\s+\w|\W+\w+\s+\d)"]
        return f"(?:{''.join(found)})"

    def _english(self, slot: str, said: str) -> str | None:
        """What fills a slot, in English; None where it is no date."""
        match slot:
            case "count":
                return self._number(said)
            case "decade":
                return self._decade(self._number(said) or "")
            case "years":
                return _first_of_two(said)
            case _:
                return " ".join(filter(None, (self._word(word) for word in regex.split(r"[\s,]+", said))))

    def _word(self, word: str) -> str:
        """A name, a day or a year in English; nothing for a preposition."""
        form = word.lower().rstrip(".")
        if form in self._said.first_day:
            return "1"
        if figures := regex.match(r"\d+", word):
            return str(figures[0])
        return next((name for expression, name in self._forms if expression.fullmatch(form)), "")

    def _number(self, said: str) -> str | None:
        if said.isdigit() or self._language not in SPELLED:
            return said if said.isdigit() else None
        try:
            return str(text2num(said.lower(), self._language))
        except ValueError:
            return None

    def _decade(self, number: str) -> str | None:
        """The first year of a decade; None where its century is open."""
        if number.isdigit() and _FIRST_DECADE <= int(number) < 100:
            return f"19{number}"
        return number if len(number) == len("1990") else None


@cache
def date_phrases(language: str | None) -> DatePhrases | None:
    """The phrases of a language, given by its code; None where it has no pack with words of dates."""
    said, common = (pack(language) if language in language_order else None), pack(COMMON)
    if not language or said is None or said.dates == Dates():
        return None
    return DatePhrases(language, said.dates, common.dates.phrases if common else {})


on_change(date_phrases.cache_clear)


def _joined(*tables: Mapping[str, Words]) -> dict[str, Words]:
    """Tables of phrases as one."""
    found: dict[str, Words] = {}
    for reading, phrases in (row for table in tables for row in table.items()):
        found[reading] = (*found.get(reading, ()), *phrases)
    return found


def _first_of_two(years: str) -> str | None:
    """The first of two years that follow each other: 2023 of "2023-24"."""
    first, second = regex.findall(r"\d+", years)
    return first if str(int(first) + 1).endswith(second) else None


def _inflected(form: str, said: Dates) -> str:
    """A name as a regular expression, with its endings in a language whose readings do not spell them out."""
    if said.readings or said.name_endings not in ("added", "replaced") or len(form) < _SHORTEST_INFLECTED:
        return _word(form)
    if said.name_endings == "replaced" and len(form) > _SHORTEST_INFLECTED:
        return rf"{_word(form[:-1])}\w{{1,3}}"
    return rf"{_word(form)}(?:['’]?\w{{1,3}})?"


def _forms(info: Mapping[str, list[str]], name: str) -> list[str]:
    return [form.lower() for form in info.get(name, ())]


def _full_forms(forms: Mapping[str, str]) -> dict[str, str]:
    """Forms without those that begin another one of the same name."""
    return {
        form: name
        for form, name in forms.items()
        if not any(other != form and other.startswith(form) for other, same in forms.items() if same == name)
    }


def _with_year(english: str) -> str:
    """A range in which the year that only its end has is that of its beginning, too: "28 april/2 may 2025"."""
    first, stroke, last = english.partition("/")
    year = _YEAR.search(last)
    return f"{first} {year[0]}/{last}" if stroke and year and not _YEAR.search(first) else english


def _length(phrase: str) -> int:
    """How long a phrase is, more or less: of two that begin alike, the longer one is looked for first."""
    return len(phrase.replace("{date", "{weekday} {day} {month}"))


def _words(words: Iterable[str]) -> str:
    """A regular expression for any of some words, the longest first."""
    return _any(map(_word, words))


def _any(expressions: Iterable[str]) -> str:
    """A regular expression for any of some others, the longest first."""
    return f"(?:{'|'.join(sorted(expressions, key=len, reverse=True)) or _NEVER})"


def _word(words: str) -> str:
    """Words as a regular expression; `*` stands for any ending."""
    escaped = regex.escape(words, special_only=True, literal_spaces=True).replace(r"\*", r"\w*")
    return regex.sub(r"\s+", r"\\s+", regex.sub("['’]", "['’]", escaped))


def _compiled(expression: str) -> regex.Pattern[str]:
    return regex.compile(expression, regex.IGNORECASE)
