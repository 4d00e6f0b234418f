"""The table of routes: what the role matrix and the OpenAPI document are held against.

Answers are named, not imported: a process imports those of the resources it is asked for, so that starting stays cheap.
"""

from __future__ import annotations

from importlib import import_module

from quittance.domain.roles import Permission
from quittance.runtime.http import Answer, Route

_ACCOUNT = "/v1/accounts/{account}"
_INVOICE = f"{_ACCOUNT}/invoices/{{invoice}}"
_PAYMENT = f"{_ACCOUNT}/payments/{{payment}}"
_METHOD = f"{_ACCOUNT}/payment-methods/{{method}}"
_POLICY = "/v1/policies/{policy}"
_VENDOR_PAYMENT = "/v1/vendor-payments/{vendor_payment}"
_TICKET = f"{_ACCOUNT}/tickets/{{ticket}}"
_TICKET_ACTIONS = ("replies", "diagnosis", "pending", "resume", "escalation", "vendor-case", "close", "reopen")

PARTNER_API = (
    Route("GET", "/openapi.json", None, "description.describe"),
    Route("GET", "/v1/openapi.json", None, "description.describe"),
    Route("PUT", "/v1/partner", Permission.PARTNER, "book.put_partner"),
    Route("GET", "/v1/partner", Permission.READ, "book.get_partner"),
    Route("POST", "/v1/policies/{policy}", Permission.POLICIES, "book.publish_policy"),
    Route("GET", "/v1/policies/{policy}", Permission.READ, "book.get_policy"),
    Route("GET", f"{_POLICY}/versions", Permission.READ, "policies.list_versions"),
    Route("PUT", f"{_POLICY}/draft", Permission.POLICIES, "policies.put_draft"),
    Route("GET", f"{_POLICY}/draft", Permission.READ, "policies.get_draft"),
    Route("POST", f"{_POLICY}/draft/publish", Permission.POLICIES, "policies.publish_draft"),
    Route("POST", "/v1/policies/{policy}/dry-runs", Permission.POLICIES, "trials.dry_run_policy"),
    Route("PUT", "/v1/support-plans/{plan}", Permission.PARTNER, "book.put_support_plan"),
    Route("GET", "/v1/support-plans/{plan}", Permission.READ, "book.get_support_plan"),
    Route("PUT", "/v1/price-rules", Permission.MONEY, "book.put_price_rules"),
    Route("GET", "/v1/price-rules", Permission.READ, "book.get_price_rules"),
    Route("GET", "/v1/accounts", Permission.READ, "book.list_accounts"),
    Route("PUT", _ACCOUNT, Permission.ACCOUNTS, "book.put_account"),
    Route("GET", _ACCOUNT, Permission.READ, "book.get_account"),
    Route("GET", f"{_ACCOUNT}/status", Permission.READ, "money.show_status"),
    Route("GET", f"{_ACCOUNT}/timeline", Permission.READ, "money.show_timeline"),
    Route("GET", f"{_ACCOUNT}/explain", Permission.READ, "collections.explain"),
    Route("GET", f"{_ACCOUNT}/collections", Permission.READ, "collections.show_standing"),
    Route("POST", f"{_ACCOUNT}/promises", Permission.AGREEMENTS, "collections.promise"),
    Route("POST", f"{_ACCOUNT}/promises/{{promise}}/withdraw", Permission.AGREEMENTS, "collections.withdraw"),
    Route("POST", f"{_ACCOUNT}/pause", Permission.COLLECTIONS, "collections.pause"),
    Route("POST", f"{_ACCOUNT}/unpause", Permission.COLLECTIONS, "collections.unpause"),
    Route("POST", f"{_ACCOUNT}/holds", Permission.COLLECTIONS, "collections.hold"),
    Route("POST", f"{_ACCOUNT}/holds/{{hold}}/release", Permission.COLLECTIONS, "collections.release"),
    Route("POST", f"{_INVOICE}/dispute", Permission.AGREEMENTS, "collections.dispute"),
    Route("POST", f"{_INVOICE}/dispute/close", Permission.COLLECTIONS, "collections.close_dispute"),
    Route("POST", f"{_ACCOUNT}/invoices", Permission.MONEY, "money.request_invoice"),
    Route("GET", f"{_ACCOUNT}/invoices", Permission.READ, "money.list_invoices"),
    Route("GET", _INVOICE, Permission.READ, "money.get_invoice"),
    Route("GET", f"{_INVOICE}/document", Permission.READ, "money.get_document"),
    Route("POST", f"{_INVOICE}/credit-notes", Permission.MONEY, "corrections.request_credit_note"),
    Route("POST", f"{_INVOICE}/write-off", Permission.MONEY, "corrections.write_off"),
    Route("POST", f"{_INVOICE}/reinstatement", Permission.MONEY, "corrections.reinstate"),
    Route("GET", _PAYMENT, Permission.READ, "corrections.show_payment"),
    Route("POST", f"{_PAYMENT}/refunds", Permission.MONEY, "corrections.refund"),
    Route("POST", f"{_PAYMENT}/allocation", Permission.MONEY, "corrections.allocate"),
    Route("GET", f"{_INVOICE}/receipt", Permission.READ, "money.get_receipt"),
    Route("GET", f"{_INVOICE}/payment-link", Permission.READ, "pay.get_payment_link"),
    Route("GET", "/public/{partner}/pay/{token}", None, "pay.show_payment_page"),
    Route("GET", f"{_ACCOUNT}/payment-methods", Permission.READ, "methods.list_methods"),
    Route("GET", _METHOD, Permission.READ, "methods.get_method"),
    Route("PUT", _METHOD, Permission.ACCOUNTS, "methods.put_payment_method"),
    Route("DELETE", _METHOD, Permission.ACCOUNTS, "methods.remove_payment_method"),
    Route("GET", f"{_ACCOUNT}/statement", Permission.READ, "books.show_statement"),
    Route("GET", "/v1/books/trial-balance", Permission.MONEY, "books.show_trial_balance"),
    Route("GET", "/v1/books/receivables", Permission.MONEY, "books.show_receivables"),
    Route("GET", "/v1/books/deferred", Permission.MONEY, "books.show_deferred"),
    Route("GET", "/v1/books/postings", Permission.MONEY, "books.export_postings"),
    Route("GET", "/v1/books/datev", Permission.MONEY, "books.export_datev"),
    Route("PUT", "/v1/books/datev-settings", Permission.MONEY, "books.put_datev_settings"),
    Route("GET", "/v1/books/datev-settings", Permission.MONEY, "books.get_datev_settings"),
    Route("POST", "/v1/books/periods", Permission.MONEY, "books.close_period"),
    Route("GET", "/v1/books/periods", Permission.MONEY, "books.list_periods"),
    Route("POST", "/v1/imports", Permission.MONEY, "money.order_upload"),
    Route("GET", "/v1/imports/{vendor_invoice}", Permission.READ, "money.get_import"),
    Route("POST", "/v1/bank-statements", Permission.MONEY, "bank.take_statement"),
    Route("GET", "/v1/bank-statements", Permission.READ, "bank.list_statements"),
    Route("GET", "/v1/bank-statements/{statement}", Permission.READ, "bank.get_statement"),
    Route("GET", "/v1/bank-lines", Permission.READ, "bank.list_lines"),
    Route("GET", "/v1/bank-lines/{line}", Permission.READ, "bank.get_line"),
    Route("POST", "/v1/bank-lines/{line}/decision", Permission.MONEY, "bank.decide"),
    Route("GET", "/v1/tasks", Permission.READ, "tasks.list_tasks"),
    Route("GET", "/v1/tasks/{task}", Permission.READ, "tasks.get_task"),
    Route("POST", "/v1/tasks/{task}/done", Permission.TASKS, "tasks.close_task"),
    Route("POST", "/v1/tasks/{task}/assign", Permission.MONEY, "tasks.assign_payment"),
    Route("POST", f"{_ACCOUNT}/subscriptions/look", Permission.TASKS, "tasks.look_at_subscriptions"),
    Route("POST", "/v1/billing-runs", Permission.MONEY, "money.request_run"),
    Route("GET", "/v1/billing-runs/{run}", Permission.READ, "money.get_run"),
    Route("GET", "/v1/payables", Permission.READ, "vendor.list_payables"),
    Route("POST", "/v1/payables/{vendor_invoice}/payments", Permission.MONEY, "vendor.pay_payable"),
    Route("GET", "/v1/vendor-payments", Permission.READ, "vendor.list_vendor_payments"),
    Route("POST", "/v1/vendor-payments", Permission.MONEY, "vendor.pay_vendor"),
    Route("POST", f"{_VENDOR_PAYMENT}/allocations", Permission.MONEY, "vendor.allocate_payment"),
    Route("GET", "/v1/cash-forecast", Permission.READ, "vendor.show_forecast"),
    Route("GET", "/v1/exposures", Permission.READ, "vendor.list_exposures"),
    Route("GET", "/v1/open-charges", Permission.READ, "money.list_open_charges"),
    Route("POST", f"{_ACCOUNT}/tickets", Permission.TICKETS, "support.open_ticket"),
    Route("GET", f"{_ACCOUNT}/tickets", Permission.READ, "support.list_tickets"),
    Route("GET", _TICKET, Permission.READ, "support.get_ticket"),
    *(Route("POST", f"{_TICKET}/{action}", Permission.TICKETS, "support.act") for action in _TICKET_ACTIONS),
)
PUBLIC_PAGES = (
    Route("GET", "/public/{partner}/collections", None, "public.show_collections"),
    Route("GET", "/public/{partner}/support", None, "public.show_support"),
)


def resolve(name: str) -> Answer:
    """Return the function that a route names."""
    module, function = name.split(".")
    answer: Answer = getattr(import_module(f"quittance.runtime.api.{module}"), function)
    return answer
