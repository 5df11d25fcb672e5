"""A mail server of our own, as the tests of mail have it."""

from tests.mail.conftest import later, relay, relay_port, settings

__all__ = ["later", "relay", "relay_port", "settings"]
