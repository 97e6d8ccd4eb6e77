using System.Text;

namespace Interact.Cli.Tests;

/// <summary>ONNX files made by hand, in the field numbers of onnx.proto.</summary>
internal static class OnnxModel
{
    private const int Float = 1;

    /// <summary>A model of opset 13 with an input x of the given number of columns and one output y.</summary>
    public static byte[] Create(int columns, params byte[][] nodes) =>
        [
            .. Integer(1, 8),
            .. Message(
                7,
                [.. nodes.SelectMany(node => Message(1, node)), .. Port(11, "x", columns), .. Port(12, "y", null)]
            ),
            .. Message(8, Integer(2, 13)),
            .. Message(8, [.. Text(1, "ai.onnx.ml"), .. Integer(2, 3)]),
        ];

    /// <summary>A network tanh(x)·W + b whose layer has a spread beside its weights, as variational ones have.</summary>
    public static byte[] Variational(float[] weights)
    {
        byte[] gemm = [.. Text(1, "h"), .. Text(1, "last.weight"), .. Text(1, "last.bias"), .. Text(2, "y")];
        byte[] nodes = [.. Message(1, Node("h", "Tanh", "x", "h")), .. Message(1, [.. gemm, .. Text(4, "Gemm")])];

        byte[] constants =
        [
            .. Message(5, Tensor("last.weight", weights, weights.Length, 1)),
            .. Message(5, Tensor("last.spread", weights, weights.Length, 1)),
            .. Message(5, Tensor("last.bias", [0.5f], 1)),
        ];

        byte[] ports = [.. Port(11, "x", weights.Length), .. Port(12, "y", 1)];
        return [.. Integer(1, 8), .. Message(7, [.. nodes, .. constants, .. ports]), .. Message(8, Integer(2, 13))];
    }

    /// <summary>A node with a name, one input and one output.</summary>
    public static byte[] Node(string name, string type, string input, string output, string domain = "") =>
        [.. Text(1, input), .. Text(2, output), .. Text(3, name), .. Text(4, type), .. Text(7, domain)];

    /// <summary>A bare tensor of one row.</summary>
    public static byte[] Row(float[] elements) =>
        [
            .. Integer(1, 1),
            .. Integer(1, elements.Length),
            .. Integer(2, Float),
            .. Message(9, [.. elements.SelectMany(BitConverter.GetBytes)]),
        ];

    private static byte[] Tensor(string name, float[] elements, params int[] shape) =>
        [
            .. shape.SelectMany(size => Integer(1, size)),
            .. Integer(2, Float),
            .. Text(8, name),
            .. Message(9, [.. elements.SelectMany(BitConverter.GetBytes)]),
        ];

    private static byte[] Port(int field, string name, int? columns)
    {
        byte[] axes = columns is { } size
            ? [.. Message(1, Text(2, "N")), .. Message(1, Integer(1, size))]
            : Message(1, Text(2, "N"));

        return Message(
            field,
            [.. Text(1, name), .. Message(2, Message(1, [.. Integer(1, Float), .. Message(2, axes)]))]
        );
    }

    private static byte[] Text(int field, string text) => Message(field, Encoding.UTF8.GetBytes(text));

    private static byte[] Message(int field, byte[] content) =>
        [.. Varint((uint)field << 3 | 2), .. Varint((uint)content.Length), .. content];

    private static byte[] Integer(int field, int value) => [.. Varint((uint)field << 3), .. Varint((uint)value)];

    private static byte[] Varint(uint value) =>
        value < 0x80 ? [(byte)value] : [(byte)(value | 0x80), .. Varint(value >> 7)];
}
