"""Hands a port of this machine on: `python -m tests.chaos.relay HOST:PORT=HOST:PORT …`.

For what listens on the loopback of one network namespace and is wanted in another.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    with suppress(OSError):
        writer.close()


async def relay(pair: str) -> asyncio.Server:
    listen, _, to = pair.partition("=")
    host, _, port = to.rpartition(":")

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection(host, int(port))
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pump(reader, back), _pump(there, writer))

    at, _, number = listen.rpartition(":")
    return await asyncio.start_server(connected, at, int(number))


async def _main(pairs: list[str]) -> None:
    servers = [await relay(pair) for pair in pairs]
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_main(sys.argv[1:]))
