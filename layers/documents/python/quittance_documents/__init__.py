"""Documents for people: invoices, credit notes and receipts as tagged PDF/A-3, the same bytes for the same input."""

from quittance_documents.model import Buyer, InvoiceDocument, Line, Seller, VatRow
from quittance_documents.receipt import ReceiptDocument, ReceiptRow, print_receipt
from quittance_documents.render import render_invoice

__all__ = [
    "Buyer",
    "InvoiceDocument",
    "Line",
    "ReceiptDocument",
    "ReceiptRow",
    "Seller",
    "VatRow",
    "print_receipt",
    "render_invoice",
]
