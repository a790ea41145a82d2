"""What a workload needs of memory, each contestant in a process of its own: the most that the process held while it made its first steps, less
what it held when all it had done was small. Inputs, parameters and the optimiser's state count."""

import subprocess
import sys
import tempfile

import numpy as np

from server import Server

STEPS = 3
MIB = 1 << 20


def held(process, key):
    """`VmRSS`, what a process holds now, or `VmHWM`, the most it has held, in bytes."""
    with open(f"/proc/{process}/status", encoding="utf-8") as file:
        line = next(line for line in file if line.startswith(key))
    return int(line.split()[1]) * 1024


def above(process, work):
    """The most that the process holds while the work is done, above what it holds now."""
    with open(f"/proc/{process}/clear_refs", "w", encoding="utf-8") as file:
        # From here on the most is counted anew.
        file.write("5")
    before = held(process, "VmRSS")
    work()
    return held(process, "VmHWM") - before


def ours(options, workload, way):
    from whole_programs import draw

    server = Server(options.serve)
    with tempfile.TemporaryDirectory() as folder:
        small, paths = f"{folder}/small", server.save(draw(workload), folder)
        np.save(small, np.asarray(1.5, "float32"))
        server.open("tiny" + way, [small + ".npy"])
        server.run(options.threads, 10)

        def work():
            server.open(workload.name + way, paths)
            server.run(options.threads, STEPS)

        bytes = above(server.process.pid, work)
    server.close()
    return bytes


def theirs(options, name):
    """In a new process of this script: it is asked for with `--child`."""
    command = [sys.executable, *sys.argv[:1], "memory", "--child", name, "--threads", str(options.threads)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def child(name, threads):
    """What `theirs` runs: prints the bytes."""
    import torch

    import workloads
    from whole_programs import draw, prepare_peer

    torch.set_num_threads(threads)
    rows = {workload.name: workload for workload in (*workloads.workloads(), *workloads.large())}
    prepare_peer(rows["tiny"], name, draw(rows["tiny"]))()

    def work():
        run = prepare_peer(rows["gpt"], name, draw(rows["gpt"]))
        for _ in range(STEPS):
            run()

    print(above("self", work))


def table(options, workload):
    import whole_programs

    results = {"eager": ours(options, workload, ""), "jit": ours(options, workload, ", jit")}
    for name in ("torch", "jax"):
        if name not in options.without.split(","):
            results[name] = theirs(options, name)
    names = [whole_programs.NAMES[name] for name in results]
    cells = [f"{bytes / MIB:.0f} MiB" for bytes in results.values()]
    lines = [["workload", *names], ["---", *["---:"] * len(names)], [workload.title, *cells]]
    text = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return f"{whole_programs.versions()}.\n\n{text}\n", [{"workload": workload.title, "bytes": results}]
