"""A real llama.cpp server, asked as an unknown one: by the profile `auto`, and in every form of the answer."""

from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from pydantic import BaseModel, ConfigDict

from service.cli import main
from service.deadline import Deadline
from service.errors import AnswerError
from service.extraction.model import Message, Question, UsageMeter
from service.llm.client import InstructorModel
from service.llm.profiles import PROFILES
from service.llm.request_format import OutputMode, RequestFormat
from service.local.release import BUILT_IN
from service.local.server import running_model
from service.settings import ProfileName

pytestmark = pytest.mark.live

TEXT = "Which city is the seat of the French government?"


class City(BaseModel):
    """A city. Nothing in it is a list: a model as small as this one may never end one."""

    model_config = ConfigDict(extra="forbid")

    name: str
    is_capital: bool


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running_model() as address:
        yield address


def test_check_says_how_it_answers(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    monkeypatch.setenv("DRAGOMAN_MODEL", BUILT_IN.model)
    result = CliRunner().invoke(main, ["check"])
    assert result.exit_code == 0, result.output
    assert f"model   {BUILT_IN.model}: the server has it" in result.output
    assert "form    JSON Schema, strict" in result.output


@pytest.mark.parametrize("form", OutputMode)
async def test_every_form_is_taken(url: str, form: OutputMode) -> None:
    model = InstructorModel(profile=PROFILES[ProfileName.AUTO], model=BUILT_IN.model, base_url=url)
    model.capabilities.request_format = RequestFormat(form)
    messages = [Message("system", "Answer as JSON."), Message("user", TEXT)]
    question = Question(messages, City, lambda _: None, max_tokens=100)
    meter = UsageMeter()
    try:
        found = await model.fill(question, deadline=Deadline.after(300), usage=meter)
    except AnswerError:
        # llama.cpp enforces a schema alone; in the other forms this model may write what it likes.
        assert form is not OutputMode.JSON_SCHEMA
    else:
        assert form is not OutputMode.JSON_SCHEMA or (found.name, found.is_capital) == ("Paris", True)
    await model.close()
    assert model.capabilities.request_format.mode is form
    assert meter.total.calls <= 3
