"""A function imports from its own layers: what is only on this machine does not help it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from infra.local.bench.deployment import Deployed

CLEAN = {"PATH": os.defpath, "HOME": "/nonexistent"}


def function(tmp_path, code):
    (tmp_path / "app.py").write_text(code)
    return Deployed("job", (str(tmp_path),), CLEAN, Path(sys.executable))


def test_code_and_standard_library_are_its_own(tmp_path):
    assert function(tmp_path, "import json, decimal\n").foreign == []


def test_what_is_installed_here_but_in_no_layer_is_not_found(tmp_path):
    with pytest.raises(RuntimeError, match=r"job cannot be imported from its own layers(.|\n)*pytest"):
        _ = function(tmp_path, "import pytest\n").foreign


def test_what_is_taken_from_elsewhere_is_named(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "stray.py").write_text("")
    own = tmp_path / "own"
    own.mkdir()
    code = f"import sys\nsys.path.append({str(elsewhere)!r})\nimport stray\n"
    assert function(own, code).foreign == [str(elsewhere / "stray.py")]
