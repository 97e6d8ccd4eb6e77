/// Rows of linear models, support vector machines and preparing operators of ai.onnx.ml.
module internal Interact.Core.Tests.MachineLearningCases

open System
open Interact.Core.Tests.OnnxBuilder
open Interact.Core.Tests.OperatorCase

let private row name version about attributes operands results = {
    row name version about attributes operands results with
        Domain = "ai.onnx.ml"
}

// Numbers that single precision holds exactly, as attributes do.
let private x = [ [ 0.5; -1.25 ]; [ 2.0; 0.75 ]; [ -0.5; 1.5 ] ]
let private data = Reals([ 3; 2 ], List.concat x)
let private mapRows width f = Reals([ 3; width ], x |> List.collect f)
let private dot a b = List.sum (List.map2 (fun (p: float) q -> p * q) a b)
let private sigmoid z = 1.0 / (1.0 + exp -z)

let private softmax (scores: float list) =
    let exponents = scores |> List.map exp
    exponents |> List.map (fun exponent -> exponent / List.sum exponents)

let private preparing = [
    row "Scaler" 1 "one number for all features" [ Attr.floats "offset" [ 0.5 ]; Attr.floats "scale" [ 2.0 ] ] [ data ] [
        mapRows 2 (List.map (fun v -> (v - 0.5) * 2.0))
    ]
    row
        "Scaler"
        3
        "one number for each feature"
        [ Attr.floats "offset" [ 0.5; -1.0 ]; Attr.floats "scale" [ 2.0; 4.0 ] ] [ data ] [
            mapRows 2 (fun v -> [ (v[0] - 0.5) * 2.0; (v[1] + 1.0) * 4.0 ])
        ]
    row "Scaler" 1 "of integers" [ Attr.floats "scale" [ 0.5 ] ] [ integers [ 3L; -1L ] ] [ reals [ 1.5; -0.5 ] ]
    row "Normalizer" 1 "by the largest" [ Attr.string "norm" "MAX" ] [ data ] [
        mapRows 2 (fun v -> v |> List.map (fun e -> e / List.max v))
    ]
    row "Normalizer" 1 "by the sum of sizes" [ Attr.string "norm" "L1" ] [ data ] [
        mapRows 2 (fun v -> v |> List.map (fun e -> e / List.sumBy abs v))
    ]
    row "Normalizer" 1 "by the length" [ Attr.string "norm" "L2" ] [ data ] [
        mapRows 2 (fun v -> v |> List.map (fun e -> e / sqrt (dot v v)))
    ]
    row
        "Imputer"
        1
        "of a number"
        [ Attr.floats "imputed_value_floats" [ 9.0; 8.0 ]; Attr.float "replaced_value_float" -1.25 ] [ data ] [
            mapRows 2 (fun v -> if v[1] = -1.25 then [ v[0]; 8.0 ] else v)
        ]
    |> rough
    row
        "Imputer"
        1
        "of what is no number"
        [ Attr.floats "imputed_value_floats" [ 9.0 ]; Attr.float "replaced_value_float" nan ] [
            reals [ 1.0; nan; 3.0 ]
        ] [ reals [ 1.0; 9.0; 3.0 ] ]
    |> rough
    row "Imputer" 1 "of an integer" [ Attr.ints "imputed_value_int64s" [ 5 ]; Attr.int "replaced_value_int64" -1 ] [
        integers [ 2L; -1L ]
    ] [ integers [ 2L; 5L ] ]
]

let private linear =
    let first, second, third = [ 1.5; -0.5 ], [ -0.25; 2.0 ], [ 0.75; 0.5 ]
    let coefficients = Attr.floats "coefficients" (first @ second @ third)
    let intercepts = Attr.floats "intercepts" [ 0.5; -1.0; 0.25 ]
    let scores v = [ dot first v + 0.5; dot second v - 1.0; dot third v + 0.25 ]
    let labels = Attr.ints "classlabels_ints" [ 10; 20; 30 ]
    let best v = List.item (scores v |> List.indexed |> List.maxBy snd |> fst) [ 10L; 20L; 30L ]

    [
        row "LinearRegressor" 1 "one target" [ Attr.floats "coefficients" first ] [ data ] [
            mapRows 1 (fun v -> [ dot first v ])
        ]
        row "LinearRegressor" 1 "three targets" [ coefficients; intercepts; Attr.int "targets" 3 ] [ data ] [
            mapRows 3 scores
        ]
        row "LinearClassifier" 1 "scores and labels" [ coefficients; intercepts; labels ] [ data ] [
            integers (x |> List.map best)
            mapRows 3 scores
        ]
        row
            "LinearClassifier"
            1
            "logistic"
            [ coefficients; intercepts; labels; Attr.string "post_transform" "LOGISTIC" ] [ data ] [
                Absent
                mapRows 3 (scores >> List.map sigmoid)
            ]
        row
            "LinearClassifier"
            1
            "softmax, and the places of labels that are strings"
            [
                coefficients
                intercepts
                Attr.strings "classlabels_strings" [ "a"; "b"; "c" ]
                Attr.string "post_transform" "SOFTMAX"
            ] [ data ] [ integers (x |> List.map (fun v -> best v / 10L - 1L)); mapRows 3 (scores >> softmax) ]
    ]

let private supportVectors =
    let vectors = [ [ 0.5; 0.25 ]; [ -1.0; 1.0 ]; [ 1.5; -0.5 ] ]
    let given = Attr.floats "support_vectors" (List.concat vectors)
    let parameters = Attr.floats "kernel_params" [ 0.5; 0.25; 3.0 ]

    let kernels = [
        "LINEAR", dot
        "POLY", (fun a b -> (0.5 * dot a b + 0.25) ** 3.0)
        "RBF", (fun a b -> exp (-0.5 * List.sum (List.map2 (fun p q -> (p - q) ** 2.0) a b)))
        "SIGMOID", (fun a b -> tanh (0.5 * dot a b + 0.25))
    ]

    let weights = [ 1.5; -2.0; 0.5 ]

    let score kernel v = List.sum (List.map2 (fun weight vector -> weight * kernel v vector) weights vectors) + 0.75

    let regressor name = [
        given
        parameters
        Attr.string "kernel_type" name
        Attr.floats "coefficients" weights
        Attr.floats "rho" [ 0.75 ]
        Attr.int "n_supports" 3
    ]

    // Three classes with one vector each: coefficients have a row less than classes, a column for each vector.
    let coefficients = [ [ 1.0; -0.5; 2.0 ]; [ 0.25; 1.5; -1.0 ] ]
    let rho = [ 0.5; -0.25; 0.125 ]

    let pairs kernel (v: float list) =
        let k = vectors |> List.map (kernel v)

        [
            coefficients[0][0] * k[0] + coefficients[0][1] * k[1] + rho[0]
            coefficients[1][0] * k[0] + coefficients[0][2] * k[2] + rho[1]
            coefficients[1][1] * k[1] + coefficients[1][2] * k[2] + rho[2]
        ]

    let label kernel v =
        let scores = pairs kernel v

        let wins =
            List.zip [ 0, 1; 0, 2; 1, 2 ] scores
            |> List.map (fun ((i, j), score) -> if score > 0.0 then i else j)
        // The first class with the most votes.
        [ 0; 1; 2 ] |> List.maxBy (fun c -> List.length (List.filter ((=) c) wins)) |> int64

    [
        for name, kernel in kernels do
            row "SVMRegressor" 1 $"{name} kernel" (regressor name) [ data ] [ mapRows 1 (fun v -> [ score kernel v ]) ]

            row
                "SVMClassifier"
                1
                $"{name} kernel, three classes"
                [
                    given
                    parameters
                    Attr.string "kernel_type" name
                    Attr.floats "coefficients" (List.concat coefficients)
                    Attr.floats "rho" rho
                    Attr.ints "vectors_per_class" [ 1; 1; 1 ]
                    Attr.ints "classlabels_ints" [ 0; 1; 2 ]
                ] [ data ] [ integers (x |> List.map (label kernel)); mapRows 3 (pairs kernel) ]

        row
            "SVMRegressor"
            1
            "without support vectors"
            [ Attr.floats "coefficients" [ 1.5; -0.5 ]; Attr.floats "rho" [ 0.75 ] ] [ data ] [
                mapRows 1 (fun v -> [ dot [ 1.5; -0.5 ] v + 0.75 ])
            ]
        row "SVMRegressor" 1 "inside or outside of one class" (Attr.int "one_class" 1 :: regressor "RBF") [ data ] [
            mapRows 1 (fun v -> [ float (Math.Sign(score (snd kernels[2]) v)) ])
        ]

        let binary v =
            1.5 * snd kernels[2] v vectors[0] - 2.0 * snd kernels[2] v vectors[1]
            + 0.5 * snd kernels[2] v vectors[2]
            + 0.75

        let probability v = sigmoid (-(-1.25 * binary v + 0.5))

        // ONNX Runtime 1.30.0 gives these two columns, in this order.
        row
            "SVMClassifier"
            1
            "two classes"
            [
                given
                parameters
                Attr.string "kernel_type" "RBF"
                Attr.floats "coefficients" weights
                Attr.floats "rho" [ 0.75 ]
                Attr.ints "vectors_per_class" [ 1; 2 ]
                Attr.ints "classlabels_ints" [ 3; 4 ]
            ] [ data ] [
                integers (x |> List.map (fun v -> if binary v > 0.0 then 3L else 4L))
                mapRows 2 (fun v -> [ -(binary v); binary v ])
            ]

        row
            "SVMClassifier"
            1
            "probabilities of two classes"
            [
                given
                parameters
                Attr.string "kernel_type" "RBF"
                Attr.floats "coefficients" weights
                Attr.floats "rho" [ 0.75 ]
                Attr.floats "prob_a" [ -1.25 ]
                Attr.floats "prob_b" [ 0.5 ]
                Attr.ints "vectors_per_class" [ 1; 2 ]
                Attr.ints "classlabels_ints" [ 3; 4 ]
            ] [ data ] [
                integers (x |> List.map (fun v -> if probability v > 0.5 then 3L else 4L))
                mapRows 2 (fun v -> [ probability v; 1.0 - probability v ])
            ]

        row
            "SVMClassifier"
            1
            "without support vectors"
            [
                Attr.floats "coefficients" [ 1.5; -0.5; -0.25; 2.0 ]
                Attr.floats "rho" [ 0.75 ]
                Attr.ints "classlabels_ints" [ 3; 4 ]
                Attr.string "post_transform" "SOFTMAX"
            ] [ data ] [
                Absent
                mapRows 2 (fun v -> softmax [ dot [ 1.5; -0.5 ] v + 0.75; dot [ -0.25; 2.0 ] v + 0.75 ])
            ]
    ]

let table = List.concat [ preparing; linear; supportVectors ]
