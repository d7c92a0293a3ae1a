"""What a client may do beside its scopes: from where it may call, and how often."""

from __future__ import annotations

import time
from ipaddress import ip_address, ip_network

from django.db import connection
from django.http import HttpRequest

from provisioning.inbound.refusals import NotFromThere, TooManyRequests
from serviceproviders.models import ClientMinute, OAuthClient

_COUNT = """
INSERT INTO {table} AS known (client_id, minute, count) VALUES (%s, %s, 1)
ON CONFLICT (client_id) DO UPDATE SET
    count = CASE WHEN known.minute = excluded.minute THEN known.count + 1 ELSE 1 END,
    minute = excluded.minute
RETURNING count
"""
"""One statement, so that all processes count together; PostgreSQL and SQLite alike."""


def check(request: HttpRequest, client: OAuthClient, domain: str | None = None) -> None:
    """Raises `NotFromThere` or `TooManyRequests`. Costs nothing where nothing is limited,
    and one statement where requests are counted."""
    check_address(request, client, domain)
    if most := client.requests_per_minute:
        now = time.time()
        if _counted(client, int(now // 60)) > most:
            raise TooManyRequests(most, retry_after=60 - int(now % 60))


def check_address(request: HttpRequest, client: OAuthClient, domain: str | None = None) -> None:
    """Raises `NotFromThere`."""
    if not client.allowed_networks:
        return
    given = request.META.get("REMOTE_ADDR", "")
    try:
        address = ip_address(given.partition("%")[0])
    except ValueError:
        raise NotFromThere(given, domain) from None
    mapped = getattr(address, "ipv4_mapped", None)
    networks = [ip_network(one, strict=False) for one in client.allowed_networks]
    if not any((mapped or address) in network for network in networks):
        raise NotFromThere(given, domain)


def _counted(client: OAuthClient, minute: int) -> int:
    statement = _COUNT.format(table=ClientMinute._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(statement, [client.pk, minute])
        (count,) = cursor.fetchone()
    return int(count)
