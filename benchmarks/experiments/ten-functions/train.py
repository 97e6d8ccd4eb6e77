"""Trains the networks of this folder: every function, five seeds, 10-140-100-60-20-1 with GELU.

    python3 train.py [--functions f1 f7 ...] [--seeds 0 1 2 3 4] [--out DIRECTORY]

Writes, for each function and seed, networks/FUNCTION-SEED.onnx and rows/FUNCTION-SEED.npy (standardised test rows), and adds to
training.json: how rows and values were standardised, and how well the network predicts. truth.json has the true interactions.
Made with Python 3.11, PyTorch 1.13, onnx 1.12 and NumPy 1.24 on one CPU thread; other versions or another processor may give
other weights.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared"))
import functions
from functions import FUNCTIONS, TRUTH
from onnx_files import export
from stack import Stack, train

SIZES = [functions.FEATURES, 140, 100, 60, 20, 1]
SETTINGS = {"epochs": 200, "batch": 100, "rate": 1e-2, "sparsity": 1e-5}
KEPT_ROWS = 300


def write_json(path, content):
    """One entry a line, so that differences can be read."""
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in content.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", newline="\n")


def train_function(name, seeds, folder):
    """Networks of one function, their rows, and what training.json says of them."""
    parts = [functions.draw(name, seed) for seed in seeds]
    inputs, outputs = [functions.standardise(x) for x, _ in parts], [functions.standardise(y) for _, y in parts]
    x, y = (torch.from_numpy(np.stack([values for values, _, _ in part])) for part in (inputs, outputs))
    stack = Stack(SIZES, [100 * seed + functions.number(name) for seed in seeds])
    best, _, epochs = train(stack, x[:, 0], y[:, 0], (x[:, 1], y[:, 1]), **SETTINGS)
    unexplained = {part: stack.losses(best, x[:, i], y[:, i]) / y[:, i].var(1, unbiased=False)
                   for i, part in enumerate(functions.PARTS)}
    entries = {}
    for i, seed in enumerate(seeds):
        export(stack.network(best, i), "gelu", folder / "networks" / f"{name}-{seed}.onnx")
        np.save(folder / "rows" / f"{name}-{seed}.npy", x[i, 2, :KEPT_ROWS].numpy())
        entries[f"{name}-{seed}"] = {
            "epoch": int(epochs[i]),
            **{f"{part} R2": round(1 - float(values[i]), 6) for part, values in unexplained.items()},
            "input mean": inputs[i][1].tolist(), "input deviation": inputs[i][2].tolist(),
            "output mean": float(outputs[i][1]), "output deviation": float(outputs[i][2])}
    return entries


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--functions", nargs="+", choices=FUNCTIONS, default=list(FUNCTIONS))
    arguments.add_argument("--seeds", nargs="+", type=int, default=list(range(5)))
    arguments.add_argument("--out", type=Path, default=Path(__file__).resolve().parent)
    chosen = arguments.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    for folder in ("networks", "rows"):
        (chosen.out / folder).mkdir(parents=True, exist_ok=True)
    write_json(chosen.out / "truth.json", TRUTH)
    record = chosen.out / "training.json"
    entries = json.loads(record.read_text()) if record.exists() else {}
    for name in chosen.functions:
        started = time.monotonic()
        entries.update(train_function(name, chosen.seeds, chosen.out))
        write_json(record, entries)
        fits = [entries[f"{name}-{seed}"]["validation R2"] for seed in chosen.seeds]
        print(f"{name}: validation R² {min(fits):.5f} to {max(fits):.5f}, {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
