"""Errors of the store of jobs.

DragomanError
└── StoreError
    ├── StoreUnavailableError       the database is out of reach; the change was made in full or not at all
    ├── IdempotencyConflictError    the key was used with another payload
    └── IdempotencyInProgressError  the first request with the key is still being processed
"""

from service.errors import DragomanError


class StoreError(DragomanError):
    code = "store_error"


class StoreUnavailableError(StoreError):
    code = "store_unavailable"


class IdempotencyConflictError(StoreError):
    code = "idempotency_key_reused"


class IdempotencyInProgressError(StoreError):
    code = "idempotency_key_in_progress"
