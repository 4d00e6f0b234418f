"""Deploying without credentials ends at once, before anything is built, with the remedy."""

import os
import sys
from pathlib import Path

import pytest

from infra.local.cli import deploy


@pytest.mark.skipif(sys.version_info[:2] != (3, 13), reason="deploys from the functions' runtime only")
@pytest.mark.parametrize(
    ("region", "said"), [(None, "no region is set"), ("eu-central-1", "Unable to locate credentials")]
)
def test_without_credentials_it_says_how_to_give_some(monkeypatch, tmp_path, capsys, region, said):
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    if region:
        monkeypatch.setenv("AWS_REGION", region)
    monkeypatch.setattr("infra.local.cli.environments.Environments.python", lambda *_: Path(sys.executable))
    assert deploy.main([]) == 1
    shown = capsys.readouterr().err
    assert said in shown
    assert "aws sso login" in shown
    assert "Traceback" not in shown


def test_another_python_than_the_functions_runtime_is_refused(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 14, 0, "final", 0))
    assert deploy.main([]) == 1
    assert "Python 3.13" in capsys.readouterr().err
