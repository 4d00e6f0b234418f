"""Environments: made whole, made once, made again when their lock changes."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local.cli.environments import LOCKS, Environments, Install

type Made = list[Path]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for lock in LOCKS.values():
        (tmp_path / lock).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / lock).write_text("anything==1.0 --hash=sha256:00\n")
    return tmp_path


def installer(made: Made, then: Callable[[], None] = lambda: None) -> Install:
    def install(folder: Path, lock: Path) -> None:
        assert lock.exists()
        assert not folder.exists(), "the rest of an earlier try is in the way"
        (folder / "bin").mkdir(parents=True)
        (folder / "bin" / "python").touch()
        made.append(folder)
        then()

    return install


def test_an_environment_is_made_once_and_reused(checkout):
    made: Made = []
    first = Environments(checkout).python("dev", installer(made))
    second = Environments(checkout).python("dev", installer(made))
    assert first == second == made[0] / "bin" / "python"
    assert len(made) == 1


@pytest.mark.parametrize("end", [KeyboardInterrupt, OSError("disk full")])
def test_an_interrupted_installation_is_made_again_from_nothing(checkout, end):
    made: Made = []

    def broken() -> None:
        raise end

    with pytest.raises((KeyboardInterrupt, OSError)):
        Environments(checkout).python("dev", installer(made, broken))
    assert (made[0] / "bin" / "python").exists()

    Environments(checkout).python("dev", installer(made))
    assert len(made) == 2


def test_a_changed_lock_makes_another_environment_and_leaves_the_old_one(checkout):
    made: Made = []
    environments = Environments(checkout)
    environments.python("dev", installer(made))
    environments.lock("dev").write_text("anything==2.0 --hash=sha256:00\n")
    environments.python("dev", installer(made))
    assert len(set(made)) == 2
    assert all(folder.exists() for folder in made)


def test_an_environment_that_lost_its_interpreter_is_made_again(checkout):
    made: Made = []
    interpreter = Environments(checkout).python("dev", installer(made))
    interpreter.unlink()
    assert Environments(checkout).python("dev", installer(made)).exists()
    assert len(made) == 2


def test_launchers_started_together_make_an_environment_once(checkout):
    made: Made = []
    inside, outside = threading.Event(), threading.Event()

    def until_the_other_has_come() -> None:
        inside.set()
        assert outside.wait(10)

    def other() -> None:
        inside.wait(10)
        outside.set()
        Environments(checkout).python("dev", installer(made))

    threads = [
        threading.Thread(
            target=lambda: Environments(checkout).python("dev", installer(made, until_the_other_has_come))
        ),
        threading.Thread(target=other),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(made) == 1
