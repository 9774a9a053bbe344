"""Where a request comes from, as far as limits care."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

Networks: TypeAlias = Sequence[IPv4Network | IPv6Network]

UNKNOWN = "unknown"
MAPPED = 96  # bits of an IPv6 address before the IPv4 address in it
HOST_BITS = 64  # of an IPv6 address; whoever has one has all that differ in these


@lru_cache(maxsize=4096)
def network_of(host: str | None) -> str:
    """Return what all addresses of one client have in common."""
    try:
        address = ip_address(host or "")
    except ValueError:  # whatever it is, it makes no client of its own
        return UNKNOWN
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return f"{int(address) >> HOST_BITS:x}"


def spellings(networks: Networks) -> list[str]:
    """Write networks down, those of IPv4 also as a socket for both versions does."""
    mapped = (
        f"::ffff:{network.network_address}/{MAPPED + network.prefixlen}"
        for network in networks
        if isinstance(network, IPv4Network)
    )
    return [*map(str, networks), *mapped]
