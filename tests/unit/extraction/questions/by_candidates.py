"""Articles read candidate by candidate, and drafts of answers about them."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import prompts
from schemas.article import Article
from schemas.draft import complete, draft_of
from schemas.registry import built_in
from schemas.result import Extraction
from service.deadline import Deadline
from service.extraction.model import Question
from service.extraction.pipeline import Extractor
from service.strategy import Strategy
from tests.support.grounding import assert_grounded
from tests.support.scripted_model import ScriptedModel

REASONS = prompts.messages().reasons
TEXT = (
    "Mira Dolen, Vostria’s voice at the table, came to Port Adra on Tuesday. Schools stay closed.\n"
    "“We are closer than last week,” Dolen said. The weather was fine.\n"
    "Oke Brandt, the best skater of Tolmi, said that the ferry was full. “Nobody left the room today,” Dolen added."
)
"""Dolen speaks in sentences 3 and 6, Brandt in 5."""
TALKS = (
    "Envoys of Vostria and Kalmere met in Port Adra on Tuesday. Schools stay closed. "
    "Envoys of Vostria and Lentia will meet in Sella next week. "
    "Envoys of Kalmere and Lentia held talks in Tolmi on Friday."
)
"""Talks in sentences 1, 3 and 4."""
DOLEN = {"speaker_type": "person", "is_official": True, "sector": "gov"}
BRANDT = {"speaker_type": "person", "is_official": False, "sector": "bus"}
READ_OFF = frozenset({"evidence", "content", "cue", "about", "speaker"})
"""What code reads off a quotation whose speaker is known."""
OF_TALKS = frozenset({"evidence", "mediators", "representatives", "topics", "location", "date_text"})
"""What it reads off talks."""
OF_CLAIM = frozenset(
    {
        *("evidence", "claimant", "modality", "attribution_status"),
        *("quantities", "location", "precision", "date_text"),
    }
)
"""What it reads off a plain claim of the article or of a speaker who is known."""
CLAIM = {"claim_type": "casualties"}


def quote(**said: Any) -> dict[str, Any]:
    return complete(draft_of(built_in()["quoted_officials"], READ_OFF), said)


def talks(*parties: str, **said: Any) -> dict[str, Any]:
    base = {"parties": list(parties), "format": "bilateral", "status": "held", "stage": "ceasefire"}
    return complete(draft_of(built_in()["negotiations"], OF_TALKS), {**base, **said})


def claim(**said: Any) -> dict[str, Any]:
    """A draft about a claim that counts who suffered it."""
    return complete(draft_of(built_in()["military_claims"], OF_CLAIM | {"affected"}), {**CLAIM, **said})


def asked(question: Question[Any]) -> int | None:
    """The sentence that a question is about; None for a window."""
    found = re.search(r"^LEAD \[(\d+)\].*\Z", question.messages[-1].content, re.MULTILINE)
    return int(found[1]) if found else None


def by_sentence(drafts: Mapping[int, Any]) -> Callable[[Question[Any]], dict[str, Any]]:
    """An answer with a draft for the candidates of some sentences and null for the others."""
    return lambda question: {"record": drafts.get(asked(question) or 0)}


async def extract(
    model: ScriptedModel,
    text: str = TEXT,
    *,
    kinds: Any = ("quoted_officials",),
    lean: bool = False,
    **article: Any,
) -> Extraction:
    reader = Extractor(
        model, built_in(), window_tokens=6_000, max_chars=60_000, strategy=Strategy.CANDIDATES, lean=lean
    )
    found = await reader.extract(Article(text=text, **article), kinds=kinds, deadline=Deadline.after(60))
    assert_grounded(found.model_dump(), text)
    return found


def evidence(found: Extraction, kind: str) -> list[list[int]]:
    return [[cited.sentence for cited in record.evidence] for record in found.records[kind]]
