"""`./quittance deploy`: builds with SAM and deploys to AWS."""

import os
import sys
import tempfile
from pathlib import Path

from infra.local.cli import console, processes, project
from infra.local.cli.environments import Environments

_NO_CREDENTIALS = """no AWS credentials were found, or they are no longer valid. What AWS said:
    {reason}
Give some, then run the same command again:
  aws sso login --profile NAME, then AWS_PROFILE=NAME ./quittance deploy     (single sign-on)
  aws configure                                                             (access keys in a profile)
  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN            (in the environment, as in CI)
and name a region with AWS_REGION where the profile has none."""
_RUNTIME = (3, 13)
_OTHER_PYTHON = """layers are built with the functions' runtime, Python 3.13, but this is {version}.
Install 3.13 (for example `uv python install 3.13`); the launcher finds it by itself, or name it in QUITTANCE_PYTHON."""
_WHO_AM_I = """
import os, sys, boto3, botocore.exceptions
from botocore.config import Config
try:
    session = boto3.Session(region_name=os.environ.get("AWS_REGION"))
    if not session.region_name:
        sys.exit("no region is set")
    config = Config(connect_timeout=5, read_timeout=10, retries={"max_attempts": 1})
    answer = session.client("sts", config=config).get_caller_identity()
except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as problem:
    sys.exit(str(problem))
print("Deploying as", answer["Arn"], "to", session.region_name, file=sys.stderr)
"""


def main(arguments: list[str]) -> int:
    """Check the credentials, build, deploy; 1 with the remedy where there are none."""
    if sys.version_info[:2] != _RUNTIME:
        console.complain(_OTHER_PYTHON.format(version=sys.version.split()[0]))
        return 1
    python = Environments().python("gates")
    if reason := _refusal(python):
        console.complain(_NO_CREDENTIALS.format(reason=reason))
        return 1
    env = _build_environment(python)
    for step in (["build"], ["deploy", *(arguments or ["--guided"])]):
        if status := processes.run(processes.module(python, "samcli", *step), env=env, cwd=project.ROOT):
            return status
    return 0


def _refusal(python: Path) -> str:
    """Why AWS would not let us in; empty where it does."""
    env = project.environment({"AWS_EC2_METADATA_DISABLED": os.environ.get("AWS_EC2_METADATA_DISABLED", "true")})
    with tempfile.TemporaryFile() as output:
        status = processes.run([str(python), "-P", "-c", _WHO_AM_I], env=env, output=output)
        output.seek(0)
        reason = output.read().decode(errors="replace").strip()
    if not status:
        console.say(reason)
    return reason if status else ""


def _build_environment(python: Path) -> dict[str, str]:
    """Our own Python first on PATH, where SAM looks for the functions' runtime; the layers' makefiles take `python`."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return project.environment({"SAM_CLI_TELEMETRY": "0", "PATH": path, "QUITTANCE_BUILD_PYTHON": str(python)})
