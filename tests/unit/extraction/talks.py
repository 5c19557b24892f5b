"""An article about talks, and models that answer about the windows of it."""

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
from tests.support.scripted_model import Line, ScriptedModel

KINDS = built_in().names
NOT_FOUND = prompts.messages().reasons.not_found
ONE, TWO = KINDS[:2]
TEXT = (
    "Envoys of Vostria and the Kalmere Union met in Port Adra on Tuesday. They spoke of grain.\n"
    "“We are closer than last week,” said Mira Dolen. Schools stay closed in the old town.\n"
    "Envoys of Vostria and the Kalmere Union met in Lentia too. Nobody else came to see them."
)
PARAGRAPH = 50
"""A budget of tokens that one paragraph of the text fits."""


def talks(*sentences: int, **said: Any) -> dict[str, Any]:
    base = {
        "sentences": list(sentences),
        "parties": ["Vostria", "the Kalmere Union"],
        "format": "bilateral",
        "status": "held",
        "stage": "ceasefire",
    }
    return complete(draft_of(built_in()["negotiations"]), {**base, **said})


def answer(*records: Any) -> dict[str, Any]:
    return {"negotiations": list(records)}


def extractor(
    model: ScriptedModel, *, budget: int = 6_000, max_chars: int = 10_000, strategy: Strategy = Strategy.GUIDED
) -> Extractor:
    return Extractor(model, built_in(), window_tokens=budget, max_chars=max_chars, strategy=strategy)


async def extract(
    model: ScriptedModel,
    text: str = TEXT,
    *,
    budget: int = 6_000,
    kinds: Any = ("negotiations",),
    strategy: Strategy = Strategy.GUIDED,
    **article: Any,
) -> Extraction:
    posted = Article(text=text, **article)
    reader = extractor(model, budget=budget, strategy=strategy)
    return await reader.extract(posted, kinds=kinds, deadline=Deadline.after(60))


def shown(question: Question[Any]) -> list[int]:
    """Numbers of the article's sentences in a question."""
    lines = question.messages[-1].content.split("ARTICLE\n")[1].splitlines()[:-1]
    return [int(line[1 : line.index("]")]) for line in lines]


def by_sentences(answers: Callable[[list[int]], Line]) -> Callable[[Question[Any]], Mapping[str, Any]]:
    """An answer, or an error, that depends on the sentences a question shows."""

    def said(question: Question[Any]) -> Mapping[str, Any]:
        line = answers(shown(question))
        if isinstance(line, Exception):
            raise line
        assert isinstance(line, Mapping)
        return line

    return said
