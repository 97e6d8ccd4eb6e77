/// Vectorised functions against their scalar values and against references of many digits, on every instruction set.
[<Xunit.Trait("Category", "Kernels")>]
module Interact.Core.Tests.ElementwiseKernelTests

open System
open System.Globalization
open System.IO
open FsCheck.FSharp
open Interact.Core
open Interact.Core.Execution
open Interact.Core.Tests.Generators
open Interact.Core.Tests.KernelRuns
open Xunit

/// How far a kernel may be from the scalar function in double precision, in units of the last place: nothing where every step is exact
/// or correctly rounded, else 2 of its own and what the scalar function may be off.
let private tolerance =
    function
    | Negate
    | Reciprocal
    | Abs
    | Sign
    | Floor
    | Ceiling
    | Round
    | Sqrt
    | Asin
    | Acos
    | Atan
    | Asinh
    | Acosh
    | Atanh
    | Relu
    | StopGradient
    | Add
    | Subtract
    | Multiply
    | Divide
    | Max
    | Min
    | Less
    | LessOrEqual
    | Equal
    | Select -> 0.0
    | Power -> 2.0
    | Exp
    | Log
    | Sin
    | Cos
    | Tan
    | Sinh
    | Cosh
    | Tanh
    | Sigmoid
    | Softplus -> 4.0
    | Expm1
    | Log1p -> 6.0
    | Erf -> 12.0

/// Where functions change their formula or leave their domain, and numbers that are none.
let private edges = [
    for a in
        [
            0.0
            Double.Epsilon
            1e-310
            2.2250738585072014e-308
            1e-300
            1e-20
            1e-8
            0.3
            0.41421356
            0.5
            0.55
            0.75
            Math.PI / 4.0
            Math.PI / 2.0
            Math.PI
            1.0
            1.0000000000000002
            0.9999999999999999
            1.5
            2.0
            2.5
            3.0
            3.5
            5.9
            6.0
            6.1
            10.0
            22.0
            36.7
            40.0
            88.7
            89.5
            103.9
            104.5
            700.0
            708.3
            709.7
            709.8
            710.4
            711.0
            744.4
            745.1
            746.0
            1000.0
            131071.0
            131073.0
            1e15
            4503599627370497.5
            1e17
            1e19
            1e38
            1e39
            1e100
            1e300
            Double.MaxValue
            Double.PositiveInfinity
        ] do
        a
        -a
    nan
]

let private grid =
    Array.append (Array.ofList edges) [| for i in -160 .. 160 -> 0.05 * float i + 0.0137 |]

/// All pairs of some edges and ordinary numbers.
let private pairs =
    let some = [
        0.0
        -0.0
        1.0
        -1.0
        2.0
        3.0
        0.5
        -0.5
        -2.0
        1.7
        -3.3
        1e-310
        1e200
        -1e200
        infinity
        -infinity
        nan
    ]

    Array.unzip [|
        for a in some do
            for b in some do
                a, b
    |]

let private singles (x: float[]) = x |> Array.map single

let private scalar (f: Elementwise) (operands: float[][]) =
    Array.init operands[0].Length (fun i -> Elementwise.evaluate f (operands |> Array.map (fun x -> x[i])))

let private operands f =
    match Elementwise.arity f with
    | 1 -> [| grid |]
    | 2 -> [| fst pairs; snd pairs |]
    | _ -> [| fst pairs; snd pairs; Array.rev (fst pairs) |]

let private apply<'T when 'T: unmanaged> (kernels: IElementwiseKernels) f misalignment (operands: 'T[][]) =
    match operands with
    | [| x |] -> unary (kernels.Unary f) misalignment x
    | [| x; y |] -> binary (kernels.Binary f) misalignment x y
    | _ -> ternary (kernels.Ternary f) misalignment operands[0] operands[1] operands[2]

/// Fails with the first value that is too far off.
let private within tolerance set f (x: float[][]) (expected: float[]) (error: int -> float) (actual: int -> float) =
    match expected |> Seq.mapi (fun i _ -> i) |> Seq.tryFind (fun i -> not (error i <= tolerance)) with
    | Some i ->
        let at = x |> Array.map (fun x -> x[i].ToString "R") |> String.concat ", "
        Assert.Fail $"{set}: {f}({at}) is {actual i:R}, not {expected[i]:R}: {error i} ulp."
    | None -> ()

[<Fact>]
let ``every function has its scalar values on every instruction set`` () =
    for set in instructionSets do
        for f in elementwise do
            let x = operands f
            let expected = scalar f x
            let actual = apply (ElementwiseKernels.create<float> set) f 0 x
            within (tolerance f) set f x expected (fun i -> ulps expected[i] 0.0 actual[i]) (fun i -> actual[i])

[<Fact>]
let ``every function in single precision is the rounded scalar one on every instruction set`` () =
    for set in instructionSets do
        for f in elementwise do
            let x = operands f |> Array.map singles
            let exact = x |> Array.map (Array.map float)
            let expected = scalar f exact
            let actual = apply (ElementwiseKernels.create<single> set) f 0 x
            let tolerance = if tolerance f = 0.0 then 0.5 else 2.0
            let error i = ulpsOfSingle expected[i] actual[i]
            within tolerance set f exact expected error (fun i -> float actual[i])

/// Arguments and values of each function, the latter as a sum of two doubles.
let private references =
    Path.Combine(__SOURCE_DIRECTORY__, "..", "fixtures", "elementwise", "values.csv")
    |> File.ReadLines
    |> Seq.tail
    |> Seq.map (fun line -> line.Split ',')
    |> Seq.groupBy Array.head
    |> Seq.map (fun (name, rows) ->
        let column i = [| for row in rows -> Double.Parse(row[i], CultureInfo.InvariantCulture) |]
        List.find (fun f -> string f = name) elementwise, column 1, column 2, column 3)
    |> List.ofSeq

[<Fact>]
let ``functions are within two units of the last place of their true values`` () =
    Assert.NotEmpty references

    for set in instructionSets do
        for f, x, high, low in references do
            let actual = unary ((ElementwiseKernels.create<float> set).Unary f) 0 x
            within 2.0 set f [| x |] high (fun i -> ulps high[i] low[i] actual[i]) (fun i -> actual[i])

[<Fact>]
let ``functions in single precision are within two units of the last place of their true values`` () =
    for set in instructionSets do
        for f, x, high, _ in references do
            let x, high = Array.zip x high |> Array.filter (fun (x, _) -> float (single x) = x) |> Array.unzip

            let actual = unary ((ElementwiseKernels.create<single> set).Unary f) 0 (singles x)
            within 2.0 set f [| x |] high (fun i -> ulpsOfSingle high[i] actual[i]) (fun i -> float actual[i])

/// Numbers on which some functions take their scalar way out.
let private arguments (random: Random) count =
    Array.init count (fun _ ->
        match random.Next 12 with
        | 0 -> edges[random.Next edges.Length]
        | _ -> 6.0 * random.NextDouble() - 3.0)

let private bits (values: 'T[]) : byte[] =
    let bytes = Array.zeroCreate (Buffer.ByteLength values)
    Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length)
    bytes

/// Where a number stands, how many there are, where the memory begins and whether the result is in the place of an operand.
let private placesFor<'T when 'T: unmanaged> (convert: float -> 'T) (cases: int) =
    holdsFor cases (Gen.choose (0, 1000000) |> Arb.fromGen) (fun seed ->
        let random = Random seed
        let set = instructionSets[seed % 4]
        let kernels = ElementwiseKernels.create<'T> set
        let f = elementwise[random.Next elementwise.Length]
        let count = if seed % 7 = 0 then random.Next 400 else random.Next 40
        let misalignment = random.Next 64 / sizeof<'T> * sizeof<'T>
        let x = Array.init (Elementwise.arity f) (fun _ -> arguments random count |> Array.map convert)
        let start = random.Next(count + 1)
        let whole = apply kernels f 0 x
        let part = apply kernels f misalignment (x |> Array.map (Array.skip start))
        let unaligned = apply kernels f (misalignment / 3) x
        Assert.Equal<byte[]>(bits whole[start..], bits part)
        Assert.Equal<byte[]>(bits whole, bits unaligned)

        match x with
        | [| x |] -> Assert.Equal<byte[]>(bits whole, bits (unaryInPlace (kernels.Unary f) misalignment x))
        | [| x; y |] ->
            let inPlaceOfX =
                withRun misalignment x (fun r ->
                    withRun 0 y (fun y -> (kernels.Binary f).Invoke(r, y, r, count)) |> ignore)

            Assert.Equal<byte[]>(bits whole, bits inPlaceOfX)

            if count > 0 then
                let repeated value = Array.create count value
                let byNumber = binary (kernels.BinaryByNumber f) misalignment x [| y[0] |]
                Assert.Equal<byte[]>(bits (binary (kernels.Binary f) 0 x (repeated y[0])), bits byNumber)
                let ofNumber = binary (kernels.NumberByBinary f) misalignment [| x[0] |] y
                Assert.Equal<byte[]>(bits (binary (kernels.Binary f) 0 (repeated x[0]) y), bits ofNumber)
        | _ -> ())

[<Fact>]
let ``a value does not depend on where it stands`` () = placesFor<float> id 300

[<Fact>]
let ``a value in single precision does not depend on where it stands`` () = placesFor<single> single 300

[<Fact>]
let ``a run may be long or empty`` () =
    for set in instructionSets do
        for f in elementwise do
            for count in [ 0; 1003 ] do
                let random = Random 3
                let x = Array.init (Elementwise.arity f) (fun _ -> Array.init count (fun _ -> random.NextDouble()))

                let pieces =
                    [| 0 .. count / 100 |]
                    |> Array.map (fun i -> x |> Array.map (fun x -> x[100 * i .. min (100 * i + 99) (count - 1)]))

                let kernels = ElementwiseKernels.create<float> set
                let inPieces = pieces |> Array.collect (apply kernels f 0)
                Assert.Equal<byte[]>(bits inPieces, bits (apply kernels f 0 x))

[<Fact>]
let ``a kernel for another number of operands is refused`` () =
    let kernels = ElementwiseKernels.create<float> InstructionSet.best
    Assert.Throws<ArgumentException>(fun () -> kernels.Unary Add |> ignore) |> ignore
    Assert.Throws<ArgumentException>(fun () -> kernels.Binary Exp |> ignore) |> ignore
    Assert.Throws<ArgumentException>(fun () -> kernels.BinaryByNumber Select |> ignore) |> ignore
    Assert.Throws<ArgumentException>(fun () -> kernels.NumberByBinary Exp |> ignore) |> ignore
    Assert.Throws<ArgumentException>(fun () -> kernels.Ternary Max |> ignore) |> ignore
