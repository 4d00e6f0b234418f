"""XML into a plain tree, by the standard library's expat, with everything off that an attacker could use.

No document type (so no entities, no external files), bounded depth, elements and text. Namespaces are cut off: banks
write a dozen versions of one schema, which differ in places that the reader handles by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.parsers import expat

from quittance.domain.bank import BrokenStatement

MOST_ELEMENTS = 600_000
MOST_DEPTH = 40
MOST_TEXT = 10_000


class Node:
    """An element: its local name, its text, its attributes, its children."""

    __slots__ = ("attributes", "children", "name", "text")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.children: list[Node] = []
        self.text = ""

    def all(self, path: str) -> Iterator[Node]:
        """Yield the elements at a path of names."""
        name, _, rest = path.partition("/")
        for child in self.children:
            if child.name == name:
                if rest:
                    yield from child.all(rest)
                else:
                    yield child

    def first(self, *paths: str) -> Node | None:
        """Return the first element at the first path that has one."""
        return next((found for path in paths for found in self.all(path)), None)

    def value(self, *paths: str) -> str | None:
        """Return the trimmed text of the first element at the first path that has one; None where it is empty."""
        found = next((one for path in paths for one in self.all(path) if one.text.strip()), None)
        return " ".join(found.text.split()) if found else None


class _Builder:
    def __init__(self) -> None:
        self.root = Node("", {})
        self._open = [self.root]
        self._elements = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > MOST_ELEMENTS or len(self._open) > MOST_DEPTH:
            raise BrokenStatement("the file is larger or deeper nested than any statement; export a shorter period")
        node = Node(_local(name), {_local(key): value for key, value in attributes.items()})
        self._open[-1].children.append(node)
        self._open.append(node)

    def end(self, _: str) -> None:
        self._open.pop()

    def text(self, data: str) -> None:
        node = self._open[-1]
        if len(node.text) + len(data) > MOST_TEXT:
            raise BrokenStatement(f"<{node.name}> holds more than {MOST_TEXT} characters")
        node.text += data

    def refuse(self, *_: object) -> None:
        raise BrokenStatement("the file declares a document type or entities; statements have none")


def _local(name: str) -> str:
    return name.rpartition(" ")[2][:100]


def parse(content: bytes) -> Node:
    """Return the root of a document; BrokenStatement where it is not XML or not of the harmless kind."""
    builder = _Builder()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = builder.refuse
    parser.EntityDeclHandler = builder.refuse
    parser.ExternalEntityRefHandler = None
    try:
        parser.Parse(content, True)
    except expat.ExpatError as problem:
        raise BrokenStatement(f"not XML ({problem}); send the file as the bank gave it") from None
    except (LookupError, ValueError) as problem:  # an encoding that Python does not know, or bytes outside of it
        raise BrokenStatement(f"the file's encoding cannot be read ({problem}); send it in UTF-8") from None
    return builder.root.children[0]
