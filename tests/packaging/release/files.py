"""The files of a release: whole, agreed with each other, and understood by the programs they are for."""

import json
import shutil
import tempfile
import unittest
from pathlib import Path

from released import DIST, binary, debian_package, unshared
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
            # As its user, in its root, with its settings; a container runtime adds namespaces to that.
            said = unshared(
                f"""
                import os, subprocess, time, urllib.request
                start = lambda: (os.chroot("{root}"), os.chdir("/data"), os.setgroups([]), os.setgid(65532), os.setuid(65532))
                settings = dict(entry.split("=", 1) for entry in {config["config"]["Env"]!r})
                server = subprocess.Popen(["/callbox", "serve"], preexec_fn=start, env=settings, stdout=subprocess.PIPE, text=True)
                for line in server.stdout:
                    if "setup#" in line:
                        break
                with urllib.request.urlopen("http://localhost:3001/healthz", timeout=10) as answer:
                    assert answer.status == 200
                status = subprocess.run(["/callbox", "status"], preexec_fn=start, env=settings)
                server.terminate()
                print("codes", status.returncode, server.wait(20))
                """
            )
            self.assertTrue(said.endswith("codes 0 0\n"), said)
