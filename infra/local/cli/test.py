"""`./quittance test`: every gate and every test, or the tests that the arguments ask for."""

import os

from infra.local.cli import processes, project, validate
from infra.local.cli.environments import Environments
from infra.local.cli.stages import Stage, run_all

_WORKERS = 2
"""More workers than cores only wait for each other."""


def main(arguments: list[str]) -> int:
    """Run the suite; 0 when all passed, 1 when anything failed, pytest's own status where it alone runs."""
    environments = Environments()
    pythons = {name: environments.python(name) for name in ("dev", "stack", "gates", "audit")}
    env = {f"QUITTANCE_{name.upper()}_PYTHON": str(python) for name, python in pythons.items() if name != "dev"}
    dev = pythons["dev"]
    if arguments:
        return processes.run(processes.module(dev, "pytest", *arguments), env=project.environment(env))
    workers = ["-n", str(min(_WORKERS, os.cpu_count() or 1)), "--dist", "loadscope"]
    return run_all(
        [
            Stage("ruff check", processes.module(dev, "ruff", "check", ".")),
            Stage("ruff format", processes.module(dev, "ruff", "format", "--check", ".")),
            Stage("mypy", processes.module(dev, "mypy")),
            *validate.stages(pythons["gates"], pythons["audit"]),
            Stage("pytest", processes.module(dev, "pytest", *workers), env, quiet=False),
        ]
    )
