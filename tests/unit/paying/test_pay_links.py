"""Addresses of payment pages: nobody makes one up, changes one, or learns anything from trying."""

import pytest

from quittance.adapters.pay_links import PayLinks
from quittance.domain.errors import NotFound


class Secrets:
    """Secrets of partners, by hand."""

    def __init__(self, **known):
        self.known = known

    def of(self, partner, provider):
        assert provider == "links"
        if partner not in self.known:
            raise NotFound("no secret")
        return self.known[partner]


LINKS = PayLinks(Secrets(acme=("new", "old"), other=("new",)), base="https://pay.acme.example/")


def token(links=LINKS, partner="acme", account="contoso", invoice="2026-09"):
    return links.url(partner, account, invoice).rpartition("/")[2]


def test_an_address_is_read_as_it_was_made():
    assert LINKS.url("acme", "contoso", "2026-09").startswith("https://pay.acme.example/public/acme/pay/")
    assert LINKS.read("acme", token()) == ("contoso", "2026-09")


def test_the_longest_names_fit():
    account, invoice = "a" * 64, "B" * 64
    assert LINKS.read("acme", token(account=account, invoice=invoice)) == (account, invoice)


def test_addresses_made_before_a_rotation_stay_open():
    before = PayLinks(Secrets(acme=("old",)), base="https://pay.acme.example")
    assert LINKS.read("acme", token(before)) == ("contoso", "2026-09")
    after = PayLinks(Secrets(acme=("newest", "new")), base="https://pay.acme.example")
    with pytest.raises(NotFound):
        after.read("acme", token(before))


def flipped(text, place):
    return text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]


def test_no_character_can_be_changed():
    good = token()
    last = {len(good) - 1, good.index(".") - 1}  # of a last character some bits are not used
    for place in range(len(good)):
        if place not in last:
            with pytest.raises(NotFound):
                LINKS.read("acme", flipped(good, place))


@pytest.mark.parametrize(
    "wrong",
    ["", ".", "..", "x", "é.é", "\u2603", "a" * 5000, token().partition(".")[0], "." + token().partition(".")[2]],
)
def test_what_is_no_token_is_not_found(wrong):
    with pytest.raises(NotFound):
        LINKS.read("acme", wrong)


def test_a_token_is_of_one_partner():
    with pytest.raises(NotFound):
        LINKS.read("other", token())
    with pytest.raises(NotFound):
        LINKS.read("nobody", token())


def test_without_secret_or_address_there_is_no_link():
    assert LINKS.url("nobody", "contoso", "2026-09") == ""
    assert PayLinks(Secrets(acme=("new",)), base="").url("acme", "contoso", "2026-09") == ""
