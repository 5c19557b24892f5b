"""Models that think, longer than there is room for."""

from collections.abc import Mapping
from typing import Any

from tests.support.plausible import ARTICLE
from tests.support.providers.cases.case import DONE, Case, changed, finished
from tests.support.providers.hosted import (
    Gemini,
    OpenAI,
)
from tests.support.providers.local import VLLM


def _empty(said: Mapping[str, Any]) -> bool:
    return not said["choices"][0]["message"].get("content")


THINKING = (
    Case(
        "thinks 3,000 tokens before each answer, more than the first limit",
        OpenAI(),
        articles=(ARTICLE, ARTICLE),
        gets=(DONE, DONE),
        calls=(3, 1),
        refused=1,
        log=("the model thinks",),
    ),
    Case(
        "the same, told as 400: could not finish the message",
        OpenAI(starves_with_400=True),
        articles=(ARTICLE, ARTICLE),
        gets=(DONE, DONE),
        calls=(3, 1),
        refused=2,
        log=("the model thinks",),
    ),
    Case(
        "the same, as a message without content",
        Gemini(),
        articles=(ARTICLE, ARTICLE),
        gets=(DONE, DONE),
        calls=(2, 1),
        log=("the model thinks",),
    ),
    Case(
        "the same, as a choice without a message",
        Gemini(),
        then=changed(Gemini(), lambda said: finished("length")(said) if _empty(said) else said),
        calls=(2,),
        log=("the model thinks",),
    ),
    Case(
        "the same, with no token counted as thinking",
        VLLM(),
        articles=(ARTICLE, ARTICLE),
        gets=(DONE, DONE),
        calls=(2, 1),
        log=("the model thinks",),
    ),
    Case(
        "thinks in the middle of an answer's room: the answer is cut",
        VLLM(thinks=1_950),
        articles=(ARTICLE, ARTICLE),
        gets=(DONE, DONE),
        calls=(2, 1),
        log=("the model thinks",),
    ),
    Case(
        "thinks without end",
        OpenAI(thinks=10**9),
        gets=("`partial`, 0 records, failure `answer_truncated`",),
        calls=(3,),
        refused=1,
        log=("the model thinks",),
        detail="DRAGOMAN_REASONING_EFFORT",
    ),
)
