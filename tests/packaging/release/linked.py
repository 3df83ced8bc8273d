"""The static program where there is nothing, and where the C library is a newer one."""

import os
import re
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from released import MachineRoot, binary, unshared
from workshop import ROOT, run


class Linked(unittest.TestCase):
    def test_it_needs_no_library(self):
        said = run("readelf", "--dynamic", "--program-headers", binary())
        self.assertNotIn("NEEDED", said)
        self.assertNotIn("INTERP", said)

    def test_it_is_smaller_than_25_mb(self):
        self.assertLess(binary().stat().st_size, 25_000_000)

    def test_no_place_of_the_computer_that_built_it_is_in_it(self):
        program = binary().read_bytes()
        for place in [b"/.cargo/", b"/registry/src/", f"{Path.home()}/".encode(), f"{ROOT}/".encode()]:
            found = [match.start() for match in re.finditer(re.escape(place), program)]
            self.assertEqual([program[max(0, at - 40) : at + 60] for at in found], [])

    def test_it_is_ready_soon_and_takes_little_memory(self):
        with tempfile.TemporaryDirectory() as folder:
            starts = [started(Path(folder)) for _ in range(6)]
        # The first makes the database, keys and certificate.
        first, *others = starts
        soonest, memory = min(ready for ready, _ in others), max(memory for _, memory in others)
        print(f"{first[0] * 1000:.0f} ms, then {soonest * 1000:.0f} ms, {memory / 1e6:.1f} MB", end=" ", flush=True)
        self.assertLess(soonest, 0.1)
        self.assertLess(memory, 20e6)

    def test_it_serves_in_an_empty_root(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            run("install", "-D", "-m", "755", binary(), root / "callbox")
            # Nothing else is in there: no /etc, no /tmp, no /proc.
            self.assertIn("healthy", serve_and_look_up(root, "/callbox"))

    def test_it_serves_and_finds_names_in_a_newer_debian(self):
        with MachineRoot() as root:
            switch = (root / "etc/nsswitch.conf").read_text()
            self.assertRegex(switch, r"(?m)^hosts:.*myhostname", "as Debian has it")
            run("install", "-D", "-m", "755", binary(), root / "usr/bin/callbox")
            self.assertIn("healthy", serve_and_look_up(root, "/usr/bin/callbox"))


def started(folder):
    """Seconds from start to ready, and what it then holds in memory."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        path = folder / "notify"
        path.unlink(missing_ok=True)
        manager.bind(str(path))
        manager.settimeout(30)
        ports = ["--listen", "127.0.0.1:0", "--turn-listen", "127.0.0.1:0"]
        before = time.monotonic()
        server = subprocess.Popen(
            [binary(), "serve", "--data", folder / "data", *ports],
            env={"NOTIFY_SOCKET": str(path)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while b"READY=1" not in manager.recv(4096):
            pass
        ready = time.monotonic() - before
        held = Path(f"/proc/{server.pid}/statm").read_text().split()[1]
        server.terminate()
        server.wait(20)
        return ready, int(held) * os.sysconf("SC_PAGE_SIZE")


def serve_and_look_up(root, program):
    """Starts it without a network but with a name server, where it asks for the address of its ACME server."""
    (root / "etc").mkdir(exist_ok=True)
    (root / "etc/resolv.conf").write_text("nameserver 127.0.0.1\n")
    return unshared(
        f"""
        import os, socket, struct, subprocess, time, urllib.request
        names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        names.bind(("127.0.0.1", 53))
        names.settimeout(30)
        web = socket.create_server(("127.0.0.1", 14000))
        web.settimeout(30)
        command = ["{program}", "serve", "--data", "/data", "--listen", "127.0.0.1:8443", "--turn-listen", "127.0.0.1:3478",
            "--domain", "chat.example.org", "--acme-directory", "https://acme.callbox.test:14000/directory"]
        server = subprocess.Popen(command, preexec_fn=lambda: (os.chroot("{root}"), os.chdir("/")))
        # Both kinds of address are asked for; there is one of IPv4.
        asked = set()
        while len(asked) < 2:
            question, client = names.recvfrom(512)
            end = question.index(b"\\0", 12) + 5
            assert b"\\4acme\\7callbox\\4test" in question, question
            kind = struct.unpack(">H", question[end - 4 : end - 2])[0]
            asked.add(kind)
            answer = b"\\xc0\\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + bytes([127, 0, 0, 1]) if kind == 1 else b""
            head = question[:2] + b"\\x81\\x80" + struct.pack(">HHHH", 1, bool(answer), 0, 0)
            names.sendto(head + question[12:end] + answer, client)
        web.accept()
        # It has found who is meant, and lives.
        with urllib.request.urlopen("http://127.0.0.1:8443/healthz", timeout=10) as answer:
            assert answer.status == 200
        assert server.poll() is None, server.returncode
        server.terminate()
        assert server.wait(20) == 0, server.returncode
        print("healthy")
        """
    )
