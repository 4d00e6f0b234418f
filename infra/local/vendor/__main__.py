"""Run the stand-in on its own: `python -m infra.local.vendor --port 8099 --clock FILE --seed FILE.json`."""

from __future__ import annotations

import argparse
import json
import signal
import threading
from pathlib import Path

from infra.local.vendor.server import StandInVendor


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; the first line printed is the base URL."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.vendor", description="Stand-in Partner Center")
    parser.add_argument("--port", type=int, default=0, help="loopback port; 0 takes a free one")
    parser.add_argument("--clock", type=Path, help="file that holds the virtual time")
    parser.add_argument("--seed", type=Path, help="JSON file to start with (see infra.local.vendor.seeding)")
    options = parser.parse_args(arguments)
    ended = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: ended.set())
    vendor = StandInVendor(options.clock)
    if options.seed:
        vendor.seed(**json.loads(options.seed.read_text(encoding="utf-8")))
    print(vendor.start(options.port), flush=True)
    ended.wait()
    vendor.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
