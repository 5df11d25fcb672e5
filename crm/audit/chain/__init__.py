"""The chain of the audit: each entry names the one before it, so none can be changed, added or taken out unseen.

`sealing` gives entries their place, `verifying` walks them, `mark` is the end of the chain as a person can
write it down.
"""

from crm.audit.chain.mark import head, passes
from crm.audit.chain.sealing import (
    FIRST_LINK,
    await_seal,
    commitment_of,
    content_commitment,
    link_of,
    seal,
    seal_what_was_before,
)
from crm.audit.chain.verifying import Verdict, verify

__all__ = [
    "FIRST_LINK",
    "Verdict",
    "await_seal",
    "commitment_of",
    "content_commitment",
    "head",
    "link_of",
    "passes",
    "seal",
    "seal_what_was_before",
    "verify",
]
