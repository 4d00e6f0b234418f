"""The embedded stack: `template.yaml` deployed to an emulator on this machine."""

import contextlib
import json
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import boto3
from botocore.config import Config

from infra.local.providers.apis import ProviderApis
from infra.local.stack import build, deployment, gaps, mailbox
from infra.local.stack.process import ACCOUNT, REGION, Emulator, StackFailed
from infra.local.stack.template import Template, load
from infra.local.stack.tokens import AUDIENCE, TokenIssuer

ROOT = Path(__file__).resolve().parents[3]
MAIL_DOMAIN = "quittance.example"
_CLIENT = Config(
    retries={"max_attempts": 1},
    connect_timeout=2,
    read_timeout=120,
    max_pool_connections=32,
    s3={"addressing_style": "path"},
)


@dataclass(frozen=True)
class Idle:
    """What is left when the stack has come to rest: messages that failed and wait for a later (virtual) moment."""

    sleeping: tuple[str, ...]


@dataclass(frozen=True)
class Parked:
    """A message in a dead-letter queue, or a change that the relay parked."""

    queue: str
    body: str


class EmbeddedStack:
    """Starts the emulator, deploys the template, tells what happens in it; `with` does both and stops it at the end.

    `python` is the interpreter of the environment that has the emulator. With `clock` time is virtual: it
    stands where it was set until `set_clock` moves it. With `auth` every call is checked against the caller's role.
    `parameters` replace the template's, `say` hears of progress. Raises StackFailed and build.BuildFailed.
    """

    def __init__(
        self,
        python: Path,
        *,
        root: Path = ROOT,
        clock: datetime | None = None,
        auth: bool = False,
        name: str = "quittance",
        parameters: Mapping[str, str] | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.name = name
        self.root = root
        self.outputs: dict[str, str] = {}
        self._python = python
        self._clock = clock
        self._auth = auth
        self._parameters = dict(parameters or {})
        self._say = say
        self._clients: dict[str, Any] = {}
        self._ends = contextlib.ExitStack()

    def __enter__(self) -> Self:
        try:
            self.start()
            self.deploy()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the emulator, the token issuer and the stand-in for the payment providers' APIs."""
        self.tokens = TokenIssuer()
        self._ends.callback(self.tokens.stop)
        self.providers = ProviderApis()
        self._ends.callback(self.providers.close)
        unpacked = self.root / ".quittance" / "unpacked"
        self._emulator = Emulator(self._python, unpacked, auth=self._auth, virtual_time=self._clock is not None)
        self._ends.callback(self._emulator.stop)
        if self._clock:
            self._write_clock(self._clock)
        self._emulator.wait_until_ready()

    def stop(self) -> None:
        """End everything that was started; harmless when nothing was."""
        self._ends.close()

    @cached_property
    def template(self) -> Template:
        """`template.yaml` as plain data."""
        return load(self.root / "template.yaml")

    @property
    def url(self) -> str:
        """The emulator's address: every AWS service answers there."""
        return self._emulator.url

    @property
    def clock_file(self) -> Path | None:
        """The file that holds virtual time, for stand-ins that live by it; None where time is the machine's."""
        return self._emulator.clock_file

    @property
    def api_url(self) -> str:
        """The HTTP API's address: `/v1/…`, `/webhooks/…`, `/public/…`."""
        return self._emulator.api_url

    def client(self, service: str) -> Any:
        """A boto3 client of the stack, with an administrator's credentials; one for each service."""
        if service not in self._clients:
            create: Any = boto3.session.Session().client
            self._clients[service] = create(
                service,
                endpoint_url=self.url,
                region_name=REGION,
                aws_access_key_id=ACCOUNT,
                aws_secret_access_key="test",  # noqa: S106 (the emulator's own)
                config=_CLIENT,
            )
        return self._clients[service]

    # --- deploying -------------------------------------------------------------------------------------------

    def deploy(self, parameters: Mapping[str, str] | None = None) -> None:
        """Build, upload, create the stack, close the gaps, and start one worker of each function.

        `parameters` are the template's that became known only since the stack was made.
        """
        self._say("building functions and layers")
        zips = build.Builder(root=self.root, python=self._python).build(self.template)
        self._say("deploying template.yaml")
        given = {**self._local_parameters(), **self._parameters, **(parameters or {})}
        self.outputs = deployment.create(self.client, self.name, self.template, zips, given)
        gaps.complete(self.client, self.template, self.outputs, virtual_time=self._clock is not None)
        self._say("starting functions")
        if failed := self._emulator.ask("POST", "warm")["failed"]:
            raise StackFailed("\n".join(f"{name} does not start: {why}" for name, why in failed.items()))

    def _local_parameters(self) -> dict[str, str]:
        return {
            "JwtIssuer": self.tokens.url,
            "ProviderApiBase": self.providers.base_url,
            "JwtAudience": AUDIENCE,
            "MailDomain": MAIL_DOMAIN,
            "PublicBaseUrl": self.api_url,
            "ScheduleState": "DISABLED" if self._clock else "ENABLED",
            "DeletionProtection": "false",
            "ClockFile": str(self._emulator.clock_file or ""),
        }

    # --- time ------------------------------------------------------------------------------------------------

    def set_clock(self, moment: datetime) -> None:
        """Move virtual time forward. What waits in queues waits that much less."""
        if self._clock is None:
            raise ValueError("time is the machine's in this stack; give a clock when making it")
        passed = (moment - self._clock).total_seconds()
        self._clock = moment
        self._write_clock(moment)
        if passed > 0:
            self._emulator.ask("POST", f"elapse?seconds={passed}")

    def _write_clock(self, moment: datetime) -> None:
        file = self._emulator.clock_file
        if file:
            written = file.with_suffix(".new")
            written.write_text(moment.astimezone(UTC).isoformat(), encoding="ascii")
            written.replace(file)

    def wait_idle(self, timeout: float = 60, *, patience: int = 3) -> Idle:
        """Return when no function runs, the stream is read to its end and no queue has anything to do now.

        A message that failed is tried again at once until it failed `patience` times; from then on it sleeps until its
        visibility timeout has passed in virtual time. Raises StackFailed, with what is still to do, after `timeout`
        seconds.
        """
        asked = self._emulator.ask("GET", f"idle?patience={patience}&wait={timeout}", timeout=timeout + 10)
        if not asked["idle"]:
            raise StackFailed(f"not at rest after {timeout:.0f} seconds: {'; '.join(asked['busy'])}")
        return Idle(tuple(asked["sleeping"]))

    # --- looking inside --------------------------------------------------------------------------------------

    def function_name(self, job: str) -> str:
        """The deployed name of a function's folder."""
        return f"{self.name}-{job}"

    def invoke(self, job: str, event: Mapping[str, Any]) -> Any:
        """Run a function and return its answer. Raises StackFailed with the function's error."""
        response = self.client("lambda").invoke(
            FunctionName=self.function_name(job), Payload=json.dumps(event).encode()
        )
        answer = json.loads(response["Payload"].read() or b"null")
        if response.get("FunctionError"):
            raise StackFailed(f"{job}: {answer}\n{self.logs(job)[-2000:]}")
        return answer

    def schedules(self) -> list[dict[str, Any]]:
        """The template's schedules as the Scheduler API describes them."""
        scheduler = self.client("scheduler")
        return [scheduler.get_schedule(Name=entry["Name"]) for entry in scheduler.list_schedules()["Schedules"]]

    def queue_depths(self) -> dict[str, int]:
        """How many messages each queue holds: visible, in flight and delayed."""
        return {name: len(messages) for name, messages in self._messages().items()}

    def parked(self) -> list[Parked]:
        """What could not be done: the messages of all dead-letter queues."""
        return [
            Parked(name, message["Body"])
            for name, messages in self._messages().items()
            if name.removesuffix(".fifo").endswith("-dead")
            for message in messages
        ]

    def logs(self, job: str) -> str:
        """What a function has logged so far."""
        pages = (
            self.client("logs")
            .get_paginator("filter_log_events")
            .paginate(logGroupName=f"/aws/lambda/{self.function_name(job)}")
        )
        events = (event for page in pages for event in page["events"])
        return "\n".join(event["message"].rstrip() for event in sorted(events, key=lambda event: event["timestamp"]))

    def used_actions(self) -> dict[str, set[str]]:
        """The AWS actions that each function has called so far, by job; needs `auth`."""
        used = self._emulator.ask("GET", "used")
        return {name.removeprefix(f"{self.name}-"): set(actions) for name, actions in used.items()}

    def break_mail(self, until: datetime) -> None:
        """Let SES answer that it is not available (503) until a moment of the stack's time."""
        self._emulator.ask("POST", f"mail-down?until={until:%Y-%m-%dT%H:%M:%SZ}")

    def disturb_queues(self, mode: str, until: datetime) -> None:
        """Let queues deliver all twice (`duplicate`), the newest first (`reorder`) or late (`slow`) until then."""
        self._emulator.ask("POST", f"queue-fault?mode={mode}&until={until:%Y-%m-%dT%H:%M:%SZ}")

    def mails(self) -> list[mailbox.Mail]:
        """The mails that have been sent, oldest first."""
        return [mailbox.read(sent) for sent in self._emulator.ask("GET", "mail")["mails"]]

    def seed_secrets(
        self,
        partner: str,
        *,
        providers: Mapping[str, dict[str, Any]] | None = None,
        vendor: Mapping[str, str] | None = None,
        links: list[str] | None = None,
    ) -> None:
        """Store a partner's secrets of payment providers and of links, and its credentials at the vendor."""
        for name, held in (providers or {}).items():
            self._put_secret(f"{partner}/{name}", held)
        if vendor is not None:
            self._put_secret(f"{partner}/vendor", dict(vendor))
        if links is not None:
            self._put_secret(f"{partner}/links", {"secrets": links})

    def _put_secret(self, name: str, value: dict[str, Any]) -> None:
        manager = self.client("secretsmanager")
        secret = {"SecretString": json.dumps(value)}
        try:
            manager.create_secret(Name=f"quittance/{name}", **secret)
        except manager.exceptions.ResourceExistsException:
            manager.put_secret_value(SecretId=f"quittance/{name}", **secret)

    def _messages(self) -> dict[str, list[dict[str, Any]]]:
        """All messages by queue, without receiving them."""
        answer = self._emulator.peek_messages()
        return {urllib.parse.urlsplit(url).path.rsplit("/", 1)[-1]: messages for url, messages in answer.items()}
