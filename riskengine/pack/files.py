"""The files of a pack: found, parsed, and their shape checked; what their words mean is left to the loader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from riskengine.errors import Problem, ProblemError, Source
from riskengine.pack import schema
from riskengine.pack.doubts import Doubts
from riskengine.pack.nodes import MappingNode, Node, ScalarNode, SequenceNode, plain, quoted
from riskengine.pack.shapes import read_model
from riskengine.pack.source import read_bytes, read_yaml

__all__ = ["File", "files_of_tests", "pack_files", "read_files"]

MAX_FILES = 1_000
MAX_FILE_BYTES = 5_000_000

_Model = TypeVar("_Model", bound=BaseModel)

# what is read entry by entry, so that a mistake in one leaves the others
_LISTED: Mapping[str, type[BaseModel]] = {
    "questions": schema.QuestionModel,
    "quantities": schema.QuantityModel,
    "rules": schema.RuleModel,
}
# what stands in for a key with a problem while the rest of the file is read
_STAND_INS: Mapping[type[BaseModel], Mapping[str, Any]] = {
    schema.PackFile: {"name": "unnamed", "version": "0"},
    schema.RuleFile: {"rules": []},
    schema.QuestionnaireFile: {},
    schema.SourcesFile: {"sources": {}},
}


def pack_files(folder: Path) -> tuple[Path, ...]:
    """Give the files of a pack, `pack.yaml` first.

    Files of tests (`*.test.yaml`), hidden files and folders, and packs in folders below are not among them.

    Raises:
        ProblemError: RE-105 if the folder has no `pack.yaml`, RE-214 if it holds too many files.
    """
    main = folder / "pack.yaml"
    if not main.is_file():
        right = "a pack is a folder with `pack.yaml`, a questionnaire and rule files"
        raise ProblemError(Problem("RE-105", "there is no `pack.yaml` here", right, Source(str(folder))))
    files = (main, *(path for path in _yaml_files(folder) if path != main and not _holds_tests(path)))
    if len(files) > MAX_FILES:
        raise ProblemError(
            Problem("RE-214", f"more than {MAX_FILES} files in one pack", "split it", Source(str(folder)))
        )
    return files


def files_of_tests(folder: Path) -> tuple[Path, ...]:
    """Give the files of a pack's tests, `*.test.yaml`, in the order of their paths."""
    return tuple(path for path in _yaml_files(folder) if _holds_tests(path))


def _yaml_files(folder: Path) -> list[Path]:
    """Give the YAML files of a folder in the order of their paths, without hidden ones and packs in folders below."""
    found = {path for end in ("yaml", "yml") for path in folder.rglob(f"*.{end}")}
    inner = {path.parent for path in found if path.name == "pack.yaml"} - {folder}
    return sorted(
        path
        for path in found
        if inner.isdisjoint(path.parents) and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def _holds_tests(path: Path) -> bool:
    return path.stem.endswith(".test")


@dataclass(slots=True)
class File:
    """One file of a pack, parsed.

    Attributes:
        node: Its root.
        model: Its top; the entries of its lists were read apart.
        wrong: Keys of the top that have a problem; the model has stand-ins for them.
        entries: The entries that have the right shape, by the key of their list.
        broken: The nodes of the others.
    """

    node: MappingNode
    model: BaseModel
    wrong: set[str]
    entries: dict[str, list[tuple[BaseModel, MappingNode]]] = field(default_factory=dict)
    broken: dict[str, list[MappingNode]] = field(default_factory=dict)

    def read(self, key: str, model: type[_Model]) -> Iterator[tuple[_Model, MappingNode]]:
        """Give the entries under a key, each with its node."""
        for one, node in self.entries.get(key, ()):
            if isinstance(one, model):
                yield one, node


def read_files(folder: Path, doubts: Doubts, problems: list[Problem]) -> tuple[File | None, list[File]]:
    """Read all files of a pack.

    Args:
        folder: The folder that holds `pack.yaml`.
        doubts: What can't be read is noted.
        problems: Problems found are added.

    Returns:
        `pack.yaml`, if it can be read, and the other files.

    Raises:
        ProblemError: as `pack_files` does.
    """
    main, *others = pack_files(folder)
    reader = _FileReader(doubts, problems)
    head = reader.read(main, schema.PackFile)
    return head, [file for path in others if (file := reader.read(path)) is not None]


@dataclass(slots=True)
class _FileReader:
    doubts: Doubts
    problems: list[Problem]

    def read(self, path: Path, model: type[BaseModel] | None = None) -> File | None:
        node = self._node(path)
        model = model or (None if node is None else _kind(node))
        if node is None or model is None:
            self.doubts.unread = True
            if node is not None:
                right = "a file of a pack holds `rules`, `questions` or `quantities`, or `sources`"
                message = "nothing here says what this file is"
                self.problems.append(Problem("RE-104", message, right, node.source))
            return None
        file = self._top(node, model)
        self.doubts.unread |= bool(file.wrong & {*_LISTED, "sources"})
        for key, kind in _LISTED.items():
            if key not in file.wrong:
                self._entries(file, key, kind)
        file.entries["sources"] = list(self._sources(node)) if model is schema.SourcesFile else []
        return file

    def _node(self, path: Path) -> MappingNode | None:
        name = str(path)
        try:
            node = read_yaml(read_bytes(path, limit=MAX_FILE_BYTES), name, aliases=True, twice=self.problems)
        except ProblemError as error:
            self.problems += error.problems
            return None
        if isinstance(node, MappingNode):
            return node
        what = "is empty" if node is None else f"holds {quoted(node)} at the top"
        right = "a file of a pack is a mapping: `rules:`, `questions:` or `sources:`"
        self.problems.append(Problem("RE-104", f"this file {what}", right, Source(name, 1, 1)))
        return None

    def _top(self, node: MappingNode, model: type[BaseModel]) -> File:
        top = _emptied(node)
        read, wrong = read_model(model, top, self.problems)
        if read is None:
            data = plain(top)
            assert isinstance(data, dict)
            kept = {key: value for key, value in data.items() if str(key) not in wrong}
            read = model.model_validate({**_STAND_INS[model], **kept})
        return File(node, read, wrong)

    def _entries(self, file: File, key: str, kind: type[BaseModel]) -> None:
        listed = file.node.get(key)
        for node in listed.items if isinstance(listed, SequenceNode) else ():
            model, _ = read_model(kind, node, self.problems)
            if isinstance(node, MappingNode):
                if model is not None:
                    file.entries.setdefault(key, []).append((model, node))
                    continue
                file.broken.setdefault(key, []).append(node)
            self.doubts.names |= _names(node)
            if kind is schema.RuleModel:
                self.doubts.rules.add(str(node.source))

    def _sources(self, node: MappingNode) -> Iterator[tuple[BaseModel, MappingNode]]:
        listed = node.get("sources")
        for key, value in listed.entries if isinstance(listed, MappingNode) else ():
            alone = MappingNode(((key, value),), node.source)
            model, _ = read_model(schema.SourcesFile, MappingNode(((_SOURCES, alone),), node.source), self.problems)
            if model is None:
                self.doubts.names.add(key.text)
            else:
                yield model, alone


_SOURCES = ScalarNode("sources", "sources", Source())
_NO_ITEMS = SequenceNode((), Source())
_NO_ENTRIES = MappingNode((), Source())


def _kind(node: MappingNode) -> type[BaseModel] | None:
    keys = {key.value for key, _ in node.entries}
    if "rules" in keys:
        return schema.RuleFile
    if keys & {"questions", "quantities"}:
        return schema.QuestionnaireFile
    return schema.SourcesFile if "sources" in keys else None


def _emptied(node: MappingNode) -> MappingNode:
    """Give the top of a file without what is read entry by entry."""

    def without(key: ScalarNode, value: Node) -> Node:
        if key.value in _LISTED and isinstance(value, SequenceNode):
            return _NO_ITEMS
        return _NO_ENTRIES if key.value == "sources" and isinstance(value, MappingNode) else value

    return MappingNode(tuple((key, without(key, value)) for key, value in node.entries), node.source)


def _names(node: Node) -> set[str]:
    """Give the names that an entry of a wrong shape would have defined."""
    if not isinstance(node, MappingNode):
        return set()
    values = (node.get("id"), node.get("concludes"))
    return {value.text for value in values if isinstance(value, ScalarNode)}
