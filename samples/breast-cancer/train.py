"""Trains the breast cancer network of this folder and writes every file beside it but README.md.

    python3 train.py [--out DIRECTORY]

Made with Python 3.11, PyTorch 1.13, scikit-learn 1.2, onnx 1.12 and NumPy 1.24 on one CPU thread. There a second run gives
the same bytes; other versions or another processor may give other weights.
"""

import argparse
import csv
import json
from collections import OrderedDict
from pathlib import Path

import numpy as np
import onnx
import sklearn
import torch
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

SEED = 0
GRID = 1024  # standardised values are rounded to multiples of 1/GRID: short in decimal, exact in float32
BATCH, RATE, WEIGHT_DECAY = 32, 1e-3, 0.1
EPOCHS, PATIENCE = 400, 40


def split(labels):
    """Row indices of a stratified split: 364 to train on, 91 to stop by, 114 to test on."""
    rest, test = train_test_split(np.arange(len(labels)), test_size=114, random_state=SEED, stratify=labels)
    training, validation = train_test_split(rest, test_size=91, random_state=SEED, stratify=labels[rest])
    return {"training": training, "validation": validation, "test": test}


def network(inputs):
    """30-64-32-1 with tanh; the output is the logit of `malignant`."""
    return torch.nn.Sequential(OrderedDict([
        ("hidden1", torch.nn.Linear(inputs, 64)), ("tanh1", torch.nn.Tanh()),
        ("hidden2", torch.nn.Linear(64, 32)), ("tanh2", torch.nn.Tanh()),
        ("output", torch.nn.Linear(32, 1))]))


def train(x, y, parts):
    """The network with the smallest validation loss, and the epoch it was reached in."""
    torch.manual_seed(SEED)
    net = network(x.shape[1])
    optimiser = torch.optim.AdamW(net.parameters(), RATE, weight_decay=WEIGHT_DECAY)
    training, validation = (torch.from_numpy(parts[name]) for name in ("training", "validation"))
    best_loss, best_epoch, best_state = np.inf, 0, None
    for epoch in range(1, EPOCHS + 1):
        for rows in training[torch.randperm(len(training))].split(BATCH):
            optimiser.zero_grad()
            cross_entropy(net(x[rows]), y[rows]).backward()
            optimiser.step()
        with torch.no_grad():
            loss = cross_entropy(net(x[validation]), y[validation]).item()
        if loss < best_loss:
            best_loss, best_epoch = loss, epoch
            best_state = {name: value.clone() for name, value in net.state_dict().items()}
        elif epoch - best_epoch >= PATIENCE:
            break
    net.load_state_dict(best_state)
    return net.eval(), best_epoch


def write_csv(path, header, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--out", type=Path, default=Path(__file__).resolve().parent)
    folder = arguments.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)

    data = load_breast_cancer()
    names = [str(name) for name in data.feature_names]
    malignant = data.target == 0
    parts = split(malignant)
    mean, deviation = data.data[parts["training"]].mean(axis=0), data.data[parts["training"]].std(axis=0)
    rows = np.round((data.data - mean) / deviation * GRID) / GRID

    x = torch.tensor(rows, dtype=torch.float32)
    y = torch.tensor(malignant, dtype=torch.float32)[:, None]
    net, epoch = train(x, y, parts)

    torch.onnx.export(net, x[:1], str(folder / "model.onnx"), opset_version=13, input_names=["x"], output_names=["logit"],
                      dynamic_axes={"x": {0: "N"}, "logit": {0: "N"}})
    onnx.checker.check_model(onnx.load(str(folder / "model.onnx")), full_check=True)

    write_csv(folder / "rows.csv", names, [[format(v, ".10f").rstrip("0").rstrip(".") for v in row + 0.0] for row in rows])
    part_of = {row: name for name, members in parts.items() for row in members}
    write_csv(folder / "labels.csv", ["diagnosis", "part"],
              [["malignant" if malignant[row] else "benign", part_of[row]] for row in range(len(rows))])
    write_csv(folder / "scaling.csv", ["feature", "mean", "standard deviation"],
              [[name, repr(float(m)), repr(float(s))] for name, m, s in zip(names, mean, deviation)])
    # The columns are ten properties, each as mean, error and worst: columns p, p + 10 and p + 20.
    groups = {names[p].replace("mean ", "", 1): [p, p + 10, p + 20] for p in range(10)}
    with open(folder / "groups.json", "w", newline="\n") as file:
        lines = [f"  {json.dumps(name)}: {json.dumps(group)}" for name, group in groups.items()]
        file.write("{\n" + ",\n".join(lines) + "\n}\n")

    with torch.no_grad():
        logits = net(x).numpy()[:, 0].astype(float)
        at_zero = net(torch.zeros(1, len(names))).item()
    print(f"torch {torch.__version__}, scikit-learn {sklearn.__version__}, onnx {onnx.__version__}, numpy {np.__version__}")
    print(f"best epoch {epoch}; logits {logits.min():.3f} to {logits.max():.3f}; at zeros {at_zero:.4f}")
    for name, members in parts.items():
        right = (logits[members] > 0) == malignant[members]
        loss = np.logaddexp(0, np.where(malignant, -logits, logits))[members].mean()
        print(f"{name}: {right.sum()} of {len(right)} right ({right.mean():.4f}), "
              f"AUC {roc_auc_score(malignant[members], logits[members]):.4f}, cross entropy {loss:.4f}")


if __name__ == "__main__":
    main()
