#!/usr/bin/env bash
# countryinfo 1.0.1, alone and beside RapidFuzz 3.14.6.
# Guess: a look-up of a name that no country has raises the same error on every machine; typo-tolerant matching is asked for.
# Behaviour: it is switched on by the mere presence of another package. With RapidFuzz in the environment, whoever put it
# there, names that were an error become countries: an organisation is an island state, a city a country on another
# continent, an ambiguous name one of the two. No argument turns it off, and nothing in the answer tells that it was guessed.
# Looked up by ISO code, the answers are the same with and without.
# Source: countryinfo.CountryInfo(name).info(), run on 2026-11-30.
# Output seen: alone: three times CountryNotFoundError; with RapidFuzz: Korea is North Korea, The Hague is Democratic Republic
#              of the Congo, Hamas is The Bahamas
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
look() {
    "$folder/venv/bin/python" - <<'PYTHON'
from countryinfo import CountryInfo

def found(name):
    try:
        return CountryInfo(name).info()["name"]
    except Exception as error:
        return type(error).__name__

print(*(f"{name} is {found(name)}" for name in ("Korea", "The Hague", "Hamas")), CountryInfo("NL").info()["name"], sep="; ")
PYTHON
}
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check countryinfo==1.0.1
alone=$(look)
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check RapidFuzz==3.14.6
beside=$(look)
printf 'alone: %s\nbeside RapidFuzz: %s\n' "$alone" "$beside"
[ "$(grep -o CountryNotFoundError <<<"$alone" | wc -l)" = 3 ]
[[ $beside == "Korea is North Korea; The Hague is Democratic Republic of the Congo; Hamas is The Bahamas; "* ]]
