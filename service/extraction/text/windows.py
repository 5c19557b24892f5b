"""Cutting an article into windows that a model can be asked about."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.extraction.text.sentences import Sentence

_BYTES_PER_TOKEN = 4


def estimate_tokens(text: str) -> int:
    """Estimate of a text's length in tokens, made without any model's tokenizer.

    Four UTF-8 bytes a token is within a third of what current tokenizers need for Latin, Cyrillic, Arabic and
    Chinese script alike.
    """
    return len(text.encode("utf-8", "surrogatepass")) // _BYTES_PER_TOKEN + 1


@dataclass(frozen=True, slots=True)
class ShownSentences:
    """Sentences of an article, in order, that are shown in one call."""

    sentences: tuple[Sentence, ...]

    @property
    def start(self) -> int:
        """Where the first one begins in the article."""
        return self.sentences[0].start

    @property
    def end(self) -> int:
        """Where the last one ends in the article."""
        return self.sentences[-1].end


@dataclass(frozen=True, slots=True)
class Window(ShownSentences):
    """Consecutive sentences, in which the model looks for records."""

    def halves(self) -> "tuple[Window, Window] | None":
        """The window cut in two, or None if it is one sentence."""
        middle = len(self.sentences) // 2
        if not middle:
            return None
        return Window(self.sentences[:middle]), Window(self.sentences[middle:])

    def since(self, number: int) -> "Window":
        """The window from the sentence with a number on."""
        return Window(tuple(sentence for sentence in self.sentences if sentence.number >= number))


def windows(sentences: Sequence[Sentence], budget: int) -> list[Window]:
    """Cut sentences into as few windows of about equal size as fit a budget of tokens.

    A window ends at a paragraph's end where it can; a paragraph is cut only when it alone is over the budget.

    Args:
        sentences: those of an article, in order.
        budget: estimated tokens that a window may have, each sentence's number included.

    """
    if not sentences:
        return []
    costs = {sentence.number: estimate_tokens(sentence.text) + 4 for sentence in sentences}
    whole = sum(costs.values())
    # Equal windows: three of 300 tokens serve a small model better than two of 400 and one of 100.
    share = min(budget, whole // -(-whole // budget) + max(costs.values()))
    cut: list[Window] = []
    current: list[Sentence] = []
    filled = 0
    for block in _paragraphs(sentences):
        for part in [block] if sum(costs[sentence.number] for sentence in block) <= budget else [[s] for s in block]:
            cost = sum(costs[sentence.number] for sentence in part)
            if current and filled + cost > share:
                cut.append(Window(tuple(current)))
                current, filled = [], 0
            current.extend(part)
            filled += cost
    cut.append(Window(tuple(current)))
    return cut


def _paragraphs(sentences: Sequence[Sentence]) -> list[list[Sentence]]:
    """Sentences by the paragraphs they stand in."""
    blocks: list[list[Sentence]] = []
    for sentence in sentences:
        if blocks and blocks[-1][0].paragraph == sentence.paragraph:
            blocks[-1].append(sentence)
        else:
            blocks.append([sentence])
    return blocks
