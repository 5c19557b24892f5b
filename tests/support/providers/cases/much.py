"""Articles that state much, and servers that end or cut the list."""

from tests.support.providers.cases.case import (
    ELEVEN,
    LONGER,
    SPREAD,
    TWENTY,
    TWENTY_DONE,
    Case,
    Compatible,
    Plain,
    changed,
    finished,
)
from tests.support.providers.hosted import (
    Gemini,
)
from tests.support.providers.local import LlamaCpp, Ollama, SGLang

MUCH = (
    Case("lists twenty sanctions in one answer", Plain(), articles=(TWENTY,), gets=(TWENTY_DONE,), calls=(1,)),
    Case("lists eleven targets", Plain(), articles=(ELEVEN,), gets=("`complete`, 1 record, one with 11 targets",)),
    Case(
        "ends lists at `maxItems`: sixteen of twenty sanctions (profile `llama_cpp`)",
        LlamaCpp(thinks=0),
        articles=(SPREAD,),
        gets=(TWENTY_DONE,),
        calls=(2,),
        env={"DRAGOMAN_PROFILE": "llama_cpp", "DRAGOMAN_WINDOW_TOKENS": "2000"},
    ),
    Case(
        "ends lists at `maxItems`: eight of eleven targets (profile `llama_cpp`)",
        LlamaCpp(thinks=0),
        articles=(ELEVEN,),
        gets=("`complete`, 1 record, one with 11 targets",),
        calls=(2,),
        env={"DRAGOMAN_PROFILE": "llama_cpp"},
    ),
    Case(
        "ignores `maxItems` and lists seventeen sanctions (profile `ollama`)",
        Ollama(thinks=0, heeds_bounds=False),
        articles=("\n\n".join(SPREAD.split("\n\n")[:17]),),
        gets=("`complete`, 17 records",),
        calls=(2,),
        env={"DRAGOMAN_PROFILE": "ollama", "DRAGOMAN_WINDOW_TOKENS": "2000"},
    ),
    Case(
        "ignores `maxItems` and lists eleven targets (profile `ollama`)",
        Ollama(thinks=0, heeds_bounds=False),
        articles=(ELEVEN,),
        gets=("`complete`, 1 record, one with 11 targets",),
        calls=(2,),
        env={"DRAGOMAN_PROFILE": "ollama"},
    ),
    Case(
        "cuts answers off at 400 tokens, whatever the limit: some of twenty sanctions are whole",
        Compatible(most=400),
        articles=(TWENTY,),
        gets=(TWENTY_DONE,),
        calls=(5,),
        log=("does not heed the limit",),
    ),
    Case(
        "the same, and says `MAX_TOKENS`",
        Gemini(thinks=0, most=400),
        then=changed(
            Gemini(thinks=0, most=400),
            lambda said: finished("MAX_TOKENS")(said) if said["choices"][0]["finish_reason"] == "length" else said,
        ),
        articles=(TWENTY,),
        gets=(TWENTY_DONE,),
        calls=(5,),
    ),
    Case(
        "the same, in the field for thinking",
        SGLang(thinks=0, most=400),
        articles=(TWENTY,),
        gets=(TWENTY_DONE,),
        calls=(5,),
    ),
    Case(
        "has 4,096 tokens, drops the beginning of what is longer and does not say so",
        Ollama(thinks=0, context=4_096),
        articles=(LONGER,),
        gets=(TWENTY_DONE,),
        calls=(3,),
        env={"DRAGOMAN_WINDOW_TOKENS": "6000"},
    ),
    Case(
        "the same (profile `ollama`)",
        Ollama(thinks=0, context=4_096),
        articles=(LONGER,),
        gets=(TWENTY_DONE,),
        calls=(4,),
        env={"DRAGOMAN_PROFILE": "ollama"},
    ),
)
