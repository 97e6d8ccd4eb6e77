"""Remove and retrain: how fast a network loses what it predicts when the interactions that a ranking puts first are removed.

    python3 remove_and_retrain.py prepare KIND FOLDER [--seed 0] [--activation relu]
    python3 remove_and_retrain.py measure FOLDER RANKING.csv [--out ERRORS.csv] [--repeats 3]

`prepare` draws 5,000 rows of ten standard normal features. Twenty of the 45 pairs interact, all in the same way (KIND), with standard
normal coefficients; their sum is scaled to standard deviation 1. A network 64-64-64 is trained on 4,000 rows. FOLDER then holds:
    network.onnx     the network whose pairs are to be ranked: input x (N x 10), output y (N x 1)
    train.npy, test.npy      the rows, features then the value, float32 (4,000 x 11 and 1,000 x 11)
    rows.npy         the features of the test rows, as a ranking program reads them
    pairs.csv        the interacting pairs with their coefficients (first,second,coefficient), which no ranking may look at
    setting.json     kind, seed and activation
    truth.csv, random.csv, weights.csv and integrated-hessians.csv: rankings by the true strength, by chance, by the weights alone, and
                     by mean |Γ_ij| over 200 test rows with zero baseline (ReLU smoothed with β = 10)

A ranking is a CSV file with the columns first,second,value: two features numbered from 0 in either order, each pair once; larger
values come first, equal ones in the order of the file. Pairs that are missing are never removed. Other columns are ignored.

`measure` removes 0, 1, 2, ... pairs in the order of the ranking: the term of a removed pair is computed from features drawn anew, so it
is as large as before and tells nothing. Networks are trained on the values that result, all from the same weights and in the same
order of rows, and the draw for a pair does not depend on the ranking. It writes removed,error,deviation: the mean squared error on test
rows, which lose the same pairs, and its standard deviation over repeats. A better ranking has a larger error early; the mean over all
numbers of removed pairs is printed. Every removal that does not change the data costs nothing.

Origin: Janizek, Sturmfels and Lee, "Explaining explanations: axiomatic feature interactions for deep networks" (2021). There every row
has its own ranking; here one ranking holds for all rows.
"""

import argparse
import csv
import itertools
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared"))
import measures
from derivatives import gelu, softplus
from onnx_files import export
from stack import Stack, train

FEATURES, ROWS, TRAINING, INTERACTING = 10, 5000, 4000, 20
SIZES = [FEATURES, 64, 64, 64, 1]
SETTINGS = {"epochs": 60, "batch": 128, "rate": 5e-3, "every": 2}
PAIRS = list(itertools.combinations(range(FEATURES), 2))
KINDS = {
    "product": np.multiply,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "cosine": lambda a, b: np.cos(a + b),
    "tanh": lambda a, b: np.tanh(a + b),
}
ACTIVATIONS = {"relu": torch.relu, "gelu": torch.nn.functional.gelu}


class Data:
    """The rows and terms of one kind and seed."""

    def __init__(self, kind, seed):
        self.kind, self.seed = kind, seed
        generator = np.random.default_rng([seed, list(KINDS).index(kind)])
        self.x = generator.standard_normal((ROWS, FEATURES))
        pairs = [PAIRS[i] for i in generator.choice(len(PAIRS), INTERACTING, replace=False)]
        coefficients = generator.standard_normal(INTERACTING)
        terms = {pair: c * KINDS[kind](*self.x.T[list(pair)]) for pair, c in zip(pairs, coefficients)}
        scale = sum(terms.values()).std()
        self.terms = {pair: term / scale for pair, term in terms.items()}
        self.coefficients = {pair: c / scale for pair, c in zip(pairs, coefficients)}

    def removed(self, pair, repeat):
        """The term of a pair from features drawn anew, the same draw whatever else is removed."""
        generator = np.random.default_rng([self.seed, 1 + repeat, *pair])
        return self.coefficients[pair] * KINDS[self.kind](*generator.standard_normal((2, ROWS)))

    def values(self, removed=(), repeat=0):
        return sum((self.removed(pair, repeat) if pair in removed else term for pair, term in self.terms.items()),
                   np.zeros(ROWS))


def retrain(x, targets, seed, activation):
    """A network for each row of targets, all from the same weights: the stack, the parameters, and the test errors.

    The last fifth of the training rows decides when to stop."""
    count, split = len(targets), TRAINING * 4 // 5
    stack = Stack(SIZES, [seed] * count, ACTIVATIONS[activation])
    x = torch.from_numpy(x.astype(np.float32)).expand(count, ROWS, FEATURES)
    y = torch.from_numpy(np.stack(targets).astype(np.float32))
    best, _, _ = train(stack, x[:, :split], y[:, :split], (x[:, split:TRAINING], y[:, split:TRAINING]), **SETTINGS)
    return stack, best, stack.losses(best, x[:, TRAINING:], y[:, TRAINING:]).numpy()


def write_csv(path, header, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def write_ranking(path, values):
    write_csv(path, ["first", "second", "value"], [[*pair, repr(float(values[pair]))] for pair in PAIRS])


def read_ranking(path):
    """The pairs of a ranking, largest value first."""
    found = {}
    if not path.is_file():
        sys.exit(f"{path}: no such file; a ranking is a CSV file with the columns first,second,value")
    with open(path, newline="") as file:
        reader = csv.DictReader(file)
        missing = {"first", "second", "value"} - set(reader.fieldnames or [])
        if missing:
            sys.exit(f"{path}: no column {', '.join(sorted(missing))}; a ranking has the columns first,second,value")
        for row in reader:
            place = f"{path}, line {reader.line_num}"
            try:
                pair, value = tuple(sorted((int(row["first"]), int(row["second"])))), float(row["value"])
            except (TypeError, ValueError):
                sys.exit(f"{place}: expected two feature numbers and a value, found {','.join(map(str, row.values()))}")
            if pair not in PAIRS:
                sys.exit(f"{place}: {pair[0]},{pair[1]} is not a pair of two different features from 0 to {FEATURES - 1}")
            if np.isnan(value) or pair in found:
                sys.exit(f"{place}: the pair {pair[0]},{pair[1]} " + ("stands twice" if pair in found else "has no value"))
            found[pair] = value
    return sorted(found, key=found.get, reverse=True)


def prepare(kind, folder, seed, activation):
    folder.mkdir(parents=True, exist_ok=True)
    data = Data(kind, seed)
    y = data.values()
    stack, best, errors = retrain(data.x, [y], seed, activation)
    layers = stack.network(best, 0)
    export(layers, activation, folder / "network.onnx")
    rows = np.column_stack([data.x, y]).astype(np.float32)
    np.save(folder / "train.npy", rows[:TRAINING])
    np.save(folder / "test.npy", rows[TRAINING:])
    np.save(folder / "rows.npy", rows[TRAINING:, :FEATURES])
    write_csv(folder / "pairs.csv", ["first", "second", "coefficient"],
              [[*pair, repr(float(c))] for pair, c in sorted(data.coefficients.items())])
    (folder / "setting.json").write_text(json.dumps({"kind": kind, "seed": seed, "activation": activation}) + "\n")

    generator = np.random.default_rng([seed, 0])
    layers = [(w.double(), b.double()) for w, b in layers]
    smooth = softplus if activation == "relu" else gelu
    write_ranking(folder / "truth.csv", {pair: np.std(data.terms.get(pair, 0)) for pair in PAIRS})
    write_ranking(folder / "random.csv", dict(zip(PAIRS, generator.random(len(PAIRS)))))
    write_ranking(folder / "weights.csv", measures.weights_only(layers))
    write_ranking(folder / "integrated-hessians.csv", measures.integrated_hessians(
        layers, rows[TRAINING:TRAINING + 200, :FEATURES], np.zeros((1, FEATURES), np.float32), 64, smooth))
    print(f"{kind}, seed {seed}: error {errors[0]:.4f} on test rows, variance {y[TRAINING:].var():.4f}")


def measure(folder, ranking, out, repeats):
    if not (folder / "setting.json").is_file():
        sys.exit(f"{folder}: no setting.json; make the folder by the command prepare")
    setting = json.loads((folder / "setting.json").read_text())
    data = Data(setting["kind"], setting["seed"])
    order = read_ranking(ranking)
    # Removing a pair that does not interact changes nothing, so networks are trained once for each pair that does.
    steps = list(itertools.accumulate((pair in data.terms for pair in order), initial=0))
    steps += steps[-1:] * (len(PAIRS) - len(order))
    true_order = [pair for pair in order if pair in data.terms]
    removals = [true_order[:count] for count in range(len(true_order) + 1)]
    errors = np.stack([
        retrain(data.x, [data.values(removed, repeat) for removed in removals], setting["seed"], setting["activation"])[2]
        for repeat in range(repeats)])[:, steps]
    if out:
        write_csv(out, ["removed", "error", "deviation"],
                  [[k, f"{column.mean():.5f}", f"{column.std():.5f}"] for k, column in enumerate(errors.T)])
    print(f"{ranking.name}: mean error over 0 to {len(PAIRS)} removed pairs {errors.mean():.4f}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = arguments.add_subparsers(dest="command", required=True)
    first = commands.add_parser("prepare", help="data, the network to rank by, and rankings to compare with")
    first.add_argument("kind", choices=KINDS)
    first.add_argument("folder", type=Path)
    first.add_argument("--seed", type=int, default=0)
    first.add_argument("--activation", choices=ACTIVATIONS, default="relu")
    second = commands.add_parser("measure", help="error against the number of removed pairs, for one ranking")
    second.add_argument("folder", type=Path)
    second.add_argument("ranking", type=Path)
    second.add_argument("--out", type=Path)
    second.add_argument("--repeats", type=int, default=3)
    chosen = arguments.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    started = time.monotonic()
    if chosen.command == "prepare":
        prepare(chosen.kind, chosen.folder, chosen.seed, chosen.activation)
    else:
        measure(chosen.folder, chosen.ranking, chosen.out, chosen.repeats)
    print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
