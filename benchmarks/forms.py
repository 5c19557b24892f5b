"""How much code reads rightly of small texts in the forms of real news (evals/forms): no model, seconds.

    python -m benchmarks.forms [--show wrong]

For each kind of form and language: how many are right, how many are left to the model, how many are wrong, and how many
give words to somebody who did not say them. --show prints the forms of a verdict with what was read instead.
"""

import argparse
from collections.abc import Iterable, Mapping, Sequence

from evals.form_suite import (
    Judged,
    Verdict,
    judge_quotations,
    judge_value,
    quotation_forms,
    tally,
    value_forms,
)


def judged() -> dict[str, dict[str, list[Judged]]]:
    """The verdicts on all forms: quotations by kind and by language, and values by what they are of."""
    found: dict[str, dict[str, list[Judged]]] = {"quotations": {}, "language": {}, "values": {}}
    for form in quotation_forms():
        one = judge_quotations(form)
        found["quotations"].setdefault(form.kind, []).extend(one)
        found["language"].setdefault(form.language, []).extend(one)
    for said in value_forms():
        name = said.kind if said.kind == "countries" else f"{said.kind} {said.language}"
        found["values"].setdefault(name, []).append(judge_value(said))
    return found


def tables() -> str:
    """A table of each, with a line for all."""
    return "\n\n".join("\n".join(_table(title, rows)) for title, rows in judged().items())


def _table(title: str, rows: Mapping[str, list[Judged]]) -> Iterable[str]:
    verdicts = list(Verdict) if title != "values" else list(Verdict)[:3]
    yield f"| {title} | items | {' | '.join(verdicts)} |"
    yield f"|{' --- |' * (len(verdicts) + 2)}"
    for name, row in [*rows.items(), ("all", [one for every in rows.values() for one in every])]:
        counts = tally(row)
        share = counts[Verdict.RIGHT] / len(row) if row else 0
        rest = " | ".join(str(counts[verdict]) for verdict in verdicts[1:])
        yield f"| {name} | {len(row)} | {share:.2f} | {rest} |"


def show(verdicts: Sequence[str], only: str) -> None:
    """Print the forms of some verdicts, with what was read instead."""
    for form in quotation_forms():
        for one in judge_quotations(form) if only in f"{form.kind} {form.id}" else ():
            if one.verdict in verdicts:
                print(f"{one.verdict}: {form.id}: {form.because}: {one.read!r}")
    for said in value_forms():
        if only in f"{said.kind} {said.language}" and (one := judge_value(said)).verdict in verdicts:
            right = f"{said.words!r} = {said.value!r}"
            print(f"{one.verdict}: {said.kind} {said.language}: {said.sentence!r}: {right}, read {one.read!r}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="append", default=[], choices=[*Verdict], help="print the forms of a verdict")
    parser.add_argument("--only", default="", help="with --show: a part of the kinds, languages or forms to print")
    chosen = parser.parse_args()
    show(chosen.show, chosen.only)
    print(tables())


if __name__ == "__main__":
    main()
