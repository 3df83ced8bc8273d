"""The program, built again from the same commit in another place: the same bytes. Takes a quarter of an hour."""

import os
import tempfile
import unittest

from workshop import MACHINE, ROOT, run, sha256


class Rebuilt(unittest.TestCase):
    @unittest.skipIf(os.environ.get("REBUILD") == "skip", "not wanted")
    def test_the_program_built_elsewhere_is_the_same(self):
        self.assertEqual(run("git", "-C", ROOT, "status", "--porcelain", "--untracked-files=no"), "")
        [published] = [file for file in (ROOT / "dist").glob(f"callbox-*-{MACHINE}")]
        with tempfile.TemporaryDirectory(prefix="callbox-elsewhere-") as folder:
            run("git", "clone", "--quiet", "--shared", ROOT, f"{folder}/source")
            again = run(f"{folder}/source/packaging/build-binary", patience=5400).splitlines()[-1]
            self.assertEqual(sha256(published), sha256(again))
