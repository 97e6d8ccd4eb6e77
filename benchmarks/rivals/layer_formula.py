"""Integrated Hessians of a dense network by hand, without automatic differentiation.

With z_l = W_l a_{l-1} + b_l, a_l = φ(z_l), J_l = ∂z_l/∂x and c_l = ∂f/∂a_l the Hessian is Σ_l J_lᵀ diag(c_l φ″(z_l)) J_l. Summed
over the nodes p of a rule it is, for each layer, one product (J_lᵀ) · (d_l ∘ J_l) whose depth runs over nodes and units. The
first layer's J is W_1 at every node, so there the nodes are summed in the diagonal before the product.

The convolutional network is taken as the dense one that it is when its linear parts are written out as matrices.
"""

import torch

from protocol import THREADS, Variant, serve


def weighted_hessians(network, points, outputs, second, first):
    """Σ_p second_p H(x_p) and Σ_p first_p ∇f(x_p) for points rows x nodes x inputs, f the outputs times those given for a row."""
    rows, nodes, features = points.shape
    hidden = network.layers[:-1]
    slopes, curvatures = [], []
    a = points.reshape(rows * nodes, features)
    for w, b in hidden:
        a, slope, curvature = network.derivatives(torch.addmm(b, a, w.T))
        slopes.append(slope)
        curvatures.append(curvature)

    cotangents = [None] * len(hidden)
    cotangents[-1] = (outputs @ network.layers[-1][0]).repeat_interleave(nodes, 0)
    for l in range(len(hidden) - 1, 0, -1):
        cotangents[l - 1] = (cotangents[l] * slopes[l]) @ hidden[l][0]

    first_weights = hidden[0][0]
    each = first.repeat(rows)[:, None]
    gradient = (cotangents[0] * slopes[0] * each).reshape(rows, nodes, -1).sum(1) @ first_weights

    each = second.repeat(rows)[:, None]
    curvature = [c * bend * each for c, bend in zip(cotangents, curvatures)]
    folded = curvature[0].reshape(rows, nodes, -1).sum(1)
    hessian = (first_weights.T * folded[:, None, :]) @ first_weights

    jacobian = None
    for l in range(1, len(hidden)):
        w = hidden[l][0]
        scaled = slopes[l - 1][:, None, :] * w
        if jacobian is None:
            jacobian = scaled.reshape(-1, w.shape[1]) @ first_weights
        else:
            jacobian = torch.bmm(scaled, jacobian.reshape(rows * nodes, -1, features)).reshape(-1, features)
        tall = jacobian.reshape(rows, -1, features)
        hessian.baddbmm_(tall.transpose(1, 2), tall * curvature[l].reshape(rows, -1, 1))
    return hessian, gradient


def by_layers(network, chunk, nodes_at_once):
    def explain(work, index, t, w):
        parts = []
        for steps, outputs in zip(work.steps[index].split(chunk), work.outputs[index].split(chunk)):
            hessian = gradient = 0
            for t_part, w_part in zip(t.split(nodes_at_once), w.split(nodes_at_once)):
                points = work.baseline + t_part[:, None] * steps[:, None, :]
                h, g = weighted_hessians(network, points, outputs, t_part * w_part, w_part)
                hessian, gradient = hessian + h, gradient + g
            hessian *= steps[:, :, None] * steps[:, None, :]
            hessian.diagonal(dim1=1, dim2=2).add_(gradient * steps)
            parts.append(hessian)
        return torch.cat(parts)

    return explain


def variants(work):
    rows = len(work.rows)
    network = work.networks[-1]
    found = []
    for chunk in sorted({1, 2, 4, 10, 25, rows // THREADS, rows}):
        for nodes_at_once in (64, 8, 4, 2):
            if 1 <= chunk <= rows and chunk * nodes_at_once * network.width * work.features <= 2e8:
                name = f"{chunk} rows x {nodes_at_once} nodes"
                explain = by_layers(network, chunk, nodes_at_once)
                found.append(Variant(name, explain, chunk))
                if chunk * THREADS <= rows:
                    found.append(Variant(name, explain, chunk, THREADS))
    return found


if __name__ == "__main__":
    with torch.no_grad():
        serve(variants)
