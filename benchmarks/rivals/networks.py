"""The networks of the works, in PyTorch: functions from points (..., inputs) to outputs (..., outputs).

Weights come from the folder that the benchmark program writes, so both sides compute the same function.
"""

import torch
import torch.nn.functional as F


class Dense:
    """Linear layers W x + b with an activation between them; w0, b0, w1, b1, ... in the archive."""

    form = ""

    def __init__(self, arrays):
        count = sum(name.startswith("w") for name in arrays)
        self.layers = [(arrays[f"w{i}"], arrays[f"b{i}"]) for i in range(count)]
        self.width = max(w.shape[0] for w, _ in self.layers)

    activation = staticmethod(torch.tanh)

    @staticmethod
    def derivatives(z):
        """The activation with its first and second derivative."""
        a = torch.tanh(z)
        slope = 1 - a * a
        return a, slope, -2 * a * slope

    def __call__(self, x):
        for i, (w, b) in enumerate(self.layers):
            x = F.linear(self.activation(x) if i else x, w, b)
        return x


def softplus(x):
    return F.softplus(x, threshold=1000)


class Cnn:
    """Two convolutions of 3 x 3 with SoftPlus, batch normalisation and mean pooling, and a linear layer; 8 x 8 pixels.

    Batch normalisation is a factor and a shift here, and comes after pooling: the same function, a quarter of the work."""

    form = ""

    def __init__(self, arrays):
        self.a = arrays
        self.width = 6 * 8 * 8
        self.affine = {}
        for i in (1, 2):
            factor = arrays[f"b{i}.weight"] / torch.sqrt(arrays[f"b{i}.running_var"] + arrays["epsilon"])
            shift = arrays[f"b{i}.bias"] - arrays[f"b{i}.running_mean"] * factor
            self.affine[i] = factor[:, None, None], shift[:, None, None]

    def convolve(self, x, i):
        return F.conv2d(x, self.a[f"c{i}.weight"], self.a[f"c{i}.bias"], padding=1)

    def pool(self, x, i):
        factor, shift = self.affine[i]
        return F.avg_pool2d(x, 2) * factor + shift

    def classify(self, x):
        return F.linear(x.flatten(1), self.a["fc.weight"], self.a["fc.bias"])

    def __call__(self, x):
        inner = self.pool(softplus(self.convolve(x.reshape(-1, 1, 8, 8), 1)), 1)
        outputs = self.classify(self.pool(softplus(self.convolve(inner, 2)), 2))
        return outputs.reshape(*x.shape[:-1], 10)


class CnnAsMatrices(Dense):
    """The same with all that is linear between two activations written out as one matrix: a dense network 64-384-160-10.

    On images this small the matrices pay, because products in double precision are faster than convolutions."""

    form = ", layers as matrices"

    def __init__(self, arrays):
        net = Cnn(arrays)
        parts = [
            (64, lambda x: net.convolve(x.reshape(-1, 1, 8, 8), 1).flatten(1)),
            (384, lambda x: net.convolve(net.pool(x.reshape(-1, 6, 8, 8), 1), 2).flatten(1)),
            (160, lambda x: net.classify(net.pool(x.reshape(-1, 10, 4, 4), 2))),
        ]
        self.layers = []
        for size, part in parts:
            shift = part(torch.zeros(1, size))
            self.layers.append(((part(torch.eye(size)) - shift).T.contiguous(), shift[0]))
        self.width = 384

    activation = staticmethod(softplus)

    @staticmethod
    def derivatives(z):
        slope = torch.sigmoid(z)
        return softplus(z), slope, slope * (1 - slope)


class Transformer:
    """Two pre-norm encoder layers over 12 embeddings of 16 numbers, 4 heads, GELU, mean pooling, 2 logits."""

    form = ""

    def __init__(self, arrays):
        self.a = arrays
        self.epsilon = float(arrays["epsilon"])
        self.root_two = float(arrays["root_two"])
        self.width = 12 * 32

    def norm(self, x, name):
        return F.layer_norm(x, (16,), self.a[f"{name}.weight"], self.a[f"{name}.bias"], self.epsilon)

    def linear(self, x, name):
        return x @ self.a[f"{name}.weight"] + self.a[f"{name}.bias"]

    def softmax(self, x):
        return torch.softmax(x, -1)

    def heads(self, x):
        return x.reshape(*x.shape[:-1], 4, 4).transpose(-2, -3)

    def __call__(self, x):
        x = x.reshape(*x.shape[:-1], 12, 16) + self.a["pos"]
        for i in range(2):
            h = self.norm(x, f"ln1.{i}")
            q, k, v = (self.heads(self.linear(h, f"{name}.{i}")) for name in "qkv")
            mixed = self.softmax(q @ k.transpose(-1, -2) * 0.5) @ v
            x = x + self.linear(mixed.transpose(-2, -3).reshape(x.shape), f"o.{i}")
            h = self.linear(self.norm(x, f"ln2.{i}"), f"f1.{i}")
            x = x + self.linear(h * (torch.erf(h / self.root_two) + 1) * 0.5, f"f2.{i}")
        pooled = self.norm(x, "lnf").mean(-2)
        return pooled @ self.a["cls.weight"].T + self.a["cls.bias"]


class ElementaryTransformer(Transformer):
    """The same with layer normalisation and softmax from elementary operations, which every mode of differentiation accepts."""

    form = ", elementary operations"

    def norm(self, x, name):
        centred = x - x.mean(-1, keepdim=True)
        deviation = torch.sqrt((centred * centred).mean(-1, keepdim=True) + self.epsilon)
        return centred / deviation * self.a[f"{name}.weight"] + self.a[f"{name}.bias"]

    def softmax(self, x):
        # Scores of this network are small: nothing needs to be subtracted against overflow.
        powers = torch.exp(x)
        return powers / powers.sum(-1, keepdim=True)


# For each kind of network the forms it can be written in.
KINDS = {"dense": [Dense], "cnn": [Cnn, CnnAsMatrices], "transformer": [Transformer, ElementaryTransformer]}
