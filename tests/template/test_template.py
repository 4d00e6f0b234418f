"""The rules that `template.yaml` keeps, beyond what the linters know."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.stack.build import SERVICES
from infra.local.stack.template import load, resources
from quittance.adapters.provider_api import NAMES as READ_AGAIN
from quittance.adapters.providers import NAMES as PROVIDERS
from quittance.adapters.providers import provider

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = load(ROOT / "template.yaml")
FUNCTIONS = resources(TEMPLATE, "AWS::Serverless::Function")
QUEUES = resources(TEMPLATE, "AWS::SQS::Queue")
MAPPINGS = resources(TEMPLATE, "AWS::Lambda::EventSourceMapping")
ROLES = resources(TEMPLATE, "AWS::IAM::Role")
SCHEDULES = resources(TEMPLATE, "AWS::Scheduler::Schedule")
ALARMS = resources(TEMPLATE, "AWS::CloudWatch::Alarm")
JOBS = {properties["CodeUri"].strip("/").removeprefix("functions/"): name for name, properties in FUNCTIONS.items()}
SOURCES = {name: mapping for name, mapping in MAPPINGS.items() if "Queue" in mapping["EventSourceArn"]["Fn::GetAtt"][0]}

ANY_RESOURCE = {"dynamodb:ListStreams": "the action knows no resource"}


def statements() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement that allows something, with its role."""
    for role, properties in ROLES.items():
        for policy in properties.get("Policies", ()):
            for statement in policy["PolicyDocument"]["Statement"]:
                yield role, statement


def allowed(job: str) -> set[str]:
    """Every action of a function's role."""
    return {action for role, s in statements() if role == role_of(job) for action in s["Action"]}


def role_of(job: str) -> str:
    """The role of a function."""
    role: str = FUNCTIONS[JOBS[job]]["Role"]["Fn::GetAtt"][0]
    return role


def environment(job: str) -> set[str]:
    """The variables a function gets, its own and those of all."""
    common = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    return set(common) | set(FUNCTIONS[JOBS[job]].get("Environment", {}).get("Variables", {}))


def folders() -> list[str]:
    """The functions that the repository holds."""
    return sorted(path.parent.name for path in ROOT.glob("functions/*/app.py"))


# --- functions ---


@pytest.mark.parametrize("job", folders())
def test_every_function_folder_is_deployed(job: str) -> None:
    assert job in JOBS


def test_the_twelve_functions_are_there() -> None:
    assert len(JOBS) == 12


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_says_how_long_and_how_large(name: str) -> None:
    assert {"Timeout", "MemorySize"} <= FUNCTIONS[name].keys()


def test_each_function_has_a_role_of_its_own() -> None:
    roles = [role_of(job) for job in JOBS]
    assert len(set(roles)) == len(roles)


def test_each_function_writes_to_a_log_group_of_its_own() -> None:
    groups = [properties["LoggingConfig"]["LogGroup"]["Ref"] for properties in FUNCTIONS.values()]
    assert len(set(groups)) == len(groups)


@pytest.mark.parametrize("name", resources(TEMPLATE, "AWS::Logs::LogGroup"))
def test_logs_are_not_kept_for_ever(name: str) -> None:
    assert resources(TEMPLATE, "AWS::Logs::LogGroup")[name]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_only_document_rendering_carries_the_heavy_layer() -> None:
    having = [name for name, properties in FUNCTIONS.items() if {"Ref": "DocumentsLayer"} in properties["Layers"]]
    assert having == [JOBS["document_rendering"]]


def test_the_webhook_function_knows_no_table() -> None:
    assert "TABLE_NAME" not in environment("payment_webhooks")
    assert not [action for action in allowed("payment_webhooks") if action.startswith("dynamodb:")]


@pytest.mark.parametrize("job", JOBS)
def test_a_function_gets_the_queues_that_it_may_send_to(job: str) -> None:
    may = {
        re.sub(r".*'([A-Z][a-z]+)Queue'.*", r"QUEUE_\1_URL", str(resource)).upper()
        for role, s in statements()
        if role == role_of(job) and s["Sid"] == "SendMessages"
        for resource in (s["Resource"] if isinstance(s["Resource"], list) else [s["Resource"]])
    }
    told = {name for name in environment(job) if name.startswith("QUEUE_")}
    assert may == told


# --- roles ---


def test_actions_are_listed_one_by_one() -> None:
    assert [action for _, s in statements() for action in s["Action"] if "*" in action] == []


def test_nobody_may_scan() -> None:
    assert [role for role, s in statements() if "dynamodb:Scan" in s["Action"]] == []


def test_every_resource_is_named_where_aws_lets_us() -> None:
    open_to_all = [action for _, s in statements() if s["Resource"] == "*" for action in s["Action"]]
    assert set(open_to_all) == set(ANY_RESOURCE)


def test_no_role_takes_a_managed_policy() -> None:
    assert [name for name, role in ROLES.items() if "ManagedPolicyArns" in role] == []


@pytest.mark.parametrize("job", ["public_pages"])
def test_a_public_function_cannot_read_accounts_or_write(job: str) -> None:
    assert not allowed(job) & {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}
    table = next(s for role, s in statements() if role == role_of(job) and s["Sid"] == "Table")
    assert "P#*#A#*" in table["Condition"]["ForAllValues:StringNotLike"]["dynamodb:LeadingKeys"]


@pytest.mark.parametrize(
    ("job", "kinds"),
    [
        ("payment_webhooks", {provider(name).NAME for name in PROVIDERS}),
        ("payment_application", set(READ_AGAIN)),
        ("access_toggle", {"vendor"}),
        ("partner_api", {"links"}),
        ("notification_delivery", {"links"}),
    ],
)
def test_a_function_reads_only_its_kinds_of_secret(job: str, kinds: set[str]) -> None:
    read = [s for role, s in statements() if role == role_of(job) and "secretsmanager:GetSecretValue" in s["Action"]]
    assert len(read) == 1
    assert set(re.findall(r"/\*/([a-z_]+)-\?{6}", str(read[0]["Resource"]))) == kinds


def test_only_the_webhooks_carry_the_layer_for_signatures() -> None:
    having = [name for name, properties in FUNCTIONS.items() if {"Ref": "SignaturesLayer"} in properties["Layers"]]
    assert having == [JOBS["payment_webhooks"]]


# --- queues and streams ---


def test_every_queue_that_is_consumed_has_a_dead_letter_queue_after_five_receives() -> None:
    consumed = {mapping["EventSourceArn"]["Fn::GetAtt"][0] for mapping in SOURCES.values()}
    for name in consumed:
        assert QUEUES[name]["RedrivePolicy"]["maxReceiveCount"] == 5
        target = QUEUES[name]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        assert QUEUES[target].get("FifoQueue") == QUEUES[name].get("FifoQueue")


def test_every_queue_is_consumed_or_holds_what_failed() -> None:
    consumed = {mapping["EventSourceArn"]["Fn::GetAtt"][0] for mapping in SOURCES.values()}
    assert {name for name in QUEUES if not name.endswith("DeadLetterQueue")} - consumed == {"ParkedQueue"}


@pytest.mark.parametrize("name", SOURCES)
def test_visibility_is_six_times_the_consumers_timeout(name: str) -> None:
    queue = QUEUES[SOURCES[name]["EventSourceArn"]["Fn::GetAtt"][0]]
    function = FUNCTIONS[SOURCES[name]["FunctionName"]["Ref"]]
    assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]


@pytest.mark.parametrize("name", MAPPINGS)
def test_batches_are_answered_in_part(name: str) -> None:
    assert MAPPINGS[name]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("name", SOURCES)
def test_a_queue_starts_a_bounded_number_of_functions(name: str) -> None:
    assert MAPPINGS[name]["ScalingConfig"]["MaximumConcurrency"] >= 2


def test_the_stream_gives_up_and_parks() -> None:
    relay = MAPPINGS["OutboxRelaySource"]
    assert relay["MaximumRetryAttempts"] > 0
    assert relay["MaximumRecordAgeInSeconds"] > 0
    assert relay["BisectBatchOnFunctionError"] is True
    assert "OnFailure" in relay["DestinationConfig"]


@pytest.mark.parametrize("name", QUEUES)
def test_every_queue_is_watched_and_encrypted(name: str) -> None:
    metric = {alarm["MetricName"] for alarm in ALARMS.values() if f"'{name}'" in str(alarm.get("Dimensions"))}
    failed = name.endswith("DeadLetterQueue") or name == "ParkedQueue"
    assert metric == {"ApproximateNumberOfMessagesVisible" if failed else "ApproximateAgeOfOldestMessage"}
    assert QUEUES[name]["SqsManagedSseEnabled"] is True


@pytest.mark.parametrize("name", [name for name in QUEUES if name.endswith("DeadLetterQueue") or name == "ParkedQueue"])
def test_what_failed_is_kept_as_long_as_can_be(name: str) -> None:
    assert QUEUES[name]["MessageRetentionPeriod"] == 14 * 86400


# --- schedules ---


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_firing_that_fails_is_repeated_and_then_kept(name: str) -> None:
    target = SCHEDULES[name]["Target"]
    assert target["DeadLetterConfig"]["Arn"] == {"Fn::GetAtt": ["SchedulesDeadLetterQueue", "Arn"]}
    assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0
    assert "<aws.scheduler.scheduled-time>" in target["Input"]


# --- the table and what is stored ---


def test_the_table_can_be_brought_back_and_is_not_deleted_by_mistake() -> None:
    table = resources(TEMPLATE, "AWS::DynamoDB::Table")["Table"]
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["DeletionProtectionEnabled"] == {"Ref": "DeletionProtection"}
    assert TEMPLATE["Parameters"]["DeletionProtection"]["Default"] == "true"
    assert TEMPLATE["Resources"]["Table"]["DeletionPolicy"] == "Retain"


def test_the_due_index_holds_keys_only() -> None:
    (index,) = resources(TEMPLATE, "AWS::DynamoDB::Table")["Table"]["GlobalSecondaryIndexes"]
    assert (index["IndexName"], index["Projection"]["ProjectionType"]) == ("due", "KEYS_ONLY")


@pytest.mark.parametrize("name", resources(TEMPLATE, "AWS::S3::Bucket"))
def test_buckets_are_private_versioned_and_encrypted(name: str) -> None:
    bucket = resources(TEMPLATE, "AWS::S3::Bucket")[name]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert "BucketEncryption" in bucket
    policy = resources(TEMPLATE, "AWS::S3::BucketPolicy")[f"{name}Policy"]["PolicyDocument"]
    assert policy["Statement"][0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


# --- the API ---


def test_partners_routes_ask_for_a_token_and_the_public_ones_are_listed() -> None:
    routes = resources(TEMPLATE, "AWS::ApiGatewayV2::Route").values()
    without = {route["RouteKey"] for route in routes if route["AuthorizationType"] == "NONE"}
    assert without == {
        "POST /webhooks/{provider}/{partner}",
        "GET /public/{partner}/collections",
        "GET /public/{partner}/support",
        "GET /public/{partner}/pay/{token}",
        "GET /openapi.json",
    }
    assert {route["AuthorizationType"] for route in routes} == {"JWT", "NONE"}


def test_every_route_is_throttled() -> None:
    (stage,) = resources(TEMPLATE, "AWS::ApiGatewayV2::Stage").values()
    assert {"ThrottlingRateLimit", "ThrottlingBurstLimit"} <= stage["DefaultRouteSettings"].keys()


# --- the code's expectations ---

_READS = re.compile(r"""environ(?:\.get\(|\[)\s*f?"([A-Z][A-Z_]+)\"""")
_FROM_LAMBDA = re.compile(r"AWS_.*|LAMBDA_.*|TZ|POWERTOOLS_.*")
_CREATES = re.compile(r"""(?:client|resource)\(\s*"([a-z0-9-]+)\"""")


def code() -> list[Path]:
    """The code that functions run."""
    return sorted([*ROOT.glob("functions/*/app.py"), *ROOT.glob("layers/*/python/**/*.py")])


def test_every_variable_that_code_reads_is_given_to_some_function() -> None:
    given = set().union(*(environment(job) for job in JOBS))
    read = {name for path in code() for name in _READS.findall(path.read_text(encoding="utf-8"))}
    assert {name for name in read if not _FROM_LAMBDA.fullmatch(name)} <= given


def test_every_service_that_code_calls_has_its_data_in_the_layer() -> None:
    called = {name for path in code() for name in _CREATES.findall(path.read_text(encoding="utf-8"))}
    assert called <= set(SERVICES)


def test_only_what_verifies_paypal_needs_the_layer_for_signatures() -> None:
    """The consumer reads PayPal's resources without it."""
    users = [path.name for path in ROOT.glob("layers/core/python/**/*.py") if "cryptography" in path.read_text("utf-8")]
    assert users == ["paypal_certificates.py"]
    code = "import sys; from quittance.adapters.provider_api import gocardless, mollie, paypal; print(*sys.modules)"
    path = {"PYTHONPATH": str(ROOT / "layers" / "core" / "python")}
    loaded = subprocess.run([sys.executable, "-c", code], env=path, capture_output=True, text=True, check=True).stdout
    assert "cryptography" not in loaded.split()


def test_what_waits_for_a_person_alarms() -> None:
    asked = [one for one in ALARMS.values() if one["MetricName"] == "AccessTasks"]
    assert [(one["Namespace"], one["Threshold"]) for one in asked] == [("Quittance", 0)]
    assert asked[0]["Dimensions"] == [{"Name": "service", "Value": "access_toggle"}]
