"""Functions as they are deployed: the built zips unpacked, each function with its own layers and nothing else."""

from __future__ import annotations

import json
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from infra.local.bench.bed import Bed
from infra.local.stack.build import Builder
from infra.local.stack.process import REGION
from infra.local.stack.template import Template, resources

_ELSEWHERE = """
import json, sys
places = sys.argv[1:]
sys.path[:0] = places
import app
standard = (sys.base_prefix, sys.base_exec_prefix)
files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
foreign = [file for file in files if file and not file.startswith((*places, *standard)) or "site-packages" in str(file)]
print(json.dumps(foreign))
"""


@dataclass(frozen=True, eq=False)
class Deployed:
    """One function: what it imports from, in the order of Lambda (its code, then its layers), and its variables."""

    job: str
    places: tuple[str, ...]
    environment: Mapping[str, str]
    python: Path

    def command(self, code: str) -> list[str]:
        """Return the command line that runs some code where the function can import only what is its own."""
        # -S: no site packages, -P: not the working folder, -B: the byte code is in the zip or there is none.
        return [str(self.python), "-S", "-P", "-B", "-c", code, *self.places]

    @cached_property
    def foreign(self) -> list[str]:
        """The files that importing the function took from anywhere but its layers and the standard library."""
        done = subprocess.run(
            self.command(_ELSEWHERE), capture_output=True, text=True, check=False, env=dict(self.environment)
        )
        if done.returncode:
            raise RuntimeError(f"{self.job} cannot be imported from its own layers:\n{done.stderr[-1500:]}")
        found: list[str] = json.loads(done.stdout.splitlines()[-1])
        return found


def deployment(bed: Bed, only: Callable[[str], bool] = lambda _: True) -> dict[str, Deployed]:
    """Build the template's functions (or some of them) and layers and unpack them. Raises BuildFailed."""
    template = _of(bed, only)
    zips = Builder(root=bed.root, python=bed.python).build(template)
    layers = resources(template, "AWS::Serverless::LayerVersion")
    places = {name: _unpacked(bed, zips[layer["ContentUri"]]) / "python" for name, layer in layers.items()}
    made = {}
    for job, properties in functions(template).items():
        own = [_unpacked(bed, zips[properties["CodeUri"]]), *(places[layer["Ref"]] for layer in properties["Layers"])]
        made[job] = Deployed(job, tuple(map(str, own)), environment_of(bed, properties), bed.python)
    return made


def functions(template: Template) -> dict[str, dict[str, Any]]:
    """Return the properties of the template's functions by the names of their folders."""
    found = resources(template, "AWS::Serverless::Function").values()
    return {Path(properties["CodeUri"]).name: properties for properties in found}


def _of(bed: Bed, only: Callable[[str], bool]) -> Template:
    """Return the template without the functions that are not asked for."""
    kept = {
        name: resource
        for name, resource in bed.template["Resources"].items()
        if resource["Type"] != "AWS::Serverless::Function" or only(Path(resource["Properties"]["CodeUri"]).name)
    }
    return {**bed.template, "Resources": kept}


def _unpacked(bed: Bed, packed: Path) -> Path:
    target = bed.folder / "deployed" / packed.stem
    if not target.exists():
        with zipfile.ZipFile(packed) as archive:
            archive.extractall(target)
    return target


def environment_of(bed: Bed, properties: Mapping[str, Any]) -> dict[str, str]:
    """Return a function's variables; what only a deployment knows is a placeholder."""
    shared = bed.template["Globals"]["Function"]["Environment"]["Variables"]
    own = properties.get("Environment", {}).get("Variables", {})
    return {
        **{name: _plain(bed, value) for name, value in {**shared, **own}.items()},
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "example",
        "AWS_LAMBDA_FUNCTION_NAME": str(properties.get("CodeUri", "")).strip("/").rpartition("/")[2],
        "HOME": "/nonexistent",
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",  # the same order of sets in every run: the count repeats
    }


def _plain(bed: Bed, value: Any) -> str:
    if isinstance(value, str):
        return value
    parameter = bed.template["Parameters"].get(value.get("Ref", ""), {}) if isinstance(value, dict) else {}
    return str(parameter.get("Default", "https://placeholder.invalid/000000000000/placeholder"))
