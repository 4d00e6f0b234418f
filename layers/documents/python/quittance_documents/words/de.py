"""German. A correction is not called "Gutschrift", which means self-billing in German VAT law (§ 14 UStG)."""

from quittance_documents.words.shape import Words

WORDS = Words(
    invoice="Rechnung {number}",
    credit_note="Rechnungskorrektur {number}",
    page="Seite",
    of="von",
    number={"invoice": "Rechnungsnummer", "credit_note": "Belegnummer"},
    issued="Rechnungsdatum",
    due="Fällig am",
    period="Leistungszeitraum",
    customer_number="Kundennummer",
    your_vat_id="Ihre USt-IdNr.",
    order_reference="Ihr Zeichen",
    corrects="Zu Rechnung",
    intro_period={
        "invoice": "Für die Leistungen vom {start} bis {end} stellen wir Ihnen in Rechnung. "
        "Alle Beträge sind in {currency} angegeben.",
        "credit_note": "Für die Leistungen vom {start} bis {end} schreiben wir Ihnen gut. "
        "Alle Beträge sind in {currency} angegeben.",
    },
    intro={
        "invoice": "Wir stellen Ihnen die folgenden Leistungen in Rechnung. "
        "Alle Beträge sind in {currency} angegeben.",
        "credit_note": "Wir schreiben Ihnen die folgenden Leistungen gut. Alle Beträge sind in {currency} angegeben.",
    },
    headings=("Pos.", "Beschreibung", "Menge", "Einzelpreis", "USt.", "Nettobetrag"),
    vat_headings=("Umsatzsteuer", "Nettobetrag", "Steuerbetrag"),
    category={
        "S": "{percent}",
        "Z": "{percent} (Nullsatz)",
        "E": "Steuerfrei",
        "AE": "Steuerschuldnerschaft des Leistungsempfängers",
        "K": "Innergemeinschaftliche Lieferung",
        "G": "Ausfuhr in ein Drittland",
        "O": "Nicht steuerbar",
    },
    net_total="Nettosumme",
    vat_line="USt. {percent}",
    total="Gesamtbetrag",
    already_paid="Bereits bezahlt",
    amount_due="Zu zahlen",
    notes={
        "E": "Diese Leistung ist von der Umsatzsteuer befreit.",
        "AE": "Steuerschuldnerschaft des Leistungsempfängers (Reverse Charge, Art. 196 MwStSystRL).",
        "K": "Steuerfreie innergemeinschaftliche Lieferung (Art. 138 MwStSystRL).",
        "G": "Steuerfreie Ausfuhrlieferung in ein Drittland (Art. 146 MwStSystRL).",
        "O": "Diese Leistung ist im Land des Leistenden nicht steuerbar.",
    },
    payment="Zahlungsangaben",
    pay_amount="Betrag",
    pay_until="Zahlbar bis",
    account_holder="Kontoinhaber",
    reference="Verwendungszweck",
    qr_caption="Mit der Banking-App scannen",
    qr_alt="QR-Code für eine SEPA-Überweisung über {amount} mit Verwendungszweck {reference}",
    please_pay="Bitte überweisen Sie {amount} bis zum {due} unter Angabe des Verwendungszwecks {reference}.",
    please_pay_now="Bitte überweisen Sie {amount} sofort nach Erhalt unter Angabe des Verwendungszwecks {reference}.",
    nothing_due="Zu dieser Rechnung ist nichts mehr zu zahlen.",
    credited="Der Betrag von {amount} wird Ihrem Konto gutgeschrieben; Sie müssen nichts veranlassen.",
    policy="Für diese Rechnung gilt unsere Zahlungs- und Mahnregelung „{name}“.",
    vat_id="USt-IdNr.",
    tax_number="Steuernummer",
)
