"""The locks: exact, hashed, free of addresses, and one version of everything the functions run with."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from infra.local.cli.lock import LAYERS, TOOLS
from infra.local.cli.project import ROOT

LOCKS = {**LAYERS, **TOOLS}
OURS = {"quittance", "quittance_documents", "infra", "app"}
TYPES_ONLY = {"_typeshed"}


def pinned(target: str) -> dict[str, str]:
    lines = (ROOT / target).read_text().splitlines()
    return dict(re.findall(r"^([\w.-]+)==(\S+)", "\n".join(lines), flags=re.MULTILINE))


def imported(folder: Path) -> set[str]:
    names = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    return names - OURS - TYPES_ONLY - set(sys.stdlib_module_names)


@pytest.mark.parametrize("target", LOCKS.values())
def test_every_requirement_is_exact_and_hashed(target):
    text = (ROOT / target).read_text().replace("\\\n", "")
    requirements = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert requirements
    for requirement in requirements:
        assert re.match(r"[\w.-]+==\S+ ", requirement)
        assert "--hash=sha256:" in requirement


@pytest.mark.parametrize("target", LOCKS.values())
def test_no_lock_names_an_address(target):
    assert "://" not in (ROOT / target).read_text()


@pytest.mark.parametrize("layer", LAYERS.values())
def test_tests_run_with_the_versions_of_the_layers(layer):
    in_layer, in_tests = pinned(layer), pinned(TOOLS["dev"])
    assert {name: in_tests.get(name) for name in in_layer} == in_layer


@pytest.mark.parametrize(
    ("folders", "layers"),
    [
        # That only the webhook's own module needs "signatures" is among the template's rules.
        (["functions", "layers/core/python"], ["deps", "signatures"]),
        (["layers/documents/python"], ["deps", "documents"]),
    ],
    ids=["core", "documents"],
)
def test_what_functions_import_is_in_their_layers(folders, layers):
    locked = {name.lower().replace("_", "-") for layer in layers for name in pinned(LAYERS[layer])}
    owners = packages_distributions()
    needed = {name for folder in folders for name in imported(ROOT / folder)}
    missing = {
        name for name in needed if not {owner.lower().replace("_", "-") for owner in owners.get(name, [])} & locked
    }
    assert not missing


def test_pynamodb_and_botocore_are_pinned_by_hand_together():
    source = (ROOT / "infra/locks/deps.in").read_text()
    assert re.search(r"^pynamodb==", source, re.MULTILINE)
    assert re.search(r"^botocore==", source, re.MULTILINE)
