"""Logs: one JSON object per line on stderr, without article text and keys.

What may be logged is decided here:

- our own loggers (`service.…`) and gunicorn's log their messages, which are constant texts with named values;
- the messages of other libraries may quote a request or a response, so only the line of code that logged one is
  logged, from WARNING upwards;
- of exceptions the types and tracebacks are logged, but not the messages and no local variables.
"""

import logging
import sys
from collections.abc import Iterator
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor

TRUSTED = ("service", "gunicorn")


def configure(level: str, stream: TextIO | None = None) -> None:
    """Send all logs of this process to stderr, or to `stream`, as JSON. `level` is that of our own logs."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _exception,
    ]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_foreign, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("service").setLevel(level.upper())
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    logging.captureWarnings(True)


def trace(error: BaseException) -> list[dict[str, object]]:
    """The exception and its causes, outermost first: type names and `module:line in function`, no values."""
    return [
        {
            "type": f"{type(one).__module__}.{type(one).__qualname__}",
            "at": [
                f"{frame.tb_frame.f_globals.get('__name__', '?')}:{frame.tb_lineno} in {frame.tb_frame.f_code.co_name}"
                for frame in _frames(one.__traceback__)
            ],
        }
        for one in _chain(error)
    ]


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)


def _frames(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _exception(_logger: object, _method: str, event: EventDict) -> EventDict:
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["trace"] = trace(error)
    return event


def _foreign(_logger: object, _method: str, event: EventDict) -> EventDict:
    record: logging.LogRecord = event["_record"]
    if record.name.partition(".")[0] not in TRUSTED:
        event["event"] = "message of a library withheld"
        event["at"] = f"{record.module}:{record.lineno} in {record.funcName}"
    return event
