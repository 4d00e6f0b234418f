"""A stand-in for Microsoft's Partner Center on loopback: it does what the vendor's documents say, refusals included."""

from infra.local.vendor.seeding import SeedError
from infra.local.vendor.server import StandInVendor

__all__ = ["SeedError", "StandInVendor"]
