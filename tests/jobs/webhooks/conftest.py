"""What webhooks are made of: a store, the real time, certificates and a log."""

import os
import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from service.jobs.store import JobStore
from tests.jobs.webhooks.receiving import NAME
from tests.support.databases import Clock


@pytest.fixture
def clock() -> Clock:
    """From the real time on: receivers refuse what was signed at another."""
    clock = Clock()
    clock.time = datetime.now(UTC).replace(microsecond=0)
    return clock


@pytest.fixture
def store(opened: Callable[..., JobStore], sqlite_url: str) -> JobStore:
    """One database will do: the store's own tests run on both."""
    return opened(sqlite_url)


@pytest.fixture
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    with capture_logs() as lines:
        yield lines


@pytest.fixture(scope="session")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for `NAME`, which signs itself, and its key, made anew in each run."""
    if shutil.which("openssl") is None and "CI" not in os.environ:
        pytest.skip("no openssl here to make a certificate with")
    folder = tmp_path_factory.mktemp("receiver")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-days", "2"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate


@pytest.fixture
def certificates(signed: Path) -> ssl.SSLContext:
    """What trusts the receiver's certificate."""
    return ssl.create_default_context(cafile=signed)


@pytest.fixture
def tls(signed: Path) -> ssl.SSLContext:
    """What the receiver shows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(signed, signed.with_name("key.pem"))
    return context
