"""Whether a sentence whose only triggers are weak states a record: "the deal", "lifted".

Most sentences with such a word only speak of what others have stated. A kind's reader names one of the functions here;
the words are `weak_triggers` of the kind in the language packs.
"""

from collections.abc import Callable

from service.extraction.analysis import ArticleAnalysis
from service.extraction.candidates.choices import find_actors
from service.extraction.text.lexicon import Lexicon
from service.extraction.text.sentences import Sentence

WeakTriggers = Callable[[ArticleAnalysis, Sentence, Lexicon], bool]
"""Whether a sentence whose triggers are all weak states a record of a kind with such a lexicon."""


def states_a_record(
    article: ArticleAnalysis, sentence: Sentence, lexicon: Lexicon, weak_triggers: WeakTriggers | None
) -> bool:
    """Whether a sentence may state a record: by a trigger that is not weak, or by what the kind asks for besides."""
    found = _triggers(sentence, lexicon)
    if not found or weak_triggers is None or found - _weak(found, lexicon):
        return bool(found)
    return weak_triggers(article, sentence, lexicon)


def with_two_actors_or_a_date(article: ArticleAnalysis, sentence: Sentence, lexicon: Lexicon) -> bool:
    """Two weak words; or two who act, each by a name of their own; or one of them and a date."""
    if len(_triggers(sentence, lexicon)) > 1:
        return True
    actors = find_actors(article, sentence, lexicon, figures_are_no_actors=False)
    named = sum(not lexicon["collective_groups"].search(actor) for actor in actors)
    return named > 1 or (named == 1 and bool(article.facts(sentence).date_spans))


def with_others_in_the_article(article: ArticleAnalysis, _: Sentence, lexicon: Lexicon) -> bool:
    """Another sentence with a word that is not weak: then this one speaks of the same."""
    triggers = (_triggers(other, lexicon) for other in article.prose)
    return any(found - _weak(found, lexicon) for found in triggers)


def _triggers(sentence: Sentence, lexicon: Lexicon) -> set[str]:
    return {match[0].casefold() for match in lexicon["triggers"].finditer(sentence.text)}


def _weak(words: set[str], lexicon: Lexicon) -> set[str]:
    return {word for word in words if lexicon["weak_triggers"].fullmatch(word)}
