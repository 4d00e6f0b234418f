"""Builds what `template.yaml` deploys: one zip for each function and layer.

A layer's folder holds `requirements.txt` (third-party packages with hashes), `python/` (code of ours), or both; its zip
holds all of it under `python/`. A function's zip is its folder. Zips carry byte code that is valid wherever it is
unpacked, botocore's data only for the services in use, and no time of building: the same input gives the same bytes.
What has been built lies under `.quittance/build`, named after its content, and is not built again.

    python -m infra.local.stack.build layers/deps FOLDER     (what `sam build` calls through the layers' makefiles)
"""

import argparse
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from infra.local.stack.template import Template, resources

SERVICES = ("dynamodb", "s3", "secretsmanager", "sesv2", "sqs")
"""The AWS services that functions call; botocore's data of all others stays out of the layer."""

_PARTITIONS = ("aws", "aws-us-gov", "aws-cn")
_RECIPE = "3"  # raise it when the same input should give another result
_WEEK = 7 * 86400
_EPOCH = (1980, 1, 1, 0, 0, 0)
_NOT_SHIPPED = ("__pycache__", "*.pyc", "*.pyi", "RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "Makefile")
_ON_LAMBDA = ("--platform", "manylinux2014_x86_64", "--implementation", "cp", "--python-version", "3.13")


class BuildFailed(Exception):
    """A zip could not be made; the message holds what pip or the compiler said."""


@dataclass(frozen=True)
class Builder:
    """Builds with a given interpreter, which must be the functions' runtime for the byte code to be used.

    `installer` is the pip to run; `options` go to it (the machine that will run the packages, where it is another).
    """

    root: Path
    python: Path
    installer: Sequence[str] = ()
    options: Sequence[str] = field(default=())

    @property
    def folder(self) -> Path:
        """Where zips lie between one start and the next."""
        return self.root / ".quittance" / "build"

    def build(self, template: Template) -> dict[str, Path]:
        """Return the zip of each CodeUri and ContentUri in the template. Raises BuildFailed."""
        layers = [
            properties["ContentUri"] for properties in resources(template, "AWS::Serverless::LayerVersion").values()
        ]
        functions = [properties["CodeUri"] for properties in resources(template, "AWS::Serverless::Function").values()]
        with ThreadPoolExecutor(max_workers=4) as pool:
            made = {uri: pool.submit(self._zip, uri, layer=True) for uri in layers}
            made |= {uri: pool.submit(self._zip, uri, layer=False) for uri in functions}
            return {uri: future.result() for uri, future in made.items()}

    def assemble_layer(self, source: Path, target: Path) -> None:
        """Fill a folder with what a layer's zip holds. Raises BuildFailed."""
        python = target / "python"
        python.mkdir(parents=True, exist_ok=True)
        if (source / "requirements.txt").exists():
            self._install(source / "requirements.txt", python)
            _trim(python)
        if (source / "python").exists():
            shutil.copytree(source / "python", python, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*_NOT_SHIPPED))
        self._compile(python)

    def _zip(self, uri: str, *, layer: bool) -> Path:
        source = self.root / uri
        if not source.is_dir():
            raise BuildFailed(f"{uri}: the template names a folder that is not there")
        done = self.folder / f"{source.name}-{self._digest(source)}.zip"
        if done.exists():
            done.touch()
            return done
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=done.parent) as scratch:
            content = Path(scratch, "content")
            if layer:
                self.assemble_layer(source, content)
            else:
                shutil.copytree(source, content, ignore=shutil.ignore_patterns(*_NOT_SHIPPED))
                self._compile(content)
            packed = Path(scratch, "packed.zip")
            self._pack(content, packed)
            packed.replace(done)  # in one step: another launcher may be building the same
        self._forget(source.name)
        return done

    def _forget(self, name: str) -> None:
        """Remove what has not been used for a week."""
        for old in self.folder.glob(f"{name}-*.zip"):
            if time.time() - old.stat().st_mtime > _WEEK:
                old.unlink(missing_ok=True)

    def _digest(self, source: Path) -> str:
        digest = hashlib.sha256(f"{_RECIPE}|{self._version()}|{self.options}|{SERVICES}".encode())
        for path in _files(source):
            if path.suffix != ".pyc":
                digest.update(f"|{path.relative_to(source).as_posix()}|".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()[:16]

    def _version(self) -> str:
        """What the interpreter's folder says about it: asking the interpreter itself would cost a start."""
        settings = self.python.parent.parent / "pyvenv.cfg"
        return settings.read_text(encoding="utf-8") if settings.exists() else str(self.python)

    def _install(self, requirements: Path, target: Path) -> None:
        pip = self.installer or (str(self.python), "-m", "pip")
        arguments = ("--quiet", "--disable-pip-version-check", "--no-compile", "--no-deps", "--require-hashes")
        self._run(
            *pip,
            "install",
            *arguments,
            "--only-binary=:all:",
            *self.options,
            "-r",
            str(requirements),
            "-t",
            str(target),
        )

    def _compile(self, folder: Path) -> None:
        """Add byte code that is trusted by its hash, because unpacking changes the times of files."""
        # The prefix that tracebacks name is the one on Lambda, so that building elsewhere gives the same bytes.
        place = ("-s", str(folder), "-p", "/opt/python")
        self._run(
            str(self.python),
            "-m",
            "compileall",
            "-q",
            "-j",
            "0",
            "--invalidation-mode",
            "unchecked-hash",
            *place,
            str(folder),
        )

    def _pack(self, folder: Path, target: Path) -> None:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for path in _files(folder):
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _EPOCH)
                entry.external_attr = 0o100644 << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes(), compresslevel=1)

    def _run(self, *command: str) -> None:
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PIP_ROOT_USER_ACTION": "ignore"}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        if done.returncode:
            raise BuildFailed(f"{' '.join(command[:4])} … failed:\n{done.stdout}{done.stderr}".strip())


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _trim(python: Path) -> None:
    """Leave out what no function reads."""
    for unwanted in ("bin", "boto3/examples"):
        shutil.rmtree(python / unwanted, ignore_errors=True)
    for name in ("RECORD", "INSTALLER", "REQUESTED"):
        for path in python.glob(f"*.dist-info/{name}"):
            path.unlink()
    for package in ("botocore", "boto3"):
        data = python / package / "data"
        for folder in data.iterdir() if data.exists() else ():
            if folder.is_dir() and folder.name not in SERVICES:
                shutil.rmtree(folder)
    for packed in (python / "botocore" / "data").rglob("*.json.gz"):
        packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
        packed.unlink()
    _trim_endpoints(python / "botocore" / "data" / "endpoints.json")


def _trim_endpoints(path: Path) -> None:
    """Keep the endpoints of the services in use: reading the whole file is a seventh of a client's start."""
    if not path.exists():
        return
    known = json.loads(path.read_bytes())
    used = {"dynamodb", "s3", "secretsmanager", "email", "sqs"}
    known["partitions"] = [part for part in known["partitions"] if part["partition"] in _PARTITIONS]
    for part in known["partitions"]:
        part["services"] = {name: value for name, value in part["services"].items() if name in used}
    path.write_text(json.dumps(known, separators=(",", ":")), encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """Assemble one layer for AWS; the entry point of the layers' makefiles."""
    parser = argparse.ArgumentParser(prog="build", description="Fill a folder with what a layer's zip holds.")
    parser.add_argument("layer", type=Path)
    parser.add_argument("target", type=Path)
    given = parser.parse_args(arguments)
    builder = Builder(root=Path.cwd(), python=Path(sys.executable), options=_ON_LAMBDA)
    try:
        builder.assemble_layer(given.layer.resolve(), given.target.resolve())
    except BuildFailed as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
