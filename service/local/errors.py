"""Errors of the model on this machine.

    LocalModelError
    ├── LocalExtraMissingError     Dragoman was installed without the extra `local`
    ├── WeightsNotFoundError       there is no such file, package or repository
    ├── WeightsCorruptError        the file is not what its digest says, or no GGUF file
    ├── WeightsUnreachableError    the package index or the model hub does not answer
    ├── WeightsStorageError        the disk is full, or the cache directory cannot be written
    └── ModelServerError           the weights are there, and the server does not start

Each message is one line made for the person at the terminal. `exit_code` follows BSD's sysexits.h.
"""

from typing import ClassVar

from service.errors import DragomanError


class LocalModelError(DragomanError):
    code = "local_model_failed"
    exit_code: ClassVar[int] = 1


class LocalExtraMissingError(LocalModelError):
    code = "local_extra_missing"
    exit_code = 78  # EX_CONFIG

    def __init__(self) -> None:
        super().__init__("The built-in model needs an extra. Install it with: pip install 'dragoman[local]'")


class WeightsNotFoundError(LocalModelError):
    code = "weights_not_found"
    exit_code = 66  # EX_NOINPUT


class WeightsCorruptError(LocalModelError):
    code = "weights_corrupt"
    exit_code = 65  # EX_DATAERR


class WeightsUnreachableError(LocalModelError):
    code = "weights_unreachable"
    exit_code = 69  # EX_UNAVAILABLE


class WeightsStorageError(LocalModelError):
    code = "weights_storage_failed"
    exit_code = 74  # EX_IOERR


class ModelServerError(LocalModelError):
    code = "model_server_failed"
    exit_code = 70  # EX_SOFTWARE
