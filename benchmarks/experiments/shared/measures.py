"""Rankings of pairs and sets of features by what a trained network computes, and how well they find the true ones."""

import itertools

import numpy as np
import torch
from scipy.stats import rankdata

from derivatives import gelu, hessians, mixed

PAIRS = list(itertools.combinations(range(10), 2))
TRIPLES = list(itertools.combinations(range(10), 3))


def quadrature(order):
    """Nodes t and weights of the integral of t (-ln t) g(t) and of -ln t g(t) over (0, 1): Gauss-Legendre in u with t = u³."""
    nodes, weights = np.polynomial.legendre.leggauss(order)
    u, weights = (nodes + 1) / 2, weights / 2
    return torch.from_numpy(u ** 3), torch.from_numpy(weights * u ** 3 * -3 * np.log(u) * 3 * u ** 2)


def representatives(x, nearest, generator):
    """Rows of x nearest to its column means, medians, minima and maxima, `nearest` of each, and as many random ones; each once."""
    chosen = []
    for centre in (x.mean(0), np.median(x, 0), x.min(0), x.max(0)):
        chosen += list(np.argsort(((x - centre) ** 2).sum(1), kind="stable")[:nearest])
    rest = np.setdiff1d(np.arange(len(x)), chosen)
    return x[sorted(set(chosen) | set(generator.choice(rest, nearest, replace=False)))]


def mean_hessian(layers, x):
    """Mean over rows x of the absolute Hessian."""
    return hessians(layers, torch.from_numpy(x)).abs().mean(0).numpy()


def integrated_hessians(layers, x, background, order=16, activation=gelu):
    """Mean over rows x of |mean over background rows of Γ|, pairs i < j counted once (Γ_ij, not Γ_ij + Γ_ji)."""
    x, background = torch.from_numpy(x).double(), torch.from_numpy(background).double()
    nodes, weights = quadrature(order)
    total = 0
    for start in x.split(max(1, 4000 // (len(background) * order))):
        step = start[:, None] - background
        points = background[None, :, None] + nodes[:, None] * step[:, :, None]
        part = hessians(layers, points, weights, activation) * step[..., None] * step[..., None, :]
        total = total + part.mean(1).abs().sum(0)
    return (total / len(x)).numpy()


def weights_only(layers):
    """Neural interaction detection for pairs: Σ_h z_h min(|W_hi|, |W_hj|), z the product of the later layers' absolute weights."""
    later = layers[-1][0].abs()
    for matrix, _ in reversed(layers[1:-1]):
        later = matrix.abs() @ later
    first = layers[0][0].abs()
    return (torch.minimum(first[:, None], first[None]) @ later)[..., 0].numpy()


def inside(truth, size):
    """The sets of `size` features that are inside a true set."""
    return {s for members in truth for s in itertools.combinations(members, size)}


def area_under_curve(values, truth, sets):
    """ROC-AUC of a ranking of `sets` by their values (a dictionary, or a symmetric matrix for pairs), where those in `truth` are
    positive; equal values count half. Not a number where there is nothing to tell apart."""
    ranks = rankdata([values[s] for s in sets])
    positive = np.array([s in truth for s in sets])
    count, others = positive.sum(), (~positive).sum()
    return (ranks[positive].sum() - count * (count + 1) / 2) / (count * others) if count and others else np.nan


def mixed_partials(layers, x, order):
    """Mean |∂^|S| f / Π ∂x_i| over rows for every set of 2 to `order` features."""
    found = mixed(layers, torch.from_numpy(x), order)
    return {s: values.abs().mean().item() for s, values in found.items() if len(s) > 1}


def r_precision(values, truth):
    """The share of the first R sets of a ranking that are true ones, R the number of true sets; strict subsets of true sets are
    skipped."""
    truth = set(truth)
    parts = {s for members in truth for size in range(2, len(members)) for s in itertools.combinations(members, size)}
    ranking = [s for s in sorted(values, key=values.get, reverse=True) if s in truth or s not in parts]
    return sum(s in truth for s in ranking[:len(truth)]) / len(truth)
