"""Small answers are sent at once, and do not wait for an acknowledgement."""

import asyncio
import socket

from mirada.lab.listening import listening


def test_connections_of_the_lab_do_not_delay_small_answers() -> None:
    place = listening("127.0.0.1", 0)
    delays: list[int] = []

    class Seen(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            own = transport.get_extra_info("socket")
            delays.append(own.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            transport.close()

    async def once() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Seen, sock=place.socket)
        reader, writer = await asyncio.open_connection(*place.socket.getsockname())
        await reader.read()
        writer.close()
        server.close()

    asyncio.run(once())
    assert len(delays) == 1 and delays[0] != 0
