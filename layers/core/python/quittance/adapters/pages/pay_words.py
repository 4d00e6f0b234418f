"""The payment page's words; finished HTML texts, only the names in braces are filled."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PayWords:
    """Every text of the page in one language."""

    language_name: str
    title: str
    edition: str
    open: str
    due: str
    settled: str
    online_title: str
    online: str
    online_note: str
    transfer_title: str
    holder: str
    amount: str
    reference: str
    code_alt: str
    code_caption: str
    contact_title: str
    contact: str


WORDS: dict[str, PayWords] = {
    "en": PayWords(
        language_name="English",
        title="Pay invoice {number}",
        edition="Issued on {issued} over {gross}",
        open="Still open",
        due="Due on {date}",
        settled="Nothing is left to pay on this invoice.",
        online_title="Pay online",
        online="Go to the payment provider",
        online_note="You enter card or bank details there, never here.",
        transfer_title="Pay by bank transfer",
        holder="Account holder",
        amount="Amount",
        reference="Payment reference",
        code_alt="QR code of the transfer for banking apps",
        code_caption="Scan with your banking app",
        contact_title="Questions?",
        contact="A payment takes a moment to arrive here. If something is wrong with the invoice, tell us.",
    ),
    "de": PayWords(
        language_name="Deutsch",
        title="Rechnung {number} bezahlen",
        edition="Ausgestellt am {issued} über {gross}",
        open="Noch offen",
        due="Fällig am {date}",
        settled="Auf diese Rechnung ist nichts mehr zu zahlen.",
        online_title="Online bezahlen",
        online="Zum Zahlungsanbieter",
        online_note="Karten- und Bankdaten geben Sie dort ein, niemals hier.",
        transfer_title="Per Überweisung bezahlen",
        holder="Kontoinhaber",
        amount="Betrag",
        reference="Verwendungszweck",
        code_alt="QR-Code der Überweisung für Banking-Apps",
        code_caption="Mit der Banking-App scannen",
        contact_title="Fragen?",
        contact="Eine Zahlung kommt hier nicht sofort an. Stimmt etwas an der Rechnung nicht, sagen Sie es uns.",
    ),
    "fr": PayWords(
        language_name="Français",
        title="Payer la facture {number}",
        edition="Émise le {issued}, montant {gross}",
        open="Reste à payer",
        due="À payer avant le {date}",
        settled="Il ne reste rien à payer sur cette facture.",
        online_title="Payer en ligne",
        online="Vers le prestataire de paiement",
        online_note="Vous y saisissez vos données de carte ou de banque, jamais ici.",
        transfer_title="Payer par virement",
        holder="Titulaire du compte",
        amount="Montant",
        reference="Référence du paiement",
        code_alt="Code QR du virement pour les applications bancaires",
        code_caption="À scanner dans votre application bancaire",
        contact_title="Des questions ?",
        contact="Un paiement met un moment à nous parvenir. Si la facture comporte une erreur, dites-le-nous.",
    ),
}
