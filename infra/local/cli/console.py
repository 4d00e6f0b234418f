"""What the launcher says, on standard error: standard output belongs to the commands."""

import os
import sys
import time
from typing import Self, TextIO

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_PLAIN_EVERY = 10.0
"""Seconds between two lines where nobody watches a terminal."""


def is_live(stream: TextIO) -> bool:
    """Tell whether lines may be redrawn: a terminal, and not one that calls itself dumb."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def paint(text: str, code: str, stream: TextIO | None = None) -> str:
    """Colour a text, unless NO_COLOR is set (https://no-color.org) or nobody would see it."""
    if os.environ.get("NO_COLOR") or not is_live(stream or sys.stderr):
        return text
    return f"\x1b[{code}m{text}\x1b[0m"


def say(text: str) -> None:
    """Print a line for the person in front of it."""
    print(text, file=sys.stderr, flush=True)


def complain(text: str) -> None:
    """Print what went wrong and what to do about it."""
    say(f"{paint('quittance:', '1;31')} {text}")


class Progress:
    """One line that tells what is going on and for how long; redrawn on a terminal, now and then elsewhere."""

    def __init__(self, title: str, stream: TextIO | None = None) -> None:
        self._title = title
        self._stream = stream or sys.stderr
        self._live = is_live(self._stream)
        self._started = time.monotonic()
        self._next_line = self._started + _PLAIN_EVERY
        self._frame = 0
        self._ended = False
        if not self._live:
            self._print(f"{title} ...")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: object) -> None:
        """Leave the line as it should stay when something ends the work early."""
        if kind and not self._ended:
            self.done("stopped")

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self._started

    def tick(self, detail: str = "") -> None:
        """Show a sign of life; call it as often as convenient."""
        text = f"{self._title}{': ' if detail else ''}{detail} ({self.seconds:.0f} s)"
        if self._live:
            self._frame = (self._frame + 1) % len(_FRAMES)
            self._stream.write(f"\r\x1b[2K{_FRAMES[self._frame]} {text}")
            self._stream.flush()
        elif time.monotonic() >= self._next_line:
            self._next_line = time.monotonic() + _PLAIN_EVERY
            self._print(text)

    def done(self, outcome: str) -> None:
        """Leave one final line."""
        self._ended = True
        if self._live:
            self._stream.write("\r\x1b[2K")
        self._print(f"{self._title}: {outcome} ({self.seconds:.1f} s)")

    def _print(self, text: str) -> None:
        self._stream.write(text + "\n")
        self._stream.flush()
