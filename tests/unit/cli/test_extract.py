"""`dragoman extract`: files in, records or JSON out, exit codes for scripts."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

import service.cli.extract
from schemas.result import Extraction
from service.cli import SUBCOMMANDS, main
from service.errors import AnswerRefusedError, ModelUnavailableError
from service.settings import Settings
from tests.support.scripted_model import NOTHING, Line, ScriptedModel

TEXT = "Envoys of Vostria met in Ankara on Tuesday.\r\nNobody spoke. “We agreed on nothing,” said Mira Dolen."
TALKS = {
    "sentences": [1],
    "parties": ["Vostria"],
    "mediators": [],
    "representatives": [],
    "format": "bilateral",
    "status": "held",
    "stage": "ceasefire",
    "round": None,
    "topics": [],
    "outcome": None,
    "location": "Ankara",
    "date_text": "Tuesday",
}

Run = Callable[..., Result]


@pytest.fixture
def model() -> ScriptedModel:
    return ScriptedModel(otherwise=NOTHING)


@pytest.fixture
def seen() -> list[Settings]:
    """Settings with which a model was built."""
    return []


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, model: ScriptedModel, seen: list[Settings]) -> Run:
    """Run the command on the scripted model."""

    def build(settings: Settings) -> ScriptedModel:
        seen.append(settings)
        return model

    monkeypatch.setattr(service.cli.extract, "build_model", build)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")

    def run_(*arguments: str, stdin: bytes | None = None, **environment: str) -> Result:
        return CliRunner().invoke(main, ["extract", *arguments], input=stdin, env=environment)

    return run_


@pytest.fixture
def article(tmp_path: Path) -> str:
    path = tmp_path / "article.txt"
    path.write_bytes(TEXT.encode())
    return str(path)


def say(model: ScriptedModel, *lines: Line) -> None:
    model.script.extend(lines)


def test_records_are_shown_to_a_person(run: Run, model: ScriptedModel, article: str) -> None:
    say(model, {"negotiations": [TALKS]})

    result = run(article, "--kind", "negotiations", "--published", "2025-02-27")

    assert result.exit_code == 0
    assert "NEGOTIATIONS  (1)" in result.stdout
    assert "parties: Vostria" in result.stdout
    assert "Ankara (TR)" in result.stdout
    assert "Tuesday (2025-02-25)" in result.stdout
    assert "[1] Envoys of Vostria met in Ankara on Tuesday." in result.stdout


def test_json_is_one_whole_answer_per_line(run: Run, model: ScriptedModel, article: str) -> None:
    say(model, {"negotiations": [TALKS]}, NOTHING)

    result = run(article, article, "--json", "--kind", "negotiations")

    lines = result.stdout.splitlines()
    assert len(lines) == 2
    first, second = (json.loads(line) for line in lines)
    record = first["records"]["negotiations"][0]
    assert TEXT[record["location"]["start"] : record["location"]["end"]] == record["location"]["text"] == "Ankara"
    assert second["records"] == {"negotiations": []}
    assert set(first) == set(Extraction.model_fields)
    assert first["article_id"] == article


def test_text_is_read_to_the_byte(run: Run, model: ScriptedModel, article: str) -> None:
    result = run(article, "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["sentences"] == 3
    assert {len(question.messages[-1].content.splitlines()) for question in model.questions} == {5}


def test_byte_order_mark_is_not_text(run: Run, model: ScriptedModel, tmp_path: Path) -> None:
    path = tmp_path / "bom.txt"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    say(model, {"negotiations": [TALKS]})

    result = run(str(path), "--json", "--kind", "negotiations")

    assert json.loads(result.stdout)["records"]["negotiations"][0]["evidence"][0]["start"] == 0


def test_dash_is_standard_input(run: Run, model: ScriptedModel) -> None:
    result = run("-", "--json", stdin="Зустріч у Досі.\r\n".encode())

    assert result.exit_code == 0
    assert json.loads(result.stdout)["article_id"] == "-"
    assert "[1] Зустріч у Досі." in model.questions[0].messages[-1].content


def test_several_kinds_are_asked_for_and_no_others(run: Run, model: ScriptedModel, article: str) -> None:
    result = run(article, "--json", "--kind", "quoted_officials", "--kind", "negotiations")

    assert list(json.loads(result.stdout)["records"]) == ["negotiations", "quoted_officials"]
    [question] = model.questions
    assert list(question.answer.model_fields) == ["negotiations", "quoted_officials"]


def test_options_reach_the_core(run: Run, model: ScriptedModel, article: str, seen: list[Settings]) -> None:
    run(article, "--deadline", "7", "--language", "uk")

    assert 0 < model.deadlines[0].remaining() <= 7
    assert model.closed
    assert seen[0].openai_base_url == "http://127.0.0.1:9/v1"


def test_partial_answer_is_printed_and_exits_3(run: Run, model: ScriptedModel, article: str) -> None:
    say(model, AnswerRefusedError("the model refused to answer"))

    result = run(article, article, "--kind", "negotiations")

    assert result.exit_code == 3
    assert "No answer about negotiations in sentences 1-3: the model refused to answer" in result.stdout


def test_article_without_an_answer_exits_4_and_the_next_is_read(run: Run, model: ScriptedModel, article: str) -> None:
    say(model, ModelUnavailableError("the model server is down"), AnswerRefusedError("the model refused"))

    result = run(article, article, "--json", "--kind", "negotiations")

    assert result.exit_code == 4
    assert result.stderr == f"Error: {article}: the model server is down\n"
    assert json.loads(result.stdout)["status"] == "partial"
    assert model.closed


def readings_in(page: str) -> Any:
    """The articles and answers in a page."""
    return json.loads(page.partition('id="data">')[2].partition("</script>")[0])["readings"]


def test_html_is_one_page_of_all_articles(run: Run, model: ScriptedModel, article: str) -> None:
    say(model, {"negotiations": [TALKS]}, NOTHING)

    result = run(article, article, "--format", "html", "--kind", "negotiations")

    first, second = readings_in(result.stdout)
    assert result.exit_code == 0
    assert result.stdout.startswith("<!doctype html>")
    assert first["article"]["text"] == second["article"]["text"] == TEXT
    assert first["answer"]["records"]["negotiations"][0]["location"]["text"] == "Ankara"
    assert second["answer"]["records"] == {"negotiations": []}


def test_page_has_the_articles_without_an_answer_too(run: Run, model: ScriptedModel, article: str) -> None:
    say(model, ModelUnavailableError("the model server is down"), AnswerRefusedError("the model refused"))

    result = run(article, article, "--format", "html", "--kind", "negotiations")

    failed, partial = readings_in(result.stdout)
    assert result.exit_code == 4
    assert result.stderr == f"Error: {article}: the model server is down\n"
    assert failed["answer"] is None
    assert failed["problem"] == {"code": "model_unavailable", "detail": "the model server is down"}
    assert partial["answer"]["status"] == "partial"


def test_format_json_is_what_json_is_short_for(run: Run, article: str) -> None:
    long, short = (run(article, *form) for form in (("--format", "json"), ("--json",)))

    assert set(json.loads(long.stdout)) == set(json.loads(short.stdout)) == set(Extraction.model_fields)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"Verhandlung in K\xf6ln", "not UTF-8 text (byte 16); save it as UTF-8 first"),
        (b"", "there is no text in it"),
        (b" \r\n\xc2\xa0\n", "there is no text in it"),
        (b"\xef\xbb\xbf", "there is no text in it"),
    ],
)
def test_file_that_is_no_article_exits_66_before_any_call(
    run: Run, model: ScriptedModel, tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "bad.txt"
    path.write_bytes(content)

    result = run(str(path))

    assert result.exit_code == 66
    assert result.stderr == f"Error: {path}: {said}\n"
    assert model.questions == []


def test_file_that_cannot_be_read_exits_66(run: Run, tmp_path: Path) -> None:
    missing, folder = run(str(tmp_path / "none.txt")), run(str(tmp_path))

    assert (missing.exit_code, folder.exit_code) == (66, 66)
    assert missing.stderr == f"Error: {tmp_path / 'none.txt'}: No such file or directory\n"
    assert folder.stderr == f"Error: {tmp_path}: Is a directory\n"


def test_bad_standard_input_is_called_so(run: Run) -> None:
    assert run("-", stdin=b"\xff").stderr.startswith("Error: standard input: not UTF-8 text")


def test_one_bad_file_among_several_costs_no_call(run: Run, model: ScriptedModel, article: str, tmp_path: Path) -> None:
    result = run(article, str(tmp_path / "none.txt"))

    assert result.exit_code == 66
    assert model.questions == []
    assert result.stdout == ""


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--kind", "horoscopes", "FILE"),
        ("--published", "yesterday", "FILE"),
        ("--published", "1740614400", "FILE"),
        ("--language", "no language", "FILE"),
        ("--deadline", "0", "FILE"),
        ("--deadline", "soon", "FILE"),
        ("--colour", "FILE"),
    ],
)
def test_wrong_usage_exits_2(run: Run, model: ScriptedModel, article: str, arguments: tuple[str, ...]) -> None:
    result = run(*(article if argument == "FILE" else argument for argument in arguments))

    assert result.exit_code == 2
    assert "Error: " in result.stderr
    assert "Traceback" not in result.stderr
    assert model.questions == []


def test_wrong_setting_exits_78(run: Run, article: str) -> None:
    result = run(article, DRAGOMAN_MAX_CHARS="plenty")

    assert result.exit_code == 78
    assert "DRAGOMAN_MAX_CHARS" in result.stderr


def test_article_over_the_limit_has_no_answer(run: Run, model: ScriptedModel, article: str) -> None:
    result = run(article, DRAGOMAN_MAX_CHARS="10")

    assert result.exit_code == 4
    assert "at most 10" in result.stderr
    assert model.questions == []


def test_standard_input_is_read_without_translating_line_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    from service.cli import reading

    class Stdin:
        buffer = io.BytesIO(b"one\r\ntwo")

    monkeypatch.setattr(reading.sys, "stdin", Stdin)

    assert reading.read_article("-") == "one\r\ntwo"


def _commands(command: click.Command, path: tuple[str, ...], context: click.Context) -> list[tuple[str, ...]]:
    if not isinstance(command, click.Group):
        return [path]
    inner: list[Any] = [(name, command.get_command(context, name)) for name in command.list_commands(context)]
    return [found for name, sub in inner for found in _commands(sub, (*path, name), context)]


def test_help_of_every_command_says_its_exit_codes() -> None:
    context = click.Context(main)
    commands = _commands(main, (), context)

    assert {command[0] for command in commands} == set(SUBCOMMANDS)
    for command in commands:
        # A group says for all of its commands what their exit codes are.
        said = "".join(
            CliRunner().invoke(main, [*command[:depth], "--help"]).output for depth in range(1, len(command) + 1)
        )
        assert "exit codes" in " ".join(said.split()).lower(), command
