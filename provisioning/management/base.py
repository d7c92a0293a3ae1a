"""What all commands share: how they report, and how they end.

Exit codes: 0 when what was asked holds, 1 for a negative answer, 2 for wrong input, with
one sentence on stderr.
"""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from typing import Any, ClassVar, NoReturn

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, OperationalError

from connectors import spans
from idp.models import ROOT, OutboundConnector, Tenant
from idp.secrets import CannotOpen
from provisioning import logbook


class Wrong(Exception):
    """What was asked cannot be done; the message is the sentence the operator reads."""

    def __init__(self, message: str, code: int = 2) -> None:
        super().__init__(message)
        self.code = code


class Command(BaseCommand):
    """A command does its work in `work`, which answers False for a negative answer."""

    reports: ClassVar[bool] = True
    of_tenant: ClassVar[bool] = False
    forks: ClassVar[bool] = False
    """Its processes record what they do themselves, after the fork."""
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        # One sentence instead of a page of usage.
        parser.error = self._refuse  # type: ignore[method-assign]  # no class to choose
        if self.reports:
            parser.add_argument("--json", action="store_true", help="report as JSON")
        if self.of_tenant:
            parser.add_argument("--tenant", default=ROOT, metavar="D", help="tenant domain")

    def handle(self, *args: Any, **options: Any) -> None:
        if not self.forks:
            spans.start()
        with logbook.quiet() if self.reports else nullcontext():
            code = self._code(options)
        spans.stop()
        if code:
            self._leave(code)

    def work(self, **options: Any) -> bool | None:
        raise CommandError(f"{type(self).__module__} does nothing")

    def tell(self, text: str) -> None:
        self.stdout.write(text)

    def tell_json(self, value: Any) -> None:
        self.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())

    def say(self, sentence: str) -> None:
        """To stderr: what is not part of the report."""
        self.stderr.write(sentence, self.style.NOTICE)

    def _code(self, options: dict[str, Any]) -> int:
        try:
            return 1 if self.work(**options) is False else 0
        except BrokenPipeError:
            # Whoever read our report has read enough; keep Python from saying so at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        except KeyboardInterrupt:
            return 130
        except Exception as error:
            if options.get("traceback"):
                raise
            sentence, code = _ending(error)
            self.say(sentence)
            return code

    def _refuse(self, message: str) -> NoReturn:
        self.say(f"{message[:1].upper()}{message[1:]}.")
        self._leave(2)

    def _leave(self, code: int) -> NoReturn:
        if getattr(self, "_called_from_command_line", False):
            sys.exit(code)
        raise CommandError(f"ended with {code}", returncode=code)


def _ending(error: Exception) -> tuple[str, int]:
    """What to tell the operator about an error, and the exit code."""
    text = str(error).strip()
    if isinstance(error, Wrong):
        return text, error.code
    if isinstance(error, CommandError):
        return text, error.returncode
    if isinstance(error, CannotOpen):
        return f"A secret cannot be opened: {text}.", 2
    if isinstance(error, DatabaseError):
        first = text.splitlines()[0] if text else "no answer"
        if isinstance(error, OperationalError) and "no such" not in first:
            return f"The database does not answer: {first}.", 2
        return f"The database is not ready ({first}): run `manage.py migrate`.", 2
    return f"Unexpected: {error!r}. Run again with --traceback to see where.", 1


def tenant_named(domain: str) -> Tenant:
    """Raises `Wrong`."""
    found = Tenant.objects.filter(domain=domain).first()
    if found is None:
        raise Wrong(f"There is no tenant {domain}.")
    return found


def connector_named(tenant: Tenant, provider: str, kind: str) -> OutboundConnector:
    """Raises `Wrong`."""
    found = OutboundConnector.objects.select_related("provider__tenant").filter(
        provider__tenant=tenant, provider__name=provider, type=kind
    )
    if connector := found.first():
        return connector
    raise Wrong(f"There is no connector {kind} of an identity provider {provider} in {tenant}.")


def positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError
    return value


positive.__name__ = "positive number"


def actor(command: str) -> str:
    """Who did it, for the audit trail."""
    return f"manage.py {command}"
