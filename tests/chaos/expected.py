"""What `explain` says of everybody, as JSON: run in the environment of an installation.

By identity provider, then externalId: the resource that should be there.
"""

from __future__ import annotations

import json
import os
import sys
from collections import defaultdict
from typing import Any

import django

PUTS = ("create", "update")


def everybody() -> dict[str, dict[str, Any]]:
    from idp.models import User
    from provisioning import explain, subjects
    from serviceproviders.models import RESIDENT, ServiceProvider

    sender = ServiceProvider.objects.get(name=RESIDENT, tenant__domain="carbon.super")
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for user in User.objects.select_related("store", "tenant").iterator(chunk_size=500):
        for target in explain.now(subjects.of_user(user), sender).targets:
            if target.verdict in PUTS:
                payload = target.payload
                found[target.identity_provider][user.external_id] = {
                    **payload["attributes"],
                    "userName": target.remote_name,
                    "externalId": payload["external_id"],
                    "active": payload["active"],
                }
    return found


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    json.dump(everybody(), sys.stdout)
