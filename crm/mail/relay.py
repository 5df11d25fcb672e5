"""The conversation with the mail server, step by step, so that it is known how far it came."""

from __future__ import annotations

import re
import smtplib
import ssl
from types import TracebackType
from urllib.parse import unquote, urlsplit

from crm.mail.message import Outgoing
from crm.mail.rules import LONGEST_ANSWER, Answer, Outcome, one_line

CONNECT_SECONDS = 10
COMMAND_SECONDS = 30
CONTENT_SECONDS = 120
"""The last reply may take long: the server checks and stores. Still far below the lease of 12 minutes."""

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_SETTINGS_AT_FAULT = {530, 534, 535, 538}
"""Replies about our own credentials: no mail is at fault, all of them wait."""


class RelayDown(Exception):
    """No conversation could be begun; the text says what stood in the way, never a credential."""


class Relay:
    """One connection, opened when needed and again after it broke.

    `smtp://` uses TLS when the server offers it, `smtps://` from the first byte. A password is never sent
    without TLS except to this machine itself. `name` is how we present ourselves.
    """

    def __init__(self, url: str, name: str) -> None:
        self._url, self._name = urlsplit(url), name
        self._client: smtplib.SMTP | None = None
        self._content_sent = False

    def __enter__(self) -> Relay:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def connect(self) -> None:
        """Be connected and ready for a mail; raises RelayDown."""
        if self._client is not None:
            return
        try:
            self._client = self._open()
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise RelayDown(_words(error)) from None

    def close(self) -> None:
        """Say good-bye if that is still possible."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            client.quit()
        except (OSError, smtplib.SMTPException):
            client.close()

    def hand_over(self, mail: Outgoing) -> Answer:
        """One attempt. Never raises for what a network or a server can do."""
        self._content_sent = False
        try:
            self.connect()
            return self._converse(mail)
        except RelayDown as error:
            return Answer(Outcome.TEMPORARY, str(error), relay_trouble=True)
        except ValueError as error:
            self._drop()
            return Answer(Outcome.PERMANENT, f"This cannot be said to the mail server: {_words(error)}")
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            if self._content_sent:
                return Answer(Outcome.UNKNOWN, f"No answer after the message was handed over: {_words(error)}", True)
            return Answer(Outcome.TEMPORARY, _words(error), relay_trouble=True)

    def _open(self) -> smtplib.SMTP:
        host, port = self._url.hostname or "localhost", self._url.port
        trust = ssl.create_default_context()
        client: smtplib.SMTP
        if self._url.scheme == "smtps":
            client = smtplib.SMTP_SSL(host, port or 465, self._name, timeout=CONNECT_SECONDS, context=trust)
        elif self._url.scheme == "smtp":
            client = smtplib.SMTP(host, port or 25, self._name, timeout=CONNECT_SECONDS)
        else:
            raise ValueError("SMTP_URL must begin with smtp:// or smtps://")
        try:
            self._greet(client, host, trust)
        except BaseException:
            client.close()
            raise
        return client

    def _greet(self, client: smtplib.SMTP, host: str, trust: ssl.SSLContext) -> None:
        if client.sock is not None:
            client.sock.settimeout(COMMAND_SECONDS)
        client.ehlo_or_helo_if_needed()
        if self._url.scheme == "smtp" and client.has_extn("starttls") and host not in _LOOPBACK:
            client.starttls(context=trust)
            client.ehlo()
        if self._url.username:
            if not isinstance(client.sock, ssl.SSLSocket) and host not in _LOOPBACK:
                raise ValueError("the mail server offers no TLS, so the password was not sent")
            client.login(unquote(self._url.username), unquote(self._url.password or ""))

    def _converse(self, mail: Outgoing) -> Answer:
        client = self._client
        if client is None or client.sock is None:
            raise smtplib.SMTPServerDisconnected("the connection was closed")
        options = []
        if not mail.recipient.isascii():
            if not client.has_extn("smtputf8"):
                return Answer(Outcome.PERMANENT, "The mail server cannot write to addresses with such letters.")
            options = ["SMTPUTF8", "BODY=8BITMIME"]
            client.command_encoding = "utf-8"
        reply = client.mail(mail.sender, options)
        if reply[0] != 250:
            return self._refusal(reply, about_sender=True)
        reply = client.rcpt(mail.recipient)
        if reply[0] not in (250, 251):
            return self._refusal(reply)
        reply = client.docmd("DATA")
        if reply[0] != 354:
            return self._refusal(reply)
        client.sock.settimeout(CONTENT_SECONDS)
        self._content_sent = True
        client.send(_for_the_wire(mail.content))
        reply = client.getreply()
        client.sock.settimeout(COMMAND_SECONDS)
        return self._last_word(reply)

    def _last_word(self, reply: tuple[int, bytes]) -> Answer:
        if 200 <= reply[0] < 300:
            return Answer(Outcome.SENT, _reply_text(reply))
        if 400 <= reply[0] < 600:
            return self._refusal(reply)
        self._drop()
        return Answer(Outcome.UNKNOWN, f"An answer that cannot be understood: {_reply_text(reply)}", True)

    def _refusal(self, reply: tuple[int, bytes], *, about_sender: bool = False) -> Answer:
        """A reply that is not the one hoped for, and the connection made fit for the next mail."""
        code, text = reply[0], _reply_text(reply)
        if code == 421 or not 400 <= code < 600:
            self._drop()
            return Answer(Outcome.TEMPORARY, text, relay_trouble=True)
        self._reset()
        if code in _SETTINGS_AT_FAULT:
            return Answer(Outcome.TEMPORARY, text, relay_trouble=True)
        if code >= 500:
            return Answer(Outcome.PERMANENT, text)
        return Answer(Outcome.TEMPORARY, text, relay_trouble=about_sender)

    def _reset(self) -> None:
        """Clear the table for the next mail; a server that hangs up now has still given its answer."""
        try:
            if self._client is not None:
                self._client.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()

    def _drop(self) -> None:
        """Leave a connection that cannot be trusted any more, without a word."""
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _for_the_wire(content: bytes) -> bytes:
    """Lines end in CRLF, a leading full stop is doubled, a lone full stop ends it (RFC 5321, 4.5.2)."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", lines) + b".\r\n"


def _reply_text(reply: tuple[int, bytes]) -> str:
    return one_line(f"{reply[0]} {reply[1].decode('utf-8', 'replace')}", LONGEST_ANSWER)


def _words(error: Exception) -> str:
    """An error in words for the page of administrators."""
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        return _reply_text((error.smtp_code, text if isinstance(text, bytes) else str(text).encode()))
    if isinstance(error, TimeoutError):
        return "The mail server did not answer in time."
    if isinstance(error, ConnectionRefusedError):
        return "The mail server refused the connection."
    return one_line(f"{type(error).__name__}: {error}", LONGEST_ANSWER)
