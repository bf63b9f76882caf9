"""Builds what is measured, all of it optimised, and finds what it is built from.

The library and the emulator are built by separate calls of cargo: together they would share features
that each has not asked for.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / "benches" / "peers"
SOURCES = ROOT / "benches" / "c"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", "target"))
TARGET = TARGET if TARGET.is_absolute() else ROOT / TARGET
PROGRAMS = TARGET / "bench"
PEER_TARGET = PROGRAMS / "peers"
LIBRARY = TARGET / "release" / "libbatch_auth.so"
EMULATOR = TARGET / "release" / "batch-auth-emulator"
AZURE_IDENTITY = PEER_TARGET / "release" / "azure-identity"
BY_HAND_TOKEN = PEER_TARGET / "release" / "by-hand-token"

WARNINGS = ["-O2", "-Wall", "-Wextra", "-Werror"]
PACKAGES = ["libcurl4-openssl-dev", "libsimdjson-dev", "pkg-config"]


def run(*command):
    subprocess.run([str(word) for word in command], cwd=ROOT, check=True)


def output(*command):
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def everything():
    """Builds all programs. Returns why the list by hand is left out, or None where it is there."""
    cargo = os.environ.get("CARGO", "cargo")
    run(cargo, "build", "--locked", "--release", "--lib", "-p", "batch-auth")
    run(cargo, "build", "--locked", "--release", "-p", "batch-auth-emulator")
    run(cargo, "build", "--locked", "--release", "--manifest-path", PEERS / "Cargo.toml",
        "--target-dir", PEER_TARGET)
    PROGRAMS.mkdir(parents=True, exist_ok=True)
    by_name = PROGRAMS / "libbatch_auth.so.0"
    by_name.unlink(missing_ok=True)
    by_name.symlink_to(LIBRARY)
    compile_c("launch", ["launch.c"])
    compile_c("nothing", ["nothing.c"])
    compile_c("cached", ["cached.c", "by_hand_token.c"], linked())
    compile_c("first_token", ["first_token.c"], linked())
    compile_c("list", ["list.c"], linked())
    return list_by_hand()


def linked():
    return ["-I", ROOT / "include", LIBRARY, "-Wl,-rpath,$ORIGIN", "-pthread"]


def compile_c(name, sources, more=()):
    run(os.environ.get("CC", "cc"), "-std=gnu11", *WARNINGS, *(SOURCES / source for source in sources),
        *more, "-o", PROGRAMS / name)


def list_by_hand():
    """Builds the list by hand, whose libraries are Debian packages."""
    if not packaged() and os.geteuid() == 0 and shutil.which("apt-get"):
        run("apt-get", "update", "-qq")
        run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq",
            "--no-install-recommends", *PACKAGES)
    if not packaged():
        return "not installed: one of " + ", ".join(PACKAGES)
    flags = output("pkg-config", "--cflags", "--libs", "libcurl", "simdjson").split()
    # Without -march its parser would be the one for processors without SIMD.
    run(os.environ.get("CXX", "c++"), "-std=c++17", "-march=native", *WARNINGS,
        SOURCES / "by_hand_list.cpp", *flags, "-o", PROGRAMS / "by_hand_list")
    return None


def packaged():
    if shutil.which("pkg-config") is None:
        return False
    return subprocess.run(["pkg-config", "--exists", "libcurl", "simdjson"], check=False).returncode == 0


def stripped_bytes(binary):
    """The size of a binary without symbols."""
    copy = PROGRAMS / "stripped"
    run("strip", "-o", copy, binary)
    size = copy.stat().st_size
    copy.unlink()
    return size


def versions(lock, names):
    """`name version` of each of these packages in a lock file."""
    found = dict(re.findall(r'name = "([^"]+)"\nversion = "([^"]+)"', lock.read_text()))
    return ", ".join(f"{name} {found[name]}" for name in names if name in found)
