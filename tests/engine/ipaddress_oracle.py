"""Which addresses are public, by Python's ipaddress: reads one a line, and writes `1` or `0` for each.

Where the standard library calls an address global and the guard refuses it all the same, the network stands here with the
reason. There is no difference the other way round: what Python calls not global is never public.
"""

import ipaddress
import sys

REFUSED_BESIDES = [
    ipaddress.ip_network(network)
    for network in (
        "224.0.0.0/4",  # multicast: Python asks whether it is private, not whether it is one host
        "ff00::/8",
        "192.0.0.0/24",  # older Pythons know parts of it; the registry lets 192.0.0.9 and .10 through
        "192.88.99.0/24",  # 6to4 relays
        "2002::/16",  # 6to4: an IPv4 address in another coat
        "168.63.129.16/32",  # Azure's own
        "2001::/23",  # newer Pythons let some protocol addresses of it through
        "64:ff9b::/96",  # NAT64: an IPv4 address in another coat; the registry calls it global
        "64:ff9b:1::/48",
        "::/96",  # IPv4-compatible
        "fec0::/10",  # site-local, deprecated
        "3fff::/20",  # documentation since 2024
        "5f00::/16",  # SRv6 since 2024
    )
]
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")  # outside it nothing is handed out, which Python does not ask


def public(text):
    address = ipaddress.ip_address(text)
    if any(address in network for network in REFUSED_BESIDES):
        return False
    return address.is_global and (address.version == 4 or address in GLOBAL_UNICAST)


for line in sys.stdin:
    print(int(public(line.strip())))
