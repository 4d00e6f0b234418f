"""Quittance: the back office between a cloud vendor's monthly bill and a reseller's customers."""
