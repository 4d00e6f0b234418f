"""Documents for people: invoices and credit notes as tagged PDF/A-3, byte for byte the same for the same input."""

from quittance_documents.model import Buyer, InvoiceDocument, Line, Seller, VatRow
from quittance_documents.render import render_invoice

__all__ = ["Buyer", "InvoiceDocument", "Line", "Seller", "VatRow", "render_invoice"]
