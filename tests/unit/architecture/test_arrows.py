"""Arrows point inward: what may import what."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CORE = ROOT / "layers/core/python/quittance"
ALLOWED = {
    "domain": {"domain"},
    "usecases": {"domain", "usecases", "store.keys", "runtime.clock"},
    "store": {"domain", "usecases", "store", "runtime.clock"},
    "adapters": {"domain", "usecases", "adapters", "store.keys", "runtime.clock"},
    "runtime": {"domain", "usecases", "store", "adapters", "runtime"},
}
OUTSIDE_DOMAIN = {"boto3", "botocore", "pynamodb", "aws_lambda_powertools", "urllib3", "os", "socket", "http"}
MODULES = [file for file in CORE.rglob("*.py") if file.parent != CORE]


def imports(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def ours(name):
    parts = name.split(".")
    return ".".join(parts[1:]) if parts[0] == "quittance" else None


def within(target, allowed):
    return any(target == entry or target.startswith(f"{entry}.") for entry in allowed)


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(CORE)))
def test_the_layers_import_inward_only(file):
    room = file.relative_to(CORE).parts[0]
    targets = {target for name in imports(file) if (target := ours(name))}
    assert {target for target in targets if not within(target, ALLOWED[room])} == set()


@pytest.mark.parametrize("file", sorted((CORE / "domain").rglob("*.py")), ids=lambda file: file.name)
def test_the_domain_knows_nothing_of_the_outside(file):
    assert {name.split(".")[0] for name in imports(file)} & OUTSIDE_DOMAIN == set()


@pytest.mark.parametrize("file", sorted((ROOT / "functions").rglob("*.py")), ids=lambda file: file.parent.name)
def test_a_function_imports_no_other_function(file):
    assert not [name for name in imports(file) if name.split(".")[0] in {"functions", "infra", "tests", "app"}]


@pytest.mark.parametrize("file", [*MODULES, *sorted((ROOT / "functions").rglob("*.py"))], ids=lambda file: file.stem)
def test_time_is_read_in_the_clock_only(file):
    if file == CORE / "runtime" / "clock.py":
        return
    calls = [node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)]
    spelled = {ast.unparse(call) for call in calls}
    assert spelled & {"datetime.now", "datetime.utcnow", "date.today", "time.time", "datetime.today"} == set()


def test_there_is_something_to_check():
    assert len(MODULES) > 20
