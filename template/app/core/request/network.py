"""Networks of clients, as limits count them."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

from starlette.types import Scope

Networks: TypeAlias = Sequence[IPv4Network | IPv6Network]

UNKNOWN = "unknown"
MAPPED = 96  # bits of an IPv6 address before the IPv4 address in it
HOST_BITS = 64  # of an IPv6 address; a client usually has all addresses of a /64


@lru_cache(maxsize=4096)
def network_of(host: str | None) -> str:
    """Return the network of a client: an IPv4 address or an IPv6 /64."""
    try:
        address = ip_address(host or "")
    except ValueError:  # all invalid values count as one client
        return UNKNOWN
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return f"{int(address) >> HOST_BITS:x}"


def client_network(scope: Scope) -> str:
    """Return the network of the client that sent a request."""
    host, _ = scope["client"] or (None, None)
    return network_of(host)


def spellings(networks: Networks) -> list[str]:
    """Return networks as text, those of IPv4 also as IPv4-mapped IPv6."""
    mapped = (
        f"::ffff:{network.network_address}/{MAPPED + network.prefixlen}"
        for network in networks
        if isinstance(network, IPv4Network)
    )
    return [*map(str, networks), *mapped]
