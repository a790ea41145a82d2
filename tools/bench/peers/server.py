"""The Rust side: `serve`, and what is said to it."""

import os
import subprocess

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def default_binary():
    target = os.environ.get("CARGO_TARGET_DIR", os.path.join(os.path.dirname(HERE), "target"))
    return os.path.join(target, "release", "serve")


class Server:
    def __init__(self, binary):
        self.process = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        kind, _, text = self.process.stdout.readline().rstrip("\n").partition(" ")
        if kind != "ok":
            raise RuntimeError(f"{line}: {text or 'no answer'}")
        return text

    def save(self, arrays, folder):
        """The files that `open` is given."""
        paths = [f"{folder}/in{i}.npy" for i in range(len(arrays))]
        for path, array in zip(paths, arrays):
            np.save(path, array)
        return paths

    def open(self, name, paths):
        self.ask("open " + "\t".join([name, *paths]))

    def values(self, folder):
        count = int(self.ask(f"values {folder}"))
        return [np.load(f"{folder}/{i}.npy") for i in range(count)]

    def run(self, threads, calls):
        return float(self.ask(f"run {threads} {calls}"))

    def first(self, threads):
        return float(self.ask(f"first {threads}"))

    def close(self):
        self.process.stdin.close()
        self.process.wait()
