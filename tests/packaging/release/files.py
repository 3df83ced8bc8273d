"""The files of a release: whole, agreed with each other, and understood by the programs they are for."""

import json
import os
import shutil
import tempfile
import unittest
from pathlib import Path

from released import DIST, binary, debian_package
from workshop import PACKAGING, run, sha256

IMAGE = lambda: next(DIST.glob("*.oci.tar"))


class Files(unittest.TestCase):
    def test_the_sums_are_of_everything(self):
        run("sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS", cwd=DIST)
        listed = {line.split()[1] for line in (DIST / "SHA256SUMS").read_text().splitlines()}
        self.assertEqual(listed, {file.name for file in DIST.iterdir() if not file.name.startswith("SHA256SUMS")})
        for ending in [".deb", ".rpm", ".tar.gz", ".oci.tar", ".cdx.json", ".sh"]:
            self.assertTrue(any(name.endswith(ending) for name in listed), ending)

    def test_all_hold_the_same_program(self):
        wanted = sha256(binary())
        with tempfile.TemporaryDirectory() as folder:
            top = Path(folder)
            run("dpkg-deb", "--extract", debian_package(), top / "deb")
            (top / "tar").mkdir()
            run("tar", "-xzf", next(DIST.glob("*.tar.gz")), "-C", top / "tar")
            for kind in ["deb", "tar"]:
                self.assertEqual(sha256(top / kind / "usr/bin/callbox"), wanted, kind)

    def test_packaged_again_all_are_the_same(self):
        before = (DIST / "SHA256SUMS").read_text()
        with tempfile.TemporaryDirectory() as folder:
            # Packaging begins with an empty dist/.
            program = shutil.copy(binary(), folder)
            run(PACKAGING / "release", program, env={"SIGNING_KEY": ""})
        self.assertEqual((DIST / "SHA256SUMS").read_text(), before)

    def test_lintian_has_nothing_to_say(self):
        said = run("lintian", "--allow-root", "--fail-on", "error,warning", debian_package(), good=None)
        self.assertEqual([line for line in said.splitlines() if line[:2] in ("E:", "W:")], [])

    def test_an_rpm_package_is_installed_and_removed(self):
        with tempfile.TemporaryDirectory() as folder:
            place = ["--root", folder, "--dbpath", "/var/lib/rpm"]
            # There is no shell in there, so the scripts, which only talk to systemd, are left out.
            run("rpm", *place, "-i", "--nodeps", "--noscripts", next(DIST.glob("*.rpm")))
            self.assertEqual(sha256(Path(folder) / "usr/bin/callbox"), sha256(binary()))
            run("rpm", *place, "-V", "--nodeps", "--noscripts", "callbox")
            run("rpm", *place, "-e", "--noscripts", "callbox")
            left = [path for path in Path(folder).rglob("*callbox*")]
            self.assertEqual(left, [])

    def test_an_image_is_understood_by_others_and_runs(self):
        config = json.loads(run("skopeo", "inspect", "--config", f"oci-archive:{IMAGE()}"))
        self.assertEqual(config["config"]["User"], "65532:65532")
        with tempfile.TemporaryDirectory() as folder:
            top = Path(folder)
            run("skopeo", "--insecure-policy", "copy", f"oci-archive:{IMAGE()}", f"docker-archive:{top}/docker.tar:callbox:1")
            run("skopeo", "--insecure-policy", "copy", f"oci-archive:{IMAGE()}", f"oci:{top}/layout:latest")
            run("umoci", "unpack", "--image", f"{top}/layout:latest", top / "bundle")
            root = top / "bundle/rootfs"
            self.assertEqual({path.name for path in root.iterdir()}, {"callbox", "NOTICES.gz", "data", "tmp"})
            self.as_composed(top)
            script = top / "script"
            script.write_text(IN_A_CONTAINER)
            said = run("unshare", "--mount", "sh", "-eu", script, cwd=top / "bundle")
            self.assertIn("not set up yet", said)
            self.assertTrue(said.endswith("ended with 0\n"), said)

    def as_composed(self, top):
        """Settings for the runtime that come to the same as compose.yaml."""
        file = top / "bundle/config.json"
        settings = json.loads(file.read_text())
        process, linux = settings["process"], settings["linux"]
        self.assertEqual(process["args"], ["/callbox", "serve"])
        self.assertEqual((process["user"]["uid"], process["cwd"]), (65532, "/data"))
        process["args"] += ["--domain", "chat.example.org", "--acme-directory", "off"]
        process |= {"terminal": False, "capabilities": {}, "noNewPrivileges": True}
        settings["root"]["readonly"] = True
        linux |= {"resources": {}, "sysctl": {"net.ipv4.ip_unprivileged_port_start": "0"}}
        data = top / "data"
        data.mkdir(mode=0o700)
        os.chown(data, 65532, 65532)
        mounts = [mount for mount in settings["mounts"] if mount["type"] != "cgroup" and mount["destination"] != "/data"]
        mounts += [
            {"destination": "/data", "type": "bind", "source": str(data), "options": ["bind", "rw", "nosuid", "nodev"]},
            {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["mode=1777"]},
        ]
        settings["mounts"] = mounts
        file.write_text(json.dumps(settings))


# The runtime wants to see control groups of the newer kind alone, which not every computer has.
IN_A_CONTAINER = """
umount -R /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
name=callbox-test-$$
crun --cgroup-manager=disabled run "$name" &
running=$!
for try in $(seq 300); do
    if crun exec --user 65532:65532 "$name" /callbox status 2>/dev/null; then break; fi
    sleep 0.1
done
process=$(crun state "$name" | sed -n 's/.*"pid": \\([0-9]*\\).*/\\1/p')
nsenter -t "$process" -n curl -fsSk https://localhost/healthz
crun kill "$name" TERM
wait "$running"
echo "ended with $?"
"""
