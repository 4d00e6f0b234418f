"""Creates the stack through CloudFormation, from the template as it is written."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from infra.local.stack.process import REGION, StackFailed
from infra.local.stack.template import Template

_BUCKET = "quittance-code"
_POLL = 0.02

type Client = Callable[[str], Any]


def create(
    client: Client, name: str, template: Template, zips: Mapping[str, Path], parameters: Mapping[str, str]
) -> dict[str, str]:
    """Upload the zips, create the stack, wait for it; return its outputs. Raises StackFailed with each reason."""
    body = _packaged(template, _upload(client("s3"), zips))
    client("cloudformation").create_stack(
        StackName=name,
        TemplateURL=_put(client("s3"), "template.json", json.dumps(body).encode()),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    return _outputs(client("cloudformation"), name)


def _upload(s3: Any, zips: Mapping[str, Path]) -> dict[str, str]:
    """Put the zips where CloudFormation finds them; return each URI of the template's as one in S3."""
    s3.create_bucket(Bucket=_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    for path in set(zips.values()):
        _put(s3, path.name, path.read_bytes())
    return {uri: f"s3://{_BUCKET}/{path.name}" for uri, path in zips.items()}


def _put(s3: Any, name: str, content: bytes) -> str:
    s3.put_object(Bucket=_BUCKET, Key=name, Body=content)
    return f"{s3.meta.endpoint_url}/{_BUCKET}/{name}"


def _packaged(template: Template, places: Mapping[str, str]) -> Template:
    """Return the template with its local URIs replaced, as `sam package` does, and nothing else changed."""
    body: Template = json.loads(json.dumps(template))
    for resource in body["Resources"].values():
        for field in ("CodeUri", "ContentUri"):
            if field in resource.get("Properties", {}):
                resource["Properties"][field] = places[resource["Properties"][field]]
    return body


def _outputs(formation: Any, name: str) -> dict[str, str]:
    while True:
        stack = formation.describe_stacks(StackName=name)["Stacks"][0]
        if stack["StackStatus"] == "CREATE_COMPLETE":
            return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}
        if stack["StackStatus"] != "CREATE_IN_PROGRESS":
            raise StackFailed(_why(formation, stack))
        time.sleep(_POLL)


def _why(formation: Any, stack: dict[str, Any]) -> str:
    events = formation.describe_stack_events(StackName=stack["StackName"])["StackEvents"]
    failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
    reasons = [f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}" for event in failed]
    headline = f"template.yaml was not deployed ({stack['StackStatus']}): {stack.get('StackStatusReason', '')}"
    return "\n".join([headline, *reasons])
