"""The receipt's words, by language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptWords:
    """Every text of a receipt in one language; names in braces are filled with finished texts."""

    title: str
    invoice: str
    issued: str
    settled_on: str
    customer_number: str
    confirmed: str
    headings: tuple[str, str, str, str]
    kinds: dict[str, str]
    taken_back: str
    total: str
    settled: str
    stamp: str
    vat_id: str
    tax_number: str


WORDS: dict[str, ReceiptWords] = {
    "en": ReceiptWords(
        title="Receipt for invoice {number}",
        invoice="Invoice number",
        issued="Date of issue",
        settled_on="Settled on",
        customer_number="Customer number",
        confirmed=(
            "We confirm that the debt of {buyer} from invoice {number} of {issued} over {gross} was settled in full on "
            "{settled}. Nothing is owed on this invoice any more."
        ),
        headings=("Date", "Settled by", "Reference", "Amount"),
        kinds={
            "payment": "Payment",
            "credit_used": "Your credit",
            "credit_note": "Credit note",
            "transfer": "Payment by another account",
            "tolerated": "Small difference waived",
            "refund": "Refund",
            "chargeback": "Taken back",
            "chargeback_reversed": "Given back",
        },
        taken_back="Taken back",
        total="Settled",
        settled="Amount settled",
        stamp="Settled on {settled}",
        vat_id="VAT ID",
        tax_number="Tax number",
    ),
    "de": ReceiptWords(
        title="Quittung zur Rechnung {number}",
        invoice="Rechnungsnummer",
        issued="Rechnungsdatum",
        settled_on="Beglichen am",
        customer_number="Kundennummer",
        confirmed=(
            "Wir bestätigen: Die Schuld von {buyer} aus der Rechnung {number} vom {issued} über {gross} wurde am "
            "{settled} vollständig beglichen. Aus dieser Rechnung ist nichts mehr offen."
        ),
        headings=("Datum", "Beglichen durch", "Referenz", "Betrag"),
        kinds={
            "payment": "Zahlung",
            "credit_used": "Ihr Guthaben",
            "credit_note": "Rechnungskorrektur",
            "transfer": "Zahlung durch ein anderes Konto",
            "tolerated": "Erlassene Kleindifferenz",
            "refund": "Erstattung",
            "chargeback": "Rückbelastung",
            "chargeback_reversed": "Wieder gutgeschrieben",
        },
        taken_back="Zurückgenommen",
        total="Beglichen",
        settled="Beglichener Betrag",
        stamp="Beglichen am {settled}",
        vat_id="USt-IdNr.",
        tax_number="Steuernummer",
    ),
    "fr": ReceiptWords(
        title="Quittance de la facture {number}",
        invoice="Numéro de facture",
        issued="Date de facture",
        settled_on="Acquittée le",
        customer_number="Numéro de client",
        confirmed=(
            "Nous attestons que la dette de {buyer} au titre de la facture {number} du {issued}, montant {gross}, a "
            "été entièrement réglée le {settled}. Plus rien ne reste dû sur cette facture."
        ),
        headings=("Date", "Réglée par", "Référence", "Montant"),
        kinds={
            "payment": "Paiement",
            "credit_used": "Votre avoir",
            "credit_note": "Facture rectificative",
            "transfer": "Paiement par un autre compte",
            "tolerated": "Petite différence abandonnée",
            "refund": "Remboursement",
            "chargeback": "Paiement repris",
            "chargeback_reversed": "Paiement rétabli",
        },
        taken_back="Repris",
        total="Total réglé",
        settled="Montant réglé",
        stamp="Acquittée le {settled}",
        vat_id="N° de TVA",
        tax_number="Numéro fiscal",
    ),
}
