"""The embedded stack itself, with functions of a few lines in the places of the real ones."""

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import urllib3

from infra.local.stack import template
from infra.local.stack.embedded import ROOT, EmbeddedStack
from infra.local.stack.process import StackFailed

pytestmark = pytest.mark.stack
START = datetime(2026, 9, 1, tzinfo=UTC)

# One handler for all: it answers what it is asked, and fails as often as a message says.
HANDLER = """
import json, os
import boto3

def handler(event, context):
    if "requestContext" in event:
        context = event["requestContext"]
        return {"statusCode": 200, "body": json.dumps({"path": event["rawPath"], "auth": context.get("authorizer")})}
    if "Records" not in event:
        return {"clock": open(os.environ["QUITTANCE_CLOCK_FILE"]).read(), "table": os.environ.get("TABLE_NAME")}
    failures = []
    for record in event["Records"]:
        try:
            work(record)
        except ValueError:
            failures.append({"itemIdentifier": record.get("messageId") or record["dynamodb"]["SequenceNumber"]})
    return {"batchItemFailures": failures}

def work(record):
    if "dynamodb" in record:
        image = record["dynamodb"].get("NewImage", {})
        if "poison" in image:
            raise ValueError("poison")
        if "hops" in image:
            send("NOTICES", {"hops": int(image["hops"]["N"])})
        return
    body = json.loads(record["body"])
    if body.get("Event") == "s3:TestEvent":
        return
    print("attempt", json.dumps(body))
    if int(record["attributes"]["ApproximateReceiveCount"]) <= body.get("failures", 0):
        raise ValueError("asked to")
    if body.get("hops"):
        boto3.client("dynamodb").put_item(
            TableName=os.environ["TABLE_NAME"],
            Item={
                "pk": {"S": "hop"},
                "sk": {"S": str(body["hops"])},
                "kind": {"S": "ticket"},  # one that the stream's filter lets through
                "hops": {"N": str(body["hops"] - 1)},
            },
        )

def send(queue, body):
    boto3.client("sqs").send_message(QueueUrl=os.environ[f"QUEUE_{queue}_URL"], MessageBody=json.dumps(body))
"""


@pytest.fixture(scope="module")
def python() -> Path:
    """The emulator's environment, which the launcher makes and names."""
    named = os.environ.get("QUITTANCE_STACK_PYTHON")
    if not named:
        pytest.skip("QUITTANCE_STACK_PYTHON names no environment; run ./quittance test")
    return Path(named)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with its template and layers, and functions that only answer."""
    root = tmp_path_factory.mktemp("project")
    (root / "template.yaml").symlink_to(ROOT / "template.yaml")
    (root / "layers").symlink_to(ROOT / "layers")
    (ROOT / ".quittance").mkdir(exist_ok=True)
    (root / ".quittance").symlink_to(ROOT / ".quittance")
    for properties in template.resources(template.load(ROOT / "template.yaml"), "AWS::Serverless::Function").values():
        folder = root / properties["CodeUri"]
        folder.mkdir(parents=True)
        (folder / "app.py").write_text(HANDLER)
    return root


@pytest.fixture(scope="module")
def stack(python: Path, project: Path) -> Iterator[EmbeddedStack]:
    """A deployed stack, with roles enforced, shared by the tests that leave it as they found it."""
    with EmbeddedStack(python, root=project, clock=START, auth=True) as deployed:
        yield deployed


def send(stack: EmbeddedStack, queue: str, body: dict[str, object], **fifo: str) -> None:
    """Put a message into a queue, as its sender would."""
    url = stack.outputs[f"{queue}QueueUrl"]
    stack.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(body), **fifo)


def call(
    stack: EmbeddedStack, path: str, token: str | None = None, method: str = "GET"
) -> tuple[int, dict[str, object]]:
    """Call the API and return status and body."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = urllib3.request(method, stack.api_url + path, headers=headers, timeout=10, retries=False)
    return answer.status, answer.json()


def test_a_function_reads_virtual_time(stack: EmbeddedStack) -> None:
    assert stack.invoke("overdue_sweep", {})["clock"] == START.isoformat()


def test_the_partner_in_a_token_reaches_the_api(stack: EmbeddedStack) -> None:
    status, body = call(stack, "/v1/accounts/contoso", stack.tokens.issue_token("acme", "helpdesk_agent"))
    assert status == 200
    claims = body["auth"]["jwt"]["claims"]  # type: ignore[index]
    assert (claims["partner"], claims["role"], body["path"]) == ("acme", "helpdesk_agent", "/v1/accounts/contoso")


@pytest.mark.parametrize(
    "claims",
    [{"exp": 1}, {"aud": "another"}, {"iss": "http://127.0.0.1:1"}, {"iat": 2**33}],
    ids=["expired", "another audience", "another issuer", "of the future"],
)
def test_a_token_that_does_not_hold_is_refused(stack: EmbeddedStack, claims: dict[str, object]) -> None:
    assert call(stack, "/v1/accounts", stack.tokens.issue_token("acme", "admin_agent", **claims))[0] == 401


def test_a_token_whose_signature_was_touched_is_refused(stack: EmbeddedStack) -> None:
    head, _, signature = stack.tokens.issue_token("acme", "admin_agent").split(".")
    _, other, _ = stack.tokens.issue_token("other", "admin_agent").split(".")
    assert call(stack, "/v1/accounts", f"{head}.{other}.{signature}")[0] == 401


def test_only_the_api_of_partners_asks_for_a_token(stack: EmbeddedStack) -> None:
    assert call(stack, "/v1/accounts")[0] == 401
    assert call(stack, "/public/acme/collections")[0] == 200
    assert call(stack, "/webhooks/stripe/acme", method="POST")[0] == 200
    assert call(stack, "/anything/else")[0] == 404


def test_idle_comes_only_after_the_last_hop_between_stream_queue_and_function(stack: EmbeddedStack) -> None:
    table = stack.outputs["TableName"]
    for start in range(5):
        key = {"pk": {"S": "hop"}, "sk": {"S": f"start-{start}"}, "kind": {"S": "ticket"}}
        stack.client("dynamodb").put_item(TableName=table, Item={**key, "hops": {"N": "6"}})
        stack.wait_idle()
        found = stack.client("dynamodb").query(
            TableName=table,
            KeyConditionExpression="pk = :hop",
            ExpressionAttributeValues={":hop": {"S": "hop"}},
            ConsistentRead=True,
        )
        hops = {item["sk"]["S"]: int(item["hops"]["N"]) for item in found["Items"]}
        assert hops["1"] == 0
        for name in ("1", "2", "3", "4", "5", "6"):
            stack.client("dynamodb").delete_item(TableName=table, Key={"pk": {"S": "hop"}, "sk": {"S": name}})


def test_a_message_is_delivered_once_however_often_idleness_is_asked_for(stack: EmbeddedStack) -> None:
    with ThreadPoolExecutor(max_workers=3) as askers:
        for number in range(60):
            send(stack, "Arrears", {"number": number})
            askers.submit(stack.wait_idle)
    stack.wait_idle()
    attempts = Counter(re.findall(r'attempt {"number": (\d+)}', stack.logs("overdue_sweep")))
    assert attempts == Counter(str(number) for number in range(60))


def test_a_file_in_the_imports_bucket_reaches_the_import(stack: EmbeddedStack) -> None:
    stack.client("s3").put_object(Bucket=stack.outputs["ImportsBucketName"], Key="acme/G1/march.csv", Body=b"x")
    stack.wait_idle()
    assert "acme/G1/march.csv" in stack.logs("vendor_import")


def test_a_message_that_fails_twice_is_done_before_the_step_ends(stack: EmbeddedStack) -> None:
    send(stack, "Tickets", {"name": "twice", "failures": 2})
    assert stack.wait_idle().sleeping == ()
    assert stack.logs("ticket_escalation").count('attempt {"name": "twice"') == 3


def test_a_message_that_goes_on_failing_sleeps_until_virtual_time_passes_and_is_parked_in_the_end(
    python: Path, project: Path
) -> None:
    with EmbeddedStack(python, root=project, clock=START) as stack:
        fifo = {"MessageGroupId": "acme#contoso"}
        send(stack, "Payments", {"name": "bad", "failures": 9}, **fifo, MessageDeduplicationId="bad")
        send(stack, "Payments", {"name": "behind it"}, **fifo, MessageDeduplicationId="behind")
        assert stack.wait_idle().sleeping
        assert stack.parked() == []
        for hours in range(1, 4):
            stack.set_clock(START + timedelta(hours=hours))
            stack.wait_idle()
        assert [(one.queue, json.loads(one.body)["name"]) for one in stack.parked()] == [
            ("quittance-payments-dead.fifo", "bad")
        ]
        assert 'attempt {"name": "behind it"' in stack.logs("payment_application")


def test_a_change_that_cannot_be_relayed_is_parked_and_holds_up_nothing(stack: EmbeddedStack) -> None:
    table = stack.outputs["TableName"]
    for name in ("a", "b", "c"):
        key = {"pk": {"S": "poison"}, "sk": {"S": name}, "kind": {"S": "ticket"}}
        extra = {"poison": {"BOOL": True}} if name == "b" else {"hops": {"N": "0"}}
        stack.client("dynamodb").put_item(TableName=table, Item={**key, **extra})
    stack.wait_idle()
    parked = [one for one in stack.parked() if one.queue == "quittance-parked-dead"]
    assert len(parked) == 1
    assert json.loads(parked[0].body)["DDBStreamBatchInfo"]["batchSize"] == 1
    assert stack.logs("notification_delivery").count('attempt {"hops": 0}') >= 2


def test_mails_are_read_as_they_were_sent(stack: EmbeddedStack) -> None:
    content = {"Subject": {"Data": "Zahlungserinnerung"}, "Body": {"Text": {"Data": "Überfällig: 10 €"}}}
    stack.client("sesv2").send_email(
        FromEmailAddress="billing@quittance.example",
        Destination={"ToAddresses": ["billing@contoso.example"]},
        Content={"Simple": content},
    )
    mail = stack.mails()[-1]
    assert (mail.subject, mail.text.strip(), mail.sent_at) == (
        "Zahlungserinnerung",
        "Überfällig: 10 €",
        START.isoformat(),
    )


def test_browsers_are_told_what_they_may_send(stack: EmbeddedStack) -> None:
    headers = {"Origin": "https://portal.example", "Access-Control-Request-Method": "PUT"}
    answer = urllib3.request("OPTIONS", stack.api_url + "/v1/accounts/contoso", headers=headers, retries=False)
    assert answer.status < 300
    assert "PUT" in answer.headers["access-control-allow-methods"]


def test_schedules_wait_for_the_scenario_to_fire_them(stack: EmbeddedStack) -> None:
    schedules = stack.schedules()
    assert {schedule["State"] for schedule in schedules} == {"DISABLED"}
    assert {json.loads(schedule["Target"]["Input"])["schedule"] for schedule in schedules} == {
        "overdue_sweep",
        "access_retry",
        "ticket_clocks",
        "billing",
    }


def test_on_the_machines_clock_schedules_run_by_themselves_and_old_items_expire(python: Path, project: Path) -> None:
    with EmbeddedStack(python, root=project) as stack:
        assert {schedule["State"] for schedule in stack.schedules()} == {"ENABLED"}
        expiry = stack.client("dynamodb").describe_time_to_live(TableName=stack.outputs["TableName"])
        assert expiry["TimeToLiveDescription"]["AttributeName"] == "expires_at"
        assert stack.clock_file is None
        with pytest.raises(ValueError, match="time is the machine's"):
            stack.set_clock(START)


def test_functions_see_nothing_that_is_not_in_their_layers(python: Path, project: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    shutil.copytree(project, root, symlinks=True)
    (root / "functions" / "public_pages" / "app.py").write_text("import hypercorn\n")
    with pytest.raises(StackFailed, match=r"public_pages does not start: .*No module named 'hypercorn'"):
        EmbeddedStack(python, root=root, clock=START).__enter__()


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waiting for a process that is not a child needs Linux")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_whoever_started_a_stack(python: Path, project: Path, number: signal.Signals) -> None:
    program = (
        "import sys; from pathlib import Path; from infra.local.stack.embedded import EmbeddedStack\n"
        "with EmbeddedStack(Path(sys.argv[1]), root=Path(sys.argv[2])) as stack:\n"
        "    print(stack._emulator.state, stack._emulator._process.pid, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, python, project]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as starter:
        assert starter.stdout
        state, pid = starter.stdout.readline().split()
        emulator = os.pidfd_open(int(pid))
        starter.send_signal(number)
        ended = select.poll()
        ended.register(emulator, select.POLLIN)
        assert ended.poll(10_000), "the emulator is still there"
        os.close(emulator)
    assert not Path(state).exists()
