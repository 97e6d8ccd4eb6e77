"""Dense networks as ONNX files: Gemm, and between them GELU as 0.5 x (1 + erf(x / √2)), or Relu."""

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper


def gelu_nodes(name, prefix):
    return [helper.make_node("Mul", [name, "root"], [prefix + "scaled"]),
            helper.make_node("Erf", [prefix + "scaled"], [prefix + "erf"]),
            helper.make_node("Add", [prefix + "erf", "one"], [prefix + "sum"]),
            helper.make_node("Mul", [name, prefix + "sum"], [prefix + "product"]),
            helper.make_node("Mul", [prefix + "product", "half"], [prefix + "value"])]


def relu_nodes(name, prefix):
    return [helper.make_node("Relu", [name], [prefix + "value"])]


ACTIVATIONS = {"gelu": gelu_nodes, "relu": relu_nodes}


def export(layers, activation, path):
    """Writes a network in float32, opset 13: input x (N x inputs), output y (N x 1). A layer is its weights (inputs x outputs) and
    offsets (outputs)."""
    constants = [] if activation == "relu" else [
        numpy_helper.from_array(np.array(value, np.float32), key)
        for key, value in (("half", 0.5), ("one", 1.0), ("root", np.sqrt(0.5)))]
    nodes, name = [], "x"
    for i, (weights, offsets) in enumerate(layers):
        if i:
            nodes += ACTIVATIONS[activation](name, f"a{i}_")
            name = f"a{i}_value"
        constants += [numpy_helper.from_array(weights.numpy(), f"w{i}"), numpy_helper.from_array(offsets.numpy(), f"b{i}")]
        result = "y" if i == len(layers) - 1 else f"z{i}"
        nodes.append(helper.make_node("Gemm", [name, f"w{i}", f"b{i}"], [result]))
        name = result

    def describe(name, size):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", size])

    graph = helper.make_graph(nodes, "network", [describe("x", len(layers[0][0]))], [describe("y", 1)], constants)
    model = helper.make_model(graph, producer_name="train.py", opset_imports=[helper.make_opsetid("", 13)], ir_version=7)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, str(path))


def load(path):
    """The layers of a network written by `export`."""
    found = {c.name: torch.from_numpy(numpy_helper.to_array(c).copy()) for c in onnx.load(str(path)).graph.initializer}
    return [(found[f"w{i}"], found[f"b{i}"]) for i in range(sum(name[0] == "w" for name in found))]
