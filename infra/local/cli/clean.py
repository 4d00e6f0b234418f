"""`./quittance clean`: removes what can be made again."""

import shutil
from pathlib import Path

from infra.local.cli import console, project

_MADE = ("out", ".aws-sam", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis")
_KEPT = {"env"}
"""Under .quittance: kept unless --all, because making them takes a minute."""


def main(arguments: list[str]) -> int:
    """Remove builds, caches, state and out/; with --all the environments too."""
    if arguments not in ([], ["--all"]):
        console.complain("`clean` knows one argument, --all.")
        return 2
    for folder in _made(project.ROOT, everything=bool(arguments)):
        shutil.rmtree(folder, ignore_errors=True) if folder.is_dir() else folder.unlink()
        console.say(f"removed {folder.relative_to(project.ROOT)}")
    return 0


def _made(root: Path, *, everything: bool) -> list[Path]:
    state = root / ".quittance"
    inside = [state] if everything else [entry for entry in sorted(state.glob("*")) if entry.name not in _KEPT]
    return [path for path in (*(root / name for name in _MADE), *inside) if path.exists()]
