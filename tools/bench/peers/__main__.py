#!/usr/bin/env python3
"""Cotangent beside PyTorch and JAX, on the CPU, in one run.

    cargo build --release --manifest-path tools/bench/Cargo.toml --bin serve
    python -m venv venv && venv/bin/pip install numpy torch jax
    venv/bin/python tools/bench/peers [SECTION…] [--only WORDS] [--seconds 0.5] [--passes 1] [--write docs/benchmarks.md] [--json FILE]

All get the same inputs; their results are compared first. Then they take turns in short batches, so that what disturbs the machine
meets all; the fastest batch of each counts. `--write` puts each section's table between its markers.

- `elementwise`, `whole`, `models`: rows against PyTorch, eager, on one thread. `threads`: Cotangent alone, on one and on two.
- `workloads`: whole programs, Cotangent eager and compiled, PyTorch eager and compiled, JAX compiled; everybody is bound to the same
  core, or with `--threads 2` to the same two. `torch.compile` needs g++.
- `first`: what the first call takes beyond a later one: tracing and compiling. `growth`: the same of ever larger programs.
- `memory`: what each holds at most in its first steps, in a process of its own.

To add a row: a line in `src/peers/`, and one in `rows.py`. To add a workload: a file in `src/peers/`, a function in `in_torch.py` and
`in_jax.py`, and an entry in `workloads.py`.
"""

import argparse
import contextlib
import json
import os
import sys
import tempfile

# NumPy's threads would wait beside what is measured.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

ROWS = ["elementwise", "whole", "models", "threads"]
PROGRAMS = ["workloads", "first", "growth", "memory"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(ROWS + PROGRAMS))
    parser.add_argument("--only", help="rows whose names have one of these words, separated by commas")
    parser.add_argument("--seconds", type=float, default=0.5, help="for each row and dtype")
    parser.add_argument("--passes", type=int, default=1, help="over a section of rows, each in a new process; the shortest times count")
    parser.add_argument("--write", metavar="FILE", help="put the tables there")
    parser.add_argument("--json", metavar="FILE", help="write what was measured of workloads there")
    parser.add_argument("--plans", metavar="FOLDER", help="write there what is run for each compiled workload")
    parser.add_argument("--threads", type=int, default=1, help="of the workloads")
    parser.add_argument("--no-compile", action="store_true", help="without torch.compile, which takes long to compile")
    parser.add_argument("--without", default="", help="peers to leave out, separated by commas: torch, jax, compile")
    parser.add_argument("--serve", help="the binary")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.sections = options.sections or ROWS + PROGRAMS
    for section in options.sections:
        if section not in ROWS + PROGRAMS:
            parser.error(f"no section {section}")
    return options


@contextlib.contextmanager
def bound(threads):
    """Everybody on as many cores as there are threads: JAX takes as many threads as it has cores, whatever it is told."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[-threads:])
    if threads == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    yield
    os.sched_setaffinity(0, before)


def write(path, section, text):
    begin, end = f"<!-- peers {section}: begin -->", f"<!-- peers {section}: end -->"
    with open(path, encoding="utf-8") as file:
        before, found, rest = file.read().partition(begin)
    _, ended, after = rest.partition(end)
    if not found or not ended:
        raise SystemExit(f"{path} has no {begin} … {end}")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{before}{begin}\n{text}{end}{after}")


def chosen(options, rows, name=lambda row: f"{row.name} {row.title}"):
    words = options.only.split(",") if options.only else [""]
    return [row for row in rows if any(word in name(row) for word in words)]


def of_rows(options, section, folder):
    import torch

    import eager
    import rows
    from server import Server

    torch.set_num_threads(1)
    measure = eager.own_threads if section == "threads" else eager.against_peer
    start = lambda: Server(options.serve)
    return measure(start, chosen(options, getattr(rows, section)()), options, folder), None


def of_programs(options, section, folder):
    with bound(options.threads):
        import torch

        import memory
        import whole_programs
        import workloads

        torch.set_num_threads(options.threads)
        if section == "memory":
            return memory.table(options, next(workloads.large()))
        bench = whole_programs.Bench(options, folder)
        if section == "growth":
            results = whole_programs.growth(bench, chosen(options, whole_programs.KINDS, str))
        elif section == "first":
            results = whole_programs.at_first(bench, chosen(options, workloads.cold()))
        else:
            results = whole_programs.in_turns(bench, chosen(options, workloads.workloads()))
        bench.close()
        return results


def main():
    options = arguments()
    from server import default_binary

    if options.child:
        import memory

        with bound(options.threads):
            return memory.child(options.child, options.threads)

    options.serve = options.serve or default_binary()
    if options.plans:
        os.makedirs(options.plans, exist_ok=True)
    measured = {"threads": options.threads}
    for section in options.sections:
        with tempfile.TemporaryDirectory() as folder:
            measure = of_rows if section in ROWS else of_programs
            text, results = measure(options, section, folder)
        print(f"## {section}\n\n{text}")
        if results is not None:
            measured[section] = results
        if options.write:
            more = f" {options.threads}" if section == "workloads" and options.threads > 1 else ""
            write(options.write, section + more, text)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(measured, file, indent=1, ensure_ascii=False)


if __name__ == "__main__":
    main()
