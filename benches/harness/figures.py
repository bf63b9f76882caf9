"""Rounds and tables: every program once a round, each figure a median with its range.

The machine's speed changes from minute to minute, so a ratio is taken inside each round, between
neighbours, and the median of these ratios is what counts.
"""

import sys
from statistics import median


def rounds(count, rows, what):
    """`count` rounds of rows (name, function that measures once); the order turns with each round.

    Returns {name: [measurement of each round]}.
    """
    taken = {name: [None] * count for name, _ in rows}
    for number in range(count):
        turn = number % len(rows)
        for name, measure in rows[turn:] + rows[:turn]:
            say(f"{what}: round {number + 1} of {count}")
            taken[name][number] = measure()
    say("")
    return taken


def say(text):
    """What is going on, to somebody who watches."""
    if sys.stderr.isatty():
        print(f"\r{text:<70}\r", end="", file=sys.stderr, flush=True)


def short(value):
    """Three digits that say something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def spread(values, unit=""):
    middle = f"{short(median(values))}{unit}"
    return middle if len(values) == 1 else f"{middle} ({short(min(values))}-{short(max(values))})"


def table(title, taken, metrics):
    """A table of these metrics, (heading, function of a measurement), one row a program.

    The first row is ours; beside each figure of the others stands ours divided by it.
    """
    names = list(taken)
    heads = [cell for heading, _ in metrics for cell in (heading, "ours is")]
    lines = [f"\n{title}\n", "| | " + " | ".join(heads) + " |", "| --- " * (len(heads) + 1) + "|"]
    for name in names:
        cells = [name]
        for _, read in metrics:
            values = [read(one) for one in taken[name]]
            ours = [read(one) for one in taken[names[0]]]
            cells.append(spread(values))
            ratios = [mine / other for mine, other in zip(ours, values)]
            cells.append("" if name == names[0] else spread(ratios, "x"))
        lines.append("| " + " | ".join(cells) + " |")
    print("\n".join(lines), flush=True)
