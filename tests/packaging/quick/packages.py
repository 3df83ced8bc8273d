"""The packages: what is in them, and that the same comes out when they are made again."""

import json
import os
import shutil
import tarfile
import time
import unittest
from pathlib import Path

from workshop import BINARY, MACHINE, PACKAGING, ROOT, debian_package, epoch, run, sha256, stage, tree, workplace


def image(file, binary, version="0.1.0"):
    environment = {"VERSION": version, "MACHINE": "amd64", "SOURCE_DATE_EPOCH": epoch()}
    run(PACKAGING / "container/build", binary, tree() / "usr/share/doc/callbox/NOTICES.gz", file, env=environment)
    return file


class Packages(unittest.TestCase):
    def test_a_debian_package_made_again_is_the_same(self):
        first = debian_package()
        again = stage("again")
        # Neither the order of files nor their age or owner may be seen in it.
        for path in sorted(again.rglob("*"), reverse=True):
            os.utime(path, (time.time(), time.time()), follow_symlinks=False)
        second = workplace() / "again.deb"
        run("bash", "-c", f"umask 077; {PACKAGING}/deb/build {again} {second}")
        self.assertEqual(sha256(first), sha256(second))

    def test_a_debian_package_holds_everything_and_says_so(self):
        listing = run("dpkg-deb", "--contents", debian_package())
        for line in listing.splitlines():
            mode, owner, *_, name = line.split()
            self.assertEqual(owner, "root/root", line)
            wanted = "drwxr-xr-x" if name.endswith("/") else "-rwxr-xr-x" if "/bin/" in name else "-rw-r--r--"
            self.assertEqual(mode, wanted, line)
        for name in [
            "usr/bin/callbox",
            "usr/lib/systemd/system/callbox.service",
            "usr/lib/systemd/system/callbox-activated.socket",
            "usr/share/man/man1/callbox.1.gz",
            "usr/share/man/man1/callbox-invite-create.1.gz",
            "usr/share/bash-completion/completions/callbox",
            "usr/share/doc/callbox/copyright",
            "usr/share/doc/callbox/docs/operate.md",
            "usr/share/doc/callbox/examples/nginx.conf",
            "etc/callbox/callbox.toml",
        ]:
            self.assertIn(f"./{name}\n", listing + "\n")
        self.assertEqual(run("dpkg-deb", "-f", debian_package(), "Depends").strip(), "")
        folder = workplace() / "control"
        run("dpkg-deb", "--raw-extract", debian_package(), folder)
        self.assertEqual((folder / "DEBIAN/conffiles").read_text(), "/etc/callbox/callbox.toml\n")
        run("md5sum", "--check", "--quiet", "DEBIAN/md5sums", cwd=folder)

    def test_no_place_of_this_computer_is_in_it(self):
        for file in tree().rglob("*"):
            if file.is_file() and file.name != "callbox":
                self.assertFalse(str(ROOT).encode() in file.read_bytes(), file)

    @unittest.skipUnless(shutil.which("rpmbuild"), "rpmbuild is not installed")
    def test_an_rpm_package_made_again_is_the_same(self):
        first, second = workplace() / "1.rpm", workplace() / "2.rpm"
        for file in [first, second]:
            run(PACKAGING / "rpm/build", tree(), file)
        self.assertEqual(sha256(first), sha256(second))
        self.assertIn("/etc/callbox/callbox.toml", run("rpm", "-qp", "--configfiles", first))
        needs = [line for line in run("rpm", "-qp", "--requires", first).splitlines() if not line.startswith("rpmlib(")]
        self.assertEqual(set(needs) - {"/bin/sh", "config(callbox) = 0.1.0-1"}, set())

    def test_an_image_made_again_is_the_same_and_holds_what_it_says(self):
        program = tree() / "usr/bin/callbox"
        first, second = (image(workplace() / name, program) for name in ["1.oci.tar", "2.oci.tar"])
        self.assertEqual(sha256(first), sha256(second))
        folder = workplace() / "image"
        with tarfile.open(first) as archive:
            archive.extractall(folder, filter="data")
        read = lambda digest: json.loads((folder / "blobs" / digest.replace(":", "/")).read_text())
        for blob in (folder / "blobs/sha256").iterdir():
            self.assertEqual(sha256(blob), blob.name)
        [listed] = json.loads((folder / "index.json").read_text())["manifests"]
        manifest = read(listed["digest"])
        config = read(manifest["config"]["digest"])
        self.assertEqual(config["config"]["Entrypoint"] + config["config"]["Cmd"], ["/callbox", "serve"])
        [layer] = manifest["layers"]
        with tarfile.open(folder / "blobs" / layer["digest"].replace(":", "/")) as archive:
            entries = {entry.name: (oct(entry.mode), entry.uid) for entry in archive}
        self.assertEqual(entries["callbox"], ("0o755", 0))
        self.assertEqual(entries["data"], ("0o700", 65532))
        self.assertEqual(config["config"]["User"], "65532:65532")

    def test_the_compose_file_names_the_image_of_this_version(self):
        version = run(BINARY, "version").split()[1]
        compose = (PACKAGING / "container/compose.yaml").read_text()
        self.assertIn(f"image: callbox:{version}\n", compose)

    def test_the_parts_list_names_what_is_inside(self):
        target = f"{MACHINE}-unknown-linux-gnu"
        make = lambda: run(PACKAGING / "sbom", target, "0.1.0", env={"SOURCE_DATE_EPOCH": epoch()})
        text = make()
        self.assertTrue(text == make(), "it is the same when made again")
        for word in [str(ROOT), str(Path.home()), "://"]:
            self.assertFalse(word in text, word)
        bom = json.loads(text)
        urls = [part["purl"] for part in bom["components"]]
        self.assertEqual(len(urls), len(set(urls)))
        kinds = {url.split("/")[0] for url in urls}
        self.assertEqual(kinds, {"pkg:cargo", "pkg:npm", "pkg:generic"})
        names = {part["name"] for part in bom["components"]}
        self.assertLess({"rustls", "ring", "libsqlite3-sys", "react", "glibc"}, names)
        # Neither what tests it nor what builds the page.
        self.assertFalse(names & {"proptest", "tempfile", "vite", "typescript"})
        known = set(urls) | {bom["metadata"]["component"]["purl"]}
        for entry in bom["dependencies"]:
            self.assertLessEqual({entry["ref"], *entry["dependsOn"]}, known)
        for part in bom["components"]:
            self.assertTrue(part.get("licenses"), part)
            if part["purl"].startswith("pkg:cargo"):
                self.assertEqual(len(part["hashes"][0]["content"]), 64)
