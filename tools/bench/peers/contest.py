"""Contestants take turns in short batches, so that what disturbs the machine meets all; the fastest batch of each counts."""

import time

ONE_BATCH_NS = 4e6
FEWEST_ROUNDS = 5


def timed(f, calls):
    """Nanoseconds a call; the first one warms the caches."""
    f()
    start = time.perf_counter_ns()
    for _ in range(calls):
        f()
    return (time.perf_counter_ns() - start) / calls


def calls_for(run):
    """As many as a batch of a few milliseconds has room for."""
    ns = min(run(1) for _ in range(3))
    return max(1, round(ONE_BATCH_NS / ns))


def contest(runs, seconds, pause=0.0):
    """The nanoseconds of each; a run is given how many calls to make, and says how long one took. Before each turn a pause: threads of
    the one before may still be looking for work."""
    calls = {name: calls_for(run) for name, run in runs.items()}
    times = {name: [] for name in runs}
    start, rounds = time.monotonic(), 0
    while rounds < FEWEST_ROUNDS or time.monotonic() - start < seconds:
        for name, run in runs.items():
            time.sleep(pause)
            times[name].append(run(calls[name]))
        rounds += 1
    return {name: min(all_of_it) for name, all_of_it in times.items()}


def shown(ns):
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if ns >= size:
            return f"{ns / size:.3g} {unit}" if ns < 1000 * size else f"{ns / size:.0f} {unit}"
    return f"{ns:.3g} ns"
