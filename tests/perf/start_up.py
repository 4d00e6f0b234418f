"""Start-up of every function, in instructions: what it costs does not depend on how busy the machine is."""

import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from infra.local.bench.bed import Bed
from infra.local.bench.deployment import Deployed, deployment
from infra.local.bench.figures import Baseline, Figure, at_most, unmeasured
from infra.local.bench.registry import Unavailable, bench

BUDGETS = {"payment_webhooks": 0.86, "document_rendering": 1.5}
OTHERS = 1.2
UNITS = {"payment_webhooks": "x a stock client's (stretch 0.35)"}
UNIT = "x a stock client's"
STOCK = ("boto3", "botocore", "s3transfer", "jmespath", "urllib3", "dateutil", "six")
PARALLEL = 2
START = "import sys; sys.path[:0] = sys.argv[1:]; "
HOW_TO_GET = (
    "valgrind counts the instructions and is missing; get it with `apt install valgrind`, `dnf install valgrind` \
or `brew install valgrind`, and run the same command again"
)


@bench("init", "start-up of each function in callgrind instructions, against a stock boto3 client")
def init(bed: Bed) -> Iterator[Figure]:
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        raise Unavailable(HOW_TO_GET)
    bed.say("building functions and layers")
    functions = deployment(bed, lambda job: bed.wanted(f"init/{job}"))
    if not functions:
        return
    plain = stock(bed, next(iter(functions.values())))
    with ThreadPoolExecutor(PARALLEL) as pool:
        first = pool.submit(instructions, valgrind, plain, "import boto3; boto3.client('dynamodb')")
        counts = {
            function: pool.submit(instructions, valgrind, function, "import app") for function in functions.values()
        }
        baseline = Baseline(figure=first.result(), unit="instructions", of='a stock boto3.client("dynamodb")')
        for function, count in counts.items():
            bed.say(function.job)
            yield measured(function, count, baseline)


def measured(function: Deployed, count: Future[int], baseline: Baseline) -> Figure:
    """Return a function's figure; none where it does not start, or starts with what is not in its layers."""
    name = f"init/{function.job}"
    try:
        ratio = count.result() / baseline.figure
        foreign = function.foreign
    except RuntimeError as problem:
        sys.stderr.write(f"{problem}\n")
        return unmeasured(name)
    if foreign:
        sys.stderr.write(f"{function.job} imports what is not in its layers: {', '.join(foreign[:5])}\n")
        return unmeasured(name)
    return at_most(name, ratio, BUDGETS.get(function.job, OTHERS), UNITS.get(function.job, UNIT), baseline)


def instructions(valgrind: str, function: Deployed, code: str) -> int:
    """Count the instructions of one process from its start to its end."""
    tool = [valgrind, "--tool=callgrind", "--callgrind-out-file=/dev/null", "--trace-children=no"]
    command = [*tool, *function.command(START + code)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(function.environment))
    counted = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or not counted:
        raise RuntimeError(f"{function.job}: {done.stderr[-1500:]}")
    return int(counted[1])


def stock(bed: Bed, like: Deployed) -> Deployed:
    """Return a function that only has what a plain `pip install boto3` brings, byte code included."""
    place = bed.folder / "stock"
    place.mkdir()
    for name in STOCK:
        spec = importlib.util.find_spec(name)
        origin = Path(spec.origin)
        source = origin.parent if spec.submodule_search_locations else origin
        (place / source.name).symlink_to(source)
    function = Deployed("stock", (str(place),), like.environment, like.python)
    warm = function.command(START + "import boto3; boto3.client('dynamodb')")
    warm.remove("-B")  # leaves byte code where an installer did not
    subprocess.run(warm, check=True, env=dict(function.environment))
    return function
