"""Where a request comes from, as far as limits care."""

from ipaddress import IPv6Address, ip_address

UNKNOWN = "unknown"
HOST_BITS = 64  # of an IPv6 address; whoever has one has all that differ in these


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
