from __future__ import annotations

import getpass
import os
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser

from idp.models import Operator, Role, Tenant
from provisioning import audit
from provisioning.management.base import Command as Base
from provisioning.management.base import Wrong, actor, tenant_named


class Command(Base):
    help = "Make an operator. The password is asked for, or comes from the environment."
    of_tenant = True

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("username", metavar="USERNAME", help="without the tenant")
        parser.add_argument("--role", choices=Role.values, default=Role.VIEWER.value)
        parser.add_argument("--use-doors", action="store_true", help="may call SCIM and SOAP")
        parser.add_argument("--super", action="store_true", help="works in every tenant")
        parser.add_argument("--email", default="")
        parser.add_argument(
            "--password-env", metavar="NAME", help="the environment variable that holds it"
        )

    def work(self, **options: Any) -> None:
        tenant = tenant_named(options["tenant"])
        name = options["username"].removesuffix(f"@{tenant.domain}")
        _check(tenant, name)
        password = _password(options["password_env"])
        operator = Operator.objects.create_operator(
            tenant,
            name,
            password,
            role=options["role"],
            use_doors=options["use_doors"],
            is_superuser=options["super"],
            email=options["email"],
        )
        audit.record(
            tenant=tenant,
            actor=actor("create_operator"),
            action="operator.created",
            subject_type="operator",
            subject_id=operator.pk,
            subject_name=name,
        )
        if options["json"]:
            self.tell_json({"username": operator.username, "role": operator.role})
        else:
            self.tell(f"Operator {operator.username} is there.")


def _check(tenant: Tenant, name: str) -> None:
    if not name or "@" in name or "/" in name:
        raise Wrong("A name has no “@” and no “/”: the tenant is added to it.")
    if Operator.objects.filter(tenant=tenant, name=name).exists():
        raise Wrong(f"There is an operator {name} in {tenant.domain} already.")


def _password(variable: str | None) -> str:
    """Never an argument: those can be read by everybody on the machine."""
    if variable:
        if not (given := os.environ.get(variable)):
            raise Wrong(f"The environment variable {variable} is not set.")
        return given
    if not sys.stdin.isatty():
        raise Wrong("There is no terminal to ask for a password: use --password-env NAME.")
    password = getpass.getpass("Password: ")
    if password != getpass.getpass("Once more: "):
        raise Wrong("The two passwords differ.")
    try:
        validate_password(password)
    except ValidationError as error:
        raise Wrong(" ".join(error.messages)) from error
    return password
