"""The limit and the peers of delivery: `python -m bench.senders KIND URL BODIES THREADS`.

Each sends the bodies of a file (a JSON list) with so many threads, in one process, and
does nothing else. Prints the seconds it took.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson

AUTH = ("admin", "target-password")
HEADERS = {"Content-Type": "application/scim+json", "Accept": "application/scim+json"}
Send = Callable[[str], Any]


def requests_session(url: str) -> Send:
    """A bare session; without a look at proxies and .netrc, which would slow it down."""
    import requests

    session = requests.Session()
    session.trust_env = False
    session.auth = AUTH
    session.headers.update(HEADERS)
    return lambda body: session.post(f"{url}/Users", data=body.encode()).raise_for_status()


def scim2_client(url: str) -> Send:
    """As its documentation shows: models in, models out, everything checked."""
    from httpx2 import Client
    from scim2_client.engines.httpx2 import SyncSCIMClient
    from scim2_models import ScimProvider, User

    http = Client(base_url=url, auth=AUTH, headers=HEADERS, trust_env=False)
    client = SyncSCIMClient(http, provider=ScimProvider(models=[User]))
    return lambda body: client.create(User.model_validate_json(body))


def by_threads(make: Callable[[str], Send], url: str, bodies: list[str], threads: int) -> None:
    """Each thread has a client of its own and takes the next body."""
    waiting = iter(bodies)
    lock = threading.Lock()

    def work() -> None:
        send = make(url)
        while True:
            with lock:
                body = next(waiting, None)
            if body is None:
                return
            send(body)

    with ThreadPoolExecutor(threads) as pool:
        for worker in [pool.submit(work) for _ in range(threads)]:
            worker.result()


async def by_tasks(url: str, bodies: list[str], tasks: int, *, checked: bool) -> None:
    """Its other engine: one thread, so many requests at a time; documents, if unchecked."""
    from httpx2 import AsyncClient
    from scim2_client.engines.httpx2 import AsyncSCIMClient
    from scim2_models import ScimProvider, User

    async with AsyncClient(base_url=url, auth=AUTH, headers=HEADERS, trust_env=False) as http:
        client: Any = AsyncSCIMClient(http, provider=ScimProvider(models=[User]))
        waiting = iter(bodies)
        bare = {"check_request_payload": False, "check_response_payload": False}

        async def work() -> None:
            for body in waiting:
                if checked:
                    await client.create(User.model_validate_json(body))
                else:
                    await client.create(resource=orjson.loads(body), url="/Users", **bare)

        await asyncio.gather(*(work() for _ in range(tasks)))


KINDS: dict[str, Callable[[str], Send]] = {
    "requests": requests_session,
    "scim2-client": scim2_client,
}


def main(kind: str, url: str, file: str, threads: str) -> None:
    bodies = list(orjson.loads(Path(file).read_bytes()))
    if kind in KINDS:
        KINDS[kind](url)  # imports are not measured
        start = time.monotonic()
        by_threads(KINDS[kind], url, bodies, int(threads))
    else:
        start = time.monotonic()
        checked = kind == "scim2-client-async"
        asyncio.run(by_tasks(url, bodies, int(threads), checked=checked))
    sys.stdout.write(f"{time.monotonic() - start}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
