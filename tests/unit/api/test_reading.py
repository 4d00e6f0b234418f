"""Fields are read strictly; every refusal names its path."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from quittance.domain.errors import Rejected
from quittance.domain.places import country, vat_id
from quittance.domain.reading import Fields


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda fields: fields.text("x"), " "),
        (lambda fields: fields.text("x"), 5),
        (lambda fields: fields.text("x"), "y" * 1001),
        (lambda fields: fields.name("x"), "a#b"),
        (lambda fields: fields.name("x"), 7),
        (lambda fields: fields.choice("x", ("a", "b")), "c"),
        (lambda fields: fields.choice("x", ("a", "b")), ["a"]),
        (lambda fields: fields.whole("x"), "1"),
        (lambda fields: fields.whole("x"), True),
        (lambda fields: fields.whole("x"), 1.0),
        (lambda fields: fields.whole("x", most=5), 6),
        (lambda fields: fields.flag("x"), 1),
        (lambda fields: fields.day("x"), "2026-02-30"),
        (lambda fields: fields.day("x"), 20260101),
        (lambda fields: fields.day("x"), datetime(2026, 1, 1, tzinfo=UTC)),
        (lambda fields: fields.moment("x"), "2026-01-01T00:00:00"),
        (lambda fields: fields.moment("x"), "soon"),
        (lambda fields: fields.decimal("x"), 1.5),
        (lambda fields: fields.decimal("x"), "NaN"),
        (lambda fields: fields.decimal("x"), "1,5"),
        (lambda fields: fields.zone("x"), "Mars/Olympus"),
        (lambda fields: fields.zone("x"), "../etc/passwd"),
        (lambda fields: fields.zone("x"), "Europe"),
        (lambda fields: fields.email("x"), "a@b"),
        (lambda fields: fields.email("x"), "a b@c.example"),
        (lambda fields: fields.email("x"), "a@b.example, c@d.example"),
        (lambda fields: fields.items("x"), "text"),
        (lambda fields: fields.items("x", most=1), [1, 2]),
        (lambda fields: fields.under("x"), []),
        (lambda fields: fields.each("x", lambda entry: entry.text("y")), ["z"]),
        (lambda fields: fields.text("x"), None),
    ],
)
def test_a_wrong_value_is_refused_with_its_path(read, value):
    with pytest.raises(Rejected) as refused:
        read(Fields({"x": value}, "outer"))
    assert refused.value.field.startswith("outer.x")
    assert refused.value.message.startswith(refused.value.field)


def test_right_values_are_returned_as_their_types():
    fields = Fields(
        {"t": " a ", "n": 3, "f": False, "d": "1.50", "z": "Europe/Berlin", "m": "2026-01-01T01:00:00+01:00"}
    )
    assert (fields.text("t"), fields.whole("n"), fields.flag("f"), fields.decimal("d")) == (
        "a",
        3,
        False,
        Decimal("1.50"),
    )
    assert fields.moment("m") == datetime(2026, 1, 1, tzinfo=UTC)
    assert fields.zone("z") == "Europe/Berlin"
    assert fields.text("missing", None) is None
    fields.done()


def test_a_field_that_nobody_reads_is_refused():
    fields = Fields({"name": "x", "nmae": "y"})
    fields.text("name")
    with pytest.raises(Rejected, match="nmae: unknown field; the fields here are name"):
        fields.done()


@pytest.mark.parametrize("value", [None, [], "x", 5])
def test_what_is_not_an_object_is_refused(value):
    with pytest.raises(Rejected, match="an object with fields"):
        Fields(value)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("DE123456788", "DE123456788"),
        ("de 123 456 788", "DE123456788"),
        ("ATU12345678", "ATU12345678"),
        ("EL123456789", "EL123456789"),
        ("NL123456789B01", "NL123456789B01"),
        ("XI123456789", "XI123456789"),
        ("CHE-123.456.789 MWST", "CHE-123.456.789 MWST"),
    ],
)
def test_a_vat_id_is_kept_in_its_shape(written, kept):
    assert vat_id(written, "vat_id") == kept


@pytest.mark.parametrize(
    "written", ["DE12345678", "DE12345678X", "AT12345678", "FR1", "", 5, None, "DE123456788#x", "x"]
)
def test_a_vat_id_of_another_shape_is_refused(written):
    with pytest.raises(Rejected, match="vat_id"):
        vat_id(written, "vat_id")


@pytest.mark.parametrize("code", ["de", "DEU", "XX", "EU", 49, None])
def test_only_assigned_countries_are_taken(code):
    with pytest.raises(Rejected, match="country"):
        country(code, "country")
    assert country("DE", "country") == "DE"
