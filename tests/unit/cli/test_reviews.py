"""`dragoman reviews export`: what readers say of results, in a folder that the evaluation reads."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from evals.gold_suite import GoldSuite
from evals.results import score
from service.cli import main
from service.jobs.errors import StoreUnavailableError
from service.jobs.states import JobRequest, Review, Verdict
from service.jobs.store import JobStore
from tests.support.reviewed_article import ARTICLE, FROZE, result

DATABASES = ("sqlite",)
RIGHT = Review(kind="negotiations", verdict=Verdict.RIGHT, record=0)
Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str) -> Run:
    environment = {"DRAGOMAN_DATABASE_URL": database_url}
    return lambda *arguments: CliRunner().invoke(main, ["reviews", "export", *map(str, arguments)], env=environment)


def reviewed(store: JobStore, article_id: str | None = "wire-17", job_id: str = "1f", **changes: Any) -> None:
    job_request = JobRequest(article=ARTICLE.model_copy(update={"id": article_id, **changes}))
    store.add_finished(job_request, result(job_id), fingerprint="f")
    store.save_review(job_id, RIGHT)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_reviewed_articles_are_written_as_the_evaluation_reads_them(run: Run, store: JobStore, tmp_path: Path) -> None:
    reviewed(store)
    store.save_review("1f", Review(kind="sanctions", verdict=Verdict.MISSED, sentences=(FROZE,)))

    outcome = run(folder := tmp_path / "mine" / "gold")

    assert (outcome.exit_code, outcome.output) == (0, f"1 article in {folder}\n")
    assert files(folder) == ["articles/wire-17.json", "articles/wire-17.txt", "gold/wire-17.json"]
    assert (folder / "articles/wire-17.txt").read_bytes().decode() == ARTICLE.text
    about = json.loads((folder / "articles/wire-17.json").read_text())
    assert about == {
        "id": "wire-17",
        "job": "1f",
        "title": "Talks",
        "published_at": "2026-05-06",
        "language": "en",
    }
    for split in ("dev", "test", None):
        suite = GoldSuite(split, folder=folder)
        assert [item.id for item in suite.items()] == ["wire-17"]
    scored = score(suite, {"articles": [{**result(), "id": "wire-17"}]})
    assert [scored.whole[f"sanctions.{verdict}"] for verdict in ("hit", "miss", "alarm")] == [0, 1, 0]
    assert scored.whole["negotiations.hit"] == 1


def test_folder_says_the_same_as_the_lines_of_the_service(run: Run, store: JobStore, tmp_path: Path) -> None:
    reviewed(store, text=(text := f"{ARTICLE.text}\r\n\r\nEnd."))
    store.save_review("1f", Review(kind="sanctions", verdict=Verdict.WRONG, record=0))
    run(tmp_path / "gold")

    [item] = GoldSuite(folder=tmp_path / "gold").items()

    assert item.text == text
    assert [record.kind for record in item.truth.records if record.wrong] == ["sanctions"]


def test_names_of_files_are_good_anywhere(run: Run, store: JobStore, tmp_path: Path) -> None:
    names = ["plain_1.2", "Wire", "wire", "../../up", "/etc/passwd", ".hidden", "Доха", "a b", "x" * 200, None]
    for number, name in enumerate(names):
        reviewed(store, name, f"job-{number}")

    outcome = run(folder := tmp_path / "gold")

    assert outcome.exit_code == 0
    stems = [Path(name).stem for name in files(folder / "gold")]
    assert len({stem.lower() for stem in stems}) == len(names)
    assert {"plain_1.2", "Wire", "job-9"} <= set(stems)
    assert all(stem.replace("-", "").replace("_", "").replace(".", "").isalnum() for stem in stems)
    assert all(stem[0] not in ".-" and stem.isascii() and len(stem) <= 100 for stem in stems)
    assert files(folder / "articles") == sorted(f"{stem}.{end}" for stem in stems for end in ("json", "txt"))
    about = [json.loads((folder / f"articles/{stem}.json").read_text())["id"] for stem in stems]
    assert sorted(about) == sorted([*names[:-1], "job-9"])  # type: ignore[type-var]
    assert len(GoldSuite(folder=folder).items()) == len(names)
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith("jobs.db")] == ["gold"]


def test_empty_folder_is_written_into(run: Run, store: JobStore, tmp_path: Path) -> None:
    reviewed(store)
    (tmp_path / "gold").mkdir()

    assert run(tmp_path / "gold").exit_code == 0


def test_earlier_export_is_replaced_only_by_force(run: Run, store: JobStore, tmp_path: Path) -> None:
    reviewed(store)
    reviewed(store, "wire-18", "2f")
    run(folder := tmp_path / "gold")
    before = files(folder)
    [review] = store.reviews("1f")
    store.delete_review("1f", review.id)

    refused = run(folder)
    assert (refused.exit_code, "--force" in refused.output, files(folder)) == (1, True, before)
    assert run(folder, "--force").output == f"1 article in {folder}\n"
    assert files(folder) == ["articles/wire-18.json", "articles/wire-18.txt", "gold/wire-18.json"]


@pytest.mark.parametrize(
    "name", ["notes.txt", "articles/talks.txt", "articles/talks.json", "gold/second/wire-17.json", "out/x.json"]
)
def test_what_is_not_of_an_export_is_never_removed(run: Run, store: JobStore, tmp_path: Path, name: str) -> None:
    reviewed(store)
    run(folder := tmp_path / "gold")
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text('{"title": "Mine"}')
    before = files(folder)

    outcome = run(folder, "--force")

    assert outcome.exit_code == 1
    assert "not only an earlier export" in outcome.output
    assert files(folder) == before


def test_export_that_breaks_off_leaves_the_earlier_one(
    run: Run, store: JobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewed(store)
    run(folder := tmp_path / "gold")
    before = files(folder)
    whole = JobStore.reviewed

    def broken(self: JobStore) -> Iterator[Any]:
        yield from whole(self)
        raise StoreUnavailableError("the database of jobs is out of reach")

    monkeypatch.setattr(JobStore, "reviewed", broken)
    outcome = run(folder, "--force")

    assert outcome.exit_code == 1
    assert "Nothing was written" in outcome.output
    assert files(folder) == before


def test_rest_of_an_export_that_was_killed_is_in_nobodys_way(run: Run, store: JobStore, tmp_path: Path) -> None:
    reviewed(store)
    (tmp_path / "gold/.export/articles").mkdir(parents=True)
    (tmp_path / "gold/.export/articles/old.txt").write_text("Old.")

    assert run(tmp_path / "gold").exit_code == 0
    assert len(files(tmp_path / "gold")) == 3


def test_store_without_reviews_is_no_gold(run: Run, store: JobStore, tmp_path: Path) -> None:
    store.add_finished(JobRequest(article=ARTICLE), result(), fingerprint="f")

    outcome = run(tmp_path / "gold")

    assert outcome.exit_code == 1
    assert "no reviews" in outcome.output
    assert not (tmp_path / "gold").exists()


def test_folder_that_cannot_be_made_is_said_in_a_line(run: Run, store: JobStore, tmp_path: Path) -> None:
    reviewed(store)
    (tmp_path / "file").write_text("")

    outcome = run(tmp_path / "file" / "gold")

    assert outcome.exit_code == 1
    assert outcome.output.count("\n") == 1
    assert "Not a directory" in outcome.output


def test_store_that_cannot_be_opened_is_said_in_a_line(tmp_path: Path) -> None:
    environment = {"DRAGOMAN_DATABASE_URL": "sqlite:////proc/nowhere/jobs.db"}
    outcome = CliRunner().invoke(main, ["reviews", "export", str(tmp_path / "gold")], env=environment)

    assert outcome.exit_code == 1
    assert outcome.output.count("\n") == 1
    assert "DRAGOMAN_DATABASE_URL" in outcome.output
