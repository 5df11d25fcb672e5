"""The abuse cases: what somebody tries who means harm."""
