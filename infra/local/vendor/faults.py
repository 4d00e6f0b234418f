"""What the vendor refuses: its published codes with their HTTP status, in words of our own.

Source: the vendor's page of REST error codes. Only codes that a billing back office can meet are here.
"""

from __future__ import annotations

from typing import Any

CODES: dict[str, tuple[int, str]] = {
    "400": (401, "Access denied: the request carries no valid bearer token"),
    "1000": (404, "Nothing is found at {0}"),
    "2001": (400, "The quantity of a suspended subscription cannot change"),
    "2002": (400, "Quantity {0} is outside what the offer allows"),
    "2011": (400, "Subscription {0} is deleted and cannot be updated"),
    "2054": (400, "The billing cycle cannot change through a subscription update"),
    "2055": (400, "The ETag is no longer valid"),
    "3000": (400, "Invalid property: {0}"),
    "20002": (403, "Partner {0} has no commerce relationship with customer {1}"),
    "20003": (404, "Subscription {0} is not found"),
    "27009": (409, "An add-on cannot be enabled while its parent is not active"),
    "800002": (400, "Invalid request input: {0}"),
    "800040": (400, "The status cannot change from {1} to {0}"),
    "800082": (409, "The subscription is not ready to be updated; try again later"),
    "800091": (400, "A suspended subscription cannot be updated"),
    "800093": (400, "The subscription is not eligible to be renewed automatically"),
    "800096": (400, "The status of this subscription cannot be updated"),
    "800111": (404, "No Azure subscription has entitlement id {0}"),
    "900115": (403, "The Azure plan cannot be suspended while an Azure subscription under it is active"),
    "900117": (400, "The {0}-day cancellation window has passed"),
    "900279": (400, "This subscription can no longer be updated"),
    "900311": (400, "This subscription has been updated too many times"),
    "900329": (403, "This resource does not support application-only authentication"),
    "900420": (401, "The audience of the token is not supported"),
}


class VendorFault(Exception):  # the vendor's own word
    """An answer with the vendor's fault body; `details` fill the description's places."""

    def __init__(self, code: str, *details: object, http: int | None = None) -> None:
        status, text = CODES[code]
        super().__init__(text.format(*details))
        self.code = code
        self.http = http or status

    def body(self) -> dict[str, Any]:
        """Return the documented shape; `code` is text."""
        return {"code": self.code, "description": str(self), "data": [], "source": "PartnerCenterStandIn"}


class SignInError(Exception):
    """A refusal of the token endpoint, in the directory's own error shape."""

    def __init__(self, http: int, error: str, aadsts: int, text: str) -> None:
        super().__init__(f"AADSTS{aadsts}: {text}")
        self.http = http
        self.error = error
        self.aadsts = aadsts
