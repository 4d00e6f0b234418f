"""`./quittance validate`: the gates on template.yaml, all of them offline."""

from pathlib import Path

from infra.local.cli import console, processes, project
from infra.local.cli.environments import Environments
from infra.local.cli.stages import Stage, run_all

TEMPLATE = "template.yaml"
_OFFLINE = {
    "SAM_CLI_TELEMETRY": "0",
    "AWS_DEFAULT_REGION": "eu-central-1",  # the linters need one to name; nothing is asked there
    "AWS_EC2_METADATA_DISABLED": "true",
    "LOG_LEVEL": "ERROR",
}


def main(arguments: list[str]) -> int:
    """Run the gates; 0 without findings, 1 with any."""
    if arguments:
        console.complain(f"`validate` takes no arguments, but got {' '.join(arguments)}.")
        return 2
    if not (project.ROOT / TEMPLATE).is_file():
        console.complain(f"{TEMPLATE} is missing.")
        return 1
    environments = Environments()
    return run_all(stages(environments.python("gates"), environments.python("audit")))


def stages(gates: Path, audit: Path) -> list[Stage]:
    """The gates, given the interpreters that have their tools."""
    script = str(gates.with_name("cfn-lint"))  # the package has no __main__
    lint = [str(gates), "-P", script, "--non-zero-exit-code", "informational", "--template", TEMPLATE]
    sam = processes.module(gates, "samcli", "validate", "--lint", "--template", TEMPLATE)
    return [
        Stage("cfn-lint", lint, _OFFLINE),
        Stage("sam validate --lint", sam, _OFFLINE),
        Stage("checkov", _checkov(audit), _OFFLINE, evidence=r"Passed checks: [1-9]\d*, .*"),
    ]


def _checkov(audit: Path) -> list[str]:
    """Ask no service for anything: no policy download, no upload of results, no module fetch."""
    quiet = ["--compact", "--quiet", "--skip-download", "--download-external-modules", "false"]
    return processes.module(audit, "checkov.main", "--framework", "cloudformation", "--file", TEMPLATE, *quiet)
