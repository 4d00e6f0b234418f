"""Every command of the launcher: what it is for, how it is called, what it needs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """A command as the help shows it.

    `module` is asked for `main(arguments) -> int`: in this process where `environments` is empty (the command starts
    what it needs itself), else in the `dev` environment's process.
    """

    name: str
    usage: str
    summary: str
    module: str
    environments: tuple[str, ...] = ()
    details: str = ""
    examples: tuple[str, ...] = ()
    file_needed: bool = False


COMMANDS = (
    Command(
        "demo",
        "demo",
        "play a month from nothing: invoices, mails and a timeline in out/",
        "infra.local.demo",
        ("dev", "stack"),
        "Starts the embedded stack, deploys template.yaml to it, plays events/scenarios/first_month.yaml and tells\n"
        "what happens. PDFs, XML and mails are left in out/; everything that was started is stopped again.",
        ("./quittance demo",),
    ),
    Command(
        "test",
        "test [PYTEST ARGS]",
        "run the whole test suite with every gate, or a part of it",
        "infra.local.cli.test",
        (),
        "Without arguments: ruff, mypy, the template and security gates, then all tests; every stage runs, whatever\n"
        "failed before it, and the exit status is 1 when one failed. With arguments: pytest alone, with these.",
        (
            "./quittance test",
            "./quittance test tests/unit -k allocation",
            "./quittance test -x --last-failed",
        ),
    ),
    Command(
        "up",
        "up",
        "keep the stack up: API, console, stand-in vendor, mailbox",
        "infra.local.up",
        ("dev", "stack"),
        "Prints the addresses of what it started, on loopback and on free ports. Ctrl-C ends it cleanly.",
        ("./quittance up",),
    ),
    Command(
        "scenario run",
        "scenario run FILE [--json]",
        "play a scenario against the whole system in virtual time",
        "infra.local.scenario.cli",
        ("dev", "stack"),
        "The real handlers, queues and schedules of template.yaml on the embedded stack. --json prints one\n"
        "observation a line. Exit status: 0; 1 when an expectation did not hold; 2 when the file is not valid.",
        (
            "./quittance scenario run events/scenarios/first_month.yaml",
            "./quittance scenario run late_payer.yaml --json | jq .stage",
        ),
        file_needed=True,
    ),
    Command(
        "simulate",
        "simulate FILE [--json]",
        "play the same file through the rules alone, in milliseconds",
        "infra.local.simulate.cli",
        ("dev",),
        "Nothing is started and nothing is stored; what it observes must agree with `scenario run`.",
        ("./quittance simulate events/scenarios/first_month.yaml",),
        file_needed=True,
    ),
    Command(
        "dry-run",
        "dry-run POLICY [DRAFT]",
        "who a policy would warn and suspend on the running stack",
        "infra.local.trial",
        ("dev",),
        "Asks the stack that `up` keeps running and changes nothing there. DRAFT is a YAML or JSON file with the\n"
        "policy's definition; without it the published version is tried. --account tries another assignment, --from a\n"
        "past period by what was invoiced and paid in it. --days N looks further than 60 days; --csv and --json\n"
        "are for other programs.",
        (
            "./quittance dry-run standard draft.yaml --days 90",
            "./quittance dry-run strict --account contoso --csv > strict.csv",
            "./quittance dry-run standard draft.yaml --from 2026-10-01 --json",
        ),
    ),
    Command(
        "verify",
        "verify [--json]",
        "prove the books of a running stack, or name what breaks them",
        "infra.local.verify.cli",
        ("dev", "stack"),
        "Checks the invariants on the stack that `up` keeps running. Exit status 1 when one is broken.",
        ("./quittance verify",),
    ),
    Command(
        "bench",
        "bench [--json] [NAME]",
        "measure the budgets: start-up, requests, write units, latency",
        "infra.local.bench.cli",
        ("dev", "stack"),
        "Each budget with its figure and its limit. Exit status 1 when one is missed. Start-up is counted by valgrind.",
        ("./quittance bench", "./quittance bench --json"),
    ),
    Command(
        "validate",
        "validate",
        "template and security gates: cfn-lint, sam validate, checkov",
        "infra.local.cli.validate",
        (),
        "All three work offline on template.yaml. What checkov may pass over is said there, each with its reason.\n"
        "Exit status 1 on any finding.",
        ("./quittance validate",),
    ),
    Command(
        "deploy",
        "deploy [SAM DEPLOY ARGS]",
        "build with SAM and deploy to AWS",
        "infra.local.cli.deploy",
        (),
        "Needs AWS credentials (a profile, the environment, or single sign-on). Without arguments SAM asks for what\n"
        "it needs and can keep the answers in samconfig.toml; arguments go to `sam deploy`.",
        (
            "./quittance deploy",
            "AWS_PROFILE=production ./quittance deploy --config-env production",
        ),
    ),
    Command(
        "lock",
        "lock [--upgrade]",
        "write the locks again from the .in files in infra/locks/",
        "infra.local.cli.lock",
        (),
        "Exact versions with the hashes of all their files, for Python 3.12 and later on any system. Versions stay as\n"
        "they are unless an .in file asks for more; --upgrade takes the newest ones.",
        ("./quittance lock", "./quittance lock --upgrade"),
    ),
    Command(
        "clean",
        "clean [--all]",
        "remove builds, caches and out/; with --all the environments too",
        "infra.local.cli.clean",
        (),
        "Nothing that is under version control is touched.",
        ("./quittance clean",),
    ),
)
