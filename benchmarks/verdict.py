"""What became of the jobs of `benchmarks.chaos`, and whether it is what should have."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy
from sqlalchemy import create_engine, make_url, text

from service.jobs.dead_letters import DeadLetter
from service.jobs.states import TERMINAL_STATES


@dataclass
class Report:
    """How often what happened."""

    jobs: int
    killed: int = 0
    restarts: int = 0
    cut: int = 0
    seconds: float = 0.0
    states: Counter[str] = field(default_factory=Counter)
    attempts: Counter[int] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    told: Counter[int] = field(default_factory=Counter)
    model: dict[str, int] = field(default_factory=dict)
    left_over: dict[str, int] = field(default_factory=dict)
    """Messages in queues that should be empty."""
    letters: Counter[str] = field(default_factory=Counter)
    """Dead letters by their code."""
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [
            f"{self.jobs} jobs in {self.seconds:.0f} s",
            f"workers killed: {self.killed}; broker restarts: {self.restarts}; database connections cut: {self.cut}",
            f"states: {_shown(self.states)}",
            f"attempts a job took: {_shown(self.attempts)}",
            f"reasons of failed jobs: {_shown(self.errors)}",
            f"times a job's end was announced: {_shown(self.told)}",
            f"messages left over: {_shown(self.left_over)}",
            f"dead letters: {_shown(self.letters)}",
            f"the model server: {_shown(self.model)}",
            *(f"WRONG: {one}" for one in self.wrong),
            "every job ended once" if not self.wrong else "something was lost or doubled",
        ]
        return "\n".join(lines)


def _shown(counts: Any) -> str:
    return ", ".join(f"{name}: {count}" for name, count in sorted(counts.items(), key=str)) or "none"


def judge(report: Report, url: str, told: Mapping[str, list[dict[str, Any]]], letters: Sequence[DeadLetter]) -> None:
    """Hold what the store has against what was announced and what is left in the queues."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT id, state, attempts, trouble_code FROM jobs")).all()
        stored = {
            row.job_id: json.loads(row.body) if isinstance(row.body, str) else row.body for row in results(connection)
        }
    engine.dispose()
    report.states.update(row.state for row in rows)
    report.attempts.update(row.attempts for row in rows)
    report.errors.update(row.trouble_code for row in rows if row.state == "failed")
    report.told.update(len(told.get(row.id, [])) for row in rows)
    if not report.killed or not report.cut:
        report.wrong.append("it ended before there was any chaos: take more jobs")
    if len(rows) != report.jobs:
        report.wrong.append(f"{len(rows)} jobs are stored")
    for row in rows:
        heard = told.get(row.id, [])
        if row.state not in TERMINAL_STATES:
            report.wrong.append(f"{row.id} is {row.state}")
        if (row.state in ("complete", "partial")) != (row.id in stored):
            report.wrong.append(f"{row.id} is {row.state}, and {'has' if row.id in stored else 'has no'} result")
        if not heard:
            report.wrong.append(f"nobody was told of {row.id}")
        if any(said["result"] != stored.get(row.id) for said in heard):
            report.wrong.append(f"{row.id} was announced with another result than is stored")
    report.wrong += [f"{count} messages are left in {queue}" for queue, count in report.left_over.items()]
    report.letters.update(letter.code for letter in letters)
    failed = {row.id: row.trouble_code for row in rows if row.state == "failed"}
    for letter in letters:
        if failed.get(letter.name) != letter.code:
            report.wrong.append(f"{letter.name} is a dead letter for {letter.code}, and did not fail of it")


def results(connection: sqlalchemy.Connection) -> Sequence[Any]:
    return connection.execute(text("SELECT job_id, body FROM results")).all()
