"""Finds the stack that `./quittance up` keeps running, by the file that it leaves while it does."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from infra.local.stack.process import ACCOUNT
from infra.local.up.running import STATE


class NotRunning(Exception):
    """No stack is running; the message says how to start one."""


@dataclass(frozen=True, slots=True)
class Located:
    """Where a stack is: the address of its AWS services, the outputs of its template, its API and a key to it."""

    endpoint: str
    region: str
    outputs: dict[str, str]
    api: str = ""
    token: str = field(default="", repr=False)

    @property
    def clients(self) -> Callable[[str], Any]:
        """Clients of the stack, with an administrator's credentials."""
        session = boto3.session.Session()
        make: Any = session.client
        return lambda service: make(
            service,
            endpoint_url=self.endpoint,
            region_name=self.region,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="test",  # noqa: S106  # the emulator's own
        )


def locate(state: Path = STATE) -> Located:
    """Return where the running stack is; NotRunning when there is none."""
    try:
        told = json.loads(state.read_text(encoding="utf-8"))
        os.kill(told["pid"], 0)  # signal 0 sends nothing: it asks whether the process is there
    except (FileNotFoundError, ProcessLookupError):
        raise NotRunning("no stack is running; start one with `./quittance up` in another terminal") from None
    except PermissionError:
        pass  # somebody else's process: it is there
    return Located(told["endpoint"], told["region"], told["outputs"], told.get("api", ""), told.get("token", ""))
