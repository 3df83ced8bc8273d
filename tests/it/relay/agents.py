"""Uses a relay as aioice does: endpoints on their own, and ICE by relay only."""

import asyncio
import sys

import aioice
from aioice import turn


class Collector(asyncio.DatagramProtocol):
    def __init__(self):
        self.received = asyncio.Queue()

    def datagram_received(self, data, addr):
        self.received.put_nowait((data, addr))


class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        self.transport.sendto(data, addr)


async def endpoint(server, transport, username, password):
    """Sends to a plain echo through the relay and back."""
    loop = asyncio.get_running_loop()
    echo, _ = await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
    peer = echo.get_extra_info("sockname")
    relay, protocol = await turn.create_turn_endpoint(
        Collector, server, username, password, transport=transport
    )
    relayed = relay.get_extra_info("sockname")
    assert relayed[0] == "127.0.0.1", relayed
    # Not from 0: an empty datagram is none to Python.
    for n in range(1, 50):
        data = bytes([n]) * (n * 20)
        relay.sendto(data, peer)
        assert await asyncio.wait_for(protocol.received.get(), 5) == (data, peer)
    relay.close()
    echo.close()


async def ice(server, username, password):
    """Two agents that know of each other only their relayed addresses."""
    def agent(controlling):
        return aioice.Connection(
            ice_controlling=controlling,
            turn_server=server,
            turn_username=username,
            turn_password=password,
            use_ipv6=False,
            transport_policy=aioice.TransportPolicy.RELAY,
        )

    a, b = agent(True), agent(False)
    for one, other in ((a, b), (b, a)):
        await one.gather_candidates()
        kinds = {candidate.type for candidate in one.local_candidates}
        assert kinds == {"relay"}, kinds
        for candidate in one.local_candidates:
            await other.add_remote_candidate(candidate)
        await other.add_remote_candidate(None)
        other.remote_username, other.remote_password = one.local_username, one.local_password
    await asyncio.wait_for(asyncio.gather(a.connect(), b.connect()), 30)
    for n in range(50):
        await a.send(bytes([n]) * 100)
        assert await asyncio.wait_for(b.recv(), 5) == bytes([n]) * 100
        await b.send(bytes([n]))
        assert await asyncio.wait_for(a.recv(), 5) == bytes([n])
    await a.close()
    await b.close()


async def main():
    udp, tcp, username, password, mode = sys.argv[1:]
    udp, tcp = ("127.0.0.1", int(udp)), ("127.0.0.1", int(tcp))
    if mode == "open":
        await endpoint(udp, "udp", username, password)
        await endpoint(tcp, "tcp", username, password)
    await ice(udp, username, password)
    print("all is well")


asyncio.run(main())
