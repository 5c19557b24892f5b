#!/usr/bin/env bash
# sentencex 1.0.32.
# Guess: a small letter behind a question mark goes on with the sentence in every language, and so does what an author says of
# a speaker behind a dash: "— Готові? — спитала Варн." is one sentence as "“Ready?” asked Varn." is.
# Behaviour: it depends on the language, not on what stands there. Behind "?" or "!" and a dash the author's words are a
# sentence of their own in Ukrainian, Russian, Polish, Spanish and English; in German they are not. Quotation marks keep them
# together in English and Spanish, but not in Ukrainian, where a dash stands behind them. An ellipsis never cuts. Without
# marks a small letter begins a sentence in English, and goes on with it in French. Whoever looks for the speaker in the
# sentence of the words finds nobody in dialogues of half the languages.
# Source: sentencex.segment, run on 2026-12-01.
# Output seen: uk '— Готові?' | '— спитала Варн.'; es '—¿Listos?' | '—preguntó Varn.'; en '– Ready?' | '– asked Varn.';
#              de '– Bereit? – fragte Varn.'; en '“Ready?” asked Varn.'; uk '«Готові?»' | '— спитала Варн.';
#              ru '— Готовы… — сказала Варн.'; en 'Ready?' | 'asked Varn.'; fr '— Prêts ? demanda Varn.'
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check sentencex==1.0.32
"$folder/venv/bin/python" - <<'PYTHON'
import sentencex

FORMS = [
    ("uk", "— Готові? — спитала Варн.", 2),
    ("ru", "— Готовы! — сказала Варн.", 2),
    ("pl", "– Gotowi? – spytała Varn.", 2),
    ("es", "—¿Listos? —preguntó Varn.", 2),
    ("en", "– Ready? – asked Varn.", 2),
    ("de", "– Bereit? – fragte Varn.", 1),
    ("en", "“Ready?” asked Varn.", 1),
    ("es", "«¿Listos?», preguntó Varn.", 1),
    ("uk", "«Готові?» — спитала Варн.", 2),
    ("ru", "— Готовы… — сказала Варн.", 1),
    ("en", "Ready? asked Varn.", 2),
    ("fr", "— Prêts ? demanda Varn.", 1),
]
for language, text, count in FORMS:
    found = [sentence.strip() for sentence in sentencex.segment(language, text)]
    print(language, found)
    assert len(found) == count, (text, found)
PYTHON
