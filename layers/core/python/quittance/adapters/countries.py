"""Names of the countries that a partner's customers are most often in; others are called by their code."""

from __future__ import annotations

from collections.abc import Mapping

_NAMES = """
AT Österreich|Austria|Autriche
BE Belgien|Belgium|Belgique
BG Bulgarien|Bulgaria|Bulgarie
CH Schweiz|Switzerland|Suisse
CY Zypern|Cyprus|Chypre
CZ Tschechien|Czechia|Tchéquie
DE Deutschland|Germany|Allemagne
DK Dänemark|Denmark|Danemark
EE Estland|Estonia|Estonie
ES Spanien|Spain|Espagne
FI Finnland|Finland|Finlande
FR Frankreich|France|France
GB Großbritannien|United Kingdom|Royaume-Uni
GR Griechenland|Greece|Grèce
HR Kroatien|Croatia|Croatie
HU Ungarn|Hungary|Hongrie
IE Irland|Ireland|Irlande
IT Italien|Italy|Italie
LI Liechtenstein|Liechtenstein|Liechtenstein
LT Litauen|Lithuania|Lituanie
LU Luxemburg|Luxembourg|Luxembourg
LV Lettland|Latvia|Lettonie
MT Malta|Malta|Malte
NL Niederlande|Netherlands|Pays-Bas
NO Norwegen|Norway|Norvège
PL Polen|Poland|Pologne
PT Portugal|Portugal|Portugal
RO Rumänien|Romania|Roumanie
SE Schweden|Sweden|Suède
SI Slowenien|Slovenia|Slovénie
SK Slowakei|Slovakia|Slovaquie
US USA|United States|États-Unis
"""
_LANGUAGES = ("de", "en", "fr")


def _table() -> dict[str, Mapping[str, str]]:
    lines = (line.split(" ", 1) for line in _NAMES.strip().splitlines())
    return {code: dict(zip(_LANGUAGES, names.split("|"), strict=True)) for code, names in lines}


def country_name(code: str, lang: str) -> str:
    """Return a country's name in a language, as it follows a colon; its code where there is no name for it."""
    return _table().get(code, {}).get(lang, code)
