"""The composition root: builds each adapter once per process, when it is first needed."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from quittance.adapters.queues import SqsOutgoing
from quittance.runtime.clock import Clock, clock_from_env


@cache
def client(service: str) -> Any:
    """Return the process's client of an AWS service; one botocore session serves all."""
    from botocore.config import Config  # noqa: PLC0415  # heavy: only functions that call AWS pay for it

    config = Config(connect_timeout=2, read_timeout=10, retries={"mode": "standard", "max_attempts": 4})
    return _session().create_client(service, region_name=os.environ.get("AWS_REGION"), config=config)


@cache
def _session() -> Any:
    import botocore.session  # noqa: PLC0415  # as above

    return botocore.session.get_session()


@cache
def clock() -> Clock:
    """Return the process's clock."""
    return clock_from_env()


@cache
def outgoing() -> SqsOutgoing:
    """Return the sender of queue messages."""
    return SqsOutgoing(client("sqs"))
