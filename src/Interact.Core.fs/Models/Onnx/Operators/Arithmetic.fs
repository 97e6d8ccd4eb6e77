/// Arithmetic, comparison and logic.
module internal Interact.Core.Onnx.ArithmeticOperators

open Interact.Core

let private apply f (operands: Node list) = Node.elementwise f operands

/// The type of a result computed from operands: real as soon as one is.
let joint (operands: Value list) =
    let has elementType = operands |> List.exists (fun operand -> operand.Type = elementType)

    if has Real then Real
    elif has Integer then Integer
    else Boolean

let private unary name f =
    Operator.one 1 name (fun context ->
        let x = NodeContext.input 0 context

        { Node = apply f [ x.Node ]; Type = x.Type })

/// Two operands whose shapes fit. Before version 7 the second one's first axis could be said to lie on a given axis of the first.
let private pair (context: NodeContext) =
    let a, b = NodeContext.input 0 context, NodeContext.input 1 context

    match NodeContext.tryInt "axis" context with
    | Some given when context.Opset < 7 && NodeContext.flag "broadcast" false context ->
        let after = a.Node.Rank - NodeContext.axis a.Node.Rank given - b.Node.Rank
        let shape = Array.append b.Node.Shape (Array.create (max 0 after) 1)
        a, { b with Node = b.Node |> Node.reshape shape }
    | _ -> a, b

let private binary name f =
    Operator.one 1 name (fun context ->
        let a, b = pair context

        { Node = apply f [ a.Node; b.Node ]; Type = joint [ a; b ] })

/// Rounds toward zero, as integer division and casts do.
let truncate (x: Node) = Node.multiply (apply Sign [ x ]) (apply Floor [ apply Abs [ x ] ])

let private divide =
    Operator.one 1 "Div" (fun context ->
        let a, b = pair context
        let quotient = apply Divide [ a.Node; b.Node ]

        match joint [ a; b ] with
        | Real -> Value.real quotient
        | other -> { Node = truncate quotient; Type = other })

/// What is left of a division, with the divisor's sign, or with the dividend's where 'fmod' is set.
let private modulo =
    Operator.one 10 "Mod" (fun context ->
        let a, b = NodeContext.input 0 context, NodeContext.input 1 context
        let quotient = apply Divide [ a.Node; b.Node ]
        let isTruncated = NodeContext.flag "fmod" false context
        let whole = if isTruncated then truncate quotient else apply Floor [ quotient ]

        { Node = apply Subtract [ a.Node; Node.multiply b.Node whole ]; Type = joint [ a; b ] })

/// The result is of the base's type.
let private power =
    Operator.one 1 "Pow" (fun context ->
        let x, exponent = pair context
        let result = apply Power [ x.Node; exponent.Node ]

        { x with Node = if x.Type = Integer && exponent.Type = Real then truncate result else result })

let private comparison since name f swap =
    Operator.one since name (fun context ->
        let a, b = pair context

        { Node = apply f (if swap then [ b.Node; a.Node ] else [ a.Node; b.Node ]); Type = Boolean })

let private logic name (combine: Node -> Node -> Node) =
    Operator.one 1 name (fun context ->
        let a, b = pair context

        { Node = combine a.Node b.Node; Type = Boolean })

let private not node = apply Subtract [ Node.scalar 1.0; node ]

/// An operator of any number of operands, taken two by two.
let private variadic name (finish: int -> Node -> Node) f =
    Operator.one 1 name (fun context ->
        let operands = NodeContext.inputs context
        context.Meter.Enter(operands.Length - 1)

        {
            Node = operands |> List.map _.Node |> List.reduce (fun a b -> apply f [ a; b ]) |> finish operands.Length
            Type = joint operands
        })

let private limit (x: Node) low high =
    let above = low |> Option.fold (fun x low -> apply Max [ x; low ]) x
    high |> Option.fold (fun x high -> apply Min [ x; high ]) above

/// Limits as attributes before version 11, as operands from then on.
let private clipOperators =
    let clip since limits =
        Operator.one since "Clip" (fun context ->
            let x = NodeContext.input 0 context
            let low, high = limits context

            { x with Node = limit x.Node low high })

    let attribute name context =
        NodeContext.tryValue name context
        |> Option.map (fun _ -> Node.scalar (NodeContext.float name 0.0 context))

    let operand i what context =
        NodeContext.tryInput i context
        |> Option.map (fun value ->
            if value.Node.Size <> 1 then
                NodeContext.fail $"its {what} (operand {i}) has {value.Node.Size} elements where one is needed"

            value.Node |> Node.reshape [||])

    [
        clip 1 (fun context -> attribute "min" context, attribute "max" context)
        clip 11 (fun context -> operand 1 "lower limit" context, operand 2 "upper limit" context)
    ]

let private where =
    Operator.one 9 "Where" (fun context ->
        let condition, a, b =
            NodeContext.input 0 context, NodeContext.input 1 context, NodeContext.input 2 context

        { Node = apply Select [ condition.Node; a.Node; b.Node ]; Type = joint [ a; b ] })

let private test since name (holds: NodeContext -> Node -> Node) =
    Operator.one since name (fun context -> { Node = holds context (NodeContext.input 0 context).Node; Type = Boolean })

let private isInfinite context (x: Node) =
    let sides = [
        if NodeContext.flag "detect_positive" true context then infinity
        if NodeContext.flag "detect_negative" true context then -infinity
    ]

    (Node.scalar 0.0, sides)
    ||> List.fold (fun found side -> apply Max [ found; apply Equal [ x; Node.scalar side ] ])
    |> Node.broadcast x.Shape

let table: Operator list =
    [
        unary "Neg" Negate
        unary "Abs" Abs
        unary "Sign" Sign
        unary "Floor" Floor
        unary "Ceil" Ceiling
        unary "Round" Round
        unary "Reciprocal" Reciprocal
        unary "Sqrt" Sqrt
        unary "Exp" Exp
        unary "Log" Log
        unary "Erf" Erf
        unary "Sin" Sin
        unary "Cos" Cos
        unary "Tan" Tan
        unary "Asin" Asin
        unary "Acos" Acos
        unary "Atan" Atan
        unary "Sinh" Sinh
        unary "Cosh" Cosh
        unary "Asinh" Asinh
        unary "Acosh" Acosh
        unary "Atanh" Atanh
        binary "Add" Add
        binary "Sub" Subtract
        binary "Mul" Multiply
        power
        divide
        modulo
        comparison 1 "Less" Less false
        comparison 1 "Greater" Less true
        comparison 1 "Equal" Equal false
        comparison 12 "LessOrEqual" LessOrEqual false
        comparison 12 "GreaterOrEqual" LessOrEqual true
        logic "And" (fun a b -> apply Multiply [ a; b ])
        logic "Or" (fun a b -> apply Max [ a; b ])
        logic "Xor" (fun a b -> not (apply Equal [ a; b ]))
        test 1 "Not" (fun _ x -> not x)
        variadic "Sum" (fun _ -> id) Add
        variadic "Mean" (fun count total -> apply Divide [ total; Node.scalar (float count) ]) Add
        variadic "Max" (fun _ -> id) Max
        variadic "Min" (fun _ -> id) Min
        where
        test 9 "IsNaN" (fun _ x -> not (apply Equal [ x; x ]))
        test 10 "IsInf" isInfinite
    ]
    @ clipOperators
