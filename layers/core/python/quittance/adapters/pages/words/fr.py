"""French, in the formal address."""

from quittance.adapters.pages.words.shape import PageWords

WORDS = PageWords(
    language_name="Français",
    conjunction="et",
    we="",
    version="Version {version}",
    valid_from="en vigueur depuis le {date}",
    contact_title="Parlez-nous",
    contact_intro={
        "policy": (
            "Si vous ne pouvez pas payer à temps, ou si vous pensez qu'une facture est erronée, dites-le-nous tôt. "
            "Nous trouverons une solution."
        ),
        "support": (
            "Dites-nous ce qui s'est passé, depuis quand, et qui en est gêné ; plus nous en savons, plus vite nous "
            "pouvons vous aider."
        ),
    },
    phone="Téléphone",
    email="E-mail",
    website="Site web",
    policy_title="Comment nous recouvrons les paiements",
    policy_intro=(
        "Cette page dit, étape par étape, ce que fait {name} lorsqu'une facture n'est pas payée à temps. Une facture "
        "garde les règles qui étaient publiées lors de son émission."
    ),
    paying_title="Payer",
    clock={
        "due_date": (
            "Nous comptons les jours à partir de l'échéance inscrite sur la facture. Le jour de l'échéance compte "
            "encore comme à temps."
        ),
        "issue_date": "Nous comptons les jours à partir de la date de la facture.",
    },
    midnight="Un jour se termine à minuit dans le fuseau horaire {zone}.",
    payment_days=(
        "Vous avez {n} jour pour payer à partir de la date de la facture.",
        "Vous avez {n} jours pour payer à partir de la date de la facture.",
    ),
    allocation=(
        "Un paiement qui nomme une facture règle cette facture. Tout autre paiement règle {order}. Ce qui reste est "
        "conservé comme votre crédit."
    ),
    allocation_order={
        "oldest_due": "la facture échue depuis le plus longtemps",
        "newest_due": "la facture dont l'échéance est la dernière",
        "largest_first": "la facture dont le montant dû est le plus élevé",
        "smallest_first": "la facture dont le montant dû est le plus faible",
        "proportional": "une part de chaque facture, selon ce qui reste dû",
    },
    steps_title="Ce qui se passe quand un paiement est en retard",
    steps_intro=(
        "Seul compte ce qui est vraiment en retard : ce que vous contestez, ce que vous avez payé ou ce qui vous a été "
        "crédité ne compte pas. Si une partie est payée, l'étape suit le reste."
    ),
    from_day={
        "due_date": ("À partir de {n} jour après l'échéance", "À partir de {n} jours après l'échéance"),
        "issue_date": (
            "À partir de {n} jour après la date de la facture",
            "À partir de {n} jours après la date de la facture",
        ),
    },
    always="Tant que quelque chose est en retard",
    if_amount="{amount} ou plus sont dus",
    if_invoices=("{n} facture ou plus est ouverte", "{n} factures ou plus sont ouvertes"),
    stage_sentence="{when}, nous {what}.",
    stage_conditions="{when}, si {conditions}, nous {what}.",
    actions={
        "notice": "envoyons {notice}",
        "suspend_all": "suspendons l'accès à tous les services du compte",
        "suspend_unpaid_lines": "suspendons l'accès aux services qui ne sont pas payés",
        "fee": "facturons les frais indiqués ci-dessous",
        "interest": "facturons les intérêts indiqués ci-dessous",
        "write_off": "passons la créance en perte dans nos livres",
        "collections": "confions la créance à une société de recouvrement",
        "nothing": "suivons le compte",
    },
    notices={"reminder": "un rappel", "final": "un dernier rappel", "": "l'avis « {name} »"},
    after_notice=(
        "Nous ne le faisons jamais avant de vous avoir remis {notice} et qu'un jour entier ({n}) ne se soit écoulé.",
        "Nous ne le faisons jamais avant de vous avoir remis {notice} et que {n} jours entiers ne se soient écoulés.",
    ),
    in_business_hours="Nous ne le faisons que pendant nos heures ouvrées, pour que quelqu'un puisse vous aider.",
    fairness_title="Ce qui vous protège",
    fairness=(
        "Tant que vous contestez une facture ou une de ses lignes, nous ne recouvrons pas cette part ni ne suspendons.",
        "Tant que nous sommes convenus avec vous d'une date plus tardive, ou d'une pause, nous n'allons pas plus loin.",
        "Si nous sommes nous-mêmes en retard sur une étape, vos jours de préavis ne sont jamais raccourcis.",
        "Nous gardons trace de chaque étape et de sa raison, et vous l'expliquons sur demande.",
    ),
    restore_title="Retrouver l'accès",
    restore_all="Dès que tout ce qui est en retard est payé, nous rétablissons l'accès.",
    restore_below="Dès que moins de {amount} sont en retard, nous rétablissons l'accès.",
    restore_speed=(
        "Nous commençons dès que votre paiement est enregistré, la nuit et le week-end aussi. La suspension seule "
        "n'efface aucune donnée."
    ),
    costs_title="Frais et intérêts",
    no_fee="Nous ne facturons pas de frais pour les rappels et les avis.",
    fee="Pour {notice}, nous facturons {amount}.",
    no_interest="Nous ne facturons pas d'intérêts de retard.",
    interest="Nous facturons {percent} d'intérêts par an sur ce qui est en retard.",
    upcoming=(
        "{n} jour avant l'échéance d'une facture, nous vous la rappelons une fois.",
        "{n} jours avant l'échéance d'une facture, nous vous la rappelons une fois.",
    ),
    agreements_title="S'il vous faut du temps, ou en cas de désaccord",
    promise={
        "all": (
            "Lorsque nous avons accepté votre promesse de payer avant une date, en une ou plusieurs fois, nous "
            "n'envoyons aucun rappel et ne suspendons rien jusque-là."
        ),
        "suspension": (
            "Lorsque nous avons accepté votre promesse de payer avant une date, en une ou plusieurs fois, nous ne "
            "suspendons rien jusque-là ; les rappels continuent."
        ),
        "nothing": "Nous notons une promesse de paiement, mais elle n'arrête pas les étapes ci-dessus.",
    },
    promise_longest=(
        "Une promesse porte sur {n} jour au plus.",
        "Une promesse porte sur {n} jours au plus.",
    ),
    promise_restores="Un accès suspendu est rétabli dès que votre promesse est acceptée.",
    promise_keeps="Un accès suspendu avant votre promesse est rétabli quand vous avez payé.",
    promise_broken=(
        "Si un montant promis ne nous est pas parvenu à la fin du jour prévu, nous reprenons à l'étape qui "
        "s'applique sans la promesse. Vos jours de préavis sont respectés."
    ),
    pause=(
        "Tant qu'une pause est convenue, nous n'envoyons aucun rappel et ne suspendons rien ; ce qui est dû reste "
        "dû, et l'accès reste tel qu'il est."
    ),
    dispute=(
        "Ce que vous contestez ne vieillit pas pendant notre examen. Si vous avez raison, vous recevez un avoir ; "
        "sinon, les jours comptent depuis l'échéance."
    ),
    fee_country="{country} : {notice} coûte {amount}.",
    no_fee_country="{country} : {notice} ne coûte rien.",
    interest_country="{country} : les intérêts sont de {percent} par an.",
    no_interest_country="{country} : il n'y a pas d'intérêts.",
    interest_how=(
        "Les intérêts courent au jour le jour, du lendemain de l'échéance jusqu'à votre paiement, même pendant une "
        "promesse ou une pause. Ce qui vous est crédité n'en a jamais porté."
    ),
    costs_billed=(
        "Les frais et intérêts figurent, sans TVA, sur une de vos prochaines factures. Un avis qui n'a pas pu être "
        "remis ne coûte rien."
    ),
    support_title="Comment nous vous assistons",
    support_intro="Cette page dit quelle aide vous recevez de {name}, quand, et en combien de temps.",
    provider_title="Qui vous aide",
    provider={
        "own": "Notre propre équipe répond à vos tickets.",
        "outsourced": "Notre prestataire {provider} répond à vos tickets pour notre compte.",
        "resold": "{provider} répond à vos tickets ; nous vous vendons cette assistance et en restons responsables.",
    },
    hours_title="Heures ouvrées",
    hours_zone="Toutes les heures sont dans le fuseau horaire {zone}.",
    days=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    day_range="{first} à {last}",
    closed="fermé",
    closed_days="Autres jours",
    no_hours="Aucune heure ouvrée n'a été publiée pour ce contrat.",
    holidays="Fermé ces jours fériés : {days}.",
    targets_title="En combien de temps nous agissons",
    targets_intro=(
        "Les délais ne comptent que pendant les heures ouvrées. Un ticket arrivé la nuit commence à compter le "
        "lendemain matin."
    ),
    target_headings=("Gravité", "Première réponse", "Nouvelles toutes les", "Solution"),
    severities={
        "A": "Critique : un service important est arrêté et le travail avec lui",
        "B": "Sérieux : un service ne fonctionne qu'en partie, ou lentement",
        "C": "Mineur : une question, ou un défaut qui ne gêne guère le travail",
        "": "Gravité {code}",
    },
    hours=("{n} heure", "{n} heures"),
    minutes=("{n} minute", "{n} minutes"),
    no_target="pas de délai fixé",
    clock_rules=(
        "Une confirmation automatique ne compte pas comme notre première réponse.",
        "Tant que nous attendons une réponse de votre part, le compteur est arrêté.",
        "Si un ticket est rouvert, le compteur reprend où il s'était arrêté.",
    ),
    price_title="Ce que cela coûte",
    included=("{n} incident est compris dans le contrat.", "{n} incidents sont compris dans le contrat."),
    per_incident="Chaque incident supplémentaire coûte {amount}.",
    per_hour="Le travail au-delà coûte {amount} de l'heure.",
    all_included="L'assistance est comprise dans le prix de vos services.",
    vehicles_title="Si nous avons besoin du fournisseur",
    vehicles_intro=(
        "Si seul le fournisseur peut résoudre un problème, nous le lui transmettons avec tout ce qu'il lui faut, dans "
        "cet ordre de préférence :"
    ),
    vehicles={
        "partner-cloud-support": "notre contrat d'assistance pour partenaires cloud auprès du fournisseur",
        "premier": "notre contrat d'assistance Premier auprès du fournisseur",
        "unified": "notre contrat d'assistance Unified auprès du fournisseur",
        "commercial": "l'assistance du fournisseur pour les questions de facturation",
        "pay-per-incident": "un incident payant isolé, seulement avec votre accord",
    },
)
