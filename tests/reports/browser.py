"""A real browser, by which pages are tried as their readers see them: no network, no window, nothing installed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

__all__ = ["Seen", "faults_of", "launched", "opened", "text_of"]

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass
class Seen:
    """A page that is open, and what it did.

    Attributes:
        page: The page.
        requests: Addresses that it asked for, its own among them.
        told: What it wrote into the console, what failed in it, and dialogs that it opened.
    """

    page: Page
    requests: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


@contextmanager
def launched() -> Iterator[Browser]:
    """Start Chromium; without one, tests are skipped, but in CI they fail."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        reason = "there is no Chromium on this machine"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, file: Path, **more: Any) -> Iterator[Seen]:
    """Open a file as a double click does.

    Args:
        browser: The browser.
        file: The page.
        more: What `new_context` takes, such as `viewport`.
    """
    context = browser.new_context(**more)
    page = context.new_page()
    seen = Seen(page)
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("console", lambda message: seen.told.append(message.text))
    page.on("pageerror", lambda error: seen.told.append(str(error)))
    page.on("dialog", lambda dialog: (seen.told.append(dialog.message), dialog.dismiss()))
    page.goto(file.as_uri())
    yield seen
    context.close()


def text_of(page: Page) -> str:
    """Give the text of a page, with all that can be unfolded."""
    return page.locator("body").inner_text()


def faults_of(page: Page) -> Sequence[Mapping[str, Any]]:
    """Give what axe-core finds wrong, with all that can be unfolded open: the rule, and the elements."""
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = Axe().run(page).response["violations"]
    return [{"rule": one["id"], "where": [node["target"] for node in one["nodes"]]} for one in found]
