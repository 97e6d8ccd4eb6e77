"""Trains a network that tells which customers of a telephone company leave.

    python3 train.py

Reads mlc_churn.csv and writes network.onnx, rows.npy, background.npy, columns.json and training.json beside it; README.md tells what
they are. Made with Python 3.11, PyTorch 1.13, onnx 1.12 and NumPy 1.24 on one CPU thread; other versions or another processor may
give other weights.
"""

import csv
import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, gelu

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent / "shared"))
from onnx_files import export

SEED, TRAINING, VALIDATION = 0, 3000, 1000
SIZES = [64, 32, 1]
EPOCHS, BATCH, RATE, DECAY, PATIENCE = 200, 50, 5e-3, 0.3, 30
KEPT_ROWS, KEPT_BACKGROUND = 500, 200
CATEGORICAL = ["area_code", "international_plan", "voice_mail_plan"]
# A charge is a fixed price times the minutes before it, so it tells nothing more. Of 51 states a few dozen rows each are learnt by heart.
LEFT_OUT = ["state", "total_day_charge", "total_eve_charge", "total_night_charge",
            "total_intl_charge"]


def read():
    """Columns of numbers with their names, the columns of each feature, and whether a customer left."""
    with open(FOLDER / "mlc_churn.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    columns, names, groups = [], [], {}
    for feature in rows[0]:
        if feature == "churn" or feature in LEFT_OUT:
            continue
        levels = sorted({row[feature] for row in rows}) if feature in CATEGORICAL else [None]
        groups[feature] = list(range(len(columns), len(columns) + len(levels)))
        for level in levels:
            columns.append([float(row[feature]) if level is None else float(row[feature] == level) for row in rows])
            names.append(feature if level is None else f"{feature}={level}")
    return np.array(columns).T, names, groups, np.array([row["churn"] == "yes" for row in rows], np.float32)


def area_under_curve(logits, y):
    """The share of pairs of one who left and one who stayed in which the one who left has the larger logit."""
    gaps = logits[y == 1][:, None] - logits[y == 0][None]
    return float((gaps > 0).float().mean() + 0.5 * (gaps == 0).float().mean())


def main():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(SEED)
    x, names, groups, y = read()
    order = np.random.default_rng(SEED).permutation(len(x))
    x, y = x[order], y[order]
    mean, deviation = x[:TRAINING].mean(0), x[:TRAINING].std(0)
    x = torch.from_numpy(((x - mean) / deviation).astype(np.float32))
    y = torch.from_numpy(y)
    bounds = {"training": slice(0, TRAINING), "validation": slice(TRAINING, TRAINING + VALIDATION),
              "test": slice(TRAINING + VALIDATION, len(x))}

    sizes = [x.shape[1], *SIZES]
    layers = [torch.nn.Linear(inputs, outputs) for inputs, outputs in zip(sizes, sizes[1:])]

    def evaluate(rows):
        for i, layer in enumerate(layers):
            rows = layer(gelu(rows) if i else rows)
        return rows[:, 0]

    def loss(rows):
        return binary_cross_entropy_with_logits(evaluate(x[rows]), y[rows])

    def parameters():
        return [(layer.weight.detach().T.clone(), layer.bias.detach().clone()) for layer in layers]

    optimiser = torch.optim.AdamW([p for layer in layers for p in layer.parameters()], lr=RATE, weight_decay=DECAY)
    best, least, chosen = None, np.inf, 0
    for epoch in range(1, EPOCHS + 1):
        for rows in torch.randperm(TRAINING).split(BATCH):
            optimiser.zero_grad()
            loss(rows).backward()
            optimiser.step()
        with torch.no_grad():
            now = float(loss(bounds["validation"]))
        if now < least:
            best, least, chosen = parameters(), now, epoch
        elif epoch - chosen >= PATIENCE:
            break

    for layer, (weights, offsets) in zip(layers, best):
        layer.weight.data, layer.bias.data = weights.T.contiguous(), offsets
    with torch.no_grad():
        record = {"epoch": chosen}
        for part, rows in bounds.items():
            logits = evaluate(x[rows])
            record[part] = {
                "loss": round(float(loss(rows)), 4),
                "AUC": round(area_under_curve(logits, y[rows]), 4),
                "accuracy": round(float(((logits > 0) == (y[rows] == 1)).float().mean()), 4),
                "left": round(float(y[rows].mean()), 4)}

    export(best, "gelu", FOLDER / "network.onnx")
    test = bounds["test"].start
    np.save(FOLDER / "rows.npy", x[test:test + KEPT_ROWS].numpy())
    np.save(FOLDER / "background.npy", x[:KEPT_BACKGROUND].numpy())
    (FOLDER / "training.json").write_text(json.dumps(record, indent=2) + "\n")
    (FOLDER / "columns.json").write_text("{\n" + ",\n".join([
        f'  "columns": {json.dumps(names)}', f'  "groups": {json.dumps(groups)}',
        f'  "mean": {json.dumps(mean.tolist())}', f'  "deviation": {json.dumps(deviation.tolist())}']) + "\n}\n")
    print(json.dumps(record))


if __name__ == "__main__":
    main()
