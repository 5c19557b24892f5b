#!/usr/bin/env bash
# sentencex 1.0.32.
# Guess: an opening quotation mark belongs to the sentence that it opens, whether or not anything closes it: a quotation over
# several paragraphs is closed in the last one only.
# Behaviour: where the mark is closed in the text, it goes with its sentence. Where it is not, it is left behind at the end of
# the sentence before, in English and Ukrainian; the sentence that somebody says begins without it. A German „ goes with its
# sentence either way. The same words are cut in two ways, told by a mark that may stand hundreds of characters later.
# Source: sentencex.segment, run on 2026-11-30.
# Output seen: closed: 'Berg left.' | '“It rains.” '; unclosed: 'Berg left. “' | 'It rains. '; the same with « in Ukrainian;
#              German: 'Berg ging.' | '„Es regnet. '
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check sentencex==1.0.32
"$folder/venv/bin/python" - <<'PYTHON'
import sentencex

def cut(language, text):
    return [sentence.strip() for sentence in sentencex.segment(language, text)]

closed = cut("en", "Berg left. “It rains.” Voss stayed.")
unclosed = cut("en", "Berg left. “It rains. Voss stayed.")
ukrainian = cut("uk", "Берг пішов. «Дощить. Восс лишився.")
german = cut("de", "Berg ging. „Es regnet. Voss blieb.")
print(closed, unclosed, ukrainian, german, sep="\n")
assert closed[:2] == ["Berg left.", "“It rains.”"]
assert unclosed[:2] == ["Berg left. “", "It rains."]
assert ukrainian[:2] == ["Берг пішов. «", "Дощить."]
assert german[:2] == ["Berg ging.", "„Es regnet."]
PYTHON
