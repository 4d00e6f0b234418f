from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from infra.local.vendor import StandInVendor
from quittance.domain.errors import NotFound
from quittance.runtime import links
from tests.dynamo import door as dynamo_door
from tests.dynamo.engine import Dynamo
from tests.functional.collections.world import REGION, World, client, create_table, fresh_clients

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "POWERTOOLS_SERVICE_NAME": "collections",
    "POWERTOOLS_METRICS_NAMESPACE": "Quittance",
    "MAIL_FROM": "billing@mail.acme.example",
    "PUBLIC_BASE_URL": "https://pay.acme.example",
    "VENDOR_SECRET_PREFIX": "quittance",
}


class NoLinks:
    """A partner without a secret for payment links: its mails have none."""

    def get_secret_value(self, **_: object) -> dict[str, str]:
        raise NotFound("no such secret")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """An empty book on 2026-10-09, 08:00 in Berlin; nothing outside this process is called."""
    clock_file = tmp_path / "clock"
    clock_file.write_text("2026-10-09T06:00:00Z", encoding="ascii")
    for name, value in {**ENVIRONMENT, "QUITTANCE_CLOCK_FILE": str(clock_file)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(links, "SecretsManager", NoLinks)
    links.pay_links.cache_clear()
    with mock_aws(), dynamo_door.at_the_wire(Dynamo()) as dynamo, fresh_clients(), StandInVendor(clock_file) as vendor:
        monkeypatch.setenv("VENDOR_API_BASE", vendor.base_url)
        monkeypatch.setenv("VENDOR_AUTHORITY", vendor.base_url)
        create_table()
        client("sesv2").create_email_identity(EmailIdentity="billing@mail.acme.example")
        found = World(clock_file, vendor, dynamo)
        for name, url in found.urls.items():
            monkeypatch.setenv(f"QUEUE_{name}_URL", url)
        yield found
