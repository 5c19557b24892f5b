"""What an answer cost, what of it is not in the article, and what was refused."""

from collections.abc import Mapping
from typing import Any

from evals.fields import mentions
from evals.intervals import Tables, Total
from evals.suites import share

_COUNTED = ("calls", "retries", "reasks", "prompt_tokens", "cached_tokens", "completion_tokens")


def costs(text: str, answer: Mapping[str, Any]) -> Total:
    """Tally the cost of one article's answer."""
    tally = Total(float)
    tally["cost.articles"] = 1
    tally["cost.unanswered"] = bool(answer.get("error"))
    tally["cost.seconds"] = answer.get("seconds") or 0
    for name in _COUNTED:
        tally[f"cost.{name}"] = (answer.get("usage") or {}).get(name) or 0
    for said in mentions(answer.get("records") or {}):
        tally["cost.values"] += 1
        tally["cost.ungrounded"] += said["text"] != text[max(0, said["start"]) : max(0, said["end"])]
    for refused in answer.get("rejected") or []:
        tally[f"rejected.{'values' if refused.get('field') else 'records'}.{refused['reason']}"] += 1
    for failure in answer.get("failures") or []:
        tally[f"failed.{failure['code']}"] += 1
    return tally


def tables(total: Total) -> Tables:
    """Cost per article and per correct record, grounding, refusals."""
    articles = total["cost.articles"]
    reasons = sorted({name.split(".", 2)[2] for name in total if name.startswith("rejected.")})
    failures = sorted(name.removeprefix("failed.") for name in total if name.startswith("failed."))
    return {
        "cost": {
            "per article": {
                "seconds": share(total["cost.seconds"], articles),
                "calls": share(total["cost.calls"], articles),
                "prompt tokens": share(total["cost.prompt_tokens"], articles),
                "completion tokens": share(total["cost.completion_tokens"], articles),
            },
            "per correct record": {
                "seconds": share(total["cost.seconds"], total["correct"]),
                "completion tokens": share(total["cost.completion_tokens"], total["correct"]),
            },
        },
        "grounding": {
            "surface values": {"all": int(total["cost.values"]), "not in the article": int(total["cost.ungrounded"])},
            "articles": {"all": int(articles), "not answered": int(total["cost.unanswered"])},
        },
        "rejected": {
            reason: {
                "records": int(total[f"rejected.records.{reason}"]),
                "values": int(total[f"rejected.values.{reason}"]),
            }
            for reason in reasons
        },
        "failures": {code: {"parts": int(total[f"failed.{code}"])} for code in failures},
    }
