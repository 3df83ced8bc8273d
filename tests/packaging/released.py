"""What the tests of a release share: its files, a newer Debian to put them in, and namespaces of their own."""

import functools
import os
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

from workshop import MACHINE, ROOT, run, workplace

DIST = ROOT / "dist"
SUITE = "trixie"


def binary():
    [file] = DIST.glob(f"callbox-*-{MACHINE}")
    return file


def debian_package():
    [file] = DIST.glob("callbox_*.deb")
    return file


def unshared(script):
    """Runs Python with a network of its own in which there is only this computer."""
    file = workplace() / "script.py"
    file.write_text(textwrap.dedent(script))
    return run("unshare", "--net", "--", "sh", "-c", f"ip link set lo up && exec {sys.executable} {file}")


@functools.cache
def base():
    """A Debian that is newer than what the program was built on; kept for the next time."""
    kept = Path(os.environ.get("DEBIAN_ROOT", Path.home() / f".cache/callbox/{SUITE}"))
    if not (kept / "etc/debian_version").exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        more = "systemd,systemd-sysv,dbus,libnss-myhostname,curl,iproute2"
        run("debootstrap", "--variant=minbase", f"--include={more}", SUITE, f"{kept}.new", patience=1800)
        Path(f"{kept}.new").rename(kept)
    return kept


class MachineRoot:
    """A root directory of that Debian, which may be changed and goes afterwards."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="callbox-root-")
        top = Path(self.folder.name)
        for part in ["upper", "work", "root"]:
            (top / part).mkdir()
        self.root = top / "root"
        layers = f"lowerdir={base()},upperdir={top}/upper,workdir={top}/work"
        run("mount", "-t", "overlay", "overlay", "-o", layers, self.root)
        return self.root

    def __exit__(self, *_):
        run("umount", self.root)
        self.folder.cleanup()


class Machine(MachineRoot):
    """That Debian, booted by its own systemd in a container."""

    def __enter__(self):
        root = super().__enter__()
        self.log = open(workplace() / "boot.log", "wb")
        command = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network", "--boot", "-D", root]
        # Where the computer itself still has the older control groups.
        environment = os.environ | {"SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE": "1"}
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, env=environment)
        self.wait("test -S /run/systemd/private && systemctl is-system-running --wait | grep -E 'running|degraded'")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(60)
        self.log.close()
        super().__exit__()

    def leader(self):
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return children[-1] if children else None

    def run(self, script, good=True):
        """Runs a shell script in there."""
        assert self.process.poll() is None, (workplace() / "boot.log").read_text(errors="replace")
        leader = self.leader()
        if leader is None:
            return run("false", good=None if good is None else good)
        return run("nsenter", "-t", leader, "-a", "--", "/bin/sh", "-ec", script, good=good)

    def wait(self, script):
        """Until it succeeds, at most a minute."""
        deadline = time.monotonic() + 60
        while True:
            try:
                return self.run(script)
            except AssertionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
