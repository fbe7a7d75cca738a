"""Reads a report as a reader does: its text, its headings, and its tables by their captions."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

__all__ = ["Page", "plain", "read_page"]

_BLOCKS = {"p", "li", "h1", "h2", "h3", "dt", "dd", "tr", "th", "td", "caption", "summary", "figcaption", "section"}
_UNREAD = ("style", "title", "svg")


def plain(text: str) -> str:
    """Give a text with single blanks, none of them one that keeps words together."""
    return " ".join(text.split())


@dataclass
class Page:
    """What a page says.

    Attributes:
        title: The title of the document.
        text: All text of its body but that of charts, each paragraph and cell a line.
        headings: The headings, their depth and their text.
        tables: The rows of each table, header included, by its caption; a cell is its text.
        charts: What the charts say of themselves to those who don't see them.
    """

    title: str = ""
    text: str = ""
    headings: list[tuple[int, str]] = field(default_factory=list)
    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    charts: list[str] = field(default_factory=list)

    def section(self, heading: str) -> str:
        """Give the text between a heading and the next of its depth."""
        after = self.text.split(f"\n## {heading}", 1)[1]
        return after.split("\n## ", 1)[0]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._open: list[str] = []
        self._all: list[str] = []
        self._pieces: dict[str, list[str]] = {}
        self._rows: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("meta", "br", "link", "img", "input"):
            return
        self._open.append(tag)
        self._pieces[tag] = []
        if tag in _BLOCKS:
            self._all.append("\n")
        if tag == "h2":
            self._all.append("## ")
        if tag == "table":
            self._rows = []
        elif tag == "tr":
            self._rows.append([])

    def handle_data(self, data: str) -> None:
        for tag in set(self._open):
            self._pieces[tag].append(data)
        if not any(tag in _UNREAD for tag in self._open):
            self._all.append(data)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"<{tag}> is closed where it is not the innermost"
        text = plain("".join(self._pieces[tag]))
        if tag in ("th", "td"):
            self._rows[-1].append(text)
        elif tag == "caption":
            assert text not in self.page.tables, f"two tables are called {text}"
            self.page.tables[text] = self._rows
        elif tag in ("h1", "h2", "h3"):
            self.page.headings.append((int(tag[1]), text))
        elif tag == "title" and "svg" not in self._open:
            self.page.title = text
        elif tag == "desc":
            self.page.charts.append(text)

    def done(self) -> Page:
        assert not self._open, f"not closed: {self._open}"
        lines = (plain(line) for line in "".join(self._all).split("\n"))
        self.page.text = "\n".join(line for line in lines if line)
        return self.page


def read_page(html: str) -> Page:
    """Read a report.

    Args:
        html: The page; each of its elements must be closed where it should be.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.done()
