"""A fifth kind is a module in `schemas/kinds` and a prompt: everything works with it. A definition tells it better."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MODULE = '''
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.fields import Country, Derived, Mention, Record


class Election(Record):
    """An election that is held or announced."""

    kind: ClassVar[str] = "elections"
    order: ClassVar[int] = 5
    identity: ClassVar[tuple[str, ...]] = ("place",)
    actors: ClassVar[tuple[str, ...]] = ("winner",)

    place: Mention = Field(description="where")
    country: Annotated[Country, Derived("country", of=("place",))]
    body: Literal["parliament", "president", "other"] = Field(description="who is elected")
    winner: Mention | None = Field(description="who won")
'''
PROMPT = """
task = "Report elections."

[[examples]]
text = "Lentia elected a parliament on Sunday. Oke Brandt won."

[[examples.records]]
sentences = [1, 2]
place = "Lentia"
body = "parliament"
winner = "Oke Brandt"

[[examples]]
text = "The river rose."
records = []
"""
DEFINITION = """
outside = "elections of clubs"
one_record = ["Two rounds are one election."]

[fields]
winner = "who won, not who leads"

[values.body]
other = "a mayor, say"
"""
VISIT = """
import json
from service.app import create_app, runtime_of
from service.settings import Settings
from tests.support.scripted_model import NOTHING, ScriptedModel

TEXT = "Moldova elected a president on Sunday. Ana Lupu won. Ana Lupu thanked Moldova."
said = {"sentences": [1, 2], "place": "Moldova", "body": "president", "winner": "Ana Lupu"}
again = {"sentences": [3], "place": "moldova", "body": "president", "winner": None}
invented = {"sentences": [1], "place": "Atlantis", "body": "other", "winner": "Ana Lupu"}

def visit(name, strategy):
    model = ScriptedModel(otherwise={name: [said, again, invented]})
    app = create_app(Settings(strategy=strategy), model)
    client = app.test_client()
    kinds = client.get("/v1/kinds").get_json()
    answer = client.post("/v1/extractions", json={"article": {"text": TEXT}, "kinds": ["elections"]}).get_json()
    question = model.questions[0]
    model.otherwise = NOTHING
    everything = client.post("/v1/extractions", json={"article": {"text": TEXT}}).get_json()
    runtime_of(app).close()
    return {
        "kinds": kinds,
        "answer": answer,
        "all": list(everything["records"]),
        "question": [message.content for message in question.messages],
        "schema": question.answer.model_json_schema(),
    }

print(json.dumps({"guided": visit("elections", "guided"), "search": visit("records", "search")}))
"""


Visits = dict[str, dict[str, Any]]


def visits(root: Path, *, definition: str | None = None) -> Visits:
    """What the service with a fifth kind says: run on copies of the two packages with one file added to each."""
    here = Path.cwd()
    for package in ("schemas", "prompts"):
        shutil.copytree(here / package, root / package, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "schemas/kinds/elections.py").write_text(MODULE, encoding="utf-8")
    (root / "prompts/elections.toml").write_text(PROMPT, encoding="utf-8")
    if definition:
        (root / "schemas/definitions/elections.toml").write_text(definition, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", VISIT],
        env={**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{here}", "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=root,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said: Visits = json.loads(done.stdout.splitlines()[-1])
    return said


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Visits:
    """By strategy, without a definition of the kind."""
    return visits(tmp_path_factory.mktemp("fifth"))


by_strategy = pytest.mark.parametrize("strategy", ["guided", "search"])


def test_fifth_kind_is_listed_last_with_its_schema(visited: Visits) -> None:
    listed = visited["guided"]["kinds"]["kinds"]

    assert [kind["name"] for kind in listed][4:] == ["elections"]
    assert listed[-1]["description"] == "An election that is held or announced."
    assert {"place", "country", "body", "winner", "evidence"} <= set(listed[-1]["schema"]["properties"])


@pytest.mark.parametrize(("strategy", "name"), [("guided", "elections"), ("search", "records")])
def test_fifth_kind_is_asked_for_like_the_others(visited: Visits, strategy: str, name: str) -> None:
    visit = visited[strategy]
    system, *_, article = visit["question"]

    assert "elections: An election that is held or announced." in system
    assert "- body: who is elected: parliament, president, other" in system
    assert "[1] Moldova elected a president on Sunday." in article
    drafted = visit["schema"]["properties"][name]["items"]["properties"]
    assert list(drafted) == ["sentences", "place", "body", "winner"]


def test_examples_of_a_fifth_kind_are_shown_where_it_is_searched_for(visited: Visits) -> None:
    _, question, answer, *_ = visited["search"]["question"]

    assert question.startswith("Report elections.\n\nARTICLE\n")
    assert json.loads(answer)["records"][0]["winner"] == "Oke Brandt"


def test_definition_of_a_fifth_kind_is_told(tmp_path: Path) -> None:
    visit = visits(tmp_path, definition=DEFINITION)["guided"]

    assert (
        "## elections: An election that is held or announced.\n"
        "None of it: elections of clubs.\n"
        "Two rounds are one election.\n"
        "- place: where\n"
        "- body: parliament; president; other = a mayor, say\n"
        "- winner: who won, not who leads"
    ) in visit["question"][0]
    assert [sentence["sentence"] for sentence in visit["answer"]["records"]["elections"][0]["evidence"]] == [1, 2, 3]


@by_strategy
def test_fifth_kind_is_grounded_derived_merged_and_rejected_like_the_others(visited: Visits, strategy: str) -> None:
    answer = visited[strategy]["answer"]

    [record] = answer["records"]["elections"]
    assert record["place"] == {"start": 0, "end": 7, "text": "Moldova"}
    assert (record["country"], record["winner"]["text"], record["body"]) == ("MD", "Ana Lupu", "president")
    assert [sentence["sentence"] for sentence in record["evidence"]] == [1, 2, 3]
    [rejection] = answer["rejected"]
    assert (rejection["kind"], rejection["draft"]["place"]) == ("elections", "Atlantis")
    assert len(answer["schema_version"]) == len(answer["prompt_version"]) == 12


@by_strategy
def test_fifth_kind_is_among_all(visited: Visits, strategy: str) -> None:
    assert len(visited[strategy]["all"]) == 5
    assert visited[strategy]["all"][-1] == "elections"
