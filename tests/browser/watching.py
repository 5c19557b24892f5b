"""What goes wrong behind a page: errors of its scripts, what its policy refused, requests to anybody else."""

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Request, WebError

OF_THE_NETWORK = "Failed to load resource"
"""How Chromium itself reports an answer of 400 or more, and a server that is gone."""


class Watch:
    """Notes what happens in all pages of a context. Who is asked whether to leave a page stays.

    Args:
        origin: the only one that they may speak to.
    """

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.context = context
        self.origin = origin
        self.troubles: list[str] = []
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)
        context.on("dialog", self._dialog)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(OF_THE_NETWORK):
            self.troubles.append(f"console: {message.text}")

    def _error(self, error: WebError) -> None:
        self.troubles.append(f"error: {error.error}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", f"blob:{self.origin}/")):
            self.troubles.append(f"request: {request.url}")

    def _dialog(self, dialog: Dialog) -> None:
        if dialog.type != "beforeunload":
            self.troubles.append(f"dialog: {dialog.message}")
        dialog.dismiss()
