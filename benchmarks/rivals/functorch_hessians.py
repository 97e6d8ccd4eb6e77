"""Integrated Hessians with functorch, as an expert would write it for PyTorch 1.13.

All variants compute, for every row, Σ_p weight_p t_p H(x' + t_p δ) scaled by δ on both sides (or DᵀHD for groups, with one
column of D a group), and the diagonal's second part from one more gradient. They differ in how H is come by:

* per node: vmap over the nodes of the Hessian, reverse over reverse or forward over reverse, then the weighted sum;
* of the sum: the Hessian of F(s) = Σ_p weight_p t_p f(x' + t_p δ + s), whose nodes are summed before the second
  derivative is taken; by one backward pass a direction through the gradient, or one forward pass;
* for groups: the whole Hessian grouped afterwards, or only DᵀHD, by differentiating F in the coordinates of the groups. With
  the argument `whole` after the folder only the former are tried: what follows from a library's Hessian function.

Rows go through vmap in chunks, and so do directions. Every combination is tried, also in two processes of one thread
each; the fastest is the one whose time counts.
"""

import sys

import torch
from functorch import grad, hessian, jacrev, jvp, vjp, vmap

from protocol import THREADS, Variant, serve

# Numbers that all tensors of one chunk may hold between forward and backward pass, roughly: 3 GB.
MEMORY = 4e8


def chunked(function, chunk, *batched):
    """vmap in chunks."""
    parts = [vmap(function)(*part) for part in zip(*(tensor.split(chunk) for tensor in batched))]
    return torch.cat(parts)


def of_sum(network, mode, chunk, directions_chunk, in_groups):
    """The Hessian of the weighted sum over nodes."""

    def explain(work, index, t, w):
        def row(step, output):
            points = work.baseline + t[:, None] * step
            if in_groups:
                directions = work.groups * step
                shifted = lambda s: points + s @ directions
                size = len(work.groups)
            else:
                shifted = lambda s: points + s
                size = work.features
            gradient = grad(lambda s: ((network(shifted(s)) @ output) * (t * w)).sum())
            zero, basis = torch.zeros(size), torch.eye(size)
            if mode == "reverse":
                _, pull = vjp(gradient, zero)
                along = lambda direction: pull(direction)[0]
            else:
                along = lambda direction: jvp(gradient, (zero,), (direction,))[1]
            matrix = chunked(along, directions_chunk, basis)
            slope = grad(lambda s: ((network(points + s) @ output) * w).sum())(torch.zeros(work.features))
            return matrix, slope * step

        return finish(work, index, *rows_in_chunks(row, chunk, work, index), in_groups)

    return explain


def per_node(network, mode, chunk):
    """The Hessian at every node, then the weighted sum."""

    def explain(work, index, t, w):
        def row(step, output):
            function = lambda x: network(x) @ output
            second = hessian(function) if mode == "forward" else jacrev(jacrev(function))
            points = work.baseline + t[:, None] * step
            matrix = torch.einsum("p,pij->ij", t * w, vmap(second)(points))
            slope = w @ vmap(grad(function))(points)
            return matrix, slope * step

        return finish(work, index, *rows_in_chunks(row, chunk, work, index), False)

    return explain


def rows_in_chunks(row, chunk, work, index):
    steps, outputs = work.steps[index], work.outputs[index]
    if chunk == 1:
        parts = [row(step, output) for step, output in zip(steps, outputs)]
        return torch.stack([a for a, _ in parts]), torch.stack([b for _, b in parts])
    parts = [vmap(row)(s, o) for s, o in zip(steps.split(chunk), outputs.split(chunk))]
    return torch.cat([a for a, _ in parts]), torch.cat([b for _, b in parts])


def finish(work, index, matrices, diagonal, in_groups):
    """Scaling by δ, grouping, and the diagonal's second part."""
    if not in_groups:
        steps = work.steps[index]
        matrices = matrices * steps[:, :, None] * steps[:, None, :]
    if work.groups is not None:
        if not in_groups:
            matrices = work.groups @ matrices @ work.groups.T
        diagonal = diagonal @ work.groups.T
    matrices.diagonal(dim1=1, dim2=2).add_(diagonal)
    return matrices.detach()


def variants(work):
    rows = len(work.rows)
    only_whole = "whole" in sys.argv[2:]
    chunks = sorted({chunk for chunk in (1, 2, 4, 8, 25, rows // THREADS, rows) if 1 <= chunk <= rows})
    found = []

    def fits(network, chunk, directions):
        return chunk * directions * 16 * network.width * 6 <= MEMORY

    def add(name, chunk, explain):
        found.append(Variant(name, explain, chunk))
        if chunk * THREADS <= rows:
            found.append(Variant(name, explain, chunk, THREADS))

    for network in work.networks:
        for in_groups in (True, False) if work.groups is not None and not only_whole else (False,):
            size = work.parts if in_groups else work.features
            for mode in ("forward", "reverse"):
                # With groups whole Hessians are far behind: a few variants show that.
                whole = work.groups is not None and not in_groups
                for chunk in chunks[:2] if whole else chunks:
                    for parts in (4,) if whole else (1, 4, 16):
                        directions = -(-size // parts)
                        split = parts > 1
                        if split and (directions < 8 or chunk > 8) or not fits(network, chunk, directions):
                            continue
                        name = f"of the sum, {mode} over reverse{' in groups' if in_groups else ''}{network.form}, {chunk} rows"
                        name += f" x {directions} directions" if split else ""
                        add(name, chunk, of_sum(network, mode, chunk, directions, in_groups))
        for mode in ("forward", "reverse"):
            for chunk in chunks if work.groups is None else chunks[:1]:
                if fits(network, chunk, work.features):
                    name = f"per node, {mode} over reverse{network.form}, {chunk} rows"
                    add(name, chunk, per_node(network, mode, chunk))
    return found


if __name__ == "__main__":
    serve(variants)
