"""Installing, upgrading and removing, in an empty root directory where no service runs.

tests/packaging/release/booted.py does the same in a system that runs.
"""

import os
import unittest

from workshop import MACHINE, PACKAGING, debian_package, run, stage, tree, workplace

KEPT = "etc/callbox/callbox.toml"


class Script(unittest.TestCase):
    """packaging/install.sh"""

    def setUp(self):
        self.root = workplace() / self.id().rpartition(".")[2]
        self.root.mkdir()

    def place(self, version):
        """A directory with a release."""
        place = workplace() / f"release-{version}"
        if not place.exists():
            place.mkdir()
            source = tree() if version == "0.1.0" else stage(f"script-{version}", version)
            if version != "0.1.0":
                (source / "usr/share/doc/callbox/docs/relay.md").unlink()
            archive = f"callbox-{version}-{MACHINE}.tar.gz"
            run("tar", "-C", source, "-czf", place / archive, ".")
            (place / "SHA256SUMS").write_text(run("sha256sum", archive, cwd=place))
        return place

    def install(self, *more, version="0.1.0", good=True):
        place = ["--from", self.place(version)]
        return run(PACKAGING / "install.sh", *place, "--root", self.root, *more, good=good)

    def files(self):
        return {str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file()}

    def test_installs_repairs_upgrades_and_removes(self):
        self.assertIn("Callbox 0.1.0 is installed", self.install())
        program = self.root / "usr/local/bin/callbox"
        self.assertEqual(run(program), "callbox 0.1.0\n")
        unit = self.root / "usr/local/lib/systemd/system/callbox.service"
        self.assertIn("ExecStart=/usr/local/bin/callbox serve\n", unit.read_text())
        first, number = self.files(), program.stat().st_ino

        self.assertIn("already", self.install())
        self.assertEqual((self.files(), program.stat().st_ino), (first, number), "nothing was touched")
        program.write_text("broken")
        self.assertIn("is installed", self.install())
        self.assertEqual(run(program), "callbox 0.1.0\n")

        settings = self.root / KEPT
        settings.write_text("domain = 'chat.example.org'\n")
        self.assertIn("Callbox 0.2.0 is installed", self.install(version="0.2.0"))
        self.assertEqual(run(program), "callbox 0.2.0\n")
        self.assertEqual(settings.read_text(), "domain = 'chat.example.org'\n")
        gone = "usr/local/share/doc/callbox/docs/relay.md"
        self.assertEqual(first - self.files(), {gone}, "what the new version does not have goes")

        data = self.root / "var/lib/callbox/callbox.db"
        data.parent.mkdir(parents=True)
        data.write_text("history")
        self.assertIn("still in", self.install("--uninstall"))
        self.assertEqual(self.files(), {KEPT, "var/lib/callbox/callbox.db"})
        self.install()
        self.install("--uninstall", "--purge")
        self.assertEqual(self.files(), set())
        self.assertIn("nothing was installed here", self.install("--uninstall", good=False))

    def test_refuses_what_was_changed(self):
        place = self.place("0.1.0")
        changed = workplace() / "changed"
        run("cp", "-r", place, changed)
        with open(changed / f"callbox-0.1.0-{MACHINE}.tar.gz", "ab") as archive:
            archive.write(b"x")
        said = run(PACKAGING / "install.sh", "--from", changed, "--root", self.root, good=False)
        self.assertIn("not what SHA256SUMS says", said)
        self.assertEqual(self.files(), set())

    def test_wants_the_signature_of_somebody_known(self):
        place, keys = self.place("0.1.0"), workplace() / "keys"
        keys.mkdir()
        for name in ["ours", "others"]:
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", keys / name)
        public = (keys / "ours.pub").read_text()
        (keys / "signers").write_text(f'callbox namespaces="callbox" {public}')
        wanted = ["--signers", keys / "signers"]
        self.assertIn("cannot get SHA256SUMS.sig", self.install(*wanted, good=False))
        for name, good in [("others", False), ("ours", True)]:
            (place / "SHA256SUMS.sig").unlink(missing_ok=True)
            run("ssh-keygen", "-q", "-Y", "sign", "-n", "callbox", "-f", keys / name, place / "SHA256SUMS")
            said = self.install(*wanted, good=good)
            self.assertIn("is installed" if good else "is not signed by anybody", said)
        (place / "SHA256SUMS.sig").unlink()


@unittest.skipUnless(os.getuid() == 0, "only root can install packages, in another root directory too")
class Debian(unittest.TestCase):
    """dpkg with the maintainer scripts, which act on the other root directory and start nothing."""

    def dpkg(self, *command):
        run("dpkg", f"--root={self.root}", "--force-script-chrootless", "--no-triggers", *command)

    def links(self):
        folder = self.root / "etc/systemd/system"
        return {str(path.relative_to(folder)): str(path.readlink()) for path in folder.rglob("*.service")}

    def test_installs_upgrades_removes_and_purges(self):
        self.root = workplace() / "debian"
        for folder in ["var/lib/dpkg/info", "var/lib/dpkg/updates", "var/lib/callbox"]:
            (self.root / folder).mkdir(parents=True)
        (self.root / "var/lib/dpkg/status").touch()
        before = self.files()
        data = self.root / "var/lib/callbox/callbox.db"
        data.write_text("history")

        self.dpkg("--install", debian_package())
        program, settings = self.root / "usr/bin/callbox", self.root / KEPT
        self.assertEqual(run(program), "callbox 0.1.0\n")
        enabled = {"multi-user.target.wants/callbox.service": "/usr/lib/systemd/system/callbox.service"}
        self.assertEqual(self.links(), enabled)

        settings.write_text("domain = 'chat.example.org'\n")
        self.dpkg("--install", debian_package("0.2.0"))
        self.assertEqual(run(program), "callbox 0.2.0\n")
        self.assertEqual(settings.read_text(), "domain = 'chat.example.org'\n")

        self.dpkg("--remove", "callbox")
        self.assertFalse(program.exists())
        self.assertEqual((settings.exists(), data.exists()), (True, True))
        self.dpkg("--purge", "callbox")
        self.assertEqual({file for file in self.files() - before if "var/lib/dpkg" not in file}, set())

    def files(self):
        return {str(path.relative_to(self.root)) for path in self.root.rglob("*") if not path.is_dir()}
