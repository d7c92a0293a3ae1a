"""A mail server on loopback that keeps what it is given."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class _OnAnyPort(Controller):
    """Finds out which port it was given before it tries itself out."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Mailbox:
    """`refuse_next` is what it says, once each, instead of taking a mail."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuse_next: list[str] = []
        self._controller = _OnAnyPort(self, hostname="127.0.0.1", port=0)

    async def handle_RCPT(  # noqa: N802 theirs
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if address.startswith("nobody@"):
            return "550 5.1.1 there is nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 theirs
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.refuse_next:
            return self.refuse_next.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(message_from_bytes(content, EmailMessage, policy=policy.default))
        return "250 Taken"

    @property
    def port(self) -> int:
        return int(self._controller.port)

    def __enter__(self) -> Mailbox:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()
