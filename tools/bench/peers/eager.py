"""Each row against eager PyTorch; and Cotangent alone on one and on two threads."""

import sys

import numpy as np
import torch

from contest import contest, shown, timed
from machine import processor


def agree(row, dtype, ours, theirs):
    theirs = theirs if isinstance(theirs, (list, tuple)) else [theirs]
    if len(ours) != len(theirs):
        raise AssertionError(f"{row.name}: {len(ours)} results, the peer has {len(theirs)}")
    epsilon = np.finfo(dtype).eps
    for x, y in zip(ours, theirs):
        y = y.detach().numpy()
        if x.shape != y.shape or x.dtype != y.dtype:
            raise AssertionError(f"{row.name}: {x.dtype}{x.shape}, the peer has {y.dtype}{y.shape}")
        if not np.issubdtype(x.dtype, np.floating):
            if not (x == y).all():
                raise AssertionError(f"{row.name}: {(x != y).sum()} differ")
            continue
        scale = row.tolerance[0] * np.abs(y) + row.tolerance[1]
        off = np.abs(x.astype("float64") - y) / np.where(scale == 0, 1, scale)
        if not (off <= epsilon).all():
            i = np.unravel_index(np.argmax(np.where(np.isnan(off), np.inf, off)), off.shape)
            raise AssertionError(f"{row.name} {dtype}: {x[i]} at {i}, the peer has {y[i]}")


def draw(row, dtype):
    generator = np.random.default_rng(1)
    return [make(generator, dtype) for make in row.inputs]


def one_row(server, row, dtype, seconds, folder):
    arrays = draw(row, dtype)
    server.open(row.name, server.save(arrays, folder))
    # Clones lie where PyTorch lays its results.
    tensors = [torch.from_numpy(array).clone() for array in arrays]
    mode = torch.enable_grad if row.grad else torch.inference_mode
    with mode():
        agree(row, dtype, server.values(folder), row.peer(*tensors))
        runs = {"ours": lambda n: server.run(1, n), "theirs": lambda n: timed(lambda: row.peer(*tensors), n)}
        times = contest(runs, seconds)
    return times["ours"], times["theirs"]


def least(passes, start, measure):
    """The shortest times of each row in some passes, each in a process of its own: what disturbs a machine for some seconds, and where in
    memory its pages lie, is another thing each time."""
    best = {}
    for _ in range(passes):
        server = start()
        for row, times in measure(server):
            best[row] = [min(pair) for pair in zip(best.get(row, times), times)]
        server.close()
    return best


def against_peer(start, rows, options, folder):
    def measure(server):
        for row in rows:
            for dtype in row.dtypes:
                name = f"{row.title or row.name} | {dtype.replace('float', 'f')}"
                try:
                    times = one_row(server, row, dtype, options.seconds, folder)
                except (AssertionError, RuntimeError) as error:
                    print(f"FAILED {error}", file=sys.stderr)
                    continue
                show(name, times)
                yield name, times

    lines = [f"PyTorch {torch.__version__}, {processor()}.", ""]
    lines += ["| | dtype | Cotangent | PyTorch | ratio |", "|---|---|---:|---:|---:|"]
    slower = []
    for name, (ours, theirs) in least(options.passes, start, measure).items():
        lines.append(f"| {name} | {shown(ours)} | {shown(theirs)} | {ours / theirs:.2f} |")
        if ours / theirs > 1.05:
            slower.append(f"{name.replace(' |', '')} {ours / theirs:.2f}")
    lines.append("")
    lines.append("Slower than PyTorch by more than 5 %: " + (", ".join(slower) or "none") + ".")
    return "\n".join(lines) + "\n"


def own_threads(start, rows, options, folder):
    same = {}

    def measure(server):
        for row in rows:
            name = row.title or row.name
            server.open(row.name, server.save(draw(row, row.dtypes[0]), folder))
            times = contest({n: lambda calls, n=n: server.run(n, calls) for n in (1, 2)}, options.seconds)
            if not row.name.startswith("limit"):
                same[name] = "yes" if server.ask("bits") == "true" and same.get(name) != "NO" else "NO"
            show(name, (times[1], times[2]))
            yield name, (times[1], times[2])

    lines = [f"{processor()}.", "", "| f32 | one thread | two | ratio | same bits |", "|---|---:|---:|---:|---|"]
    for name, (one, two) in least(options.passes, start, measure).items():
        lines.append(f"| {name} | {shown(one)} | {shown(two)} | {one / two:.2f} | {same.get(name, '')} |")
    return "\n".join(lines) + "\n"


def show(name, times):
    one, other = times
    print(f"{name:66} {shown(one):>9} {shown(other):>9} {one / other:6.2f}", file=sys.stderr)
