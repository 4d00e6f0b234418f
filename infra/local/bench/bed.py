"""What benches run on: each part is started when a bench first asks for it, and all are stopped at the end."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from infra.local.stack.embedded import ROOT
from infra.local.stack.process import ACCOUNT, REGION, Emulator
from infra.local.stack.template import Template, load, resources

TABLE = "Quittance"
SETTINGS = {
    "TABLE_NAME": TABLE,
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""What this process's models and clients find, whatever a person's shell says."""


class Bed:
    """The ground under the benches; `say` shows how far one has come, `only` is the figure asked for, if one is.

    `verbose` asks a bench to tell on standard error what its figures are made of.
    """

    def __init__(self, python: Path, *, root: Path = ROOT, only: str = "", verbose: bool = False) -> None:
        self.python = python
        self.root = root
        self.say: Callable[[str], None] = lambda _: None
        self.verbose = verbose
        self._only = only
        self._ends = contextlib.ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    def wanted(self, name: str) -> bool:
        """Tell whether a figure was asked for; all are where none was named."""
        return not self._only or name == self._only or name.startswith(f"{self._only}/")

    @cached_property
    def template(self) -> Template:
        """`template.yaml` as plain data."""
        return load(self.root / "template.yaml")

    @cached_property
    def folder(self) -> Path:
        """A folder that is removed at the end."""
        return Path(self._ends.enter_context(tempfile.TemporaryDirectory(prefix="quittance-bench-")))

    @cached_property
    def emulator(self) -> str:
        """The address of an emulator with nothing on it; this process's AWS clients speak to it from now on."""
        emulator = Emulator(self.python, self.root / ".quittance" / "unpacked", auth=False, virtual_time=False)
        self._ends.callback(emulator.stop)
        emulator.wait_until_ready()
        self._point_to(emulator.url)
        return emulator.url

    @cached_property
    def table(self) -> str:
        """The template's table on the emulator; no function reads its stream, so nothing runs beside a bench."""
        return self.make_table(TABLE, stream=True)

    def make_table(self, name: str, *, stream: bool = False) -> str:
        """Create a table with the template's keys and index."""
        (properties,) = resources(self.template, "AWS::DynamoDB::Table").values()
        kept = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
        wanted: dict[str, Any] = {key: properties[key] for key in kept}
        if stream:
            wanted["StreamSpecification"] = {"StreamEnabled": True, **properties["StreamSpecification"]}
        self.client("dynamodb").create_table(TableName=name, **wanted)
        return name

    def client(self, service: str) -> Any:
        """Return a client of the emulator that has nothing on it."""
        import boto3  # noqa: PLC0415  # not before the environment says where to

        create: Any = boto3.session.Session().client
        return create(service, endpoint_url=self.emulator, region_name=REGION)

    def environment(self, **settings: str) -> None:
        """Set variables of this process until the end of the run, as functions find them."""
        before = {name: os.environ.get(name) for name in settings}
        os.environ.update(settings)
        self._ends.callback(_restore, before)

    def _point_to(self, url: str) -> None:
        self.environment(
            AWS_ENDPOINT_URL=url,
            AWS_ACCESS_KEY_ID=ACCOUNT,
            AWS_SECRET_ACCESS_KEY="test",  # noqa: S106  # the emulator's own
            NO_PROXY="*",
        )


def _restore(before: dict[str, str | None]) -> None:
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
