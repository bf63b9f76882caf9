"""What is measured, in which rounds, and the limits that are kept."""

import tempfile
from pathlib import Path

from harness import build, machine, programs
from harness.build import AZURE_IDENTITY, BY_HAND_TOKEN, PROGRAMS
from harness.figures import rounds, spread, table

# The most that listing any number of jobs may need over listing one page.
LISTING_LIMIT_MIB = 16
PAGE = 1000


def everything(jobs, quick, left_out):
    """Takes all figures and prints them; 1 where a limit is not kept."""
    print(machine.described())
    say_others()
    cached(3 if quick else 9, 50 if quick else 300)
    say_others()
    with tempfile.TemporaryDirectory() as folder:
        first_token(3 if quick else 25, machine.bundle_with_emulator(Path(folder)))
    say_others()
    kept = listing(3 if quick else 9, jobs, left_out)
    size()
    say_others()
    return 0 if kept else 1


def say_others():
    """Figures between two high ones of these are not worth keeping."""
    print(f"\nused by others now: {machine.others()}", flush=True)


def one_root():
    return {"BENCH_CA": machine.emulator_ca()}


def cached(count, milliseconds):
    """The token of a warm cache, on one thread and on two."""

    def row(threads, *command):
        return lambda: float(programs.run([*command, milliseconds, threads], one_root()).words[0])

    ours = PROGRAMS / "cached"
    for threads, on in ((1, "one thread"), (2, "each of two threads")):
        taken = rounds(count, [
            ("batch_get_token + batch_token_free", row(threads, ours, "get")),
            ("batch_copy_token", row(threads, ours, "copy")),
            ("azure_identity get_token", row(threads, AZURE_IDENTITY, "cached")),
            ("by hand: counted reference", row(threads, ours, "by-hand-get")),
            ("by hand: copy", row(threads, ours, "by-hand-copy")),
        ], f"cached token on {on}")
        get, copy, peer, hand_get, hand_copy = taken
        for what, name, by_hand in (("", get, hand_get), (", copied", copy, hand_copy)):
            table(f"Cached token{what}, on {on}", {name: taken[name] for name in (name, peer, by_hand)},
                  [("ns a call", float)])


def first_token(count, bundle):
    """From the start of a process to its end, with a token got between."""
    stores = [("one root", one_root())]
    if bundle is None:
        print("\nThe first token with the system's roots is left out: no bundle of them was found.")
    else:
        stores.append((f"the system's {bundle.roots} roots", {"SSL_CERT_FILE": str(bundle.path)}))
    for store, roots in stores:
        taken = rounds(count, [
            ("batch-auth", lambda: programs.run([PROGRAMS / "first_token"], roots)),
            ("azure_identity", lambda: programs.run([AZURE_IDENTITY, "first"], roots)),
            ("by hand: blocking socket, rustls, ring", lambda: programs.run([BY_HAND_TOKEN], roots)),
            ("batch-auth, loaded only", lambda: programs.run([PROGRAMS / "first_token", "load"], roots)),
            ("a process that does nothing", lambda: programs.run([PROGRAMS / "nothing"], roots)),
        ], f"first token, {store}")
        table(f"Process with one token, {store}", taken,
              [("wall ms", lambda ended: ended.wall_ms), ("peak RSS MiB", lambda ended: ended.peak_mib)])


def listing(count, jobs, left_out):
    """All jobs, and the memory over one page of them. Whether its limit is kept."""

    def row(*command, expected=jobs):
        def once():
            ended = programs.run(command, one_root())
            ended.found = tuple(int(word) for word in ended.words[:3])
            if ended.found[0] != expected:
                raise SystemExit(f"benches/run: {command[0]} found {ended.found[0]} jobs, not {expected}")
            return ended
        return once

    ours, page = "batch-auth", "batch-auth, one page"
    rows = [
        (ours, row(PROGRAMS / "list")),
        ("azure_identity + reqwest + serde_json: id, state", row(AZURE_IDENTITY, "list")),
        ("the same, the fields of batch_job_*", row(AZURE_IDENTITY, "list-fields")),
        (page, row(PROGRAMS / "list", PAGE, expected=PAGE)),
    ]
    if not left_out:
        rows.insert(3, ("by hand: libcurl + simdjson: id, state", row(PROGRAMS / "by_hand_list")))
    taken = rounds(count, rows, "list")
    of_one_page = taken.pop(page)
    if len({ended.found for measured in taken.values() for ended in measured}) != 1:
        raise SystemExit("benches/run: the programs do not agree on the jobs")
    table(f"{jobs:,} jobs after the first token, id and state touched", taken, [
        ("wall s", lambda ended: float(ended.words[3])),
        ("CPU s", lambda ended: float(ended.words[4])),
        ("peak RSS MiB", lambda ended: ended.peak_mib),
    ])
    if left_out:
        print(f"\nlibcurl + simdjson is left out. {left_out}")
    return memory(jobs, taken[ours], of_one_page)


def memory(jobs, of_all, of_one_page):
    """The strictest reading: the largest peak of all jobs less the smallest of one page."""
    over = max(ended.peak_mib for ended in of_all) - min(ended.peak_mib for ended in of_one_page)
    kept = over <= LISTING_LIMIT_MIB
    pages = spread([ended.peak_mib for ended in of_one_page])
    print(f"\nPeak RSS of one page ({PAGE:,} jobs): {pages} MiB. The largest of {jobs:,} jobs is "
          f"{over:.1f} MiB over the smallest of one page; the limit is {LISTING_LIMIT_MIB} MiB: "
          f"{'kept' if kept else 'NOT KEPT'}.")
    return kept


def size():
    """What is shipped, without symbols; beside it whole programs of the peers."""
    binaries = [("libbatch_auth.so", build.LIBRARY), ("the azure_identity program", AZURE_IDENTITY),
                ("the by-hand token program", BY_HAND_TOKEN)]
    table("Size, stripped", {name: [build.stripped_bytes(path)] for name, path in binaries},
          [("MiB", lambda size: size / (1 << 20))])
