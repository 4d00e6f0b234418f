"""The emulator as a child process that cannot outlive us."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

REGION = "eu-central-1"
ACCOUNT = "000000000000"
_SERVE = Path(__file__).with_name("serve.py")
_START_SECONDS = 30.0
_STOP_SECONDS = 5.0


class StackFailed(Exception):
    """The embedded stack could not start, deploy or answer; the message says what it reported."""


@dataclass(frozen=True)
class _Settings:
    port: int
    api_port: int
    state: str
    python: str
    unpacked: str
    clock_file: str


class Emulator:
    """Runs the emulator on free loopback ports, in a folder of its own.

    The child watches its standard input: when we end, in whatever way, the kernel closes it, and the child kills its
    process group (itself and the functions' workers). No signal handler, no exit hook and no second guess is needed.
    """

    def __init__(self, python: Path, unpacked: Path, *, auth: bool, virtual_time: bool) -> None:
        self.state = Path(tempfile.mkdtemp(prefix="quittance-"))
        self.clock_file = self.state / "clock" if virtual_time else None
        self._log = (self.state / "emulator.log").open("wb")
        with _free_port() as port, _free_port() as api_port:
            settings = _Settings(
                port=port(),
                api_port=api_port(),
                state=str(self.state),
                python=_base(python),
                unpacked=str(unpacked),
                clock_file=str(self.clock_file or ""),
            )
        self.url = f"http://127.0.0.1:{settings.port}"
        self.api_url = f"http://127.0.0.1:{settings.api_port}"
        self._process = subprocess.Popen(
            [python, "-P", "-s", _SERVE, json.dumps(asdict(settings))],
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env=self._environment(settings.port, auth=auth),
            cwd=self.state,
            start_new_session=True,
        )

    def wait_until_ready(self) -> None:
        """Return when the emulator answers. Raises StackFailed with its log when it does not."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise StackFailed(f"the emulator ended at once:\n{self.log()}")
            with contextlib.suppress(OSError), urllib.request.urlopen(self.url + "/_ministack/health", timeout=1):  # noqa: S310 (loopback)
                return
            time.sleep(0.02)
        raise StackFailed(f"the emulator did not answer within {_START_SECONDS:.0f} seconds:\n{self.log()}")

    def ask(self, method: str, door: str, *, timeout: float = 60) -> Any:
        """Ask one of the doors of `serve.py`."""
        request = urllib.request.Request(f"{self.url}/_quittance/{door}", method=method)  # noqa: S310 (loopback)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:  # noqa: S310 (loopback)
                return json.loads(response.read())
        except (OSError, urllib.error.HTTPError) as problem:
            raise StackFailed(f"the emulator does not answer ({door}: {problem}):\n{self.log()}") from problem

    def peek_messages(self) -> dict[str, list[dict[str, Any]]]:
        """All messages by queue URL, in whatever state, without receiving them."""
        with urllib.request.urlopen(f"{self.url}/_ministack/sqs/messages", timeout=10) as response:  # noqa: S310 (loopback)
            known = json.loads(response.read())["messages"]
        return {
            url: found for regions in known.values() for queues in regions.values() for url, found in queues.items()
        }

    def log(self, lines: int = 30) -> str:
        """The end of what the emulator wrote."""
        with contextlib.suppress(OSError):
            return "\n".join((self.state / "emulator.log").read_text(errors="replace").splitlines()[-lines:])
        return ""

    def stop(self) -> None:
        """End the child and all it started, and remove its files."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._log.close()
        shutil.rmtree(self.state, ignore_errors=True)

    def _environment(self, port: int, *, auth: bool) -> dict[str, str]:
        """A clean environment: what the emulator has, every function sees."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.state),
            "TMPDIR": str(self.state),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "NO_PROXY": "*",
            "PYTHONDONTWRITEBYTECODE": "1",
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AUTH": "true" if auth else "false",
            "LOG_LEVEL": "WARNING",
            "PERSIST_STATE": "0",
            "STATE_DIR": str(self.state / "state"),
            "S3_DATA_DIR": str(self.state / "s3"),
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
        }


def _base(python: Path) -> str:
    """The interpreter that a virtual environment was made from: functions run on it, without the environment."""
    settings = python.parent.parent / "pyvenv.cfg"
    lines = settings.read_text(encoding="utf-8").splitlines() if settings.exists() else []
    known = {name.strip(): value.strip() for name, _, value in (line.partition("=") for line in lines)}
    named = known.get("executable") or str(Path(known.get("home", ""), "python3"))
    return named if known and Path(named).exists() else str(python.resolve())


class _free_port:  # noqa: N801 (reads as a function)
    """Holds a free port until its user is about to take it, so that two of them differ."""

    def __enter__(self) -> Any:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        return lambda: int(self._socket.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self._socket.close()
