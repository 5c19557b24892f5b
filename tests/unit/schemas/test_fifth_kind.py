"""A fifth kind is two files: a module in `schemas/kinds` and a prompt, and everything works with it."""

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
VISIT = """
import json
from service.app import create_app, runtime_of
from service.settings import Settings
from tests.support.scripted_model import NOTHING, ScriptedModel

TEXT = "Moldova elected a president on Sunday. Ana Lupu won. Ana Lupu thanked Moldova."
said = {"sentences": [1, 2], "place": "Moldova", "body": "president", "winner": "Ana Lupu"}
again = {"sentences": [3], "place": "moldova", "body": "president", "winner": None}
invented = {"sentences": [1], "place": "Atlantis", "body": "other", "winner": "Ana Lupu"}
model = ScriptedModel(otherwise={"records": [said, again, invented]})
app = create_app(Settings(), model)
client = app.test_client()
kinds = client.get("/v1/kinds").get_json()
answer = client.post("/v1/extractions", json={"article": {"text": TEXT}, "kinds": ["elections"]}).get_json()
question = model.questions[0]
model.otherwise = NOTHING
everything = client.post("/v1/extractions", json={"article": {"text": TEXT}}).get_json()
runtime_of(app).close()
print(json.dumps({
    "kinds": kinds,
    "answer": answer,
    "all": list(everything["records"]),
    "question": [message.content for message in question.messages],
    "schema": question.answer.model_json_schema(),
}))
"""


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the service with a fifth kind says: run on copies of the two packages with one file added to each."""
    root, here = tmp_path_factory.mktemp("fifth"), Path.cwd()
    for package in ("schemas", "prompts"):
        shutil.copytree(here / package, root / package, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "schemas/kinds/elections.py").write_text(MODULE, encoding="utf-8")
    (root / "prompts/elections.toml").write_text(PROMPT, encoding="utf-8")
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
    visit: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return visit


def test_fifth_kind_is_listed_last_with_its_schema(visited: dict[str, Any]) -> None:
    listed = visited["kinds"]["kinds"]

    assert [kind["name"] for kind in listed][4:] == ["elections"]
    assert listed[-1]["description"] == "An election that is held or announced."
    assert {"place", "country", "body", "winner", "evidence"} <= set(listed[-1]["schema"]["properties"])


def test_fifth_kind_is_asked_for_like_the_others(visited: dict[str, Any]) -> None:
    system, question, answer, *_, article = visited["question"]

    assert "elections: An election that is held or announced." in system
    assert "- body: who is elected: parliament, president, other" in system
    assert question.startswith("Report elections.\n\nARTICLE\n")
    assert json.loads(answer)["records"][0]["winner"] == "Oke Brandt"
    assert "[1] Moldova elected a president on Sunday." in article
    drafted = visited["schema"]["properties"]["records"]["items"]["properties"]
    assert list(drafted) == ["sentences", "place", "body", "winner"]


def test_fifth_kind_is_grounded_derived_merged_and_rejected_like_the_others(visited: dict[str, Any]) -> None:
    answer = visited["answer"]

    [record] = answer["records"]["elections"]
    assert record["place"] == {"start": 0, "end": 7, "text": "Moldova"}
    assert (record["country"], record["winner"]["text"], record["body"]) == ("MD", "Ana Lupu", "president")
    assert [sentence["sentence"] for sentence in record["evidence"]] == [1, 2, 3]
    [rejection] = answer["rejected"]
    assert (rejection["kind"], rejection["draft"]["place"]) == ("elections", "Atlantis")
    assert len(answer["schema_version"]) == len(answer["prompt_version"]) == 12


def test_fifth_kind_is_among_all(visited: dict[str, Any]) -> None:
    assert len(visited["all"]) == 5
    assert visited["all"][-1] == "elections"
