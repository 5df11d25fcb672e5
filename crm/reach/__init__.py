"""Whose records somebody reaches: missions and accreditations, restricted States, emergencies.

Here are the verbs that open and close States to people, what reads them, and their pages. The rest lies where
the floors want it:

- `crm/core/access.py`: the `Viewer`, who carries what they reach as plain values; `crm/core/visibility.py`: the rule
  that weighs them against a record.
- `crm/accounts/models/reach.py`: the tables; `crm/accounts/viewers.py`: what of them holds for somebody at this
  moment. A viewer is made of both, and accounts stand below this room.
- `crm/accounts/policy.py`: what a role may do and how far it is cleared.
- `crm/sharing`: how far one record travels, whoever reaches its State.
"""
