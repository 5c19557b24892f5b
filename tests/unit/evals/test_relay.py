"""Questions relayed by files: they are written down, answered from the folder, and the service takes the answers."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.relay import Folder, server
from schemas.article import Article
from schemas.result import Extraction
from service.app import build_extractor, build_model
from service.deadline import Deadline
from service.settings import Settings
from tests.support.patience import PATIENCE

TEXT = "Estonia imposed sanctions on two shipping companies on Monday. Schools stay closed."
SANCTION = {
    "sentences": [1],
    "action": "imposed",
    "authorities": ["Estonia"],
    "targets": [{"name": "two shipping companies", "target_type": "company"}],
    "program": None,
    "measures": [],
    "reason": None,
    "status": "active",
    "date_text": "Monday",
}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def url(folder: Folder) -> Iterator[str]:
    with server(folder) as serving:
        thread = threading.Thread(target=serving.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}/v1"
        serving.shutdown()
        thread.join(PATIENCE)


async def read(url: str) -> Extraction:
    settings = Settings(openai_base_url=url, model="relayed")
    model = build_model(settings)
    try:
        extractor = build_extractor(settings, model)
        return await extractor.extract(Article(text=TEXT), kinds=["sanctions"], deadline=Deadline.after(30))
    finally:
        await model.close()


async def test_question_is_written_down_and_answered_from_the_folder(url: str, folder: Folder) -> None:
    first = await read(url)
    [name] = folder.unanswered()
    (folder.answers / f"{name}.json").write_text(json.dumps({"sanctions": [SANCTION]}))
    second = await read(url)

    assert [failure.code for failure in first.failures] == ["answer_refused"]
    assert second.status == "complete"
    assert [record.model_dump()["targets"][0]["name"]["text"] for record in second.records["sanctions"]] == [
        "two shipping companies"
    ]
    assert folder.unanswered() == []
    assert second.usage.calls == 1
    assert second.usage.prompt_tokens > 500
    assert second.usage.completion_tokens > 20


async def test_question_says_all_that_is_needed_to_answer(url: str, folder: Folder) -> None:
    await read(url)
    [path] = folder.questions.glob("*.md")
    said = path.read_text(encoding="utf-8")
    assert said.startswith("## system")
    assert "[1] Estonia imposed sanctions on two shipping companies on Monday." in said
    assert "## Form of the answer" in said
    assert '"authorities"' in said


async def test_question_may_be_held_open_until_somebody_answers(tmp_path: Path) -> None:
    folder = Folder(tmp_path, wait=20)
    body = {"messages": [{"role": "user", "content": "Who?"}]}

    def answered() -> None:
        while not (names := folder.unanswered()):
            threading.Event().wait(0.01)
        (folder.answers / f"{names[0]}.json").write_text('{"records": []}')

    answering = threading.Thread(target=answered)
    answering.start()
    assert folder.ask(body) == '{"records": []}'
    answering.join(PATIENCE)


def test_question_is_known_by_all_that_was_sent(folder: Folder) -> None:
    for content, form in (("Who?", None), ("Who?", {"type": "json_object"}), ("Where?", None), ("Who?", None)):
        folder.ask({"messages": [{"role": "user", "content": content}], "response_format": form})
    assert len(folder.unanswered()) == 3
