"""What the tests of packages share: running programs, and a tree with everything that is packaged."""

import functools
import hashlib
import os
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
BINARY = Path(os.environ.get("PACKAGED_BINARY", ROOT / "target/debug/callbox"))
MACHINE = os.uname().machine


def run(*command, good=True, patience=300, **more):
    """Runs a program to its end; its output and errors are one text."""
    command = [str(part) for part in command]
    environment = os.environ | {"LC_ALL": "C.UTF-8"} | more.pop("env", {})
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=patience, env=environment, **more
    )
    if good is not None and (done.returncode == 0) != good:
        raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def sha256(file):
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()


@functools.cache
def workplace():
    """A directory that goes when the tests are over."""
    workplace.kept = tempfile.TemporaryDirectory(prefix="callbox-packaging-")
    return Path(workplace.kept.name)


def stage(name, version="0.1.0", stand_in=True):
    """Lays out what is packaged; in place of the large binary there may be a stand-in that says its version."""
    tree = workplace() / name
    run(PACKAGING / "stage", BINARY, tree)
    if stand_in:
        program = tree / "usr/bin/callbox"
        program.write_text(f"#!/bin/sh\necho callbox {version}\n")
        run("touch", "-d", f"@{epoch()}", program)
    return tree


@functools.cache
def tree():
    return stage("tree")


@functools.cache
def epoch():
    return run("git", "-C", ROOT, "log", "-1", "--format=%ct").strip()


def debian_package(version="0.1.0"):
    file = workplace() / f"callbox_{version}.deb"
    if not file.exists():
        source = tree() if version == "0.1.0" else stage(f"tree-{version}", version)
        run(PACKAGING / "deb/build", source, file, env={"PACKAGED_VERSION": version})
    return file
