"""Installing, using, upgrading and removing in a Debian that its own systemd has booted."""

import re
import shutil
import unittest

from released import DIST, Machine, debian_package
from workshop import run, workplace

# On the machine: is anybody there, over HTTPS?
HEALTHY = "curl -fsSk https://localhost:{}/healthz"
# Does it answer a STUN Binding over UDP? With a success, 0x0101.
BINDING = ("bash -c 'exec 3<>/dev/udp/127.0.0.1/{} && printf \"\\0\\1\\0\\0\\x21\\x12\\xa4\\x42abcdefghijkl\" >&3 && "
           "timeout 20 od -An -N2 -tx1 <&3'")
LEFT = "find / -xdev -name '*callbox*' -not -path '/root/*'"
NOBODY = "! grep -qx callbox /proc/[0-9]*/comm"


class Booted(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.machine = Machine()
        cls.machine.__enter__()
        cls.addClassCleanup(cls.machine.__exit__)
        root = cls.machine.root / "root"
        shutil.copy(debian_package(), root / "old.deb")
        # A newer one, for upgrades: the same program under a later number.
        tree = workplace() / "newer"
        run("dpkg-deb", "--raw-extract", debian_package(), tree)
        control = tree / "DEBIAN/control"
        control.write_text(re.sub(r"(?m)^Version: .*", "Version: 99.0.0", control.read_text()))
        run("dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, root / "new.deb")
        shutil.copytree(DIST, root / "dist", ignore=shutil.ignore_patterns("*.rpm", "*.oci.tar", "*.deb"))

    def on(self, script, good=True):
        return self.machine.run(script, good)

    def facts(self, unit):
        names = "ActiveState,SubState,MainPID,NRestarts,Result,ExecMainStatus"
        said = self.on(f"systemctl show -p {names} {unit}")
        return dict(line.split("=", 1) for line in said.splitlines())

    def status(self, unit):
        """What the kernel says of the process."""
        process = self.facts(unit)["MainPID"]
        return dict(line.split(":\t", 1) for line in self.on(f"cat /proc/{process}/status").splitlines() if ":\t" in line)

    def test_1_a_package_is_installed_and_serves(self):
        said = self.on("dpkg -i /root/old.deb")
        self.assertIn("The link that sets it up", said)
        self.assertEqual(self.facts("callbox")["SubState"], "running")
        self.assertEqual(self.on("systemctl is-enabled callbox").strip(), "enabled")
        self.on(HEALTHY.format(3001))
        self.assertRegex(self.on("journalctl -u callbox --grep setup -o cat"), r"/setup#")
        # Its own user, who may open low ports and do nothing else.
        status = self.status("callbox")
        self.assertNotEqual(status["Uid"].split()[0], "0")
        self.assertEqual(int(status["CapEff"], 16), 1 << 10)
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))
        self.assertEqual(self.on("stat -Lc '%a %u' /var/lib/callbox").split(), ["700", status["Uid"].split()[0]])
        modes = self.on("find /var/lib/callbox/ -type f -printf '%m\\n' | sort -u").split()
        self.assertEqual(modes, ["600"])
        # What systemd or the sandbox refuses would be in the log.
        self.assertEqual(self.on("journalctl -u callbox -p warning -o cat --no-pager").strip(), "")
        # Commands find the service without being told where it is.
        self.assertIn("not set up yet", self.on("callbox status"))
        self.assertIn("/var/lib/callbox", self.on("callbox config | grep '^ *#*data '"))

    def test_2_settings_are_read_again_and_a_name_moves_it_to_443(self):
        self.on("echo 'log = \"debug\"' >>/etc/callbox/callbox.toml && systemctl reload callbox")
        self.machine.wait("journalctl -u callbox -o cat --no-pager | grep 'settings were read again'")
        self.on("echo 'domain = \"chat.example.org\"' >>/etc/callbox/callbox.toml")
        self.on("echo 'acme_directory = \"off\"' >>/etc/callbox/callbox.toml")
        self.on("systemctl restart callbox && " + HEALTHY.format(443))
        said = self.on("curl -sk -o /dev/null -w '%{http_code} %{redirect_url}' -H 'Host: chat.example.org' http://localhost/")
        self.assertEqual(said, "308 https://chat.example.org/")
        listening = self.on("ss -lnuH | awk '{print $4}'")
        self.assertRegex(listening, r":443\n(.*\n)*.*:3478")

    def test_3_a_server_that_hangs_is_started_again(self):
        before = self.facts("callbox")
        self.on("mkdir -p /run/systemd/system/callbox.service.d && "
                "printf '[Service]\\nWatchdogSec=2\\n' >/run/systemd/system/callbox.service.d/soon.conf && "
                "systemctl daemon-reload && systemctl restart callbox && systemctl kill -s STOP callbox")
        self.machine.wait("[ $(systemctl show -P NRestarts callbox) = 1 ] && systemctl is-active callbox")
        self.assertNotEqual(before["MainPID"], self.facts("callbox")["MainPID"])
        self.assertIn("Watchdog timeout", self.on("journalctl -u callbox -o cat --no-pager"))
        self.on("rm -r /run/systemd/system/callbox.service.d && systemctl daemon-reload && systemctl restart callbox")
        self.on("systemctl kill -s KILL callbox")
        self.machine.wait(HEALTHY.format(443))

    def test_4_no_request_fails_while_the_other_service_restarts(self):
        self.on("systemctl disable --now callbox && "
                "systemctl enable --now callbox-activated.socket callbox-activated-http.socket")
        self.assertEqual(self.facts("callbox-activated")["SubState"], "dead")
        # The first to come starts it.
        self.on(HEALTHY.format(443))
        status = self.status("callbox-activated")
        self.assertEqual({int(status[name], 16) for name in ["CapEff", "CapPrm", "CapBnd", "CapAmb"]}, {0})
        self.assertNotIn("4294967295", self.on(f"cat /proc/{status['Pid']}/uid_map"))
        self.on("mkdir -p /root/asked && cd /root/asked && (for n in $(seq 60); do "
                "curl -fsSk --max-time 20 -o /dev/null https://localhost/healthz && echo ok; done >good 2>bad) & "
                "sleep 0.3; for n in 1 2 3; do systemctl restart callbox-activated; done; wait")
        self.assertEqual(self.on("grep -c ok /root/asked/good; cat /root/asked/bad").split(), ["60"])
        self.assertIn(":80", self.on("ss -lntH"))
        # The port of UDP that it may not open itself is there, too.
        self.assertRegex(self.on("ss -lnuH | awk '{print $4}'"), r":443\n(.*\n)*.*:3478")
        self.assertEqual(self.on(BINDING.format(443)).split(), ["01", "01"])

    def test_5_an_upgrade_keeps_what_was_chosen_and_what_was_said(self):
        before = self.facts("callbox-activated")["MainPID"]
        self.on("callbox backup /root/before.tar && callbox status")
        said = self.on("dpkg -i /root/new.deb")
        self.assertNotIn("sets it up", said)
        self.on(HEALTHY.format(443))
        self.assertEqual(self.facts("callbox")["ActiveState"], "inactive")
        after = self.facts("callbox-activated")
        self.assertNotEqual((after["MainPID"], after["SubState"]), (before, "running"))
        self.assertEqual(after["SubState"], "running")
        self.assertIn("domain = \"chat.example.org\"", self.on("cat /etc/callbox/callbox.toml"))

    def test_6_a_backup_is_restored_for_the_service(self):
        self.on("systemctl stop callbox-activated.socket callbox-activated-http.socket callbox-activated && "
                "rm -rf /var/lib/callbox /var/lib/private/callbox && "
                "callbox restore /root/before.tar --data /var/lib/callbox && systemctl start callbox")
        self.on(HEALTHY.format(443))
        owner = self.status("callbox")["Uid"].split()[0]
        self.assertEqual(self.on("stat -Lc '%a %u' /var/lib/callbox").split(), ["700", owner])
        self.on("callbox status")

    def test_7_removing_stops_it_and_purging_leaves_nothing(self):
        self.on("apt-get remove -y callbox >/dev/null 2>&1 || dpkg -r callbox")
        self.on(NOBODY + " && test -e /var/lib/callbox/callbox.db && test -e /etc/callbox/callbox.toml")
        self.on("dpkg -P callbox")
        self.assertEqual(self.on(LEFT).split(), [])
        self.assertEqual(self.on("systemctl list-units --all --plain --no-legend '*callbox*'").strip(), "")

    def test_8_the_script_installs_upgrades_and_removes(self):
        said = self.on("sh /root/dist/install.sh")
        self.assertIn("is installed in /usr/local", said)
        self.on(HEALTHY.format(3001))
        self.assertEqual(self.on("readlink /proc/$(systemctl show -P MainPID callbox)/exe").strip(), "/usr/local/bin/callbox")
        process = self.facts("callbox")["MainPID"]
        self.assertIn("already", self.on("sh /root/dist/install.sh"))
        self.assertEqual(self.facts("callbox")["MainPID"], process, "nothing changed, nothing was restarted")
        self.on("echo >>/usr/local/bin/../lib/systemd/system/callbox.service && sh /root/dist/install.sh")
        self.assertNotEqual(self.facts("callbox")["MainPID"], process)
        self.on("sh /root/dist/install.sh --uninstall --purge && " + NOBODY)
        self.assertEqual(self.on(LEFT).split(), [])
