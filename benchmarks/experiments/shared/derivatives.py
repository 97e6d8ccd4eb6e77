"""Second and higher derivatives of dense networks, in double precision, layer by layer.

A network is a list of layers (weights: inputs x outputs, offsets: outputs) with an activation between them and one output.
`python3 derivatives.py` checks everything here against torch.autograd on a random network.
"""

import itertools
import math

import torch


def hermite(z, order):
    """Probabilists' Hermite polynomials 0 to `order` at z."""
    values = [torch.ones_like(z), z]
    for k in range(1, order):
        values.append(z * values[k] - k * values[k - 1])
    return values[:order + 1]


def gelu(z, order):
    """GELU, z Φ(z), and its derivatives up to `order`."""
    below = torch.special.ndtr(z)
    density = torch.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    polynomials = hermite(z, max(order, 1))
    # The k-th derivative of Φ is density * (-1)^(k-1) He_(k-1); that of z Φ is z Φ^(k) + k Φ^(k-1).
    cumulative = [below] + [(-1) ** (k - 1) * polynomials[k - 1] * density for k in range(1, order + 1)]
    return [z * cumulative[k] + (k * cumulative[k - 1] if k else 0) for k in range(order + 1)]


def softplus(z, order, sharpness=10.0):
    """ln(1 + exp(βz)) / β with its first and second derivative: what Integrated Hessians put in place of ReLU, β = 10."""
    slope = torch.sigmoid(sharpness * z)
    value = torch.clamp(z, min=0) + torch.log1p(torch.exp(-sharpness * z.abs())) / sharpness
    return [value, slope, sharpness * slope * (1 - slope)][:order + 1]


def hessians(layers, x, weights=None, activation=gelu):
    """Hessians (points x features x features) at points x; with `weights` on points (.., nodes, features), one for each node or
    each point, their weighted sums over nodes."""
    x = x.to(torch.float64)
    batch, features = x.shape[:-1], x.shape[-1]
    x = x.reshape(-1, features)
    tangents = layers[0][0].expand(len(x), *layers[0][0].shape)  # points x features x units, of the arguments of an activation
    z, forward = x @ layers[0][0] + layers[0][1], []
    for matrix, offsets in layers[1:]:
        value, slope, curvature = activation(z, 2)
        forward.append((tangents, slope, curvature))
        z, tangents = value @ matrix + offsets, (tangents * slope[:, None]) @ matrix
    adjoint = torch.ones(len(x), 1, dtype=torch.float64)
    if weights is not None:
        adjoint = adjoint * weights.expand(batch).reshape(-1, 1)
    total = 0
    for (tangents, slope, curvature), (matrix, _) in zip(reversed(forward), reversed(layers[1:])):
        adjoint = adjoint @ matrix.T
        total = total + (tangents * (adjoint * curvature)[:, None]) @ tangents.transpose(1, 2)
        adjoint = adjoint * slope
    total = total.reshape(*batch, features, features)
    return total if weights is None else total.sum(-3)


def mixed(layers, x, order):
    """Mixed partial derivatives at points x (points x features): a dictionary from every set of 1 to `order` features to the
    derivative of the output by each of its members once (points).

    Arithmetic on polynomials in e_1 .. e_d with e_i² = 0: the coefficient of a product of e is a mixed partial."""
    points, features = x.shape
    sets = [s for size in range(1, order + 1) for s in itertools.combinations(range(features), size)]
    place = {s: i for i, s in enumerate(sets)}
    splits = {}
    for s in sets:  # s = a with its first element, and the rest: every division into parts is met once
        splits[s] = [(place[a], place[tuple(i for i in s if i not in a)], len(s) - len(a))
                     for size in range(1, len(s)) for a in itertools.combinations(s, size) if a[0] == s[0]]
    z = x.to(torch.float64) @ layers[0][0] + layers[0][1]
    parts = torch.zeros(len(sets), points, z.shape[1], dtype=torch.float64)
    for i in range(features):
        parts[place[(i,)]] = layers[0][0][i]
    for matrix, offsets in layers[1:]:
        derivatives = gelu(z, order)
        result = parts * derivatives[1]
        power = parts  # of the nilpotent part, divided by the factorial of its exponent
        for k in range(2, order + 1):
            following = torch.zeros_like(parts)
            for s in sets:
                if len(s) >= k:
                    target = following[place[s]]
                    for a, b, rest in splits[s]:
                        if rest >= k - 1:
                            target.addcmul_(parts[a], power[b])
            power = following
            result.addcmul_(power, derivatives[k])
        z, parts = derivatives[0] @ matrix + offsets, result @ matrix
    return {s: parts[place[s], :, 0] for s in sets}


def check():
    torch.manual_seed(0)
    sizes = [4, 9, 8, 7, 1]
    layers = [(torch.randn(a, b, dtype=torch.float64) / math.sqrt(a), torch.randn(b, dtype=torch.float64))
              for a, b in zip(sizes, sizes[1:])]

    def network(x, function=torch.nn.functional.gelu):
        for i, (weights, offsets) in enumerate(layers):
            x = (function(x) if i else x) @ weights + offsets
        return x[..., 0]

    def smoothed(x):
        return network(x, lambda z: torch.nn.functional.softplus(z, beta=10, threshold=1000))

    x = torch.randn(3, 4, dtype=torch.float64)
    differences, largest = [], 0.0

    def compare(found, wanted):
        nonlocal largest
        largest = max(largest, wanted.abs().max().item())
        differences.append((found - wanted).abs().max().item())

    for function, activation in ((network, gelu), (smoothed, softplus)):
        found = hessians(layers, x, activation=activation)
        for point, hessian in zip(x, found):
            compare(hessian, torch.autograd.functional.hessian(function, point))
        weights = torch.tensor([0.5, 2.0, -1.0], dtype=torch.float64)
        compare(hessians(layers, x, weights, activation), (found * weights[:, None, None]).sum(0))
    for members, values in mixed(layers, x, 4).items():
        for point, value in zip(x, values):
            leaf = point.clone().requires_grad_()
            derivative = network(leaf)
            for i in members:
                derivative, = torch.autograd.grad(derivative, leaf, create_graph=True)
                derivative = derivative[i]
            compare(value, derivative.detach())
    print(f"largest difference from torch.autograd: {max(differences):.1e}, of derivatives up to {largest:.1e}")
    assert max(differences) < 1e-12 * largest


if __name__ == "__main__":
    check()
