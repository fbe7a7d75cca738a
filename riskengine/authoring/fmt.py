"""The layout of a pack's files: one for everybody, comments kept, and never a change of meaning."""

from __future__ import annotations

import difflib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from riskengine.authoring.yaml_tree import Alias, Collection, Tree, comments_of, read_tree
from riskengine.authoring.yaml_writer import Shape, written
from riskengine.errors import Problem, ProblemError, Source
from riskengine.pack import schema
from riskengine.pack.files import MAX_FILE_BYTES, files_of_tests, pack_files
from riskengine.pack.nodes import MappingNode, Node, ScalarNode, SequenceNode
from riskengine.pack.read import is_folder
from riskengine.pack.shapes import read_model
from riskengine.pack.source import decode, read_bytes, read_yaml

__all__ = ["Formatted", "diff", "format_pack", "format_text"]


@dataclass(frozen=True, slots=True)
class Formatted:
    """A file, as it is and as it should be."""

    path: Path
    before: str
    after: str

    @property
    def changes(self) -> bool:
        """Whether the layout is not the right one yet."""
        return self.before != self.after


def format_pack(path: Path) -> tuple[Formatted, ...]:
    """Lay out the files of a pack, those of its tests included; nothing is written.

    Args:
        path: The folder of a pack, or one of its YAML files.

    Returns:
        All its files, in the order of their paths.

    Raises:
        ProblemError: RE-105 if it is neither; else with what is wrong in the files that can't be read as what they
            should be.
    """
    problems: list[Problem] = []
    found = []
    for file in _files(path):
        content = read_bytes(file, limit=MAX_FILE_BYTES)
        try:
            text = decode(content, str(file))
            found.append(Formatted(file, content.decode(), format_text(text, str(file), is_head=file.name == _HEAD)))
        except ProblemError as error:
            problems += error.problems
    if problems:
        raise ProblemError(problems)
    return tuple(found)


_HEAD = "pack.yaml"


def _files(path: Path) -> tuple[Path, ...]:
    if is_folder(path):
        return (*pack_files(path), *files_of_tests(path))
    if path.suffix not in (".yaml", ".yml"):
        help = "name the folder of a pack, or a `.yaml` file in it"
        raise ProblemError(Problem("RE-105", "this is no YAML file and no folder", help, Source(str(path))))
    return (path,)


def diff(one: Formatted) -> str:
    """Give what changes in a file, as a unified diff."""
    before, after = one.before.splitlines(keepends=True), one.after.splitlines(keepends=True)
    return "".join(_ended(line) for line in difflib.unified_diff(before, after, str(one.path), str(one.path)))


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def format_text(text: str, file: str | None = None, *, is_head: bool = False) -> str:
    """Lay out one file of a pack.

    Args:
        text: What it holds.
        file: Its name, for messages.
        is_head: Whether it is `pack.yaml`.

    Returns:
        The same values and comments in the one layout.

    Raises:
        ProblemError: with what is wrong, if it is no file of a pack.
    """
    node = read_yaml(text.encode(), file, aliases=True)
    model = _model(node, file, is_head)
    problems: list[Problem] = []
    assert node is not None
    read_model(model, node, problems)
    if problems:
        raise ProblemError(problems)
    tree = read_tree(text)
    comments = Counter(comments_of(tree))
    after = written(tree, _SHAPES[model], keeps_order=_has_alias(tree))
    _assert_same(node, comments, after, _SHAPES[model])
    return after


def _model(node: Node | None, file: str | None, is_head: bool) -> type[BaseModel]:
    keys = {key.value for key, _ in node.entries} if isinstance(node, MappingNode) else set()
    if is_head and keys:
        return schema.PackFile
    for key, model in _KINDS.items():
        if key in keys:
            return model
    right = "a file of a pack holds `rules`, `questions` or `quantities`, `sources`, or `tests`"
    place = Source(file, 1, 1) if node is None else node.source
    raise ProblemError(Problem("RE-104", "nothing here says what this file is", right, place))


_KINDS: dict[str, type[BaseModel]] = {
    "rules": schema.RuleFile,
    "questions": schema.QuestionnaireFile,
    "quantities": schema.QuestionnaireFile,
    "sources": schema.SourcesFile,
    "tests": schema.ProjectTestFile,
}


def _has_alias(tree: Tree) -> bool:
    if isinstance(tree, Collection):
        return any(_has_alias(item.value) or isinstance(item.key, Alias) for item in tree.items)
    return isinstance(tree, Alias)


def _assert_same(node: Node, comments: Counter[str], after: str, shape: Shape) -> None:
    """Make sure that nothing is lost or changed: values, the order of what has no order given, and comments."""
    again = read_yaml(after.encode(), None, aliases=True)
    assert again is not None and _same(node, again, shape), "the layout changed a value"
    assert Counter(comments_of(read_tree(after))) == comments, "the layout lost a comment"


def _same(one: Node, other: Node, shape: Shape) -> bool:
    if isinstance(one, ScalarNode) and isinstance(other, ScalarNode):
        return type(one.value) is type(other.value) and repr(one.value) == repr(other.value)
    if isinstance(one, SequenceNode) and isinstance(other, SequenceNode):
        pairs = zip(one.items, other.items, strict=False)
        return len(one.items) == len(other.items) and all(_same(*pair, shape.under("")) for pair in pairs)
    if isinstance(one, MappingNode) and isinstance(other, MappingNode):
        names = [key.value for key, _ in one.entries]
        found = {key.value: value for key, value in other.entries}
        if sorted(map(repr, names)) != sorted(map(repr, found)) or (not shape.order and names != [*found]):
            return False
        return all(_same(value, found[key.value], shape.under(key.text)) for key, value in one.entries)
    return False


# --- the layout ---


def _order(model: type[BaseModel]) -> tuple[str, ...]:
    return tuple(field.alias or name for name, field in model.model_fields.items())


_INLINE = Shape(inline="always")
_PARTS: dict[str, Shape] = {}
_CONDITION = Shape(inline="as_written", keys=_PARTS, rest=_INLINE)
_GATE = Shape(inline="always", keys=_PARTS, rest=_INLINE)
_PARTS |= dict.fromkeys(("all", "any", "of"), Shape(inline="as_written", rest=_CONDITION))
_PARTS["not"] = _CONDITION

_EXAMPLE = Shape(_order(schema.ExampleModel), "always", {"answers": _INLINE})
_RULE = Shape(_order(schema.RuleModel), "plain_values", {"when": _CONDITION, "examples": Shape(rest=_EXAMPLE)})
_LEVELS = Shape(rest=Shape(_order(schema.LevelModel)))
_QUESTION = Shape(
    _order(schema.QuestionModel),
    keys={"levels": _LEVELS, "shares": _INLINE, "ask_when": _GATE, "due_when": _GATE},
)
_TEST = Shape(
    _order(schema.ProjectTestModel),
    keys={"answers": _INLINE, "probability": Shape(_order(schema.BoundsModel), "always")},
)
_SHAPES: dict[type[BaseModel], Shape] = {
    schema.PackFile: Shape(
        _order(schema.PackFile),
        keys={
            "base_rate": Shape(_order(schema.BaseRateModel)),
            "spread": Shape(_order(schema.SpreadModel), "as_written"),
            "coherence": Shape(_order(schema.CoherenceModel), "as_written"),
            "ends": Shape(rest=Shape(_order(schema.EndModel))),
            "risk_levels": Shape(rest=Shape(_order(schema.RiskLevelModel), "always")),
            "areas": Shape(inline="as_written"),
        },
    ),
    schema.QuestionnaireFile: Shape(
        _order(schema.QuestionnaireFile),
        keys={
            "questions": Shape(rest=_QUESTION, is_spaced=True),
            "quantities": Shape(rest=Shape(_order(schema.QuantityModel))),
        },
    ),
    schema.RuleFile: Shape(_order(schema.RuleFile), keys={"rules": Shape(rest=_RULE, is_spaced=True)}),
    schema.SourcesFile: Shape(keys={"sources": Shape(rest=Shape(_order(schema.SourceModel)))}),
    schema.ProjectTestFile: Shape(keys={"tests": Shape(rest=_TEST, is_spaced=True)}),
}
