"""German, in the formal address."""

from quittance.adapters.pages.words.shape import PageWords

WORDS = PageWords(
    language_name="Deutsch",
    conjunction="und",
    we=" wir",
    version="Fassung {version}",
    valid_from="gültig ab {date}",
    contact_title="Sprechen Sie mit uns",
    contact_intro={
        "policy": (
            "Wenn Sie nicht rechtzeitig zahlen können oder eine Rechnung für falsch halten, sagen Sie es uns bitte "
            "früh. Wir finden einen Weg."
        ),
        "support": (
            "Sagen Sie uns, was geschehen ist, seit wann und wen es behindert; je mehr wir wissen, desto schneller "
            "können wir helfen."
        ),
    },
    phone="Telefon",
    email="E-Mail",
    website="Website",
    policy_title="So ziehen wir Forderungen ein",
    policy_intro=(
        "Diese Seite sagt Schritt für Schritt, was {name} tut, wenn eine Rechnung nicht rechtzeitig bezahlt wird. "
        "Für eine Rechnung gelten immer die Regeln, die bei ihrer Ausstellung veröffentlicht waren."
    ),
    paying_title="Zahlen",
    clock={
        "due_date": (
            "Wir zählen die Tage ab dem Fälligkeitsdatum auf der Rechnung. Der Fälligkeitstag selbst gilt noch als "
            "rechtzeitig."
        ),
        "issue_date": "Wir zählen die Tage ab dem Rechnungsdatum.",
    },
    midnight="Ein Tag endet um Mitternacht in der Zeitzone {zone}.",
    payment_days=(
        "Sie haben ab dem Rechnungsdatum {n} Tag Zeit zu zahlen.",
        "Sie haben ab dem Rechnungsdatum {n} Tage Zeit zu zahlen.",
    ),
    allocation=(
        "Nennt eine Zahlung eine Rechnung, begleicht sie diese. Jede andere Zahlung begleicht {order}. Was übrig "
        "bleibt, schreiben wir Ihnen gut."
    ),
    allocation_order={
        "oldest_due": "die Rechnung, die am längsten fällig ist",
        "newest_due": "die Rechnung, die zuletzt fällig ist",
        "largest_first": "die Rechnung, auf der am meisten offen ist",
        "smallest_first": "die Rechnung, auf der am wenigsten offen ist",
        "proportional": "einen Teil jeder Rechnung, nach dem, was auf ihr offen ist",
    },
    steps_title="Was bei verspäteter Zahlung geschieht",
    steps_intro=(
        "Es zählt nur, was wirklich überfällig ist: nicht, was Sie beanstanden, bezahlt haben oder gutgeschrieben "
        "bekamen. Ist ein Teil bezahlt, richtet sich der Schritt nach dem Rest."
    ),
    from_day={
        "due_date": ("Ab {n} Tag nach Fälligkeit", "Ab {n} Tagen nach Fälligkeit"),
        "issue_date": ("Ab {n} Tag nach dem Rechnungsdatum", "Ab {n} Tagen nach dem Rechnungsdatum"),
    },
    always="Solange etwas überfällig ist",
    if_amount="{amount} oder mehr offen sind",
    if_invoices=("{n} oder mehr Rechnungen offen sind", "{n} oder mehr Rechnungen offen sind"),
    stage_sentence="{when} {what}.",
    stage_conditions="{when} {what}, wenn {conditions}.",
    actions={
        "notice": "senden{we} {notice}",
        "suspend_all": "sperren{we} den Zugang zu allen Diensten des Kontos",
        "suspend_unpaid_lines": "sperren{we} den Zugang zu den Diensten, die nicht bezahlt sind",
        "fee": "berechnen{we} die unten genannte Gebühr",
        "interest": "berechnen{we} die unten genannten Zinsen",
        "write_off": "schreiben{we} die Forderung in unseren Büchern ab",
        "collections": "übergeben{we} die Forderung an ein Inkassounternehmen",
        "nothing": "beobachten{we} das Konto",
    },
    notices={"reminder": "eine Zahlungserinnerung", "final": "eine letzte Mahnung", "": "die Mitteilung „{name}“"},
    after_notice=(
        "Das tun wir nie, bevor Ihnen {notice} zugestellt wurde und seither {n} voller Tag vergangen ist.",
        "Das tun wir nie, bevor Ihnen {notice} zugestellt wurde und seither {n} volle Tage vergangen sind.",
    ),
    in_business_hours="Das tun wir nur während der Geschäftszeiten, damit Ihnen sofort jemand helfen kann.",
    fairness_title="Was Sie schützt",
    fairness=(
        (
            "Solange Sie eine Rechnung oder eine ihrer Zeilen beanstanden, ziehen wir diesen Teil nicht ein und "
            "sperren seinetwegen nichts."
        ),
        "Solange wir mit Ihnen einen späteren Termin oder eine Pause vereinbart haben, ruht das Verfahren.",
        "Sind wir selbst mit einem Schritt spät dran, verkürzt das Ihre Fristen nie.",
        "Wir halten jeden Schritt und seinen Grund fest und erklären ihn Ihnen auf Wunsch.",
    ),
    restore_title="So erhalten Sie den Zugang zurück",
    restore_all="Sobald alles Überfällige bezahlt ist, geben wir den Zugang wieder frei.",
    restore_below="Sobald weniger als {amount} überfällig sind, geben wir den Zugang wieder frei.",
    restore_speed=(
        "Wir beginnen sofort, wenn Ihre Zahlung gebucht ist, auch nachts und am Wochenende. Eine Sperre allein "
        "löscht keine Daten."
    ),
    costs_title="Gebühren und Zinsen",
    no_fee="Für Erinnerungen und Mahnungen berechnen wir keine Gebühren.",
    fee="Für {notice} berechnen wir {amount}.",
    no_interest="Für verspätete Zahlung berechnen wir keine Zinsen.",
    interest="Auf überfällige Beträge berechnen wir {percent} Zinsen im Jahr.",
    upcoming=(
        "{n} Tag bevor eine Rechnung fällig wird, erinnern wir Sie einmal daran.",
        "{n} Tage bevor eine Rechnung fällig wird, erinnern wir Sie einmal daran.",
    ),
    agreements_title="Wenn Sie Zeit brauchen oder anderer Meinung sind",
    promise={
        "all": (
            "Haben wir Ihre Zusage angenommen, bis zu einem Tag zu zahlen, auf einmal oder in Teilen, senden wir "
            "bis dahin keine Mahnungen und sperren nichts."
        ),
        "suspension": (
            "Haben wir Ihre Zusage angenommen, bis zu einem Tag zu zahlen, auf einmal oder in Teilen, sperren wir "
            "bis dahin nichts; Mahnungen kommen weiterhin."
        ),
        "nothing": "Eine Zahlungszusage halten wir fest; die Schritte oben hält sie nicht auf.",
    },
    promise_longest=(
        "Eine Zusage darf höchstens {n} Tag in der Zukunft liegen.",
        "Eine Zusage darf höchstens {n} Tage in der Zukunft liegen.",
    ),
    promise_restores="Ein gesperrter Zugang wird wieder frei, sobald Ihre Zusage angenommen ist.",
    promise_keeps="Ein Zugang, der vor Ihrer Zusage gesperrt war, wird wieder frei, wenn Sie bezahlt haben.",
    promise_broken=(
        "Ist ein zugesagter Betrag bis zum Ende seines Tages nicht eingegangen, geht es mit dem Schritt weiter, "
        "der ohne die Zusage gilt. Ihre Fristen bleiben gewahrt."
    ),
    pause=(
        "Solange eine Pause vereinbart ist, senden wir keine Mahnungen und sperren nichts; was fällig ist, bleibt "
        "fällig, und der Zugang bleibt, wie er ist."
    ),
    dispute=(
        "Was Sie beanstanden, altert nicht, solange wir es prüfen. Haben Sie recht, bekommen Sie eine Gutschrift; "
        "sonst zählen die Tage ab der Fälligkeit."
    ),
    fee_country="{country}: {notice} kostet {amount}.",
    no_fee_country="{country}: {notice} kostet nichts.",
    interest_country="{country}: Die Zinsen betragen {percent} im Jahr.",
    no_interest_country="{country}: Es gibt keine Zinsen.",
    interest_how=(
        "Zinsen laufen tageweise, vom Tag nach der Fälligkeit bis zu Ihrer Zahlung, auch während einer Zusage oder "
        "Pause. Was Ihnen gutgeschrieben wird, trug nie Zinsen."
    ),
    costs_billed=(
        "Gebühren und Zinsen stehen ohne Umsatzsteuer auf einer Ihrer nächsten Rechnungen. Ein Schreiben, das "
        "nicht zugestellt werden konnte, kostet nichts."
    ),
    support_title="So helfen wir Ihnen",
    support_intro="Diese Seite sagt, welche Hilfe Sie von {name} erhalten, wann und wie schnell.",
    provider_title="Wer Ihnen hilft",
    provider={
        "own": "Ihre Anfragen beantwortet unser eigenes Team.",
        "outsourced": "Ihre Anfragen beantwortet in unserem Auftrag unser Dienstleister {provider}.",
        "resold": "Ihre Anfragen beantwortet {provider}; wir verkaufen Ihnen diese Hilfe und stehen für sie ein.",
    },
    hours_title="Geschäftszeiten",
    hours_zone="Alle Zeiten gelten in der Zeitzone {zone}.",
    days=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    day_range="{first} bis {last}",
    closed="geschlossen",
    closed_days="Übrige Tage",
    no_hours="Für diesen Plan sind keine Geschäftszeiten veröffentlicht.",
    holidays="An diesen Feiertagen geschlossen: {days}.",
    targets_title="Wie schnell wir handeln",
    targets_intro=(
        "Es zählt nur die Geschäftszeit. Für eine Anfrage, die nachts eingeht, läuft die Zeit ab dem nächsten Morgen."
    ),
    target_headings=("Schweregrad", "Erste Antwort", "Zwischenstand alle", "Lösung"),
    severities={
        "A": "Kritisch: ein wichtiger Dienst ist ausgefallen, die Arbeit steht still",
        "B": "Ernst: ein Dienst läuft nur zum Teil oder nur langsam",
        "C": "Gering: eine Frage oder ein Fehler, der die Arbeit kaum behindert",
        "": "Schweregrad {code}",
    },
    hours=("{n} Stunde", "{n} Stunden"),
    minutes=("{n} Minute", "{n} Minuten"),
    no_target="keine feste Zeit",
    clock_rules=(
        "Eine automatische Bestätigung gilt nicht als unsere erste Antwort.",
        "Solange wir auf eine Antwort von Ihnen warten, steht die Uhr still.",
        "Wird eine Anfrage wieder geöffnet, läuft die Uhr dort weiter, wo sie stehen blieb.",
    ),
    price_title="Was es kostet",
    included=("{n} Anfrage ist im Plan enthalten.", "{n} Anfragen sind im Plan enthalten."),
    per_incident="Jede weitere Anfrage kostet {amount}.",
    per_hour="Weitere Arbeit kostet {amount} je Stunde.",
    all_included="Die Hilfe ist im Preis Ihrer Dienste enthalten.",
    vehicles_title="Wenn wir den Hersteller brauchen",
    vehicles_intro=(
        "Kann nur der Hersteller ein Problem lösen, übergeben wir es ihm mit allem, was er braucht, und zwar in "
        "dieser Reihenfolge:"
    ),
    vehicles={
        "partner-cloud-support": "über unseren Supportvertrag für Cloud-Partner mit dem Hersteller",
        "premier": "über unseren Premier-Supportvertrag mit dem Hersteller",
        "unified": "über unseren Unified-Supportvertrag mit dem Hersteller",
        "commercial": "über die Abrechnungshilfe des Herstellers",
        "pay-per-incident": "als einzelner bezahlter Fall, nur mit Ihrer Zustimmung",
    },
)
