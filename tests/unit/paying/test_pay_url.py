"""The provider's address: values never add to it, and its host is the partner's own."""

import pytest

from quittance.domain.money import Money
from quittance.domain.pay_url import filled, problem_of

TEMPLATE = "https://pay.example/{number}?a={amount}&c={currency}&m={minor}&i={invoice}&k={account}"


def test_places_are_filled():
    url = filled(TEMPLATE, account="contoso", invoice="2026-09", number="ACME-1", remaining=Money(29744, "EUR"))
    assert url == "https://pay.example/ACME-1?a=297.44&c=EUR&m=29744&i=2026-09&k=contoso"


def test_a_value_stays_a_value():
    url = filled(TEMPLATE, account="a&b=c", invoice="../x", number="n#?", remaining=Money(1, "EUR"))
    assert url == "https://pay.example/n%23%3F?a=0.01&c=EUR&m=1&i=..%2Fx&k=a%26b%3Dc"


@pytest.mark.parametrize(
    "template",
    [
        "http://pay.example/{number}",
        "javascript:alert(1)",
        "https://{account}.example/",
        "https://user:secret@pay.example/",
        "https:///{number}",
        "https://pay.example/{card}",
        "https://pay.example/{}",
        "https://pay.example/{number",
        "https://pay.example/a b",
    ],
)
def test_what_cannot_be_used_is_refused(template):
    assert problem_of(template)


@pytest.mark.parametrize("template", [TEMPLATE, "https://pay.example/"])
def test_what_can_be_used(template):
    assert problem_of(template) is None
