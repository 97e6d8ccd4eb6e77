namespace Interact;

/// <summary>
/// An array of numbers as functions are written in: operators, elementwise functions, sums and products.
/// </summary>
/// <remarks>
/// Computing with tensors builds a graph that <see cref="Model"/> and <see cref="Differentiate"/> take derivatives of;
/// constants are folded at once. Shapes are aligned at the last axis, and axes of size 1 are repeated, as in NumPy.
/// Numbers convert to scalars by themselves, so <c>2 * x + 1</c> is a tensor where <c>x</c> is one. The default value
/// is the scalar 0. Two tensors are equal when they are the same node of the graph.
/// </remarks>
public readonly partial struct Tensor : IEquatable<Tensor>
{
    private readonly Core.Tensor _inner;

    internal Tensor(Core.Tensor inner) => _inner = inner;

    internal Core.Tensor Inner => _inner.Node is null ? Core.TensorModule.scalar(0) : _inner;

    /// <summary>Sizes of the axes, outermost first; empty for a scalar.</summary>
    public IReadOnlyList<int> Shape => Array.AsReadOnly(Sizes);

    /// <summary>Number of axes: 0 for a scalar, 1 for a vector, 2 for a matrix.</summary>
    public int Rank => Inner.Node.Rank;

    /// <summary>Number of elements.</summary>
    public int Size => Inner.Node.Size;

    internal int[] Sizes => Inner.Shape;

    /// <summary>Element along the first axis, which is removed: a scalar of a vector, a row of a matrix.</summary>
    /// <param name="index">From 0 to the size of the first axis, excluded.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public Tensor this[int index]
    {
        get
        {
            Guard.Index(index, FirstAxis(nameof(index)), nameof(index));
            return new Tensor(Inner[index]);
        }
    }

    /// <summary>Element along the first axis, which is removed; <c>x[^1]</c> is the last.</summary>
    /// <param name="index">Counted from the start or from the end.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public Tensor this[Index index] => this[index.GetOffset(FirstAxis(nameof(index)))];

    /// <summary>Element of a row and a column: <c>x[i][j]</c>.</summary>
    /// <param name="row">Index along the first axis, which is removed.</param>
    /// <param name="column">Index along the second axis, which is removed.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public Tensor this[int row, int column]
    {
        get
        {
            int[] sizes = Sizes;
            Guard.Index(row, FirstAxis(nameof(row)), nameof(row));
            Guard.Index(column, sizes.Length > 1 ? sizes[1] : 0, nameof(column));
            return this[row][column];
        }
    }

    /// <summary>Elements along the first axis: <c>x[1..3]</c> holds elements 1 and 2.</summary>
    /// <param name="range">The end is excluded, as everywhere in C#.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range ends beyond the axis, or before it starts.</exception>
    public Tensor this[Range range]
    {
        get
        {
            (int start, int length) = range.GetOffsetAndLength(FirstAxis(nameof(range)));
            return new Tensor(Interop.Slice(Inner, start, length));
        }
    }

    /// <summary>A number as a scalar.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator Tensor(double value) => Scalar(value);

    /// <summary>A constant scalar.</summary>
    /// <param name="value">The number.</param>
    public static Tensor Scalar(double value) => new(Core.TensorModule.scalar(value));

    /// <summary>A constant vector.</summary>
    /// <param name="values">The elements, which are copied.</param>
    public static Tensor Vector(params ReadOnlySpan<double> values) => new(Core.TensorModule.ofArray(values.ToArray()));

    /// <summary>A constant matrix.</summary>
    /// <param name="values">The elements, which are copied.</param>
    public static Tensor Matrix(double[,] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Create([values.GetLength(0), values.GetLength(1)], values.Cast<double>().ToArray());
    }

    /// <summary>A constant of any shape.</summary>
    /// <param name="shape">Sizes of the axes, outermost first.</param>
    /// <param name="values">The elements in row-major order, which are copied.</param>
    /// <exception cref="ArgumentException">The sizes do not multiply to the number of elements.</exception>
    public static Tensor Create(ReadOnlySpan<int> shape, ReadOnlySpan<double> values)
    {
        Guard.Shape(shape, values.Length, nameof(shape));
        return new Tensor(Core.TensorModule.create(shape.ToArray(), values.ToArray()));
    }

    /// <summary>The value, where it depends on no function's argument.</summary>
    /// <returns>The elements in row-major order.</returns>
    /// <exception cref="InvalidOperationException">
    /// The tensor is the argument of a function that is being traced, or computed from it, so that it has no value yet.
    /// </exception>
    public double[] ToArray() =>
        Interop.ValueOf(Inner)
        ?? throw new InvalidOperationException(
            "The tensor depends on a function's argument; it has no value of its own."
        );

    /// <summary>The value of a tensor of one element; see <see cref="ToArray"/>.</summary>
    /// <exception cref="InvalidOperationException">There is not exactly one element, or no value yet.</exception>
    public double ToDouble() =>
        Size == 1
            ? ToArray()[0]
            : throw new InvalidOperationException($"A tensor of shape {Guard.Describe(Sizes)} is not a single number.");

    /// <inheritdoc/>
    public bool Equals(Tensor other) => Inner.Equals(other.Inner);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Tensor other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Inner.GetHashCode();

    /// <summary>Whether two tensors are the same node of the graph.</summary>
    /// <param name="left">One tensor.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(Tensor left, Tensor right) => left.Equals(right);

    /// <summary>Whether two tensors are different nodes of the graph.</summary>
    /// <param name="left">One tensor.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(Tensor left, Tensor right) => !left.Equals(right);

    /// <summary>The value where it is known and short, otherwise shape and operation.</summary>
    public override string ToString() => Inner.ToString();

    private int FirstAxis(string parameter) =>
        Rank > 0 ? Sizes[0] : throw new ArgumentOutOfRangeException(parameter, "A scalar has no elements to pick.");
}
