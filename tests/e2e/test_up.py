"""`up` keeps a system running: its console and mailbox are pages, `verify` finds it, Ctrl-C ends all of it."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import urllib3

from infra.local.cli import project
from infra.local.up.running import STATE

pytestmark = pytest.mark.stack

ROOT = Path(__file__).parents[2]
HTTP = urllib3.PoolManager(retries=False)


def page(address):
    answer = HTTP.request("GET", address)
    return answer.status, answer.data.decode()


def test_up_serves_a_played_scenario_until_it_is_stopped():
    environment = project.environment({"PYTHONUNBUFFERED": "1"})
    scenario = str(ROOT / "events/scenarios/partial_payer.yaml")
    start = [
        sys.executable,
        "-c",
        "import sys; from infra.local.up import main; sys.exit(main(sys.argv[1:]))",
        scenario,
    ]
    with subprocess.Popen(start, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            told = ""
            while "Ctrl-C ends it" not in told:
                line = process.stdout.readline()
                assert line, told
                told += line
            console = re.search(r"console and mailbox\s+(\S+)", told)[1]
            assert "Contoso AG" in page(console)[1]
            assert "sent by mail" in page(f"{console}accounts/contoso")[1]
            assert page(f"{console}accounts/nobody")[0] == 404
            assert "Nothing waits" in page(f"{console}tasks")[1]
            assert page(f"{console}nowhere")[0] == 404
            assert "Zahlungserinnerung" in page(f"{console}mails")[1]
            assert "ACME-2026-000001" in page(f"{console}mails/0")[1]
            assert page(re.search(r"support plan\s+(\S+)", told)[1])[0] == 200
            verify = [
                sys.executable,
                "-c",
                "import sys; from infra.local.verify.cli import main; sys.exit(main(['--json']))",
            ]
            assert subprocess.run(verify, cwd=ROOT, env=environment, check=False, capture_output=True).returncode == 0
        finally:
            process.send_signal(signal.SIGINT)
    assert process.returncode == 0
    assert not STATE.exists()
