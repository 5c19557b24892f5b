"""What a webhook says, and how it is signed: https://www.standardwebhooks.com.

A notice names the job and where its result is; it holds nothing of the article.
"""

import hashlib
from base64 import b64decode
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, Field
from standardwebhooks import Webhook

from service.jobs.states import Job, State

PREFIX = "whsec_"


class NoticeData(BaseModel):
    """The job that has ended."""

    id: str
    article_id: str | None
    batch_id: str | None
    state: State
    result_url: str | None = Field(description="Where the result is until it expires; null where there is none.")


class Notice(BaseModel):
    """The body of a webhook."""

    type: Literal["job.complete", "job.partial", "job.failed", "job.cancelled"]
    timestamp: datetime = Field(description="When the job ended.")
    data: NoticeData

    @classmethod
    def of(cls, job: Job, public_url: str) -> "Notice":
        """The notice of a job that has ended; `public_url` is what callers put before the path of a route."""
        has_result = job.state in (State.COMPLETE, State.PARTIAL)
        return cls.model_validate(
            {
                "type": f"job.{job.state}",
                "timestamp": job.finished_at or job.created_at,
                "data": {
                    "id": job.id,
                    "article_id": job.article_id,
                    "batch_id": job.batch_id,
                    "state": job.state,
                    "result_url": f"{public_url}/v1/jobs/{job.id}/result" if has_result else None,
                },
            }
        )


class Signer:
    """Signs notices with every secret, so that one can replace another while receivers know either.

    Args:
        secrets: `whsec_` and base64 of 24 to 64 bytes each.

    Raises:
        ValueError: there is none, or one is not such a secret. The message shows none.

    """

    def __init__(self, secrets: Sequence[str]) -> None:
        if not secrets:
            raise ValueError("webhooks need a secret to be signed with")
        self._keys = [Webhook(_secret(text)) for text in secrets]

    def headers(self, job: Job, at: datetime, body: str) -> dict[str, str]:
        """The headers that go with a notice. `at` is the time of the attempt."""
        notice_id = _id_of(job)
        at = at.astimezone(UTC)  # the library takes any time for UTC
        return {
            "webhook-id": notice_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(key.sign(notice_id, at, body) for key in self._keys),
        }


def _id_of(job: Job) -> str:
    """The same in every attempt, another one where a failed job was done again.

    A hash, because ids of jobs may have dots, which delimit what is signed.
    """
    return "msg_" + hashlib.sha256(f"{job.id} {job.finished_at}".encode()).hexdigest()[:32]


def _secret(text: str) -> bytes:
    """The library takes any text for a secret, and leaves out what is no base64: a typing error would go unseen."""
    prefix, encoded = text[: len(PREFIX)], text[len(PREFIX) :]
    try:
        secret = b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except ValueError:
        secret = b""
    if prefix != PREFIX or not 24 <= len(secret) <= 64:
        raise ValueError("a secret for webhooks is whsec_ and the base64 of 24 to 64 random bytes")
    return secret
