"""Reads YAML (or JSON) keeping where each value stands, so that a mistake can be shown at its line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from quittance.domain.errors import Rejected

Path_ = tuple[str | int, ...]


class _TextLoader(yaml.SafeLoader):
    """Leaves dates and times as text: their zone is the scenario's business, not YAML's."""


_TextLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class Source:
    """A parsed file: its data and the line of every value in it."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._lines: dict[Path_, int] = {}
        try:
            node = yaml.compose(file.read_text(encoding="utf-8"), Loader=_TextLoader)  # a SafeLoader
        except FileNotFoundError:
            raise Rejected(f"{file}: no such file") from None
        except UnicodeDecodeError:
            raise Rejected(f"{file}: not UTF-8 text") from None
        except yaml.YAMLError as problem:
            raise Rejected(f"{file}: {_flat(problem)}") from None
        self.data: Any = self._value(node, ()) if node is not None else None

    def error(self, path: Path_, message: str) -> Rejected:
        """Return the error that names the place: file, line, path, message."""
        line = next((self._lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in self._lines), 1)
        return Rejected(f"{self.file}:{line}: {spelled(path)}: {message}", field=spelled(path))

    def _value(self, node: yaml.Node, path: Path_) -> Any:
        self._lines.setdefault(path, node.start_mark.line + 1)
        match node:
            case yaml.MappingNode():
                return self._mapping(node, path)
            case yaml.SequenceNode():
                return [self._value(item, (*path, i)) for i, item in enumerate(node.value)]
            case yaml.ScalarNode():
                return _scalar(node)
        raise self.error(path, "not a mapping, a list or a value")

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            self._lines[(*path, key)] = key_node.start_mark.line + 1
            if key in result:
                raise self.error((*path, key), "stands twice")
            result[key] = self._value(value_node, (*path, key))
        return result


def _scalar(node: yaml.ScalarNode) -> Any:
    loader = _TextLoader("")
    try:
        return loader.construct_object(node)
    finally:
        loader.dispose()


def _flat(problem: yaml.YAMLError) -> str:
    return " ".join(str(problem).split())


def parts(field: str) -> Path_:
    """Read a spelled path back: `stages[0].when` is ("stages", 0, "when")."""
    found = re.findall(r"[^.\[\]]+|\[\d+\]", field)
    return tuple(int(part[1:-1]) if part.startswith("[") else part for part in found)


def spelled(path: Path_) -> str:
    """Write a path as people do: steps[3].pay.amount."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.lstrip(".") or "the file"
