"""What a partner publishes for its customers, in plain words: the collections policy and the support plan."""

from quittance.adapters.pages.content import Action, Contact, PolicyPage, PolicyStage, Severity, SupportPlanPage
from quittance.adapters.pages.definitions import policy_page, support_page
from quittance.adapters.pages.render import as_json, render_page

__all__ = [
    "Action",
    "Contact",
    "PolicyPage",
    "PolicyStage",
    "Severity",
    "SupportPlanPage",
    "as_json",
    "policy_page",
    "render_page",
    "support_page",
]
