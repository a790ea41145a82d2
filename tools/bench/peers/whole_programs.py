"""Workloads measured: Cotangent eager and compiled, PyTorch eager and compiled, JAX compiled; in turns, and at the first call."""

import sys
import time

import jax
import numpy as np
import torch

from contest import contest, shown, timed
from machine import processor
from server import Server

NAMES = {"eager": "Cotangent", "jit": "Cotangent, `jit`", "torch": "PyTorch", "compile": "torch.compile", "jax": "jax.jit"}


def draw(workload):
    generator = np.random.default_rng(1)
    return [np.asarray(make(generator, workload.dtype)) for make in workload.inputs]


def agree(name, dtype, ours, theirs):
    """Each array's entries differ by no more than a part of its largest."""
    if len(ours) != len(theirs):
        raise AssertionError(f"{name}: {len(ours)} results, not {len(theirs)}")
    part = 1e-9 if dtype == "float64" else 1e-3
    for i, (x, y) in enumerate(zip(ours, theirs)):
        if x.shape != y.shape:
            raise AssertionError(f"{name}: result {i} is {x.shape}, not {y.shape}")
        off = np.abs(x.astype("float64") - y).max()
        if not off <= part * np.abs(y).max() + 1e-30:
            raise AssertionError(f"{name}: result {i} is off by {off:.3g} of {np.abs(y).max():.3g}")


def plain(results):
    # Copies: what the next call is given it may overwrite.
    return [np.array(x.detach() if isinstance(x, torch.Tensor) else x) for x in as_list(jax.tree.leaves(results))]


def as_list(x):
    return list(x) if isinstance(x, (list, tuple)) else [x]


def prepare_peer(workload, name, arrays):
    if name == "jax":
        return workload.jax(arrays)
    return workload.torch(arrays, name == "compile")


def names_for(workload, options):
    names = ["torch", "jax"] + ["compile"] * (workload.compiled and not options.no_compile)
    return [name for name in names if name not in options.without.split(",")]


class Bench:
    """Two servers, as one has one workload open."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.servers = {name: Server(options.serve) for name in ("eager", "jit")}

    def open(self, workload, arrays):
        paths = self.servers["jit"].save(arrays, self.folder)
        for name, server in self.servers.items():
            server.open(workload.name + (", jit" if name == "jit" else ""), paths)

    def close(self):
        for server in self.servers.values():
            server.close()

    def times(self, workload):
        """The nanoseconds of each contestant that gives the right results."""
        threads, arrays = self.options.threads, draw(workload)
        self.open(workload, arrays)
        results, runs = {}, {}
        for name, server in self.servers.items():
            try:
                results[name] = server.values(self.folder)
                runs[name] = lambda n, server=server: server.run(threads, n)
            except RuntimeError as error:
                failed(workload, name, error)
        for name in names_for(workload, self.options):
            try:
                run = prepare_peer(workload, name, arrays)
                if run is None:
                    continue
                results[name] = plain(run())
                runs[name] = lambda n, run=run: timed(run, n)
            except Exception as error:  # whatever a compiler raises
                failed(workload, name, error)
        reference = next(name for name in ("torch", "jax", "eager") if name in results)
        for name, result in results.items():
            try:
                agree(name, workload.dtype, result, results[reference])
            except AssertionError as error:
                failed(workload, name, error)
                del runs[name]
        if self.options.plans and "jit" in runs:
            self.servers["jit"].ask(f"plans {self.options.plans}/{workload.name} {arrays[0].shape} {workload.dtype}.txt")
        times = contest(runs, self.options.seconds, pause=0.02 * (threads - 1))
        return {name: ns / workload.operations for name, ns in times.items()}

    def first_calls(self, workload):
        """The nanoseconds of the first call less those of a later one."""
        arrays, beyond = draw(workload), {}
        server, paths = self.servers["jit"], self.servers["jit"].save(arrays, self.folder)

        def ours():
            server.open(workload.name + ", jit", paths)
            first = server.first(self.options.threads)
            return first, lambda: server.run(self.options.threads, 1)

        def theirs(name):
            jax.clear_caches()
            torch._dynamo.reset()
            run = prepare_peer(workload, name, arrays)
            start = time.perf_counter_ns()
            run()
            return time.perf_counter_ns() - start, lambda: timed(run, 1)

        contestants = {"jit": ours}
        contestants |= {name: lambda name=name: theirs(name) for name in names_for(workload, self.options) if name != "torch"}
        for name, contestant in contestants.items():
            firsts, later, start = [], [], time.monotonic()
            try:
                # Compilers take seconds: once is enough of them.
                fewest = 5 if name == "jit" else 1
                while len(firsts) < fewest or time.monotonic() - start < self.options.seconds and len(firsts) < 50:
                    first, run = contestant()
                    firsts.append(first)
                    later += [run() for _ in range(3)]
                beyond[name] = max(0, min(firsts) - min(later))
            except Exception as error:
                failed(workload, name, error)
        return beyond


def failed(workload, name, error):
    text = str(error).strip().splitlines() or [type(error).__name__]
    print(f"FAILED {workload.title}, {name}: {text[0]}", file=sys.stderr)


def versions():
    return f"PyTorch {torch.__version__}, JAX {jax.__version__}, {processor()}"


def row_of(workload, times, threads):
    title = workload.title + (", an operation" if workload.operations > 1 else "")
    row = {"workload": title, "dtype": workload.dtype, "ns": times}
    peers = [times[name] for name in ("torch", "compile", "jax") if name in times]
    if "jit" in times and peers:
        row["best peer / jit"] = min(peers) / times["jit"]
    # What was promised, and what is known to be possible, is of one thread.
    if workload.promise and threads == 1 and "jit" in times and "jax" in times:
        row["promise"], row["over"] = workload.promise.text, workload.promise.over(times)
    if workload.limit and threads == 1:
        row["limit"] = workload.limit
    return row


def held(row):
    if "over" not in row:
        return ""
    return "yes" if row["over"] <= 1 else f"no, by {row['over']:.2f}"


def table(rows, names):
    """A row each; columns of which nothing is known are left out."""
    columns = {
        "workload": lambda row: row["workload"],
        "dtype": lambda row: row["dtype"].replace("float", "f"),
        **{NAMES[name]: lambda row, name=name: shown(row["ns"][name]) if name in row["ns"] else "–" for name in names},
        "best peer / `jit`": lambda row: f"{row['best peer / jit']:.3g}" if "best peer / jit" in row else "",
        "promise": lambda row: row.get("promise", ""),
        "held": held,
        "by hand, elsewhere": lambda row: row.get("limit", ""),
    }
    columns = {title: cells for title, column in columns.items() if any(cells := [column(row) for row in rows])}
    rules = ["---" if title in ("workload", "dtype", "promise", "held") else "---:" for title in columns]
    lines = [columns.keys(), rules, *zip(*columns.values())]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def measured(bench, rows, method, names):
    results = []
    for workload in rows:
        times = method(bench, workload)
        row = row_of(workload, times, bench.options.threads)
        results.append(row)
        cells = " ".join(f"{shown(times[name]) if name in times else '–':>9}" for name in names)
        ratio = row.get("best peer / jit", float("nan"))
        print(f"{workload.title:58} {workload.dtype.replace('float', 'f')} {cells} {ratio:7.3g} {held(row)}", file=sys.stderr)
    return results


def in_turns(bench, rows):
    names = list(NAMES)
    results = measured(bench, rows, Bench.times, names)
    threads = "one thread" if bench.options.threads == 1 else f"{bench.options.threads} threads"
    return f"{versions()}; {threads}.\n\n{table(results, names)}", results


def at_first(bench, rows):
    torch._inductor.config.force_disable_caches = True
    # What compilers load when they are first used is not counted.
    torch.compile(lambda x: x + 1)(torch.zeros(()))
    jax.jit(lambda x: x + 1)(1.0)
    names = ["jit", "compile", "jax"]
    results = measured(bench, rows, Bench.first_calls, names)
    return f"{versions()}.\n\n{table(results, names)}", results


KINDS = ["chain", "unrolled MLP", "fan-out"]
SIZES = [10_000, 100_000]
MOST = 12


def growth(bench, kinds):
    """Tracing and compiling alone, as programs grow; each time in a new process, as programs are compiled: memory that a long program has left
    behind serves a short one, but not the other way round."""
    head = ["value and gradient of", "equations", "tracing", "compiling", "compiling, an equation", "ten times the equations take", "at most"]
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * 6]
    results = []
    for kind in kinds:
        before = None
        for size in SIZES:
            runs, start = [], time.monotonic()
            while len(runs) < 12 or time.monotonic() - start < bench.options.seconds:
                server = Server(bench.options.serve)
                runs.append([float(x) for x in server.ask(f"growth {size} {kind}").split()])
                server.close()
            equations, tracing, compiling = (min(run[i] for run in runs) for i in range(3))
            ratio = (compiling / before[1]) * (10 * before[0] / equations) if before else None
            row = {"kind": kind, "equations": equations, "tracing ns": tracing, "compiling ns": compiling}
            if ratio:
                row |= {"ratio": ratio, "held": ratio <= MOST}
            results.append(row)
            cells = [kind, f"{equations:,.0f}", shown(tracing), shown(compiling), shown(compiling / equations)]
            cells += [f"{ratio:.1f} times", f"{MOST}: {'held' if ratio <= MOST else 'missed'}"] if ratio else ["", ""]
            lines.append("| " + " | ".join(cells) + " |")
            print("  ".join(cells), file=sys.stderr)
            before = (equations, compiling)
    return "\n".join(lines) + "\n", results
