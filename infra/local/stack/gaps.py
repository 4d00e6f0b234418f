"""Where the emulator differs from AWS, and what we do about it. Nothing about the differences is written anywhere else.

Set after deploying, because its CloudFormation passes over them (`complete`):
    CORS of the HTTP API
    the table's point-in-time recovery
    the table's TTL, with the machine's clock only: on virtual time it would delete what is still to live

Changed inside the emulator, in its own process (`repair`):
    processes   functions see only their layers and the standard library (they would see the emulator's packages too);
                what is unpacked is shared by workers and by starts; a worker says when its log is complete instead of
                being waited for; queues start no more than WORKERS of one function, whatever MaximumConcurrency says
    stream      a failed batch is halved until the record that fails is alone, tried again, then handed to the
                on-failure destination (it would be repeated for ever, and batchItemFailures be taken for success)
    S3          a put returns when its notification is in the queue (a thread would deliver it some time later)
    Scheduler   <aws.scheduler.scheduled-time> is filled in where schedules run by themselves (time is the machine's)
    SES         mails are kept as they were sent, attachments included
    roles       a batch of messages asks for the action of one message, a mail for the identity it comes from, as IAM
                has it (the emulator asks for an action that IAM lacks, and for any resource)
    transport   loopback counts as TLS, so that policies that ask for it hold with AUTH=true

Handled where time is virtual (`serve.py`): visibility, delays and FIFO de-duplication pass with the virtual clock;
schedules are deployed DISABLED and fired by whoever moves the clock.

Left as they are: alarms, throttles, access logs, lifecycle rules, encryption, time zones and dead letters of schedules
are stored and do nothing; read capacity is a constant (count requests instead); roles are enforced with AUTH=true only,
without condition keys such as dynamodb:LeadingKeys; one FIFO batch at a time, so groups wait for each other.
"""

from __future__ import annotations

import contextlib
import email.utils
import hashlib
import json
import shutil
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from infra.local.stack.template import Template

type Record = dict[str, Any]
type Client = Callable[[str], Any]

WORKERS = 2
_WEEK = 7 * 86400
_STREAM_ATTEMPTS = 3
_SLOW = 0.1
_END_OF_LOG = "--end-of-log--"


# --- set after deploying ------------------------------------------------------------------------------------------


def complete(client: Client, template: Template, outputs: dict[str, str], *, virtual_time: bool) -> None:
    """Set by API what the emulator's CloudFormation passes over."""
    cors = template["Resources"]["Api"]["Properties"]["CorsConfiguration"]
    client("apigatewayv2").update_api(ApiId=outputs["ApiId"], CorsConfiguration=cors)
    table = template["Resources"]["Table"]["Properties"]
    client("dynamodb").update_continuous_backups(
        TableName=outputs["TableName"],
        PointInTimeRecoverySpecification=table["PointInTimeRecoverySpecification"],
    )
    if not virtual_time:
        client("dynamodb").update_time_to_live(
            TableName=outputs["TableName"], TimeToLiveSpecification=table["TimeToLiveSpecification"]
        )


# --- changed inside the emulator ----------------------------------------------------------------------------------


class Running:
    """What is seen while the emulator runs.

    How many executions have begun, and whether messages are on their way to one, tell idleness from a pause. With
    AUTH=true `used` holds the actions that each function has been allowed. `queue_fault` is how queues misbehave now.
    """

    def __init__(self) -> None:
        self.started = 0
        self.polling = False
        self.used: dict[str, set[str]] = {}
        self.queue_fault: Callable[[], str] = str


def repair(python: Path, unpacked: Path, running: Running) -> None:
    """Change the emulator that this process is about to serve.

    `python` runs the functions; in `unpacked` what is in their zips stays for the next start.
    """
    from ministack import app
    from ministack.core import iam_actions, iam_evaluator, lambda_runtime
    from ministack.services import eventbridge, lambda_svc, s3

    lambda_svc._ESM_IDLE_WAKE_GAP_SECONDS = 0.001
    _isolate(lambda_runtime, python)
    _share_what_is_unpacked(lambda_runtime, unpacked)
    _end_logs(lambda_runtime)
    _bound_workers(lambda_svc)
    _watch_polling(lambda_svc, running)
    _retry_streams(lambda_svc, running)
    _disturb_queues(lambda_svc, running)
    _notify_at_once(s3)
    _tell_scheduled_time(eventbridge)
    _trust_loopback(app)
    _name_actions(iam_actions)
    _note_actions(iam_evaluator, running)


def _isolate(runtime: Any, python: Path) -> None:
    """Start workers without site packages: what a function imports must be in its layers."""
    starter = Path(tempfile.gettempdir(), "python-of-functions")
    starter.write_text(f'#!/bin/sh\nexec "{python}" -I -S -B "$@"\n', encoding="utf-8")
    starter.chmod(0o755)
    original = runtime._detect_runtime_binary

    def detect(name: str) -> tuple[str, str]:
        binary, script = original(name)
        return (str(starter) if name.startswith("python") else binary), script

    runtime._detect_runtime_binary = detect


def _share_what_is_unpacked(runtime: Any, shared: Path) -> None:
    """Unpack each zip once and link to it."""
    shared.mkdir(parents=True, exist_ok=True)
    for old in shared.iterdir():
        if time.time() - old.stat().st_mtime > _WEEK:
            shutil.rmtree(old, ignore_errors=True)
    lock = threading.Lock()

    class SharedZip:
        """As much of ZipFile as the emulator uses when it starts a worker."""

        def __init__(self, path: str) -> None:
            self._content = shared / hashlib.file_digest(open(path, "rb"), "sha256").hexdigest()  # noqa: SIM115, PTH123
            with lock:
                if not self._content.exists():
                    unpacking = Path(tempfile.mkdtemp(dir=shared))
                    with zipfile.ZipFile(path) as archive:
                        archive.extractall(unpacking)
                    with contextlib.suppress(OSError):  # another stack was quicker
                        unpacking.rename(self._content)
                    shutil.rmtree(unpacking, ignore_errors=True)
                self._content.touch()

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            return None

        def namelist(self) -> list[str]:
            return [entry.name for entry in self._content.iterdir()]

        def extractall(self, target: str) -> None:
            for entry in self._content.iterdir():
                Path(target, entry.name).symlink_to(entry)

    runtime.zipfile = SimpleNamespace(
        ZipFile=SharedZip, BadZipFile=zipfile.BadZipFile, LargeFileError=zipfile.LargeZipFile
    )


def _end_logs(runtime: Any) -> None:
    """Let the worker mark the end of an invocation's log, and read up to the mark."""
    before = "        _real_stdout.flush()\n\nrun()"
    after = f"        sys.stderr.write('\\\\n{_END_OF_LOG}\\\\n'); sys.stderr.flush(); _real_stdout.flush()\n\nrun()"
    script = runtime._PYTHON_WORKER_SCRIPT
    if script.count(before) != 1:
        raise RuntimeError("the emulator's worker script has changed; adapt _end_logs to it")
    runtime._PYTHON_WORKER_SCRIPT = script.replace(before, after.replace("\\\\", "\\"))

    def drain(worker: Any, *_: float) -> str:
        lines: list[str] = []
        deadline = time.monotonic() + 0.5
        while (left := deadline - time.monotonic()) > 0:
            try:
                line = worker._stderr_queue.get(timeout=left)
            except runtime.queue.Empty:
                break
            if line == _END_OF_LOG:
                break
            if line:
                lines.append(line)
        return "\n".join(lines)

    runtime.Worker._drain_stderr_bounded = drain


def _bound_workers(functions: Any) -> None:
    original = functions._sqs_esm_concurrency
    functions._sqs_esm_concurrency = lambda *given: min(WORKERS, original(*given))


def _watch_polling(functions: Any, running: Running) -> None:
    poll = functions._poll_sqs

    def watched() -> bool:
        running.polling = True
        try:
            return bool(poll())
        finally:
            running.polling = False

    functions._poll_sqs = watched


def _retry_streams(functions: Any, running: Running) -> None:
    """Give stream mappings what the template says: partial answers, bisection, an end to retries, a destination."""
    execute = functions._execute_function

    def counted(function: Record, event: Any) -> Record:
        running.started += 1
        records = event.get("Records") if isinstance(event, dict) else None
        if records and isinstance(records, list) and records[0].get("eventSource") == "aws:dynamodb":
            return relay(function, records, 1)
        done: Record = execute(function, event)
        return done

    def relay(function: Record, records: list[Record], attempt: int) -> Record:
        result: Record = execute(function, {"Records": records})
        left = _unfinished(records, result)
        if not left:
            return result
        if len(left) > 1:
            middle = len(left) // 2
            relay(function, left[:middle], 1)
            return relay(function, left[middle:], 1)
        if attempt < _STREAM_ATTEMPTS:
            return relay(function, left, attempt + 1)
        park(function, left, result)
        return {"body": {"batchItemFailures": []}, "log": result.get("log", "")}

    def park(function: Record, records: list[Record], result: Record) -> None:
        arn = function["config"]["FunctionArn"]
        for _, _, mapping in functions._iter_all_esms():
            if mapping["FunctionArn"] == arn:
                source = mapping["EventSourceArn"]
                functions._send_ddb_stream_failure_record(
                    mapping, function, records, source, result, "RetryAttemptsExhausted"
                )

    functions._execute_function = counted


def _disturb_queues(functions: Any, running: Running) -> None:
    """Let queues deliver as on a bad day, where that was asked for: all messages twice, late, or the newest first.

    A FIFO queue keeps the order within a group on any day.
    """
    execute = functions._execute_function

    def deliver(function: Record, event: Any) -> Record:
        records: list[Record] = (event.get("Records") or []) if isinstance(event, dict) else []
        fault = running.queue_fault() if records and records[0].get("eventSource") == "aws:sqs" else ""
        if fault == "slow":
            time.sleep(_SLOW)
        if fault == "reorder" and "MessageGroupId" not in records[0].get("attributes", {}):
            event = {"Records": [*reversed(records)]}
        first: Record = execute(function, event)
        return execute(function, event) if fault == "duplicate" and not first.get("error") else first

    functions._execute_function = deliver


def _unfinished(records: list[Record], result: Record) -> list[Record]:
    """What must be tried again: from the first record that failed, or all where the function failed."""
    if result.get("error"):
        return records
    body = result.get("body")
    failures = body.get("batchItemFailures") if isinstance(body, dict) else None
    failed = {failure.get("itemIdentifier") for failure in failures or ()}
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    first = next((place for place, number in enumerate(numbers) if number in failed), None)
    return [] if first is None else records[first:]


def _notify_at_once(s3: Any) -> None:
    def fire(bucket: str, key: str, event: str, *details: Any, **named: Any) -> None:
        if bucket in s3._bucket_notifications:
            s3._fire_s3_event(bucket, key, event, *details, sequencer=s3._next_event_sequencer(event), **named)

    s3._fire_s3_event_async = fire


def _tell_scheduled_time(events: Any) -> None:
    invoke = events._invoke_target

    def timed(target: Record, event: Record, *details: Any) -> None:
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        given = target.get("Input", "").replace("<aws.scheduler.scheduled-time>", moment)
        invoke({**target, "Input": given}, event, *details)

    events._invoke_target = timed


def _trust_loopback(app: Any) -> None:
    pin = app.pin_request_origin
    app.pin_request_origin = lambda address, _secure: pin(address, True)


def _name_actions(actions: Any) -> None:
    name = actions.extract_iam_action

    def named(*request: Any) -> str | None:
        action: str | None = name(*request)
        return action.removesuffix("Batch") if action and action.startswith("sqs:") else action

    actions.extract_iam_action = named
    resource = actions.extract_resource_arn

    def found(service: str, method: str, path: str, headers: Any, body: bytes, *details: Any) -> str:
        if service == "ses" and path.rstrip("/").endswith("/outbound-emails"):
            *_, region, account = details
            sender = email.utils.parseaddr(json.loads(body).get("FromEmailAddress", ""))[1]
            return f"arn:aws:ses:{region}:{account}:identity/{sender.rpartition('@')[2]}"
        return str(resource(service, method, path, headers, body, *details))

    actions.extract_resource_arn = found


def _note_actions(evaluator: Any, running: Running) -> None:
    evaluate = evaluator.evaluate

    def noted(context: Any, *policies: Any) -> Any:
        result = evaluate(context, *policies)
        if result.decision == "Allow" and ":assumed-role/" in context.principal_arn:
            running.used.setdefault(context.principal_arn.rpartition("/")[2], set()).add(context.action)
        return result

    evaluator.evaluate = noted
