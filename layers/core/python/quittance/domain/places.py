"""Countries and VAT identification numbers, by their published shapes: checked offline, nobody is asked."""

from __future__ import annotations

import re

from quittance.domain.errors import Rejected

# ISO 3166-1 alpha-2, all assigned codes.
COUNTRIES = frozenset(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW".split()
)

# The structures that the European Commission publishes for VIES, with Northern Ireland (XI) and, in the same
# structure, Great Britain; the prefix of Greece is EL.
_VAT = {
    "AT": r"U\d{8}",
    "BE": r"[01]\d{9}",
    "BG": r"\d{9,10}",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"\d{9}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "EL": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"\d{8}",
    "FR": r"[A-Z0-9]{2}\d{9}",
    "GB": r"(\d{9}|\d{12}|(GD|HA)\d{3})",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"(\d{7}[A-W][A-I]?|\d[A-Z0-9+*]\d{5}[A-Z])",
    "IT": r"\d{11}",
    "LT": r"(\d{9}|\d{12})",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"[A-Z0-9+*]{12}",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{12}",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
    "XI": r"(\d{9}|\d{12}|(GD|HA)\d{3})",
}
_OTHER = re.compile(r"[A-Z0-9][A-Z0-9 ./-]{3,29}")


def country(code: object, field: str) -> str:
    """Return an ISO 3166-1 alpha-2 code; Rejected for anything else."""
    if not isinstance(code, str) or code not in COUNTRIES:
        raise Rejected(f"{field}: {code!r} is not a country code (ISO 3166-1) such as DE", field=field)
    return code


def vat_id(value: object, field: str) -> str:
    """Return a VAT id without spaces, dots and dashes; Rejected where its member state gives ids another shape.

    Only the structure is checked: check digits differ by state and year, and whether an id is in force only the
    state knows. Ids of countries outside the EU's scheme are kept as they are written.
    """
    if not isinstance(value, str):
        raise Rejected(f"{field}: write the VAT id as a text such as DE123456788", field=field)
    bare = re.sub(r"[\s.-]", "", value.upper())
    shape = _VAT.get(bare[:2])
    if shape and not re.fullmatch(shape, bare[2:]):
        raise Rejected(f"{field}: {value!r} is not the shape of a VAT id of {bare[:2]}", field=field)
    if not shape and not _OTHER.fullmatch(value.strip().upper()):
        raise Rejected(f"{field}: {value!r} is not a VAT id; it begins with the country such as DE", field=field)
    return bare if shape else value.strip()
