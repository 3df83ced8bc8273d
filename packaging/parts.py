"""What the binary is made of: crates, packages of the web client, and the C library that is linked in."""

import base64
import json
import platform
import subprocess
import tomllib
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent


class Part(NamedTuple):
    kind: str  # as in a package URL: cargo, npm, generic
    name: str
    version: str
    licence: str
    hashes: dict[str, str]  # by the names of CycloneDX, in hex
    needs: list[str]  # package URLs
    folder: Path | None  # where its sources are on this computer, if it keeps any

    @property
    def url(self):
        return f"pkg:{self.kind}/{self.name.replace('@', '%40')}@{self.version}"


def parts(target):
    """All parts, sorted: the own crate first."""
    own, others = crates(target)
    others += packages() + c_library()
    return [own, *sorted(others, key=lambda part: part.url)]


def crates(target):
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target]
    metadata = json.loads(subprocess.check_output(command, cwd=ROOT))
    locked = tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]
    sums = {(it["name"], it["version"]): it.get("checksum") for it in locked}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    described = {package["id"]: package for package in metadata["packages"]}

    def needed(crate):
        """What gets into the binary: neither what builds nor what tests it."""
        deps = nodes[crate]["deps"]
        return [dep["pkg"] for dep in deps if any(kind["kind"] is None for kind in dep["dep_kinds"])]

    own = metadata["resolve"]["root"]
    found, queue = {own}, [own]
    while queue:
        for crate in needed(queue.pop()):
            if crate not in found:
                found.add(crate)
                queue.append(crate)

    def part(crate):
        it = described[crate]
        total = sums[it["name"], it["version"]]
        needs = sorted(f"pkg:cargo/{described[need]['name']}@{described[need]['version']}" for need in needed(crate))
        return Part(
            "cargo",
            it["name"],
            it["version"],
            (it["license"] or "").replace("/", " OR "),
            {"SHA-256": total} if total else {},
            needs,
            Path(it["manifest_path"]).parent,
        )

    return part(own), [part(crate) for crate in found - {own}]


def packages():
    """Those that the page loads; what builds it is marked `dev` in the lock file."""
    locked = json.loads((ROOT / "web/package-lock.json").read_text())["packages"]
    found = {}
    for place, it in locked.items():
        if not place or it.get("dev") or it.get("optional") or place.startswith("node_modules/@types/"):
            continue
        kind, _, content = it.get("integrity", "").partition("-")
        hashes = {"SHA-512": base64.b64decode(content).hex()} if kind == "sha512" else {}
        name = place.rpartition("node_modules/")[2]
        part = Part("npm", name, it["version"], it.get("license", ""), hashes, [], ROOT / "web" / place)
        found[part.url] = part
    return list(found.values())


def c_library():
    """What is linked in statically is that of the computer that builds."""
    name, version = platform.libc_ver()
    return [Part("generic", name, version, "LGPL-2.1-or-later", {}, [], None)] if name else []
