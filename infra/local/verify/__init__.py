"""`./quittance verify`: proves from a stack's data that the design's invariants hold, or names what breaks one.

table, outside   read the table whole, the stored documents and the queues (an operator's look, not the product's)
violations       what a check finds
books, periods, receipts, numbers, documents, once, bank, access, agreed, policies, charges, messages, tenants
                 one module a family of rules: pure functions from what was read to violations
stack            all checks on a running stack
locate           where the stack is that `up` keeps running
cli              the command
"""

from infra.local.verify.stack import parked, verify_stack
from infra.local.verify.violations import Violation

__all__ = ["Violation", "parked", "verify_stack"]
