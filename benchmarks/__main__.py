"""The promised numbers in one table: `python -m benchmarks [NAME ...]`.

Whatever has a bare reference is measured in turn with it, so that a busy machine slows both and the ratio stands.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks import (
    event_loop,
    issuing,
    mailing,
    one_revocation,
    pressing,
    revoking,
    search_bench,
    starting,
    sticking,
)
from benchmarks.lines import Line, table
from kiosk.pki.signer import KeyAlgorithm

MILLION: Final = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Rounds:
    """How much is measured."""

    issues: int = 20
    """Of each kind of key, against the bare parts."""
    watched_issues: int = 100
    """While the event loop is watched."""
    presses: int = 60
    starts: int = 9
    users: int = 20_000
    queries: int = 1_000
    notices: int = 100_000
    letters: int = 1_000
    codes: int = 20
    few_entries: int = 10_000
    many_entries: int = 100_000
    """On a list of revoked certificates."""
    lists: int = 5
    revocations: int = 20
    sticks: int = 40
    """Written to and switched off, as often as the bare calls."""


def issue(rounds: Rounds) -> list[Line]:
    """From 発行 to the verified stick, with both kinds of key."""
    results = [
        issuing.measured(algorithm, rounds.issues)
        for algorithm in (KeyAlgorithm.P_256, KeyAlgorithm.RSA_2048)
    ]
    return [
        Line(
            what=f"issue onto the stick, {result.algorithm}",
            figure=f"{result.whole * 1000:.0f} ms",
            reference=f"{result.bare * 1000:.0f} ms, its bare parts",
            ratio=result.ratio,
            promised=f"<= {issuing.PROMISED} x",
            kept=result.ratio <= issuing.PROMISED,
        )
        for result in results
    ]


def search(rounds: Rounds) -> list[Line]:
    """Type-ahead and card on both databases."""
    return [
        Line(
            what=f"{measured.what}, {rounds.users:,} users, {measured.dialect}",
            figure=f"p99 {measured.p99:.1f} ms (p50 {measured.p50:.1f})",
            promised=f"< {search_bench.LIMIT_MS} ms",
            kept=measured.p99 < search_bench.LIMIT_MS,
        )
        for measured in search_bench.measure(rounds.users, rounds.queries)
    ]


BENCHMARKS: Final[dict[str, Callable[[Rounds], list[Line]]]] = {
    "issue": issue,
    "loop": lambda rounds: event_loop.measure(rounds.watched_issues),
    "keys": lambda rounds: pressing.keys(rounds.presses),
    "soft-keys": lambda rounds: pressing.soft_keys(rounds.presses),
    "start": lambda rounds: starting.start(rounds.starts),
    "memory": lambda _: starting.memory(),
    "search": search,
    "mail": lambda rounds: mailing.measure(rounds.notices, rounds.letters, rounds.codes),
    "lists": lambda rounds: revoking.measure(rounds.few_entries, rounds.many_entries, rounds.lists),
    "revoke": lambda rounds: one_revocation.measure(rounds.few_entries, rounds.revocations),
    "sticks": lambda rounds: sticking.measure(rounds.sticks),
}


def measured(names: Sequence[str], rounds: Rounds) -> list[Line]:
    """The lines of these benchmarks, one benchmark after the other."""
    lines = []
    for name in names:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        lines += BENCHMARKS[name](rounds)
    return lines


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; 1 when a promise was not kept."""
    arguments = _parser().parse_args(argv)
    unknown = set(arguments.names) - set(BENCHMARKS)
    if unknown:
        print(
            f"no such number: {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}",
            file=sys.stderr,
        )
        return 2
    usual = Rounds()
    rounds = Rounds(
        watched_issues=arguments.issues,
        users=MILLION if arguments.million else usual.users,
        queries=2 * usual.queries if arguments.million else usual.queries,
    )
    before = os.getloadavg()[0]
    lines = measured(arguments.names or list(BENCHMARKS), rounds)
    print(table(lines))
    print(
        f"\n{os.cpu_count()} processors, load {before:.1f} before and {os.getloadavg()[0]:.1f} after.",
        end=" ",
    )
    print("Only ratios compare between machines.")
    if rounds.users < MILLION and any("users" in line.what for line in lines):
        print(
            f"Promised for {MILLION:,} users, measured here with {rounds.users:,}; --million takes minutes."
        )
    return 0 if all(line.kept for line in lines) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="the promised numbers")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"all, or some of: {', '.join(BENCHMARKS)}")
    parser.add_argument(
        "--issues",
        type=int,
        default=Rounds.watched_issues,
        help="issues during which the event loop is watched (default: %(default)s)",
    )
    parser.add_argument("--million", action="store_true", help="search among a million users, as promised")
    return parser


if __name__ == "__main__":
    sys.exit(main())
