"""The mail server and the clock of the mail tests serve here too."""

from tests.mail.conftest import later, relay, relay_port, settings

__all__ = ["later", "relay", "relay_port", "settings"]
