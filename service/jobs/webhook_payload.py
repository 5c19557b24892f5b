"""The payload of a webhook and its signature, as https://www.standardwebhooks.com specifies them.

A payload names the job and the URL of its result; it contains nothing of the article.
"""

import hashlib
from base64 import b64decode
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, Field
from standardwebhooks import Webhook

from service.jobs.states import Job, State

SECRET_PREFIX = "whsec_"  # noqa: S105 -- begins every secret, and is none


class WebhookData(BaseModel):
    """The job that has ended."""

    id: str
    article_id: str | None
    batch_id: str | None
    state: State
    result_url: str | None = Field(description="Where the result is until it expires; null where there is none.")


class WebhookPayload(BaseModel):
    """The body of a webhook."""

    type: Literal["job.complete", "job.partial", "job.failed", "job.cancelled"]
    timestamp: datetime = Field(description="When the job ended.")
    data: WebhookData

    @classmethod
    def of(cls, job: Job, public_url: str) -> "WebhookPayload":
        """The payload for a job that has ended; `public_url` is the address under which callers reach the service."""
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


class WebhookSigner:
    """Signs payloads with every secret, so that secrets can be rotated while receivers know only one of them.

    Args:
        secrets: each `whsec_` and the base64 of 24 to 64 bytes.

    Raises:
        ValueError: there is no secret, or one has another form. The message does not repeat it.

    """

    def __init__(self, secrets: Sequence[str]) -> None:
        if not secrets:
            raise ValueError("webhooks need a secret to be signed with")
        self._keys = [Webhook(_decode_secret(text)) for text in secrets]

    def headers(self, job: Job, at: datetime, body: str) -> dict[str, str]:
        """The headers that identify and sign a payload. `at` is the time of the attempt."""
        webhook_id = _webhook_id(job)
        at = at.astimezone(UTC)  # the library takes any time for UTC
        return {
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(key.sign(webhook_id, at, body) for key in self._keys),
        }


def _webhook_id(job: Job) -> str:
    """The webhook's id: the same in every attempt, and a new one if a failed job was restarted.

    A hash, because job ids may contain dots, which delimit the parts of the signed content.
    """
    return "msg_" + hashlib.sha256(f"{job.id} {job.finished_at}".encode()).hexdigest()[:32]


def _decode_secret(text: str) -> bytes:
    """Decode a secret strictly. The library accepts any text and skips what is not base64, typing errors too."""
    prefix, encoded = text[: len(SECRET_PREFIX)], text[len(SECRET_PREFIX) :]
    try:
        secret = b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except ValueError:
        secret = b""
    if prefix != SECRET_PREFIX or not 24 <= len(secret) <= 64:
        raise ValueError("a secret for webhooks is whsec_ and the base64 of 24 to 64 random bytes")
    return secret
