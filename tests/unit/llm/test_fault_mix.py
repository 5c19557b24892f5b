"""The server that fails at random, where the long tests lean on it."""

import asyncio
import json
import subprocess
import sys
import urllib.request

import pytest

from schemas.article import Article
from service.app import build_extractor
from service.deadline import Deadline
from service.llm.backoff import Backoff
from service.llm.profiles import PROFILES
from service.settings import ProfileName, Settings
from tests.support.fast_time import FastTime
from tests.support.fault_mix import ANSWERS, FAULTS, PASSING, FaultMix, evenly
from tests.support.model_server import ModelServer
from tests.support.people import model_for
from tests.support.plausible import ARTICLE, plausible_answer


def draw(mix: FaultMix, server: ModelServer) -> list[str]:
    before = mix.counts()
    drawn = []
    for _ in range(200):
        mix(server.chats[0])
        after = mix.counts()
        drawn += [name for name, count in after.items() if count != before.get(name, 0) and name != "calls"]
        before = after
    return drawn


async def read_article(server: ModelServer, *, profile: ProfileName = ProfileName.OPENAI) -> str:
    model = model_for(server, PROFILES[profile], time=FastTime(), max_attempts=5)
    found = await build_extractor(Settings(), model).extract(Article(text=ARTICLE), deadline=Deadline.after(60))
    await model.close()
    refused = {rejection.kind for rejection in found.rejected}
    assert found.status == "partial" or all(records or kind in refused for kind, records in found.records.items())
    return found.status


async def test_same_seed_draws_the_same_faults() -> None:
    with ModelServer(otherwise=plausible_answer) as server:
        await read_article(server)
        rates = evenly(0.3, FAULTS)
        first, again, other = (draw(FaultMix(rates, seed=seed), server) for seed in (1, 1, 2))
    assert first == again != other
    assert 30 < sum(name != "answered" for name in first) < 90


def test_faults_cannot_happen_more_often_than_always() -> None:
    with pytest.raises(ValueError, match="always"):
        FaultMix(evenly(1.1, PASSING), seed=1)


@pytest.mark.parametrize("name", [*PASSING, *ANSWERS])
async def test_each_fault_leaves_an_answer_behind(name: str) -> None:
    mix = FaultMix({name: 0.3}, seed=1)
    with ModelServer(otherwise=mix, remembers=False) as server:
        statuses = [await read_article(server) for _ in range(3)]
        assert server.chats == []
    assert mix.counts()[name] > 0
    assert "complete" in statuses or name in ANSWERS


async def test_restart_leaves_an_answer_behind() -> None:
    mix = FaultMix({"restart": 0.3}, seed=1)
    with ModelServer(otherwise=mix) as server:
        model = model_for(server, backoff=Backoff(), max_attempts=10)
        reader = build_extractor(Settings(), model)
        for _ in range(3):
            found = await reader.extract(Article(text=ARTICLE), deadline=Deadline.after(30))
            assert found.status == "complete"
        await model.close()
    assert mix.counts()["restart"] > 0


async def test_prompt_that_was_cut_in_silence_is_noticed_where_that_is_known() -> None:
    calls = {}
    for profile in (ProfileName.OPENAI, ProfileName.OLLAMA):
        mix = FaultMix({"cut in silence": 0.3}, seed=1)
        with ModelServer(otherwise=mix) as server:
            await read_article(server, profile=profile)
        calls[profile] = mix.counts()["calls"]
    assert calls[ProfileName.OLLAMA] > calls[ProfileName.OPENAI]


def test_program_tells_its_address_and_its_counts() -> None:
    command = [sys.executable, "-m", "tests.support.fault_mix", "--seed", "3", "--rate", "0.5"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().split()[-1]
            with urllib.request.urlopen(f"{url.removesuffix('/v1')}/counts") as response:
                assert json.load(response) == {"calls": 0}
            asyncio.run(_ask(url))
            with urllib.request.urlopen(f"{url.removesuffix('/v1')}/counts") as response:
                counts = json.load(response)
        finally:
            process.terminate()
    assert counts.pop("calls") == sum(counts.values()) > 0


async def _ask(url: str) -> None:
    from service.app import build_model

    model = build_model(Settings(openai_base_url=url, model="scripted"))
    await build_extractor(Settings(), model).extract(
        Article(text=ARTICLE), kinds=["sanctions"], deadline=Deadline.after(30)
    )
    await model.close()
