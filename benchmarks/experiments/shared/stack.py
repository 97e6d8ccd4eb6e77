"""Several dense networks of one shape, trained at once: each layer of all of them is one batched product.

What a network becomes does not depend on the networks beside it: each has a generator of its own.
"""

import math

import torch
from torch.nn.functional import gelu


class Stack:
    """Dense networks of one shape. All parameters are one vector; `layers` shows it as weights and offsets."""

    def __init__(self, sizes, seeds, activation=gelu):
        self.sizes, self.count, self.activation = sizes, len(seeds), activation
        self.generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self.parameters = torch.empty(self.count * sum((inputs + 1) * outputs for inputs, outputs in zip(sizes, sizes[1:])))
        for weights, offsets in self.layers(self.parameters):
            for network, generator in enumerate(self.generators):
                for part in (weights[network], offsets[network]):
                    part.copy_((torch.rand(part.shape, generator=generator) * 2 - 1) / math.sqrt(weights.shape[1]))

    def layers(self, vector):
        """Weights (networks x inputs x outputs) and offsets (networks x 1 x outputs) of every layer, as views of a vector."""
        place, views = 0, []
        for inputs, outputs in zip(self.sizes, self.sizes[1:]):
            middle = place + self.count * inputs * outputs
            end = middle + self.count * outputs
            views.append((vector[place:middle].view(self.count, inputs, outputs),
                          vector[middle:end].view(self.count, 1, outputs)))
            place = end
        return views

    def evaluate(self, layers, x):
        """Outputs (networks x rows) at rows (networks x rows x inputs)."""
        for i, (weights, offsets) in enumerate(layers):
            x = torch.baddbmm(offsets, self.activation(x) if i else x, weights)
        return x[..., 0]

    def losses(self, vector, x, y):
        """The mean squared error of each network on rows of its own."""
        with torch.no_grad():
            layers = self.layers(vector)
            parts = [((self.evaluate(layers, a) - b) ** 2).sum(1) for a, b in zip(x.split(1000, 1), y.split(1000, 1))]
            return torch.stack(parts).sum(0) / x.shape[1]

    def network(self, vector, number):
        """Weights (inputs x outputs) and offsets (outputs) of one network."""
        return [(weights[number].clone(), offsets[number, 0].clone()) for weights, offsets in self.layers(vector)]


def train(stack, x, y, validation, epochs, batch, rate, decay=0.0, sparsity=0.0, falling=True, every=5, report=None):
    """Adam on the mean squared error; gives for each network the parameters with the smallest validation loss, which is looked at
    every few epochs, that loss, and its epoch.

    The rate falls to zero along a half cosine, or stays. `decay` shrinks weights by rate * decay a step; `sparsity` is the factor
    of the first layer's absolute weights in the loss."""
    gradient = torch.zeros_like(stack.parameters)
    leaves = []
    for views, slots in zip(stack.layers(stack.parameters), stack.layers(gradient)):
        leaves.append(tuple(view.detach().requires_grad_() for view in views))
        for leaf, slot in zip(leaves[-1], slots):
            leaf.grad = slot
    mean, square = torch.zeros_like(gradient), torch.zeros_like(gradient)
    mean_share, square_share, floor = 0.9, 0.999, 1e-8
    best, best_loss = stack.parameters.clone(), torch.full((stack.count,), math.inf)
    best_epoch = torch.zeros(stack.count, dtype=torch.int64)
    first, first_slot = leaves[0][0].detach(), leaves[0][0].grad
    steps, step = epochs * math.ceil(x.shape[1] / batch), 0
    networks = torch.arange(stack.count)[:, None]
    for epoch in range(1, epochs + 1):
        order = torch.stack([torch.randperm(x.shape[1], generator=generator) for generator in stack.generators])
        for rows, wanted in zip(x[networks, order].split(batch, 1), y[networks, order].split(batch, 1)):
            gradient.zero_()
            ((stack.evaluate(leaves, rows) - wanted) ** 2).mean(1).sum().backward()
            with torch.no_grad():
                if sparsity:
                    first_slot.add_(first.sign(), alpha=sparsity)
                now = rate * (1 + math.cos(math.pi * step / steps)) / 2 if falling else rate
                step += 1
                mean.lerp_(gradient, 1 - mean_share)
                square.mul_(square_share).addcmul_(gradient, gradient, value=1 - square_share)
                if decay:
                    for weights, _ in leaves:
                        weights.detach().mul_(1 - now * decay)
                scale = (square / (1 - square_share ** step)).sqrt_().add_(floor)
                stack.parameters.addcdiv_(mean, scale, value=-now / (1 - mean_share ** step))
        if epoch % every == 0 or epoch == epochs:
            losses = stack.losses(stack.parameters, *validation)
            better = losses < best_loss
            for old, new in zip(stack.layers(best), stack.layers(stack.parameters)):
                for target, source in zip(old, new):
                    target[better] = source[better]
            best_loss[better], best_epoch[better] = losses[better], epoch
            if report:
                report(epoch, losses)
    return best, best_loss, best_epoch
