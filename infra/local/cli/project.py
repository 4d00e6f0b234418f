"""Where things lie in the checkout, and what programs started by the launcher find in their environment."""

import os
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CODE_ROOTS = (".", "layers/core/python", "layers/documents/python")
"""What is imported from, as pyproject.toml tells pytest and mypy."""
_CONFUSING = ("PYTHONHOME", "VIRTUAL_ENV", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PYTHONSTARTUP")
"""Settings of a person's shell that would send packages or imports elsewhere."""


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The caller's environment, less what confuses, plus where our code lies."""
    kept = {key: value for key, value in os.environ.items() if key not in _CONFUSING}
    kept["PYTHONPATH"] = os.pathsep.join(str((ROOT / folder).resolve()) for folder in CODE_ROOTS)
    kept["PYTHONUTF8"] = "1"
    kept["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    return kept | dict(extra or {})
