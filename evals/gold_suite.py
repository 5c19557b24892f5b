"""The articles of `evals/articles` against the gold of `evals/gold`, or others against theirs."""

from collections.abc import Collection
from pathlib import Path

from evals import scoring
from evals.gold import FOLDER, GoldArticle, GoldError, ids, in_split, load, read_lines
from evals.intervals import Tables, Tally, Total
from evals.suites import Item, Judgement, Records, SuiteAbsentError
from schemas.registry import Registry, built_in


class GoldSuite:
    """All kinds, in one split or in both (None).

    Args:
        split: `dev`, `test` or `languages`.
        layer: "" is the reconciled gold, `first` and `second` the independent annotations.
        folder: where articles and gold are, or a file in which each line is an article with its gold.
        registry: the kinds; None for those that ship with Dragoman.

    """

    name = "gold"
    kinds: tuple[str, ...] | None = None

    def __init__(
        self,
        split: str | None = None,
        layer: str = "",
        folder: Path = FOLDER,
        registry: Registry | None = None,
    ) -> None:
        self._registry = registry or built_in()
        self._split = split
        self._layer = layer
        self._folder = folder

    def items(self, ids: Collection[str] | None = None) -> list[Item]:
        articles = self._from_lines(ids) if self._folder.is_file() else self._from_folder(ids)
        if not articles:
            raise SuiteAbsentError(f"there is no such gold yet in {self._folder}")
        return [
            Item(article.id, article.text, article, article.about.get("published_at"), article.about.get("language"))
            for article in articles
        ]

    def judge(self, item: Item, records: Records) -> Judgement:
        return scoring.judge(item.truth, records, self._registry)

    def tables(self, total: Total) -> Tables:
        return scoring.tables(total, self._registry)

    def agreement(self) -> list[Tally]:
        """The second layer as if it had been found, against the first one: a tally for each article.

        Raises:
            SuiteAbsentError: no article has both.

        """
        both = [article for article in self._with_gold("second") if article in self._with_gold("first")]
        if not both:
            raise SuiteAbsentError("no article has both annotations yet")
        tallies = []
        for article in both:
            first, second = (load(article, layer, self._folder, self._registry) for layer in ("first", "second"))
            found = scoring.as_found(second, self._registry)
            tallies.append(scoring.judge(first, found, self._registry).tally)
        return tallies

    def _from_lines(self, wanted: Collection[str] | None) -> list[GoldArticle]:
        if self._layer:
            raise GoldError(f"{self._folder}: a file has no layers of annotation")
        split = None if wanted is not None else self._split
        return [
            article
            for article in read_lines(self._folder, self._registry)
            if in_split(article.about, split) and (wanted is None or article.id in wanted)
        ]

    def _from_folder(self, wanted: Collection[str] | None) -> list[GoldArticle]:
        if not (self._folder / "articles").is_dir():
            raise GoldError(f"{self._folder}: neither a file nor a folder with articles/ and gold/ in it")
        articles = self._with_gold(self._layer, wanted)
        return [load(article, self._layer, self._folder, self._registry) for article in articles]

    def _with_gold(self, layer: str, wanted: Collection[str] | None = None) -> list[str]:
        """Articles that have gold in a layer: of those wanted, or else of the split."""
        known = ids(None if wanted is not None else self._split, self._folder)
        return [
            article
            for article in known
            if (wanted is None or article in wanted) and (self._folder / "gold" / layer / f"{article}.json").exists()
        ]
