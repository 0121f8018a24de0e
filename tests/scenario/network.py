"""Hosts on a network of their own: namespaces of the kernel, joined by switches. Only under tests/scenario/isolated, with which they vanish."""

import os
import subprocess

from harness import Host


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


def why_impossible():
    """Why there can be no such hosts here; empty when there can."""
    told = os.environ.get("DECANT_ISOLATED", "no: it is not run by tests/scenario/isolated")
    return "" if told == "1" else f"hosts need namespaces of the kernel, for which one must be root: {told}"


class Switch:
    """Joins hosts. Those of a zone hang on a switch of their own, and its cable to the core can be pulled."""

    def __init__(self, name, core=None):
        self.name = name
        ip("link", "add", name, "type", "bridge", "stp_state", "0")
        ip("link", "set", name, "up")
        self.cable = core and self.join(core)

    def join(self, core):
        inner, outer = f"{self.name}-up", f"{self.name}-dn"
        ip("link", "add", inner, "type", "veth", "peer", "name", outer)
        for end, switch in ((inner, self.name), (outer, core.name)):
            ip("link", "set", end, "master", switch)
            ip("link", "set", end, "up")
        return inner

    def cut(self):
        ip("link", "set", self.cable, "down")

    def mend(self):
        ip("link", "set", self.cable, "up")

    def add_host(self, name, address):
        """A host with that address of 10.77.0.0/16."""
        ip("netns", "add", name)
        ip("link", "add", f"h-{name}", "type", "veth", "peer", "name", "eth0", "netns", name)
        ip("link", "set", f"h-{name}", "master", self.name)
        ip("link", "set", f"h-{name}", "up")
        for arguments in (("addr", "add", f"{address}/16", "dev", "eth0"), ("link", "set", "lo", "up"), ("link", "set", "eth0", "up")):
            ip("-netns", name, *arguments)
        return Host(address, ["ip", "netns", "exec", name])
