"""The browser: Debian's Chromium, or whichever there is."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

from tests.support.patience import PATIENCE

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
TALL = {"width": 1280, "height": 6000}
"""A window in which everything is in sight: nothing moves when it is looked for, and no check leaves anything out."""


@contextmanager
def launched() -> Iterator[Browser]:
    """A browser that runs until the end of the block, as does Playwright's event loop in this thread."""
    assert CHROMIUM, "no Chromium here"
    expect.set_options(timeout=PATIENCE * 1_000)
    with sync_playwright() as playwright:
        # Chromium's own sandbox refuses to run as root.
        unboxed = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=unboxed)
        yield browser
        browser.close()
