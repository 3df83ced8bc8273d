"""The units of systemd: how exposed they leave the system, and that they fit the server."""

import configparser
import re
import unittest

from workshop import PACKAGING, run, tree

UNITS = PACKAGING / "systemd"


def read(name):
    """The last value of each key, which is what systemd goes by where it takes one."""
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str
    parser.read(UNITS / name)
    return parser


class Units(unittest.TestCase):
    def exposure(self, name):
        said = run("systemd-analyze", "security", "--offline=true", "--no-pager", UNITS / name, good=None)
        return float(re.search(r"Overall exposure level for \S+: ([\d.]+)", said)[1])

    def test_the_service_is_exposed_by_no_more_than_1_5(self):
        self.assertLessEqual(self.exposure("callbox.service"), 1.5)

    def test_the_activated_service_is_exposed_by_no_more_than_1_2(self):
        self.assertLessEqual(self.exposure("callbox-activated.service"), 1.2)

    def test_systemd_understands_every_line(self):
        root = tree().parent / "units"
        run("cp", "-a", tree(), root)
        run("install", "-D", "/bin/true", root / "bin/sh")
        units = [unit.name for unit in UNITS.iterdir()]
        said = run("systemd-analyze", "verify", "--man=no", f"--root={root}", *units, good=None)
        # In there is nothing of systemd's own units.
        wrong = [line for line in said.splitlines() if "callbox" in line and "not found" not in line]
        self.assertEqual(wrong, [])

    def test_both_services_are_the_same_but_for_their_ports(self):
        keys = {}
        for name in ["callbox.service", "callbox-activated.service"]:
            lines = [line for line in (UNITS / name).read_text().splitlines() if line and line[0] not in "#["]
            keys[name] = set(lines)
        own, activated = keys.values()
        self.assertEqual(
            own - activated,
            {
                "Conflicts=callbox-activated.service",
                "AmbientCapabilities=CAP_NET_BIND_SERVICE",
                "CapabilityBoundingSet=CAP_NET_BIND_SERVICE",
                "WantedBy=multi-user.target",
            },
        )
        self.assertEqual(
            {line.partition("=")[0] for line in activated - own},
            {"Requires", "After", "Conflicts", "Sockets", "CapabilityBoundingSet", "PrivateUsers", "Also"},
        )

    def test_the_sockets_are_called_as_the_server_expects(self):
        names = {name: read(f"{name}.socket")["Socket"] for name in ["callbox-activated", "callbox-activated-http"]}
        self.assertEqual(names["callbox-activated-http"]["FileDescriptorName"], "http")
        self.assertNotEqual(names["callbox-activated"]["FileDescriptorName"], "http")
        # Both are for everything: the kind tells them apart.
        ports = {names["callbox-activated"][kind] for kind in ["ListenStream", "ListenDatagram"]}
        self.assertEqual(ports, {"443"})
        self.assertEqual({socket["Service"] for socket in names.values()}, {"callbox-activated.service"})
