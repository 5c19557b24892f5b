"""Everything that can go wrong between an article and its records.

    DragomanError
    ├── RequestError                 the caller's request cannot be served as it is
    │   ├── EmptyArticleError
    │   ├── ArticleTooLongError
    │   ├── UnknownKindError
    │   └── TooManyQuestionsError    the article calls for more than are asked of one: post it in parts
    ├── ModelCallError               a call to the model server failed
    │   ├── ModelUnavailableError    it is down, overloaded or unreachable; retries are used up
    │   │   └── BreakerOpenError     it failed so often that it is not asked just now; no call was made
    │   ├── ModelCredentialsError    it refused our key
    │   ├── ModelRequestError        it refused what we sent: another try would be refused too
    │   └── DeadlineExceededError    the time for the article is over
    ├── AnswerError                  the server answered, but not with an answer
    │   ├── AnswerTruncatedError     cut off at its limit: keep what is whole, ask about less text
    │   ├── ContextTooLongError      the prompt does not fit: ask about less text
    │   ├── AnswerRefusedError       refusal or content filter: not asked again
    │   └── AnswerMalformedError     still breaks the schema after the re-asks
    └── OverloadedError              this process has as much work as it takes

The branches differ in what helps: another request, another time, another question. Messages never hold
article text, keys or the answer of the model; `code` is stable and made for programs.
"""

from typing import ClassVar


class DragomanError(Exception):
    """Root of all errors that Dragoman raises on purpose."""

    code: ClassVar[str] = "error"


class RequestError(DragomanError):
    code = "invalid_request"


class EmptyArticleError(RequestError):
    code = "article_empty"


class ArticleTooLongError(RequestError):
    """`most` is the greatest length that is taken, in code points."""

    code = "article_too_long"

    def __init__(self, message: str, *, most: int = 0) -> None:
        super().__init__(message)
        self.most = most


class UnknownKindError(RequestError):
    code = "unknown_kind"


class TooManyQuestionsError(RequestError):
    code = "too_many_questions"


class ModelCallError(DragomanError):
    code = "model_call_failed"


class ModelUnavailableError(ModelCallError):
    """`retry_after` is the wait in seconds that the server asked for, if it did."""

    code = "model_unavailable"

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BreakerOpenError(ModelUnavailableError):
    """`retry_after` is the time in seconds until a call may be made again."""


class ModelCredentialsError(ModelCallError):
    code = "model_refused_credentials"


class ModelRequestError(ModelCallError):
    """`hint` says why in words that callers may see: a constant of ours, with a status at most."""

    code = "model_refused_request"

    def __init__(self, message: str = "", *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class DeadlineExceededError(ModelCallError):
    code = "deadline_exceeded"


class AnswerError(DragomanError):
    code = "answer_unusable"


class AnswerTruncatedError(AnswerError):
    """The answer has no end.

    `whole` is an answer with the records that were complete before it, if that is known; its review was not asked.
    `starved` tells that the model used up all its room before it began to answer, so that less text is no help.
    """

    code = "answer_truncated"

    def __init__(self, message: str, *, whole: object | None = None, starved: bool = False) -> None:
        super().__init__(message)
        self.whole = whole
        self.starved = starved


class ContextTooLongError(AnswerError):
    code = "context_too_long"


class AnswerRefusedError(AnswerError):
    code = "answer_refused"


class AnswerMalformedError(AnswerError):
    code = "answer_malformed"


class OverloadedError(DragomanError):
    """`retry_after` is the wait in seconds after which another try makes sense."""

    code = "overloaded"

    def __init__(self, message: str, *, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after
