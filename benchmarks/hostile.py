"""Whether time grows with the length of a text and no faster, whatever the text is made of: no model, minutes.

    python -m benchmarks.hostile [--longest 200000]

Texts of one form each (marks, capitals, commas, line breaks, digits, nesting, labels …), from an eighth of the longest
article that is taken to all of it. For each: how many times longer the longest takes than the shortest (8 is in
proportion, 64 its square), and the seconds for the longest.
"""

import argparse
import time
from typing import Any

from schemas.registry import built_in
from service.extraction.analysis import analyse
from service.extraction.candidates.candidates import find_candidates
from service.extraction.normalize.rules import ArticleContext
from service.extraction.text.quotes import find_passages
from service.extraction.text.sentences import segment

FORMS = {
    "opening marks": "“",
    "straight marks": '"',
    "nested marks": "“a ‘b ",
    "marks closed late": "“" * 40 + "a b c d, he said. " + "”" * 40,
    "capitals": "Varn ",
    "names and verbs": "Ilsa Varn said ",
    "speakers in turn": "Ilsa Varn said it rained, and Oke Marl said it snowed, but ",
    "whoever answers": "told Ilsa Varn, who said ",
    "commas": "a, ",
    "line breaks": "\n",
    "short lines": "a\n",
    "wrapped lines": "the army said on Sunday that it had taken\n",
    "labels": "HOLLIS: we have.\n",
    "dashes": "– a, – said Varn. ",
    "digits": "1",
    "numbers": "12 men, 3 May 2024; ",
    "brackets": "(A ",
    "one sentence": "and so it went on ",
    "no spaces": "a",
    "pronouns": "She said she had met him. ",
}
SHARE = 8
LINEAR, SQUARE = 8, 64


def read(text: str) -> None:
    """All that code does with an article before anything is asked."""
    passages = tuple(find_passages(text))
    analysis = analyse(text, segment(text, "en"), passages, "en")
    ArticleContext(passages, None, "en")
    for record in built_in():
        find_candidates(record, analysis)


def seconds(text: str) -> float:
    started = time.process_time()
    read(text)
    return time.process_time() - started


def row(name: str, piece: str, longest: int) -> tuple[Any, ...]:
    short, long = ((piece * length)[:length] for length in (longest // SHARE, longest))
    quick = min(seconds(short) for _ in range(2))
    return name, seconds(long) / max(quick, 1e-6), seconds(long)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--longest", type=int, default=200_000, help="code points of the longest text")
    chosen = parser.parse_args()
    read("Ilsa Varn said it rained.")
    print(f"| text of | {SHARE} times as long takes | {chosen.longest:,} take |", "| --- | --- | --- |", sep="\n")
    for name, piece in FORMS.items():
        _, times, spent = row(name, piece, chosen.longest)
        print(f"| {name} | {times:.0f} times | {spent:.1f} s |", flush=True)


if __name__ == "__main__":
    main()
