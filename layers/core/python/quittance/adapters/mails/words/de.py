"""German, in the formal address."""

from quittance.adapters.mails.words.shape import MailWords, Tone

WORDS = MailWords(
    tones={
        "formal": Tone("Guten Tag,", "Guten Tag {name},", "Mit freundlichen Grüßen"),
        "friendly": Tone("Hallo,", "Hallo {name},", "Viele Grüße"),
    },
    subjects={
        "invoice_issued": "Rechnung {number} von {sender}: {total}",
        "credit_note_issued": "Rechnungskorrektur {number} von {sender}: {total}",
        "upcoming": "Demnächst fällig: {total} für {account}, zahlbar bis {pay_by}",
        "receipt": "Quittung: Rechnung {number} ist bezahlt",
        "reminder": "Zahlungserinnerung: {total} überfällig für {account}",
        "final": "Letzte Mahnung: {total} überfällig für {account}",
        "suspended": "Zugang gesperrt: {total} überfällig für {account}",
        "restored": "Vielen Dank: Zugang für {account} wieder frei",
    },
    leads={
        "invoice_issued": (
            "Sie erhalten die Rechnung {number} vom {issued} für {account}. Der Betrag von {total} ist {due} fällig.",
        ),
        "credit_note_issued": (
            (
                "Wir haben die Rechnungskorrektur {number} vom {issued} für {account} ausgestellt. Der Betrag von "
                "{total} wird Ihrem Konto gutgeschrieben; Sie müssen nichts veranlassen."
            ),
        ),
        "upcoming": (
            "in Kürze werden {total} für {account} fällig. Noch ist nichts überfällig; das ist nur eine Ankündigung.",
            "Falls Ihre Zahlung schon unterwegs ist, danken wir Ihnen; diese Mail ist dann gegenstandslos.",
        ),
        "receipt": (
            "vielen Dank: Die Rechnung {number} vom {issued} für {account} über {total} ist vollständig bezahlt.",
            "Die Quittung bestätigt es Ihnen.",
        ),
        "reminder": (
            "wir möchten Sie freundlich daran erinnern: {total} für {account} sind überfällig.",
            "Falls Sie in den letzten Tagen gezahlt haben, danken wir Ihnen; diese Mail ist dann gegenstandslos.",
        ),
        "final": (
            "dies ist unsere letzte Mahnung. Trotz unserer Erinnerung sind {total} für {account} noch nicht bezahlt.",
        ),
        "suspended": (
            (
                "wir haben den Zugang zu folgenden Diensten von {account} gesperrt: {services}. Nach unserer letzten "
                "Mahnung sind {total} weiterhin offen."
            ),
        ),
        "restored": (
            (
                "vielen Dank für Ihre Zahlung. Wir geben den Zugang zu folgenden Diensten von {account} jetzt wieder "
                "frei: {services}. Bis sich alle wieder anmelden können, kann es einige Minuten dauern."
            ),
        ),
    },
    due_on="am {date}",
    due_now="sofort",
    attached="Das Dokument finden Sie als PDF im Anhang.",
    headings=("Rechnung", "Datum", "Fällig", "Offen"),
    total_row="Summe",
    owed_title="Was offen ist",
    owed="{total} für {account}. Die Rechnungen sind oben aufgeführt.",
    deadline_title="Zahlbar bis",
    deadline="Bitte zahlen Sie den vollen Betrag so, dass er bis zum {pay_by} bei uns eingeht.",
    deadline_now="Bitte zahlen Sie den vollen Betrag jetzt.",
    otherwise_title="Was sonst geschieht",
    otherwise={
        "reminder": "Ist der Betrag am {next_at} noch offen, erinnern wir Sie erneut.",
        "final": "Ist der Betrag am {next_at} noch offen, senden wir Ihnen eine letzte Mahnung.",
        "suspend": (
            "Ist der Betrag dann noch offen, sperren wir am {next_at} oder kurz danach den Zugang zu: {services}. "
            "Anmelden und Arbeiten ist in diesen Diensten dann nicht mehr möglich."
        ),
        "suspend_unpaid": (
            "Ist der Betrag dann noch offen, sperren wir am {next_at} oder kurz danach den Zugang zu den unbezahlten "
            "Diensten ({services}). Anmelden und Arbeiten ist in ihnen dann nicht mehr möglich."
        ),
    },
    costs_title="Was die Verspätung kostet",
    fee="Für dieses Schreiben berechnen wir {fee}.",
    interest="Auf den überfälligen Betrag laufen bis zur Zahlung {percent} Zinsen im Jahr.",
    costs_billed="Sie finden es auf einer Ihrer nächsten Rechnungen.",
    ahead_title="Demnächst fällig",
    ahead=(
        "Diese Rechnungen sind noch nicht überfällig. Sie müssen nicht zusammen mit dem obigen Betrag, "
        "aber rechtzeitig bezahlt werden."
    ),
    all_services="alle Dienste dieses Kontos",
    data_title="Ihre Daten",
    data=(
        "Die Sperre löscht nichts: Ihre Daten bleiben erhalten, und nach der Zahlung geht alles weiter wie zuvor. "
        "Erst wenn die Sperre lange andauert, löscht der Hersteller Daten, in der Regel nicht vor Ablauf von {days} "
        "Tagen."
    ),
    data_now="Es wurde nichts gelöscht: Ihre Daten sind noch da. Erst wenn die Sperre lange andauert, löscht der "
    "Hersteller Daten, in der Regel nicht vor Ablauf von {days} Tagen.",
    back_title="So erhalten Sie den Zugang zurück",
    back=(
        "Zahlen Sie den unten genannten Betrag. Sobald wir Ihre Zahlung sehen, geben wir den Zugang wieder frei, bei "
        "Tag und Nacht, auch am Wochenende."
    ),
    pay_title="So zahlen Sie",
    pay_transfer="Per Überweisung auf dieses Konto:",
    pay_url="Online bezahlen",
    reference_hint="Bitte geben Sie den Verwendungszweck {reference} an.",
    account_holder="Kontoinhaber",
    reference="Verwendungszweck",
    amount="Betrag",
    call_title="Fragen, oder können Sie nicht zahlen?",
    call_phone="Bitte sprechen Sie früh mit uns: {phone}. Wir finden einen Weg.",
    call_email="Bitte schreiben Sie uns früh: {email}. Wir finden einen Weg.",
    call_both="Bitte sprechen Sie früh mit uns: {phone} oder {email}. Wir finden einen Weg.",
    call_reply="Antworten Sie einfach früh auf diese Mail. Wir finden einen Weg.",
    policy="Unsere Zahlungs- und Mahnregelung „{policy}“",
)
