"""Datagrams: unicast and multicast, from one network or from both of a dual LAN."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import socket
import struct
from pathlib import Path
from typing import TYPE_CHECKING

from tenere.errors import TenereError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenere.feeds.inbox import Inbox
    from tenere.site import SourceConfig

LARGEST_BYTES = 1 << 16
BURST = 128
"""Datagrams taken from one socket before the others get their turn."""

MEND_S, REJOIN_S = 5.0, 30.0

ONLY_JOINED = 49
"""Linux's IP_MULTICAST_ALL: a socket hears the groups that it joined itself, on the interface where it joined them."""


class Datagrams:
    """The sockets of one source: one, or two on a dual LAN.

    On a dual LAN one network is enough to begin with; the other is tried again every MEND_S. A multicast group that brings
    nothing for REJOIN_S is joined anew, for an interface that went away takes its memberships along.
    """

    def __init__(self, source: SourceConfig, inbox: Inbox, clock: Callable[[], float]) -> None:
        """Bind and read from now on; raise TenereError when no address can be bound. A loop must run."""
        self.source, self.inbox, self.clock = source, inbox, clock
        self.networks = [n for n in ((source.udp, source.interface), (source.udp2, source.interface2)) if n[0]]
        self.sockets: dict[int, socket.socket] = {}
        self._quiet_since = [inbox.pace()] * 2
        self._lost: dict[int, int] = {}
        self._lost_before = 0
        self._loop = asyncio.get_running_loop()
        failed: list[tuple[str, Exception]] = []
        for network, (address, _) in enumerate(self.networks):
            try:
                self._open(network)
            except (OSError, ValueError) as e:
                failed.append((address, e))
        if len(failed) == len(self.networks):
            address, first = failed[0]
            raise TenereError(f"source {source.id}: cannot listen on udp {address}: {first}") from first
        inbox.say("receiving", why="; ".join(f"udp {address}: {error}" for address, error in failed))
        self._timer = self._loop.call_later(MEND_S, self._mend)

    def _open(self, network: int) -> None:
        """Bind one network's socket, in place of the one it has."""
        bound = bind_udp(*self.networks[network])
        if self.source.one_way:
            shut_for_writing(bound)
        self._close(network)
        self.sockets[network] = bound
        self._loop.add_reader(bound, self._read, bound, network)

    def _mend(self) -> None:
        """Bind what could not be bound, and join again what is silent."""
        now = self.inbox.pace()
        for network, (address, _) in enumerate(self.networks):
            since = max(self._quiet_since[network], self.inbox.heard_s(network))
            rejoin = now - since > REJOIN_S and ipaddress.ip_address(address.rpartition(":")[0].strip("[]")).is_multicast
            if network in self.sockets and not rejoin:
                continue
            self._quiet_since[network] = now
            try:
                self._open(network)
            except OSError as e:
                self.inbox.why = f"udp {address}: {e}"
            else:
                self.inbox.why = ""
        self._timer = self._loop.call_later(MEND_S, self._mend)

    def _read(self, bound: socket.socket, network: int) -> None:
        """Take what waits, not more than a burst of it."""
        for _ in range(BURST):
            try:
                data = bound.recv(LARGEST_BYTES)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as e:  # the network went down: what comes later is still read
                self.inbox.why = e.strerror or str(e)
                return
            self.inbox.put(data, self.clock(), network)

    def lost(self, overflowed: dict[int, int]) -> int:
        """Return how many datagrams the system dropped for want of room, given what ``overflows`` says now."""
        for network, s in self.sockets.items():
            self._lost[network] = overflowed.get(os.fstat(s.fileno()).st_ino, 0)
        return self._lost_before + sum(self._lost.values())

    def _close(self, network: int) -> None:
        """Close a network's socket, where it has one."""
        if (s := self.sockets.pop(network, None)) is not None:
            self._loop.remove_reader(s)
            s.close()
            self._lost_before += self._lost.pop(network, 0)

    def close(self) -> None:
        """Close the sockets."""
        self._timer.cancel()
        for network in list(self.sockets):
            self._close(network)


def overflows() -> dict[int, int]:
    """Return how many datagrams the system dropped for want of room, by inode of the UDP socket; empty where it does not tell."""
    out = {}
    for name in ("udp", "udp6"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            for line in Path("/proc/net", name).read_text(encoding="ascii").splitlines()[1:]:
                words = line.split()
                out[int(words[9])] = int(words[12])
    return out


def shut_for_writing(s: socket.socket) -> None:
    """Have the system refuse to send on a socket, where it can (Linux does, though it says that nothing is connected)."""
    with contextlib.suppress(OSError):
        s.shutdown(socket.SHUT_WR)


def bind_udp(address: str, interface: str = "") -> socket.socket:
    """Return a socket bound to address:port, having joined it on interface (an address) when it is multicast.

    Several programs may share a multicast group; a unicast port is ours alone, for a second listener would take its
    datagrams from the first. Raises OSError or ValueError.
    """
    host, _, port = address.rpartition(":")
    ip = ipaddress.ip_address(host.strip("[]"))
    s = socket.socket(socket.AF_INET6 if ip.version == 6 else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        if ip.is_multicast:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        s.setblocking(False)
        s.bind((str(ip), int(port)))
        if ip.is_multicast and ip.version == 4:
            with contextlib.suppress(OSError):
                s.setsockopt(socket.IPPROTO_IP, ONLY_JOINED, 0)
            local = ipaddress.IPv4Address(interface or "0.0.0.0")  # noqa: S104 - the system picks the interface that joins
            s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, ip.packed + local.packed)
        elif ip.is_multicast:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, ip.packed + struct.pack("@I", _index(interface)))
    except BaseException:
        s.close()
        raise
    return s


def _index(interface: str) -> int:
    """Return the number of the interface that has an IPv6 address; 0, "the system chooses", where none is named."""
    if not interface:
        return 0
    wanted = ipaddress.IPv6Address(interface)
    with contextlib.suppress(OSError):
        for line in Path("/proc/net/if_inet6").read_text(encoding="ascii").splitlines():
            words = line.split()
            if ipaddress.IPv6Address(bytes.fromhex(words[0])) == wanted:
                return int(words[1], 16)
    raise OSError(f"no interface has the address {interface}")
