"""The ten synthetic functions of the interaction literature, their inputs and their true interactions.

Features are numbered from 0; a row is ten independent uniform numbers. The functions are those of Tsang, Cheng and Liu, "Detecting
statistical interactions from neural network weights" (2018), in the form in which Lerman et al. (2021) used them: there f5 and f7
differ. `f5_exp` and `f7_square` are the two as first published. `python3 functions.py` checks the true pairs by brute force.
"""

import itertools

import numpy as np

FEATURES = 10
PARTS = ("training", "validation", "test")
ROWS = 10_000  # of each part


def f1(x):
    return (np.pi ** (x[0] * x[1]) * np.sqrt(2 * x[2]) - np.arcsin(x[3]) + np.log(x[2] + x[4])
            - x[8] / x[9] * np.sqrt(x[6] / x[7]) - x[1] * x[6])


def f2(x):
    return (np.pi ** (x[0] * x[1]) * np.sqrt(2 * abs(x[2])) - np.arcsin(0.5 * x[3]) + np.log(abs(x[2] + x[4]) + 1)
            - x[8] / (1 + abs(x[9])) * np.sqrt(abs(x[6]) / (1 + abs(x[7]))) - x[1] * x[6])


def f3(x):
    return (np.exp(abs(x[0] - x[1])) + abs(x[1] * x[2]) - (x[2] ** 2) ** abs(x[3])
            + np.log(x[3] ** 2 + x[4] ** 2 + x[6] ** 2 + x[7] ** 2) + x[8] + 1 / (1 + x[9] ** 2))


def f4(x):
    return f3(x) + (x[0] * x[3]) ** 2


def f5(x):
    return (1 / (1 + x[0] ** 2 + x[1] ** 2 + x[2] ** 2) + np.sqrt(abs(x[3] + x[4])) + abs(x[5] + x[6])
            + x[7] * x[8] * x[9])


def f5_exp(x):
    """f5 as it was first published, with exp where the later one has an absolute value."""
    return f5(x) - np.sqrt(abs(x[3] + x[4])) + np.sqrt(np.exp(x[3] + x[4]))


def f6(x):
    return (np.exp(abs(x[0] * x[1]) + 1) - np.exp(abs(x[2] + x[3]) + 1) + np.cos(x[4] + x[5] - x[7])
            + np.sqrt(x[7] ** 2 + x[8] ** 2 + x[9] ** 2))


def f7(x):
    return ((np.arctan(x[0]) + np.arctan(x[1])) ** 2 + np.maximum(x[2] * x[3] + x[5], 0)
            - (1 + x[3] * x[4] * x[5] * x[6] * x[7]) ** -2 + (abs(x[6]) / (1 + abs(x[8]))) ** 5 + sum(x))


def f7_square(x):
    """f7 as it was first published, where the product of five is squared and weighs almost nothing."""
    product = x[3] * x[4] * x[5] * x[6] * x[7]
    return f7(x) + (1 + product) ** -2 - 1 / (1 + product ** 2)


def f8(x):
    return (x[0] * x[1] + 2 ** (x[2] + x[4] + x[5]) + 2 ** (x[2] + x[3] + x[4] + x[6])
            + np.sin(x[6] * np.sin(x[7] + x[8])) + np.arccos(0.9 * x[9]))


def f9(x):
    return (np.tanh(x[0] * x[1] + x[2] * x[3]) * np.sqrt(abs(x[4])) + np.exp(x[4] + x[5])
            + np.log((x[5] * x[6] * x[7]) ** 2 + 1) + x[8] * x[9] + 1 / (1 + abs(x[9])))


def f10(x):
    return (np.sinh(x[0] + x[1]) + np.arccos(np.tanh(x[2] + x[4] + x[6])) + np.cos(x[3] + x[4])
            + 1 / np.cos(x[6] * x[8]))


FUNCTIONS = {f.__name__: f for f in (f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f5_exp, f7_square)}
TEN = list(FUNCTIONS)[:10]

TRUTH = {
    name: [tuple(map(int, members)) for members in sets.split()]
    for name, sets in {
        "f1": "012 24 6789 16",
        "f2": "012 24 6789 16",
        "f3": "01 12 23 3467",
        "f4": "01 12 23 3467 03",
        "f5": "012 34 56 789",
        "f6": "01 23 457 789",
        "f7": "01 235 34567 68",
        "f8": "01 245 2346 678",
        "f9": "01234 45 567 89",
        "f10": "01 246 34 68",
        "f5_exp": "012 34 56 789",
        "f7_square": "01 235 34567 68",
    }.items()
}


def number(name):
    """Tells functions apart in seeds."""
    return list(FUNCTIONS).index(name) + 1


def draw(name, seed):
    """Rows (3 x 10,000 x 10) and values (3 x 10,000) for training, validation and test, before standardisation."""
    generator = np.random.default_rng([seed, number(name)])
    low = np.full(FEATURES, 0.0 if name == "f1" else -1.0)
    if name == "f1":
        low[[3, 4, 7, 9]] = 0.6
    x = generator.uniform(low, 1, (len(PARTS) * ROWS, FEATURES))
    y = FUNCTIONS[name](x.T)
    return x.reshape(len(PARTS), ROWS, FEATURES), y.reshape(len(PARTS), ROWS)


def standardise(values):
    """Values with the mean and deviation of the training part removed, as float32, and the two."""
    mean, deviation = values[0].mean(axis=0), values[0].std(axis=0)
    return ((values - mean) / deviation).astype(np.float32), mean, deviation


def check():
    """Second mixed differences are zero for exactly those pairs that are inside no true set."""
    generator = np.random.default_rng(0)
    for name, function in FUNCTIONS.items():
        low = 0.6 if name == "f1" else -1.0
        x, other = generator.uniform(low, 1, (2, FEATURES, 1000))
        inside = {pair for members in TRUTH[name] for pair in itertools.combinations(members, 2)}
        for pair in itertools.combinations(range(FEATURES), 2):
            corners = []
            for moved in ([], [pair[0]], [pair[1]], list(pair)):
                point = x.copy()
                point[moved] = other[moved]
                corners.append(function(point))
            difference = abs(corners[0] - corners[1] - corners[2] + corners[3]).max()
            assert (difference > 1e-6) == (pair in inside), (name, pair, difference)
    print(f"{len(FUNCTIONS)} functions: the pairs that interact are those inside true sets")


if __name__ == "__main__":
    check()
