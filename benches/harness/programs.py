"""Runs a program through the launcher and reads what it printed.

A program that fails ends the whole run: a figure without its work done is no figure.
"""

import os
import subprocess
import sys
from dataclasses import dataclass

from harness import build

MIB = 1024


@dataclass
class Ended:
    """What a process said and what it took."""

    words: list
    wall_ms: float
    peak_mib: float


def environment(roots):
    """The emulator's variables, and where the roots are: nothing else of this shell but PATH."""
    kept = {name: value for name, value in os.environ.items() if name.startswith("EMULATOR_")}
    return {"PATH": os.environ.get("PATH", ""), **kept, **roots}


def run(command, roots):
    """One process, from before its start to after its end."""
    command = [str(word) for word in command]
    done = subprocess.run([str(build.PROGRAMS / "launch"), *command], env=environment(roots),
                          capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    wall, peak, status = lines[-1].split() if lines else ("0", "0", "none")
    if done.returncode != 0 or status != "0":
        sys.exit(f"benches/run: {' '.join(command)} ended with {status}: {done.stderr.strip()}")
    return Ended(words=" ".join(lines[:-1]).split(), wall_ms=float(wall), peak_mib=int(peak) / MIB)
