"""Dates as a language writes them, read into the English that dateparser knows: "il y a deux jours" as "2 days ago".

The table `readings` of a language pack has for each English expression the phrases that mean it, with slots for what
varies. The names that fill slots are dateparser's. The same phrases find dates in a sentence.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module

import regex
from dateparser.data.languages_info import language_order
from text_to_num import text2num

from prompts import on_change
from prompts.languages import Dates, pack
from service.extraction.normalize.amount_patterns import SPELLED

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_UNITS = ("day", "week", "month", "year")
_SLOT = regex.compile(r"\{(\w+)\}")
_YEAR = regex.compile(r"\b\d{4}$")
_SHORTEST_UNIT = 2
_FIRST_DECADE = 30
"""Of those without a century, the first that is of the last one only: "les années 30", but not "les années 20"."""
_NEVER = "(?!)"
_READ, _FOUND = "(?P<{name}>{expression})", "(?:{expression})"
"""Forms of a slot in a regular expression: where it is to be read, and where a phrase is only found."""


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A phrase, compiled, and the English it means."""

    pattern: regex.Pattern[str]
    reading: str


class DatePhrases:
    """The phrases of one language.

    Args:
        language: code of the language.
        said: its words of dates, with `readings`.

    """

    def __init__(self, language: str, said: Dates) -> None:
        self._language = language
        self._said = said
        self._names: dict[str, str] = {}
        self._slots = self._filled(import_module(f"dateparser.data.date_translation_data.{language}").info)
        self._open = _compiled("|".join(self._expression(phrase, _FOUND) for phrase in said.open_phrases) or _NEVER)
        leading = _words((*said.before_date, *said.articles))
        self._leading = _compiled(rf"{leading}(?:(?<=['’])|\s+)")
        time_of_day = rf"[\s,]+(?:{'|'.join([_words(said.parts_of_day), *said.clock_patterns])})"
        self._time_of_day = _compiled(rf"{time_of_day}\Z")
        every = [phrase for phrases in said.readings.values() for phrase in phrases]
        found, open_ = self._any_of(every), self._any_of(said.open_phrases)
        self.expression = rf"(?:(?P<open>{open_})|(?:{found})(?:{time_of_day})*+|(?:1[89]|20)\d{{2}})"
        """Finds a date in a sentence with the time of day behind it, and as `open` what holds one and has none."""

    def is_open(self, words: str) -> bool:
        """Whether words that hold a date have none themselves: "every Tuesday"."""
        return self._open.fullmatch(words) is not None

    def read(self, words: str) -> str | None:
        """The English for a date, a range with a stroke: "3 may/5 may"; None where no phrase says the same.

        Of several phrases that the words are, the one with the fewest slots counts.
        """
        for candidate in self._without_surroundings(words):
            for phrase in self._phrases:
                if match := phrase.pattern.fullmatch(candidate):
                    filled = {slot: self._english(slot.rstrip("2"), said) for slot, said in match.groupdict().items()}
                    return _with_year(phrase.reading.format(**filled)) if None not in filled.values() else None
        return None

    @cached_property
    def _phrases(self) -> list[_Phrase]:
        """Those with the fewest slots first."""
        phrases = [(phrase, reading) for reading, phrases in self._said.readings.items() for phrase in phrases]
        phrases.sort(key=lambda phrase: len(_SLOT.findall(phrase[0])))
        return [_Phrase(_compiled(self._expression(phrase, _READ)), reading) for phrase, reading in phrases]

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

    def _filled(self, info: Mapping[str, list[str]]) -> dict[str, str]:
        """For each slot, a regular expression for what fills it."""
        said = self._said
        months, weekdays, units = (
            {form: name for name in names for form in _forms(info, name)} for names in (_MONTHS, _WEEKDAYS, _UNITS)
        )
        # What is cut off a longer form is a month only beside a day, and no weekday: "mar" is the sea, "sept" seven.
        weekdays, full = _full_forms(weekdays), _full_forms(months)
        self._names = {**units, **weekdays, **months}
        of = rf"(?:{_words(said.before_month)}\s+)?" if said.before_month else ""
        year, weekday = r"(?:1[89]|20)\d{2}", _words(weekdays)
        day = rf"(?:{_words(said.first_day)}|(?:3[01]|[12]?\d){_words(said.ordinal_endings)}?(?!\w))"
        # In a language that writes them without a capital, a name with one is another's: "Mars", "Abril".
        small = r"(?-i:(?=\p{Ll}))" if said.name_capitals == "never" else ""
        return {
            "day": day,
            "year": year,
            "weekday": weekday,
            "month": rf"(?:{_words(months)}\.?\s+{of}{year}|{small}{_words(full)}(?!\s+\d))",
            "date": rf"(?:{weekday},?\s+)?{day}\s+{of}{_words(months)}\.?(?:,?\s+{of}{year})?",
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
        return f"(?:{''.join(found)})"

    def _english(self, slot: str, said: str) -> str | None:
        """What fills a slot, in English; None where it is no date."""
        match slot:
            case "count":
                return self._number(said)
            case "decade":
                return self._decade(self._number(said) or "")
            case _:
                return " ".join(filter(None, (self._word(word) for word in regex.split(r"[\s,]+", said))))

    def _word(self, word: str) -> str:
        """A name, a day or a year in English; nothing for a preposition."""
        form = word.lower().rstrip(".")
        if form in self._said.first_day:
            return "1"
        figures = regex.match(r"\d+", word)
        return self._names.get(form) or (figures[0] if figures else "")

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
    """The phrases of a language, given by its code; None where its pack has no readings."""
    said = pack(language) if language in language_order else None
    return DatePhrases(language, said.dates) if language and said and said.dates.readings else None


on_change(date_phrases.cache_clear)


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
    return f"(?:{'|'.join(map(_word, sorted(words, key=len, reverse=True))) or _NEVER})"


def _word(words: str) -> str:
    """Words as a regular expression; `*` stands for any ending."""
    escaped = regex.escape(words, special_only=True, literal_spaces=True).replace(r"\*", r"\w*")
    return regex.sub(r"\s+", r"\\s+", regex.sub("['’]", "['’]", escaped))


def _compiled(expression: str) -> regex.Pattern[str]:
    return regex.compile(expression, regex.IGNORECASE)
