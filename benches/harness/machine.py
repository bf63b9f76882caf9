"""The machine and the versions that a run was made with, and its store of roots."""

import os
import platform
import re
import time
from dataclasses import dataclass
from pathlib import Path

from harness import build

BUNDLES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"]


@dataclass
class Bundle:
    """A PEM file of the system's roots and the emulator's."""

    path: Path
    roots: int


def emulator_ca():
    return os.environ["EMULATOR_CA"]


def bundle_with_emulator(folder):
    """The system's roots with the emulator's behind them; None where the system has no bundle."""
    found = next((Path(path) for path in BUNDLES if Path(path).exists()), None)
    if found is None:
        return None
    text = found.read_text() + Path(emulator_ca()).read_text()
    path = folder / "roots.pem"
    path.write_text(text)
    return Bundle(path, text.count("-----BEGIN CERTIFICATE-----"))


def others():
    """What everybody else takes of the processors, while we and the emulator do nothing."""
    before, idle_before = processor_ticks()
    time.sleep(2)
    after, idle_after = processor_ticks()
    return f"{1 - (idle_after - idle_before) / (after - before):.0%} of all processors"


def processor_ticks():
    """All ticks since the start, and those of them that were idle."""
    ticks = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return sum(ticks), ticks[3] + ticks[4]


def described():
    """What a figure cannot be read without."""
    library, peers = build.ROOT / "Cargo.lock", build.PEERS / "Cargo.lock"
    common = ["reqwest", "rustls", "tokio", "serde_json"]
    lines = [
        f"machine: {os.cpu_count()} cores, {processor()}; {system()}, {platform.system()} {platform.release()}",
        f"compilers: {build.output('rustc', '--version')}; {first_line(os.environ.get('CC', 'cc'))}",
        "ours: " + build.versions(library, ["batch-auth", "ring", *common]),
        "peers: " + build.versions(peers, ["azure_identity", "azure_core", "aws-lc-rs", "ring", *common]),
    ]
    if build.packaged():
        curl, simdjson = (build.output("pkg-config", "--modversion", name) for name in ("libcurl", "simdjson"))
        lines.append(f"by hand: libcurl {curl}, simdjson {simdjson}")
    return "\n".join(lines)


def processor():
    match = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return match.group(1) if match else platform.machine()


def system():
    release = Path("/etc/os-release")
    match = re.search(r'PRETTY_NAME="(.*)"', release.read_text()) if release.exists() else None
    return match.group(1) if match else "unknown system"


def first_line(compiler):
    return build.output(compiler, "--version").splitlines()[0]
