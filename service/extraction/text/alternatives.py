"""Many expressions as one, in which the letters that several begin with stand once.

Python tries the alternatives of an expression one after the other at every place: of a thousand verbs a thousand, of
their first letters a few dozen.
"""

from collections.abc import Iterable, Sequence

Atoms = tuple[str, ...]
"""An expression in the parts that it is made of: letters, and things such as `\\s+`."""
OPEN_ENDED = frozenset({r"\w*", r"\w{2,}"})
"""Atoms that match what other atoms match too, so that the order of alternatives matters around them."""
_SHARED = 2
"""First letters that stand once. More make an expression hardly faster, and longer to compile."""


def alternatives(expressions: Sequence[Atoms], shared: int = _SHARED) -> str:
    """A regular expression that matches what one of some expressions matches: of several the first.

    No expression may be the beginning of a later one, as none is where the longest come first.
    """
    return "|".join(_branches(expressions, shared))


def _branches(expressions: Sequence[Atoms], shared: int) -> Iterable[str]:
    if not shared:
        return dict.fromkeys(map("".join, expressions))
    return [first + _behind(rests, shared - 1) for first, rests in _by_first_atom(expressions)]


def _behind(rests: Sequence[Atoms], shared: int) -> str:
    """What stands behind a beginning. An expression that is the beginning comes last, and so needs no branch."""
    branches = list(_branches([rest for rest in rests if rest], shared))
    if not branches:
        return ""
    if () in rests:
        return f"(?:{'|'.join(branches)})?"
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


def _by_first_atom(expressions: Iterable[Atoms]) -> list[tuple[str, list[Atoms]]]:
    """What is behind the first atom of some expressions, by that atom; none is moved across an open-ended one."""
    groups: list[tuple[str, list[Atoms]]] = []
    joinable: dict[str, list[Atoms]] = {}
    for first, *rest in expressions:
        if first in OPEN_ENDED or not OPEN_ENDED.isdisjoint(joinable):
            joinable = {first: joinable[first]} if first in joinable else {}
        if first not in joinable:
            joinable[first] = []
            groups.append((first, joinable[first]))
        joinable[first].append(tuple(rest))
    return groups
