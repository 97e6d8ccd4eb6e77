"""The algorithm of the published implementation of Integrated Hessians, at its default of 100 samples.

Written from the description in Janizek, Sturmfels, Lee, "Explaining explanations" (JMLR 2021): the double integral over α and β
is a mean over a grid of 10 x 10 pairs, equally weighted, both ends included,

    Γ_ij = δ_i δ_j mean_{α, β} αβ ∂²_ij f(x' + αβ δ),  Γ_ii adds δ_i mean_{α, β} ∂_i f(x' + αβ δ),

with a loop over α and one over β, the rows as the batch, and one backward pass for every feature. None of its code is used;
of its known mistakes (see docs/integrated-hessians.md) only the grid is kept, because it belongs to the algorithm.
"""

import sys

import torch

from protocol import Server, Variant, serve

SAMPLES = 100


def double_loop(work, index, t, w):
    side = round(SAMPLES**0.5)
    grid = torch.linspace(0, 1, side).tolist()
    steps, outputs = work.steps[index], work.outputs[index]
    rows, features = steps.shape
    matrices = torch.zeros(rows, features, features)
    diagonal = torch.zeros(rows, features)
    for alpha in grid:
        for beta in grid:
            points = (work.baseline + alpha * beta * steps).requires_grad_()
            value = (work.network(points) * outputs).sum()
            (gradient,) = torch.autograd.grad(value, points, create_graph=True)
            diagonal += gradient.detach()
            for i in range(features):
                (second,) = torch.autograd.grad(gradient[:, i].sum(), points, retain_graph=True)
                matrices[:, i] += alpha * beta * second
    matrices *= steps[:, :, None] * steps[:, None, :] / side**2
    diagonal *= steps / side**2
    if work.groups is not None:
        matrices = work.groups @ matrices @ work.groups.T
        diagonal = diagonal @ work.groups.T
    matrices.diagonal(dim1=1, dim2=2).add_(diagonal)
    return matrices


class FewRows(Server):
    """The first rows only, where all would take too long: the second argument says how many."""

    def __init__(self, folder, make):
        super().__init__(folder, make)
        self.count = int(sys.argv[2])

    def all_rows(self):
        return torch.arange(self.count)

    def run(self, rule, at_least=0.0):
        return super().run(rule, at_least) | {"rows": self.count}


if __name__ == "__main__":
    serve(lambda work: [Variant("double loop", double_loop, len(work.rows))], FewRows)
