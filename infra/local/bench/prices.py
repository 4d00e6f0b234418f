"""What AWS charges, in one place: on-demand list prices of us-east-1, US dollars, without free tiers and discounts.

Region us-east-1 (N. Virginia), as published on the services' price pages in November 2025; eu-central-1 is up to a
fifth dearer, service by service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

REGION = "us-east-1"
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """The price of one unit and the page it is from."""

    dollars: float
    source: str


PRICES: Mapping[str, Price] = {
    "write unit": Price(0.625 / _MILLION, "aws.amazon.com/dynamodb/pricing/on-demand"),
    "read unit": Price(0.125 / _MILLION, "aws.amazon.com/dynamodb/pricing/on-demand"),
    "invocation": Price(0.20 / _MILLION, "aws.amazon.com/lambda/pricing"),
    "GB-second": Price(0.0000166667, "aws.amazon.com/lambda/pricing (x86)"),
    "queue request": Price(0.40 / _MILLION, "aws.amazon.com/sqs/pricing"),
    "FIFO queue request": Price(0.50 / _MILLION, "aws.amazon.com/sqs/pricing"),
    "API request": Price(1.00 / _MILLION, "aws.amazon.com/api-gateway/pricing (HTTP API)"),
    "schedule": Price(1.00 / _MILLION, "aws.amazon.com/eventbridge/pricing (Scheduler)"),
    "object put": Price(0.005 / 1000, "aws.amazon.com/s3/pricing"),
    "object get": Price(0.0004 / 1000, "aws.amazon.com/s3/pricing"),
    "object GB-month": Price(0.023, "aws.amazon.com/s3/pricing"),
    "log GB": Price(0.50, "aws.amazon.com/cloudwatch/pricing (ingestion)"),
    "secret request": Price(0.05 / 10_000, "aws.amazon.com/secrets-manager/pricing"),
    "mail": Price(0.10 / 1000, "aws.amazon.com/ses/pricing"),
}
APART = frozenset({"mail"})
"""What the budget does not count: a mail costs the same whoever sends it."""

FULL_CPU_MB = 1769
"""The memory at which Lambda gives a function one whole processor; less memory, as much less of it."""
CALL_SECONDS = 0.005
"""What a call to another AWS service takes, waiting included: the function is billed while it waits."""
PLATFORM_LOG_BYTES = 420
"""START, END and REPORT of an invocation, of a function whose system logs are not set to WARN."""
EVENT_LOG_BYTES = 26
"""What CloudWatch adds to each line's bytes when it bills them (PutLogEvents: 26 bytes a log event)."""


def cost(used: Mapping[str, float]) -> float:
    """Return what something costs in dollars, without what is told apart."""
    return sum(PRICES[what].dollars * amount for what, amount in used.items() if what not in APART)


def billed_seconds(cpu_seconds: float, calls: int, memory_mb: int) -> float:
    """Return how long Lambda bills for: the processor's time at the function's share of one, and its waiting."""
    return cpu_seconds * max(1.0, FULL_CPU_MB / memory_mb) + calls * CALL_SECONDS
