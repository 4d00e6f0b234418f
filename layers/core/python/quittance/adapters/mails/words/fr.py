"""French, in the formal address."""

from quittance.adapters.mails.words.shape import MailWords, Tone

WORDS = MailWords(
    tones={
        "formal": Tone("Bonjour,", "Bonjour {name},", "Cordialement"),
        "friendly": Tone("Bonjour,", "Bonjour {name},", "Bien à vous"),
    },
    subjects={
        "invoice_issued": "Facture {number} de {sender} : {total}",
        "credit_note_issued": "Avoir {number} de {sender} : {total}",
        "receipt": "Quittance : la facture {number} est réglée",
        "upcoming": "À venir : {total} à régler pour {account} avant le {pay_by}",
        "reminder": "Rappel de paiement : {total} en retard pour {account}",
        "final": "Dernier rappel : {total} en retard pour {account}",
        "suspended": "Accès suspendu : {total} en retard pour {account}",
        "restored": "Merci : accès rétabli pour {account}",
    },
    leads={
        "invoice_issued": (
            "Voici la facture {number} du {issued} pour {account}. Le montant de {total} est à régler {due}.",
        ),
        "credit_note_issued": (
            (
                "Nous avons émis l'avoir {number} du {issued} pour {account}. Le montant de {total} est porté au "
                "crédit de votre compte ; vous n'avez rien à faire."
            ),
        ),
        "receipt": (
            "Merci : la facture {number} du {issued} pour {account}, d'un montant de {total}, est entièrement réglée.",
            "La quittance vous le confirme.",
        ),
        "upcoming": (
            "{total} pour {account} arrivent bientôt à échéance. Rien n'est en retard : ceci est une simple annonce.",
            "Si le paiement est déjà en route, merci ; vous pouvez ignorer ce message.",
        ),
        "reminder": (
            "Simple rappel : {total} pour {account} n'ont pas été réglés à l'échéance.",
            "Si vous avez payé ces derniers jours, merci ; veuillez alors ignorer ce message.",
        ),
        "final": ("Ceci est notre dernier rappel. Malgré nos relances, {total} pour {account} restent impayés.",),
        "suspended": (
            (
                "Nous avons suspendu l'accès à {services} pour {account}, car {total} restent impayés après notre "
                "dernier rappel."
            ),
        ),
        "restored": (
            (
                "Merci de votre paiement. Nous rétablissons maintenant l'accès à {services} pour {account}. Il peut "
                "falloir quelques minutes avant que chacun puisse se reconnecter."
            ),
        ),
    },
    due_on="le {date}",
    due_now="à réception",
    attached="Vous trouverez le document en pièce jointe, au format PDF.",
    headings=("Facture", "Date", "Échéance", "Dû"),
    total_row="Total",
    owed_title="Ce que vous devez",
    owed="{total} pour {account}. Les factures sont énumérées ci-dessus.",
    deadline_title="À régler avant le",
    deadline="Veuillez régler la totalité de sorte que le montant nous parvienne au plus tard le {pay_by}.",
    deadline_now="Veuillez régler la totalité dès maintenant.",
    otherwise_title="Ce qui se passe sinon",
    otherwise={
        "reminder": "Si le montant reste dû le {next_at}, nous vous enverrons un rappel.",
        "final": "Si le montant reste dû le {next_at}, nous vous enverrons un dernier rappel.",
        "suspend": (
            "Si le montant reste dû, nous suspendrons l'accès à {services} le {next_at} ou peu après. Il ne sera alors "
            "plus possible de s'y connecter ni de les utiliser."
        ),
        "suspend_unpaid": (
            "Si le montant reste dû, nous suspendrons l'accès aux services impayés ({services}) le {next_at} ou peu "
            "après. Il ne sera alors plus possible de s'y connecter ni de les utiliser."
        ),
    },
    costs_title="Ce que coûte le retard",
    fee="Nous facturons {fee} pour cet envoi.",
    interest="Des intérêts de {percent} l'an courent sur le montant en retard jusqu'au paiement.",
    costs_billed="Ces frais figureront sur une de vos prochaines factures.",
    ahead_title="Bientôt à échéance",
    ahead=(
        "Ces factures ne sont pas en retard. Elles n'ont pas à être réglées avec le montant ci-dessus, mais à temps."
    ),
    all_services="tous les services de ce compte",
    data_title="Vos données",
    data=(
        "La suspension n'efface rien : vos données restent en place et tout fonctionne de nouveau après le paiement. "
        "Ce n'est que si la suspension dure longtemps que le fournisseur efface des données, en règle générale pas "
        "avant {days} jours."
    ),
    data_now=(
        "Rien n'a été effacé : vos données sont toujours là. Ce n'est que si la suspension dure longtemps que le "
        "fournisseur efface des données, en règle générale pas avant {days} jours."
    ),
    back_title="Comment retrouver l'accès",
    back=(
        "Réglez le montant ci-dessous. Dès que nous voyons votre paiement, nous rétablissons l'accès, de jour comme de "
        "nuit, le week-end aussi."
    ),
    pay_title="Comment payer",
    pay_transfer="Par virement sur ce compte :",
    pay_url="Payer en ligne",
    reference_hint="Veuillez indiquer la référence de paiement {reference}.",
    account_holder="Titulaire du compte",
    reference="Référence de paiement",
    amount="Montant",
    call_title="Une question, ou impossible de payer ?",
    call_phone="Parlez-nous-en tôt : {phone}. Nous trouverons une solution.",
    call_email="Écrivez-nous tôt : {email}. Nous trouverons une solution.",
    call_both="Parlez-nous-en tôt : {phone} ou {email}. Nous trouverons une solution.",
    call_reply="Répondez simplement à ce message, le plus tôt possible. Nous trouverons une solution.",
    policy="Nos conditions de recouvrement « {policy} »",
)
