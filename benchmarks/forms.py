"""How much code reads rightly of small texts in the forms of real news (evals/forms): no model, seconds.

    python -m benchmarks.forms [--show wrong]

For each kind of form and language: how many are right, how many are left to the model, how many are wrong, and how many
give words to somebody who did not say them. --show prints the forms of a verdict with what was read instead.
"""

import argparse
from collections.abc import Iterable, Mapping

from evals.form_suite import (
    Judged,
    Verdict,
    judge_quotations,
    judge_value,
    quotation_forms,
    tally,
    value_forms,
)


def table(title: str, rows: Mapping[str, list[Judged]]) -> Iterable[str]:
    """One table, with a line for each kind and one for all."""
    yield from (
        "",
        f"| {title} | forms | right | unknown | wrong | wrong speaker |",
        "| --- | --- | --- | --- | --- | --- |",
    )
    for name, judged in [*rows.items(), ("**all**", [one for row in rows.values() for one in row])]:
        counts = tally(judged)
        share = counts[Verdict.RIGHT] / len(judged) if judged else 0
        rest = " | ".join(str(counts[verdict]) for verdict in list(Verdict)[1:])
        yield f"| {name} | {len(judged)} | {share:.2f} | {rest} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="append", default=[], choices=[*Verdict], help="print the forms of a verdict")
    parser.add_argument("--only", default="", help="a part of the names of the kinds, languages or forms to read")
    chosen = parser.parse_args()
    by_kind: dict[str, list[Judged]] = {}
    by_language: dict[str, list[Judged]] = {}
    for form in quotation_forms():
        if chosen.only not in f"{form.kind} {form.id}":
            continue
        judged = judge_quotations(form)
        by_kind.setdefault(form.kind, []).extend(judged)
        by_language.setdefault(form.language, []).extend(judged)
        for one in judged:
            if one.verdict in chosen.show:
                print(f"{one.verdict}: {form.id}: {form.because}: {one.read!r}")
    values: dict[str, list[Judged]] = {}
    for said in value_forms():
        if chosen.only not in f"{said.kind} {said.language}":
            continue
        one = judge_value(said)
        values.setdefault(f"{said.kind} {said.language}" if said.kind != "countries" else said.kind, []).append(one)
        if one.verdict in chosen.show:
            right = f"{said.words!r} = {said.value!r}"
            print(f"{one.verdict}: {said.kind} {said.language}: {said.sentence!r}: {right}, read {one.read!r}")
    for title, rows in (("quotations", by_kind), ("language", by_language), ("values", values)):
        print("\n".join(table(title, rows)))


if __name__ == "__main__":
    main()
