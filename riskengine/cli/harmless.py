"""Text that came with the input, made fit for a terminal."""

from __future__ import annotations

__all__ = ["harmless"]


def harmless(text: str) -> str:
    r"""Replace control characters, which a terminal would obey, by a sign that only shows.

    Args:
        text: Any text; line ends stay.

    Examples:
        >>> harmless("a\x1b[31mb")
        'a\ufffd[31mb'
    """
    return "".join(
        char if char == "\n" or (char.isprintable() and not 0xD800 <= ord(char) <= 0xDFFF) else "\ufffd"
        for char in text
    )
