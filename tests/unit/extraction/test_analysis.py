"""What code reads off an article, sentence by sentence, before anything is asked."""

from collections.abc import Iterable

from service.extraction.analysis import ArticleAnalysis, analyse
from service.extraction.text.lexicon import lexicon_for
from service.extraction.text.quotes import find_passages
from service.extraction.text.sentences import segment
from service.extraction.text.spans import Span

RAID = """The army of Orvania captured the village of Amvar on 3 May 2024 and lost 12 soldiers.

"We hold the bridge," Colonel Dina Marr said in Velm. The ministry said on Friday that Ivo Tarn had left."""


def read(text: str, language: str | None = "en") -> ArticleAnalysis:
    return analyse(text, segment(text, language), find_passages(text), language)


def words(article: ArticleAnalysis, spans: Iterable[Span]) -> list[str]:
    return [article.mention(span).text for span in spans]


def test_numbers_of_a_date_are_no_amounts() -> None:
    article = read(RAID)

    facts = article.facts(article.sentences[0])

    assert facts.dates == ("3 May 2024",)
    assert facts.amounts == ("12 soldiers",)
    assert article.facts(article.sentences[0]) is facts


def test_amounts_are_unknown_where_number_words_cannot_be_told() -> None:
    article = read("Nothing to count here.", "tlh")

    assert article.facts(article.sentences[0]).amounts is None


def test_mention_is_the_articles_own_words() -> None:
    mention = read(RAID).mention(Span(4, 8))

    assert (mention.start, mention.end, mention.text) == (4, 8, "army")


def test_triggers_are_those_of_the_articles_language() -> None:
    raid, german = read(RAID), read(RAID, "de")

    assert raid.has_trigger("military_claims", raid.sentences[0])
    assert not german.has_trigger("military_claims", german.sentences[0])


def test_language_is_told_by_the_words_where_it_is_not_given() -> None:
    assert read(RAID, None).language == "en"
    assert read("Grmf blorp. Zwik.", None).language is None


def test_persons_who_speak_are_told_from_bodies_that_do() -> None:
    article = read(RAID)
    quoted, reported = article.sentences[1], article.sentences[-1]

    assert article.individual_speakers(quoted) == ["Colonel Dina Marr"]
    assert article.collective_speakers(quoted) == []
    assert article.individual_speakers(reported) == []
    assert words(article, article.collective_speakers(reported)) == ["The ministry"]


def test_person_who_is_named_in_full_and_says_nothing_is_silent() -> None:
    article = read(RAID)

    assert words(article, article.silent_persons(article.sentences[-1])) == ["Ivo Tarn"]
    assert article.silent_persons(article.sentences[1]) == []


def test_places_stand_behind_their_preposition_or_the_kinds_words() -> None:
    article = read(RAID)

    assert words(article, article.places_by_preposition(article.sentences[1])) == ["Velm"]
    claims = lexicon_for("military_claims", "en")
    assert "Amvar" in words(article, article.places_by_context(article.sentences[0], claims))


def test_date_of_the_saying_is_not_inside_the_statement() -> None:
    article = read(RAID)
    sentence = article.sentences[-1]
    friday, tarn = (Span(RAID.index(name), RAID.index(name) + len(name)) for name in ("Friday", "Ivo Tarn"))

    assert article.inside_statements(sentence, [friday, tarn]) == [tarn]
    assert article.inside_statements(article.sentences[0], [friday]) == [friday]
