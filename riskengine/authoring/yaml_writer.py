"""A tree of YAML as text, in the one layout that `riskengine rules fmt` gives it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from riskengine.authoring.yaml_tree import Alias, Collection, Item, Scalar, Tree, comments_of
from riskengine.pack.nodes import core_scalar

__all__ = ["TEXT_WIDTH", "WIDTH", "Inline", "Shape", "one_line", "written"]

WIDTH = 120
"""No line is wider, unless it holds a comment or a word that is."""

TEXT_WIDTH = 104
"""Nor is a line of a text: sentences are harder to read on wider ones than answers in braces are."""

Inline: TypeAlias = Literal["never", "as_written", "always", "plain_values"]


@dataclass(frozen=True, slots=True)
class Shape:
    """How a collection is laid out.

    Attributes:
        order: Keys that come first, in this order; the others follow as they were written.
        inline: Whether a mapping goes on one line, in braces, where it fits: `never`, if it was written so, `always`,
            or if all its values are single ones. A list of single values always does.
        keys: The shapes of what stands under certain keys.
        rest: The shape of what stands under the other keys, and of the entries of a list.
        is_spaced: Whether an empty line stands between the entries of a list.
    """

    order: tuple[str, ...] = ()
    inline: Inline = "never"
    keys: Mapping[str, Shape] = field(default_factory=dict)
    rest: Shape | None = None
    is_spaced: bool = False

    def under(self, key: str) -> Shape:
        """Give the shape of what stands under a key, or in a list, whose entries have none."""
        return self.keys.get(key) or self.rest or _PLAIN


_PLAIN = Shape()


def written(root: Collection, shape: Shape, *, keeps_order: bool = False) -> str:
    """Write a mapping as a document.

    Args:
        root: The mapping.
        shape: How it is laid out.
        keeps_order: Whether keys stay in their order, as they have to where an alias repeats what stands before it.

    Returns:
        The text, with a line end at its end.
    """
    return "\n".join(_Writer(keeps_order).top(root, shape)) + "\n"


class _Writer:
    """Writes a tree line by line."""

    def __init__(self, keeps_order: bool) -> None:
        self._keeps_order = keeps_order

    def top(self, root: Collection, shape: Shape) -> list[str]:
        lines: list[str] = []
        follows_list = False
        for item in self._ordered(root, shape):
            own = self._item(item, shape.under(item.name), 0)
            _append(lines, own, has_gap=follows_list)
            follows_list = isinstance(item.value, Collection) and not item.value.is_mapping and len(own) > 1
        _append(lines, _comments(root.after, 0))
        return lines

    def _ordered(self, mapping: Collection, shape: Shape) -> list[Item]:
        if self._keeps_order or not shape.order:
            return mapping.items
        place = {key: number for number, key in enumerate(shape.order)}
        return sorted(mapping.items, key=lambda item: place.get(item.name, len(place)))

    def _block(self, items: Sequence[Item], after: Sequence[str], shape: Shape, indent: int) -> list[str]:
        lines: list[str] = []
        was_long = False
        for item in items:
            own = self._item(item, shape.under(item.name), indent)
            _append(lines, own, has_gap=shape.is_spaced and (was_long or len(own) > 1))
            was_long = len(own) > 1
        _append(lines, _comments(after, indent))
        return lines

    def _item(self, item: Item, shape: Shape, indent: int) -> list[str]:
        head = " " * indent + ("-" if item.key is None else f"{_key(item.key)}:")
        before = _comments(item.before, indent)
        if not isinstance(item.value, Collection):
            return [*before, *_single(item.value, head, item.beside, indent)]
        if not item.value.items and item.value.after:
            # what holds nothing has no line for a comment
            before += _comments(item.value.after, indent)
            item.value.after.clear()
        inline = self._inline(item.value, shape)
        if inline is not None and _fits(head, inline):
            return [*before, f"{head} {inline}{_beside(item.beside)}"]
        items = self._ordered(item.value, shape)
        if item.key is None and item.value.anchor is None:
            return [*before, *self._list_item(item, items, item.value.after, shape, indent)]
        anchor = f" &{item.value.anchor}" if item.value.anchor else ""
        lines = self._block(items, item.value.after, shape, indent + 2)
        return [*before, f"{head}{anchor}{_beside(item.beside)}", *lines]

    def _inline(self, collection: Collection, shape: Shape) -> str | None:
        """Give a collection on one line, in braces or brackets, if it may go there."""
        may_be = not collection.items or _may_be_inline(collection, shape)
        return self._in_braces(collection, shape) if may_be and not any(comments_of(collection)) else None

    def _in_braces(self, tree: Tree, shape: Shape) -> str:
        if not isinstance(tree, Collection):
            return one_line(tree, in_braces=True)
        items = self._ordered(tree, shape)
        values = [self._in_braces(item.value, shape.under(item.name)) for item in items]
        if not tree.is_mapping:
            return _anchored(tree.anchor, f"[{', '.join(values)}]")
        keys = [_key(item.key, in_braces=True) for item in items if item.key is not None]
        pairs = (f"{key}: {value}" for key, value in zip(keys, values, strict=True))
        return _anchored(tree.anchor, f"{{{', '.join(pairs)}}}")

    def _list_item(
        self, item: Item, items: Sequence[Item], after: Sequence[str], shape: Shape, indent: int
    ) -> list[str]:
        """Write a collection in a list; its first line follows the dash, so comments go above that."""
        first, *others = items
        above = _comments([*([item.beside] if item.beside else []), *first.before], indent)
        bare = Item(first.key, first.value, [], first.beside)
        lines = self._block([bare, *others], after, shape, indent + 2)
        return [*above, f"{' ' * indent}- {lines[0][indent + 2 :]}", *lines[1:]]


def _append(lines: list[str], more: Sequence[str], *, has_gap: bool = False) -> None:
    """Add lines, with an empty one between where there shall be one; never two, and never one at the beginning."""
    if has_gap and lines and lines[-1]:
        lines.append("")
    if more and not more[0] and (not lines or not lines[-1]):
        more = more[1:]
    lines += more


def _comments(comments: Sequence[str], indent: int) -> list[str]:
    return [f"{' ' * indent}{comment}" if comment else "" for comment in comments]


def _beside(comment: str) -> str:
    return f"  {comment}" if comment else ""


def _fits(head: str, text: str) -> bool:
    return len(head) + 1 + len(text) <= WIDTH


# --- on one line ---


def _may_be_inline(collection: Collection, shape: Shape) -> bool:
    is_flat = not any(isinstance(item.value, Collection) for item in collection.items)
    if not collection.is_mapping and is_flat:
        return True
    match shape.inline:
        case "always":
            return True
        case "as_written":
            return collection.is_inline
        case "plain_values":
            return is_flat
        case "never":
            return False


def _key(key: Scalar | Alias, *, in_braces: bool = False) -> str:
    text = one_line(key, in_braces=in_braces)
    # a colon at once would be part of the alias's name
    return f"{text} " if isinstance(key, Alias) else text


def _anchored(anchor: str | None, text: str) -> str:
    return f"&{anchor} {text}".rstrip() if anchor else text


def one_line(tree: Scalar | Alias, *, in_braces: bool = False) -> str:
    """Write a single value on one line, in quotes only where it needs them.

    Args:
        tree: The value.
        in_braces: Whether it stands in braces or brackets, where more signs have a meaning.
    """
    if isinstance(tree, Alias):
        return f"*{tree.name}"
    if isinstance(tree.value, str):
        is_plain = _is_plain(tree.value, in_braces)
        return _anchored(tree.anchor, tree.value if is_plain else _quoted(tree.value))
    return _anchored(tree.anchor, "null" if in_braces and not tree.text else tree.text)


_INDICATORS = frozenset(",[]{}#&*!|>'\"%@`")
_UNPRINTABLE = re.compile("[^ -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def _is_plain(text: str, in_braces: bool) -> bool:
    """Say whether a text means itself without quotes."""
    if not isinstance(core_scalar(text), str) or text != text.strip() or text.startswith(("---", "...")):
        return False
    if text[0] in _INDICATORS or (text[0] in "-?:" and text[1:2] in ("", " ")) or _UNPRINTABLE.search(text):
        return False
    if ": " in text or " #" in text or text.endswith(":"):
        return False
    return not in_braces or not any(sign in text for sign in ",[]{}:?")


def _quoted(text: str) -> str:
    if ('"' in text or "\\" in text) and not _UNPRINTABLE.search(text):
        return "'" + text.replace("'", "''") + "'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + _UNPRINTABLE.sub(lambda found: _escape(ord(found.group())), escaped) + '"'


def _escape(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


# --- long texts ---


def _single(value: Scalar | Alias, head: str, beside: str, indent: int) -> list[str]:
    line = f"{head} {one_line(value)}".rstrip()
    if isinstance(value, Scalar) and isinstance(value.value, str):
        has_room = len(line) <= TEXT_WIDTH and "\n" not in value.value
        block = None if has_room else _text_block(value.value, indent + 2)
        if block is not None:
            sign, lines = block
            return [f"{head} {_anchored(value.anchor, sign)}{_beside(beside)}", *lines]
    return [f"{line}{_beside(beside)}"]


def _text_block(text: str, indent: int) -> tuple[str, list[str]] | None:
    """Give a text as a block below its key, with the sign that says how to read it, if it can stand in one."""
    kept = text.removesuffix("\n")
    paragraphs = kept.split("\n")
    if not kept.strip() or _UNPRINTABLE.search(kept.replace("\n", "")):
        return None
    if kept != kept.strip() or any(one[:1] == " " or one[-1:] == " " for one in paragraphs):
        return None
    chomping = "" if kept != text else "-"
    margin = " " * indent
    if len(paragraphs) > 1 and all(indent + len(one) <= TEXT_WIDTH for one in paragraphs):
        return f"|{chomping}", [f"{margin}{one}" if one else "" for one in paragraphs]
    lines = [f"{margin}{line}" if line else "" for line in _folded(paragraphs, TEXT_WIDTH - indent)]
    return (f">{chomping}", lines) if len(lines) > 1 or kept != text else None


def _folded(paragraphs: Sequence[str], width: int) -> Iterator[str]:
    """Break paragraphs at single blanks; an empty line stands for the end of each but the last."""
    for number, paragraph in enumerate(paragraphs):
        if number:
            yield ""
        if not paragraph:
            continue
        line = ""
        for word in re.split(r"(?<! ) (?! )", paragraph):
            if line and len(line) + 1 + len(word) > width:
                yield line
                line = word
            else:
                line = f"{line} {word}" if line else word
        yield line
