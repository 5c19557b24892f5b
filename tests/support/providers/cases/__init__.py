"""Faults that have been seen with real providers, each played with the one that shows it.

What is expected stands beside each case; docs/model-servers.md shows what came.
"""

from collections.abc import Mapping, Sequence

from tests.support.providers.cases.blocked import BLOCKED
from tests.support.providers.cases.case import Case
from tests.support.providers.cases.in_place import IN_PLACE
from tests.support.providers.cases.most import MOST
from tests.support.providers.cases.much import MUCH
from tests.support.providers.cases.parameters import PARAMETERS
from tests.support.providers.cases.settings import SETTINGS
from tests.support.providers.cases.thinking import THINKING
from tests.support.providers.cases.too_long import TOO_LONG
from tests.support.providers.cases.written import WRITTEN

CASES: Mapping[str, Sequence[Case]] = {
    "Thinking": THINKING,
    "Much to say": MUCH,
    "What stands around the answer": WRITTEN,
    "Content that is not wanted": BLOCKED,
    "Errors in the place of answers": IN_PLACE,
    "Parameters and forms that are refused": PARAMETERS,
    "Settings that are wrong": SETTINGS,
    "A prompt that is too long": TOO_LONG,
    "An answer that may not be as long": MOST,
}
ALL: Sequence[Case] = tuple(case for cases in CASES.values() for case in cases)
