"""Standard VAT rates of the EU member states, as configuration data.

Source: European Commission, Taxes in Europe Database (TEDB), standard rates of the general scheme in force in 2026.
Reduced rates do not apply to software and cloud services. Checked by a person when a state announces a change.
"""

from __future__ import annotations

from decimal import Decimal

# Country (ISO 3166-1) to per cent.
STANDARD_RATES = {
    country: Decimal(rate)
    for country, rate in (
        pair.split(":")
        for pair in (
            "AT:20 BE:21 BG:20 CY:19 CZ:21 DE:19 DK:25 EE:24 ES:21 FI:25.5 FR:20 GR:24 HR:25 HU:27 IE:23 IT:22 LT:21 "
            "LU:17 LV:21 MT:18 NL:21 PL:23 PT:23 RO:21 SE:25 SI:22 SK:23"
        ).split()
    )
}

# The letters a VAT id begins with where they are not the country's (Directive 2006/112/EC, article 215).
ID_PREFIXES = {"GR": "EL"}
EU = frozenset(STANDARD_RATES)
