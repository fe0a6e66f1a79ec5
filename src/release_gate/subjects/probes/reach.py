"""What may be asked: names on the list, and no address that hands out credentials.

Addresses refused unless they are listed themselves: link-local ones (RFC 3927, RFC 4291), where
clouds answer with credentials, the metadata addresses that lie elsewhere, and those that are no
host's (unspecified, multicast).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from release_gate.ports import Deployment
from release_gate.subjects.probes.contract import ProbeProblem

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# AWS (IPv6), Alibaba Cloud, Azure's wire server.
_METADATA = frozenset(
    ipaddress.ip_address(text) for text in ("fd00:ec2::254", "100.100.100.200", "168.63.129.16")
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """The list.

    Args:
        names: Host names in lower case; ``*.example.com`` stands for every name below.
        networks: Listed addresses and networks.
        told_by: Where the list stands, for the remedy.
    """

    names: frozenset[str]
    networks: tuple[Network, ...] = ()
    told_by: str = "hosts of the environment"

    def check(self, host: str, addresses: tuple[str, ...]) -> None:
        """Refuse what may not be asked.

        Args:
            host: As written, a name or an address.
            addresses: What it resolved to; empty where that is not known yet.

        Raises:
            ProbeProblem: If it may not.
        """
        plain = plain_host(host)
        literal = _address(plain)
        if not (self._names(plain) or (literal and self._lists(literal))):
            raise ProbeProblem(
                f'"{plain}" may not be asked: it is not among the hosts that are allowed',
                remedy=f'Add "{plain}" to {self.told_by}, if that is meant.',
            )
        for text in addresses:
            self._check_address(plain, text)

    def _check_address(self, host: str, text: str) -> None:
        address = _address(text)
        if address is None:
            raise ProbeProblem(f'"{host}" resolved to "{text}", which is no address')
        if _is_special(address) and not self._lists(address):
            said = "" if text == host else f', which "{host}" leads to,'
            raise ProbeProblem(
                f"{address}{said} may not be asked: such addresses hand out credentials",
                remedy=f'Add "{address}" to {self.told_by}, if that is meant.',
            )

    def _names(self, host: str) -> bool:
        if host in self.names:
            return True
        parts = host.split(".")
        return any(f"*.{'.'.join(parts[start:])}" in self.names for start in range(1, len(parts)))

    def _lists(self, address: Address) -> bool:
        return any(address in network for network in self.networks)


def reach_of(deployment: Deployment | None, more: Iterable[str] = ()) -> Reach:
    """The list of an environment: its target's host and its ``hosts``.

    Args:
        deployment: Where the release runs.
        more: Further hosts and addresses that are named on purpose (``instances``).

    Raises:
        ValueError: If an entry is neither a name nor an address nor a network.
    """
    listed = [*(deployment.hosts if deployment else ()), *more]
    names, networks = set(), []
    if deployment and deployment.target:
        names.add(plain_host(urlsplit(deployment.target).hostname or ""))
    for entry in listed:
        network = _network(_without_port(entry))
        if network is not None:
            networks.append(network)
            continue
        name = plain_host(_without_port(entry))
        if not name or any(sign in name for sign in "/@ \\") or "*" in name.removeprefix("*."):
            raise ValueError(f'hosts: "{entry}" is no host, address or network')
        names.add(name)
    told_by = (
        f"hosts of environments.{deployment.name}" if deployment else "hosts of an environment"
    )
    return Reach(names=frozenset(names), networks=tuple(networks), told_by=told_by)


def plain_host(host: str) -> str:
    """A host in lower case and ASCII, without brackets and the final dot."""
    plain = host.strip("[]").rstrip(".").lower()
    if plain.isascii():
        return plain
    try:
        return plain.encode("idna").decode("ascii")
    except UnicodeError:
        return plain  # on no list, as far as anybody can tell


def _without_port(entry: str) -> str:
    head, colon, port = entry.rpartition(":")
    if colon and port.isdigit() and (":" not in head or head.endswith("]")):
        return head
    return entry


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text.strip("[]"), strict=False)
    except ValueError:
        return None


def _address(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        for inner in (address.ipv4_mapped, address.sixtofour):
            if inner is not None:
                return inner
    return address


def _is_special(address: Address) -> bool:
    return (
        address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or address in _METADATA
    )
