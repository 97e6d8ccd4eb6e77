"""A step of training in PyTorch: loss, gradients, Adam, in single precision, as fast as it can be written.

    python3 training_step.py FOLDER

Reads one JSON object a line and answers with one:

    {"do": "tune", "work": "dense-100", "threads": 1}                  tries all variants -> {"best": name, "seconds": {name: seconds}}
    {"do": "run", "work": "dense-100", "threads": 1, "at_least": 0.5}  the best one       -> {"seconds": the shortest step}

How a step is written: "eager" is loss.backward() on modules; "traced" the same by torch.jit.trace; "by hand" (dense networks) is the
backward pass written out with products into memory that is kept. The optimizer: torch.optim.Adam with foreach or without; "foreach" the
same formulas by torch._foreach functions in place; "flat" all parameters and gradients as views of one vector each, and Adam in place
on these.
"""

import json
import os
import sys
import time

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import torch
import torch.nn.functional as F
from torch import nn

RATE, BETA1, BETA2, EPSILON = 1e-3, 0.9, 0.999, 1e-8


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.joint = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)

    def forward(self, x):
        n, tokens, width = x.shape
        each = width // self.heads
        q, k, v = self.joint(x).view(n, tokens, 3, self.heads, each).permute(2, 0, 3, 1, 4).unbind(0)
        weights = torch.softmax(q @ k.transpose(-1, -2) * each**-0.5, -1)
        return self.output((weights @ v).transpose(1, 2).reshape(n, tokens, width))


class Residual(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.layers(x)


def dense(inputs):
    return nn.Sequential(nn.Linear(inputs, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 1))


WORKS = {
    "dense-100": (lambda: dense(100), (128, 100), 1),
    "dense-512": (lambda: dense(512), (128, 512), 1),
    "cnn": (
        lambda: nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(512, 10),
        ),
        (128, 1, 8, 8),
        10,
    ),
    "transformer": (
        lambda: nn.Sequential(
            Residual(nn.LayerNorm(64), Attention(64, 4)),
            Residual(nn.LayerNorm(64), nn.Linear(64, 256), nn.GELU(), nn.Linear(256, 64)),
            nn.Flatten(),
            nn.Linear(16 * 64, 2),
        ),
        (32, 16, 64),
        2,
    ),
}


class Problem(nn.Module):
    """The mean loss of a batch."""

    def __init__(self, network, outputs):
        super().__init__()
        self.network, self.outputs = network, outputs

    def forward(self, x, y):
        z = self.network(x)
        return F.mse_loss(z, y) if self.outputs == 1 else F.cross_entropy(z, y)


class Modules:
    """Adam of torch.optim."""

    def __init__(self, parameters, foreach):
        self.optimizer = torch.optim.Adam(parameters, lr=RATE, foreach=foreach)

    def zero(self):
        self.optimizer.zero_grad(set_to_none=True)

    def step(self):
        self.optimizer.step()


class Foreach:
    def __init__(self, parameters):
        self.parameters = [p.data for p in parameters]
        self.owners = parameters
        self.first = [torch.zeros_like(p) for p in self.parameters]
        self.second = [torch.zeros_like(p) for p in self.parameters]
        self.count = 0

    def zero(self):
        for p in self.owners:
            p.grad = None

    @torch.no_grad()
    def step(self):
        self.count += 1
        gradients = [p.grad for p in self.owners]
        torch._foreach_mul_(self.first, BETA1)
        torch._foreach_add_(self.first, gradients, alpha=1 - BETA1)
        torch._foreach_mul_(self.second, BETA2)
        torch._foreach_addcmul_(self.second, gradients, gradients, 1 - BETA2)
        roots = torch._foreach_sqrt(self.second)
        torch._foreach_div_(roots, (1 - BETA2**self.count) ** 0.5)
        torch._foreach_add_(roots, EPSILON)
        torch._foreach_addcdiv_(self.parameters, self.first, roots, -RATE / (1 - BETA1**self.count))


class Flat:
    """All parameters in one vector, all gradients in another."""

    def __init__(self, parameters):
        parameters = list(parameters)
        size = sum(p.numel() for p in parameters)
        self.values, self.gradient = torch.empty(size), torch.zeros(size)
        start = 0
        for p in parameters:
            part = slice(start, start + p.numel())
            self.values[part] = p.data.reshape(-1)
            p.data = self.values[part].view_as(p)
            p.grad = self.gradient[part].view_as(p)
            start += p.numel()
        self.first, self.second, self.root = torch.zeros(size), torch.zeros(size), torch.empty(size)
        self.count = 0

    def zero(self):
        self.gradient.zero_()

    @torch.no_grad()
    def step(self):
        self.count += 1
        self.first.lerp_(self.gradient, 1 - BETA1)
        self.second.mul_(BETA2).addcmul_(self.gradient, self.gradient, value=1 - BETA2)
        torch.sqrt(self.second, out=self.root)
        self.root.mul_((1 - BETA2**self.count) ** -0.5).add_(EPSILON)
        self.values.addcdiv_(self.first, self.root, value=-RATE / (1 - BETA1**self.count))


OPTIMIZERS = {
    "Adam": lambda p: Modules(p, False),
    "Adam, foreach": lambda p: Modules(p, True),
    "foreach": lambda p: Foreach(list(p)),
    "flat": Flat,
}


def automatic(problem, optimizer, x, y):
    def step():
        optimizer.zero()
        loss = problem(x, y)
        loss.backward()
        optimizer.step()
        return loss

    return step


def by_hand(problem, optimizer, x, y):
    """Dense networks with ReLU and the squared error; gradients go where the optimizer looks for them."""
    layers = [layer for layer in problem.network if isinstance(layer, nn.Linear)]
    n = len(x)
    weights = [layer.weight.data for layer in layers]
    biases = [layer.bias.data for layer in layers]
    values = [torch.empty(n, w.shape[0]) for w in weights]
    cotangents = [torch.empty_like(v) for v in values]

    @torch.no_grad()
    def step():
        before = x
        for i, (w, b, v) in enumerate(zip(weights, biases, values)):
            torch.addmm(b, before, w.T, out=v)
            if i < len(weights) - 1:
                v.relu_()
            before = v
        difference = values[-1] - y
        loss = (difference * difference).mean()
        torch.mul(difference, 2 / n, out=cotangents[-1])
        for i in reversed(range(len(weights))):
            before = values[i - 1] if i else x
            torch.mm(cotangents[i].T, before, out=layers[i].weight.grad)
            torch.sum(cotangents[i], 0, out=layers[i].bias.grad)
            if i:
                torch.mm(cotangents[i], weights[i], out=cotangents[i - 1])
                cotangents[i - 1].mul_(values[i - 1] > 0)
        optimizer.step()
        return loss

    return step


def variants(work):
    make, shape, outputs = WORKS[work]

    def build(way, optimizer):
        torch.manual_seed(1)
        problem = Problem(make(), outputs)
        x = torch.randn(shape)
        y = torch.randn(shape[0], 1) if outputs == 1 else torch.randint(0, outputs, (shape[0],))
        updates = OPTIMIZERS[optimizer](problem.parameters())
        if way == "by hand":
            return by_hand(problem, updates, x, y)
        if way == "traced":
            problem = torch.jit.trace(problem, (x, y))
        return automatic(problem, updates, x, y)

    for way in ("eager", "traced"):
        for optimizer in OPTIMIZERS:
            yield f"{way}, {optimizer}", lambda way=way, optimizer=optimizer: build(way, optimizer)
    if work.startswith("dense"):
        yield "by hand, flat", lambda: build("by hand", "flat")


def seconds(step, at_least):
    """The shortest step: whatever else the machine does only adds to it."""
    times, start = [], time.perf_counter()
    while time.perf_counter() - start < at_least or len(times) < 5:
        before = time.perf_counter()
        step()
        times.append(time.perf_counter() - before)
    return min(times)


def check():
    """All ways of writing a step come to the same loss."""
    for work in WORKS:
        losses = {}
        for name, build in variants(work):
            step = build()
            for _ in range(5):
                loss = float(step())
            losses[name] = loss
        first = next(iter(losses.values()))
        for name, loss in losses.items():
            assert abs(loss - first) < 1e-3 * abs(first), (work, losses)


def gigaflops():
    a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)
    return 2e-9 * 1024**3 / seconds(lambda: a @ b, 0.3)


def main():
    best, built = {}, {}
    check()
    print(
        json.dumps({"torch": torch.__version__, "blas": "OpenBLAS" if "open" in torch.__config__.show().lower() else "BLAS", "gigaflops": gigaflops()}),
        flush=True,
    )
    for line in sys.stdin:
        command = json.loads(line)
        key = command["work"], command["threads"]
        torch.set_num_threads(command["threads"])
        try:
            if command["do"] == "tune":
                times = {}
                for name, build in variants(command["work"]):
                    step = build()
                    seconds(step, 0.3)
                    times[name] = seconds(step, 0.5)
                    if name == min(times, key=times.get):
                        built[key] = step
                best[key] = min(times, key=times.get)
                answer = {"best": best[key], "seconds": times}
            else:
                answer = {"seconds": seconds(built[key], command["at_least"])}
        except Exception as problem:
            answer = {"error": str(problem)}
        print(json.dumps(answer), flush=True)


main()
