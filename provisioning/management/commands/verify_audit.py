from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser

from idp.models import Tenant
from provisioning.chain import accepting, verifying
from provisioning.chain.verifying import Anchor, Verified
from provisioning.management.base import Command as Base
from provisioning.management.base import Wrong, actor, tenant_named
from provisioning.management.progress import Progress
from provisioning.models import AuditChain


class Command(Base):
    help = (
        "Read the audit trail again and say up to where it is what was sealed. Exit 1 when "
        "an event was changed, taken out or put in."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--tenant", metavar="D", help="this tenant only")
        parser.add_argument(
            "--anchor",
            metavar="NUMBER:SEAL",
            type=_anchor,
            help="a number with its seal as noted earlier: it must still be so",
        )

        parser.add_argument(
            "--accept",
            action="store_true",
            help="begin the chain of --tenant anew behind what is there, once you have looked",
        )

    def work(self, **options: Any) -> bool:
        named, anchor = options["tenant"], options["anchor"]
        if anchor and not named:
            raise Wrong("An anchor is of one tenant: say which with --tenant.")
        if options["accept"]:
            if not named:
                raise Wrong("--accept is of one tenant: say which with --tenant.")
            return self._accept(tenant_named(named), json=options["json"])
        tenants = [tenant_named(named)] if named else list(Tenant.objects.order_by("domain"))
        found = [self._verify(tenant, anchor) for tenant in tenants]
        if options["json"]:
            self.tell_json({"tenants": [_told(one) for one in found]})
        else:
            for one in found:
                self.tell(_sentence(one))
        return all(one.intact for one in found)

    def _accept(self, tenant: Tenant, *, json: bool) -> bool:
        found = self._verify(tenant, None)
        if found.intact:
            raise Wrong(f"{tenant.domain}: all is as sealed, there is nothing to accept.")
        last = accepting.accept(tenant, found.problem, actor=actor("verify_audit"))
        if json:
            told = {"tenant": tenant.domain, "problem": found.problem, "after": last}
            self.tell_json({"accepted": told})
        else:
            self.tell(
                f"{tenant.domain}: {found.problem}. The chain begins anew after event {last}; "
                "what is there stays, and can be shown by nobody any more."
            )
        return True

    def _verify(self, tenant: Tenant, anchor: Anchor | None) -> Verified:
        chain = AuditChain.objects.filter(pk=tenant.pk).first()
        many = chain.head - chain.start if chain else 0
        progress = Progress(sys.stderr, f"Reading {tenant.domain}", many)
        found = Verified(tenant)
        for found in verifying.verify(tenant, anchor):
            progress.at(found.through - found.start)
        progress.end()
        return found


def _anchor(text: str) -> Anchor:
    number, _, seal = text.partition(":")
    anchor = Anchor(int(number), bytes.fromhex(seal))
    if not anchor.seal:
        raise ValueError
    return anchor


_anchor.__name__ = "number and seal"


def _told(found: Verified) -> dict[str, Any]:
    return {
        "tenant": found.tenant.domain,
        "intact": found.intact,
        "from": found.start + 1,
        "through": found.through,
        "at": found.at,
        "anchor": f"{found.through}:{found.seal.hex()}" if found.through else "",
        "not_sealed_yet": found.unsealed,
        "problem": found.problem,
    }


def _sentence(found: Verified) -> str:
    domain, rest = found.tenant.domain, f", {found.unsealed} not sealed yet"
    if not found.intact:
        return f"{domain}: {found.problem}. Up to event {found.through} all is as sealed{rest}."
    if not found.through:
        return f"{domain}: nothing is sealed{rest}."
    anchor = f"{found.through}:{found.seal.hex()}"
    return (
        f"{domain}: events {found.start + 1} to {found.through} are as sealed{rest}.\n"
        f"  anchor {anchor}"
    )
