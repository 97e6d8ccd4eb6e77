"""Ranks pairs and sets of features by each measure on the networks of this folder, and prints how well the true ones are found.

    python3 judge.py [--functions f1 f7 ...] [--out FILE.csv]

Prints two tables in Markdown: ROC-AUC of pairs; ROC-AUC of triples and R-precision of sets of 2 to 5 features. Every measure is the mean of absolute
values over rows; that was chosen before any ranking was compared with the truth, and holds for all functions. `--out` writes what
every network reached.
"""

import argparse
import csv
import json
import sys
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared"))
import functions
import measures
from onnx_files import load

EXPLAINED, NODES = 100, 32  # rows and quadrature nodes of Integrated Hessians
AVERAGED, BACKGROUND, BACKGROUND_NODES = 60, 30, 12  # rows, background rows and nodes of Expected Hessians
POINTS = 60  # rows of mixed partials
NEAREST = 10  # rows beside each centre
FOLDER = Path(__file__).resolve().parent

ZERO = np.zeros((1, functions.FEATURES), np.float32)
PAIR_MEASURES = {
    "Hessian, all rows": lambda layers, x: measures.mean_hessian(layers, x),
    "Hessian, representatives": lambda layers, x: measures.mean_hessian(
        layers, measures.representatives(x, NEAREST, np.random.default_rng(0))),
    "Integrated Hessians": lambda layers, x: measures.integrated_hessians(layers, x[:EXPLAINED], ZERO, NODES),
    "Expected Hessians": lambda layers, x: measures.integrated_hessians(
        layers, x[:AVERAGED], x[-BACKGROUND:], BACKGROUND_NODES),
    "weights only": lambda layers, x: measures.weights_only(layers),
}
TRIPLES, SETS = "mixed partials, AUC of triples", "mixed partials, R-precision"


def judge(name, seed, truth):
    """What each measure reaches on one network."""
    layers = [(w.double(), b.double()) for w, b in load(FOLDER / "networks" / f"{name}-{seed}.onnx")]
    x = np.load(FOLDER / "rows" / f"{name}-{seed}.npy")
    sets = [tuple(members) for members in truth[name]]
    pairs = measures.inside(sets, 2)
    reached = {key: measures.area_under_curve(measure(layers, x), pairs, measures.PAIRS)
               for key, measure in PAIR_MEASURES.items()}
    partials = measures.mixed_partials(layers, x[:POINTS], 5)
    reached[TRIPLES] = measures.area_under_curve(partials, measures.inside(sets, 3), measures.TRIPLES)
    reached[SETS] = measures.r_precision(partials, sets)
    return reached


def table(rows, measures_shown):
    """Means over seeds as Markdown, with the mean over functions in the last line."""
    print("| function | " + " | ".join(measures_shown) + " |\n|---|" + "---|" * len(measures_shown))
    line = lambda title, values: print(f"| {title} | " + " | ".join(f"{v:.3f}" for v in values) + " |")
    for name, values in rows.items():
        line(name, [np.mean([v[key] for v in values]) for key in measures_shown])
    ten = [values for name, values in rows.items() if name in functions.TEN]
    line("mean of the ten", [np.mean([[v[key] for v in values] for values in ten]) for key in measures_shown])


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--functions", nargs="+", choices=functions.FUNCTIONS, default=list(functions.FUNCTIONS))
    arguments.add_argument("--seeds", nargs="+", type=int, default=list(range(5)))
    arguments.add_argument("--out", type=Path)
    chosen = arguments.parse_args()
    torch.set_num_threads(1)
    truth = json.loads((FOLDER / "truth.json").read_text())
    rows = {name: [judge(name, seed, truth) for seed in chosen.seeds] for name in chosen.functions}
    table(rows, list(PAIR_MEASURES))
    print()
    table(rows, [TRIPLES, SETS])
    if chosen.out:
        with open(chosen.out, "w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["function", "seed", *PAIR_MEASURES, TRIPLES, SETS])
            for name, values in rows.items():
                for seed, reached in zip(chosen.seeds, values):
                    writer.writerow([name, seed, *(f"{v:.4f}" for v in reached.values())])


if __name__ == "__main__":
    main()
