"""No article holds up the others: what is computed elsewhere, and what waits for its turn."""

import asyncio
import threading
from contextlib import AsyncExitStack

import pytest

from service.deadline import Deadline
from service.errors import DeadlineExceededError
from service.extraction import fairness
from service.extraction.fairness import Turns, run_in_thread, with_deadline
from tests.support.patience import PATIENCE

ONE, OTHER = ("negotiations",), ("sanctions",)


async def test_what_is_computed_in_a_thread_does_not_hold_up_the_loop() -> None:
    release = threading.Event()

    def wait(word: str) -> str:
        release.wait(PATIENCE)
        return word

    work = asyncio.create_task(run_in_thread(wait, "done"))
    await asyncio.sleep(0)
    assert not work.done()
    release.set()

    assert await work == "done"


async def test_error_of_a_thread_is_raised_where_it_is_awaited() -> None:
    with pytest.raises(ZeroDivisionError):
        await run_in_thread(divmod, 1, 0)


async def test_what_is_there_in_time_is_answered() -> None:
    async def computed() -> int:
        return 7

    assert await with_deadline(Deadline.after(10), computed()) == 7


async def test_what_is_not_there_in_time_is_not_waited_for() -> None:
    release = threading.Event()

    try:
        with pytest.raises(DeadlineExceededError, match="before it could be asked about"):
            await with_deadline(Deadline.after(0.05), run_in_thread(release.wait, 10))
    finally:
        release.set()


async def test_questions_of_one_kind_are_made_ready_so_many_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fairness, "_PREPARED_AT_ONCE", 3)
    turns, deadline = Turns().of_article(), Deadline.after(10)
    ready = most = 0
    others: list[int] = []

    async def ask(kinds: tuple[str, ...]) -> None:
        nonlocal ready, most
        async with turns.turn(kinds, deadline):
            if kinds == OTHER:
                others.append(ready)
                return
            ready += 1
            most = max(most, ready)
            await asyncio.sleep(0.01)
            ready -= 1

    await asyncio.gather(*(ask(ONE) for _ in range(8)), ask(OTHER))

    assert most == 3
    assert others == [3]  # another kind does not wait for the first


async def test_articles_take_turns_whoever_came_first() -> None:
    turns, deadline = Turns(), Deadline.after(10)
    first, second = turns.of_article(), turns.of_article()
    order: list[str] = []

    async def ask(name: str, turns_of: fairness.ArticleTurns) -> None:
        async with turns_of.turn(ONE, deadline):
            order.append(name)

    await asyncio.gather(ask("a", first), ask("b", second), ask("c", first))

    assert order == ["a", "b", "c"]


async def test_loop_has_a_turn_between_any_two_questions() -> None:
    turns, deadline = Turns().of_article(), Deadline.after(10)
    loop_turns = 0
    begun: list[int] = []

    async def count() -> None:
        nonlocal loop_turns
        while len(begun) < 5:
            loop_turns += 1
            await asyncio.sleep(0)

    async def ask() -> None:
        async with turns.turn(ONE, deadline):
            begun.append(loop_turns)

    await asyncio.gather(count(), *(ask() for _ in range(5)))

    assert len(set(begun)) == 5


async def test_question_waits_for_no_other_after_its_deadline() -> None:
    turns = Turns()

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(turns._lock)
        async with asyncio.timeout(5), turns.of_article().turn(ONE, Deadline.after(0.05)):
            pass
