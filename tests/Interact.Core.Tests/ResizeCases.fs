/// Rows of resampling. Values of linear and cubic interpolation, and of the nearest element, that are not written out are those of
/// PyTorch 1.13 in double precision (torch.nn.functional.interpolate).
module internal Interact.Core.Tests.ResizeCases

open Interact.Core.Tests.OnnxBuilder
open Interact.Core.Tests.OperatorCase

let private mode = Attr.string "mode"
let private coordinates = Attr.string "coordinate_transformation_mode"
let private nearest = Attr.string "nearest_mode"

let private line = [ 1.0; -2.0; 4.0; 0.5 ]

/// A line resized by scales.
let private scaled opset about attributes elements (scale: float) expected =
    row "Resize" opset about attributes [ reals elements; Absent; Settings [ scale ] ] [ reals expected ]

/// A line resized to a size.
let private sized about attributes elements (size: int) expected =
    row "Resize" 13 about attributes [ reals elements; Absent; Absent; integers [ int64 size ] ] [ reals expected ]

let private image = Reals([ 1; 1; 3; 3 ], [ 1.0; -2.0; 4.0; 0.5; 3.0; -1.0; 2.0; 0.0; 1.5 ])

let private imageTo about attributes (height: int) (width: int) expected =
    row "Resize" 18 about attributes [ image; Absent; Absent; integers [ 1L; 1L; int64 height; int64 width ] ] [
        Reals([ 1; 1; height; width ], expected)
    ]

let private cubic = mode "cubic"
let private halfPixel = coordinates "pytorch_half_pixel"
let private corners = coordinates "align_corners"

let private interpolated = [
    sized "linear, growing" [ mode "linear" ] line 6 [ 1.0; -0.5; -1.0; 3.0; 2.25; 0.5 ]
    sized "linear, shrinking" [ mode "linear" ] line 2 [ -0.5; 2.25 ]
    sized "linear, from end to end" [ mode "linear"; corners ] line 6 [ 1.0; -0.8; -0.8; 2.8; 2.6; 0.5 ]
    sized "linear, to one element" [ mode "linear"; corners ] line 1 [ 1.0 ]
    sized "linear, to the first of one by name" [ mode "linear"; halfPixel ] line 1 [ 1.0 ]
    imageTo "linear on two axes" [ mode "linear" ] 4 2 [ 0.25; 2.5; 0.796875; 0.9375; 1.265625; 0.421875; 1.5; 1.125 ]
    imageTo "cubic, coefficient -.75" [ cubic; halfPixel ] 4 2 [
        0.030588150024414062
        2.717543601989746
        0.7799463272094727
        0.7894220352172852
        1.4310836791992188
        0.10981464385986328
        1.5147485733032227
        1.1684904098510742
    ]
    imageTo "cubic, from end to end" [ cubic; corners ] 2 5 [
        1.0
        -1.0625
        -2.0
        0.71875
        4.0
        2.0
        0.859375
        0.0
        0.5625
        1.5
    ]
    row
        "Resize"
        18
        "linear without aliases, nothing outside"
        [ mode "linear"; Attr.int "antialias" 1; Attr.int "exclude_outside" 1 ] [
            reals [ 1.0; -2.0; 4.0; 0.5; 3.0; -1.0 ]
            Absent
            Absent
            integers [ 4L ]
        ] [ reals [ -0.125; 1.6111111111111112; 1.7222222222222223; 0.5 ] ]
    row
        "Resize"
        18
        "cubic without aliases, nothing outside"
        [ cubic; Attr.float "cubic_coeff_a" -0.5; Attr.int "antialias" 1; Attr.int "exclude_outside" 1 ] [
            reals [ 1.0; -2.0; 4.0; 0.5; 3.0; -1.0 ]
            Absent
            Absent
            integers [ 4L ]
        ] [ reals [ -0.2969255663430416; 1.6179173047473199; 1.8966309341500764; 0.47168284789644077 ] ]
    // At .25 the weights of 1 - .25/1.5 and so on include the repeated first element.
    row "Resize" 18 "linear without aliases, the ends repeated" [ mode "linear"; Attr.int "antialias" 1 ] [
        reals [ 6.0; 12.0; 0.0 ]
        Absent
        Absent
        integers [ 2L ]
    ] [ reals [ (6.0 * (1.0 / 6.0 + 5.0 / 6.0) + 12.0 * 0.5) / 1.5; 12.0 * 0.5 / 1.5 ] ]
    scaled 11 "linear, by position" [ mode "linear"; coordinates "asymmetric" ] [ 1.0; 3.0; -1.0 ] 2.0 [
        1.0
        2.0
        3.0
        1.0
        -1.0
        -1.0
    ]
    // The result would have 2.4 elements.
    (let scale = float 0.6f
     let place = 3.0 / (4.0 * scale - 1.0)

     scaled 13 "linear, from end to end of a broken length" [ mode "linear"; corners ] [ 1.0; 2.0; 3.0; 4.0 ] scale [
         1.0
         1.0 + place
     ])
    // Symmetric about the middle: 2 of 2.4 elements, centred.
    (let scale = float 0.6f
     let place i = 2.0 * (1.0 - 2.0 / (4.0 * scale)) + (i + 0.5) / scale - 0.5

     scaled 19 "linear, symmetric" [ mode "linear"; coordinates "half_pixel_symmetric" ] [ 1.0; 2.0; 3.0; 4.0 ] scale [
         1.0 + place 0.0
         1.0 + place 1.0
     ])
]

let private chosen = [
    sized "nearest" [ mode "nearest" ] line 4 line
    sized "nearest, halves down" [ corners ] [ 1.0; 2.0; 3.0 ] 5 [ 1.0; 1.0; 2.0; 2.0; 3.0 ]
    sized "nearest, halves up" [ corners; nearest "round_prefer_ceil" ] [ 1.0; 2.0; 3.0 ] 5 [ 1.0; 2.0; 2.0; 3.0; 3.0 ]
    sized "the one before" [ coordinates "asymmetric"; nearest "floor" ] [ 1.0; 2.0; 3.0 ] 5 [ 1.0; 1.0; 2.0; 2.0; 3.0 ]
    sized "the one after" [ coordinates "asymmetric"; nearest "ceil" ] [ 1.0; 2.0; 3.0 ] 5 [ 1.0; 2.0; 3.0; 3.0; 3.0 ]
    imageTo "nearest on two axes" [ coordinates "asymmetric"; nearest "floor" ] 4 2 [
        1.0
        -2.0
        1.0
        -2.0
        0.5
        3.0
        2.0
        0.0
    ]
    row "Resize" 10 "by position before version 11" [] [ reals [ 1.0; 2.0 ]; Settings [ 2.0 ] ] [
        reals [ 1.0; 1.0; 2.0; 2.0 ]
    ]
    row "Resize" 10 "linear before version 11" [ mode "linear" ] [ reals [ 1.0; 3.0 ]; Settings [ 2.0 ] ] [
        reals [ 1.0; 2.0; 3.0; 3.0 ]
    ]
    row "Upsample" 7 "scales are an attribute at first" [ Attr.floats "scales" [ 1.0; 2.0 ] ] [
        Reals([ 2; 2 ], [ 1.0; 2.0; 3.0; 4.0 ])
    ] [ Reals([ 2; 4 ], [ 1.0; 1.0; 2.0; 2.0; 3.0; 3.0; 4.0; 4.0 ]) ]
    row "Upsample" 9 "scales are an operand later" [ mode "linear" ] [
        Reals([ 2; 2 ], [ 1.0; 2.0; 3.0; 4.0 ])
        Settings [ 1.0; 2.0 ]
    ] [ Reals([ 2; 4 ], [ 1.0; 1.5; 2.0; 2.0; 3.0; 3.5; 4.0; 4.0 ]) ]
]

let private regions =
    let crop = coordinates "tf_crop_and_resize"

    [
        // From .5 · 4 to .75 · 4: places 2, 2.5 and 3.
        row "Resize" 13 "a part of the operand" [ mode "linear"; crop ] [
            reals [ 0.0; 1.0; 4.0; 9.0; 16.0 ]
            Settings [ 0.5; 0.75 ]
            Absent
            integers [ 3L ]
        ] [ reals [ 4.0; 6.5; 9.0 ] ]
        row
            "Resize"
            13
            "a part that reaches beyond the operand"
            [ mode "linear"; crop; Attr.float "extrapolation_value" 10.0 ] [
                reals [ 0.0; 1.0; 4.0 ]
                Settings [ -0.5; 1.5 ]
                Absent
                integers [ 5L ]
            ] [ reals [ 10.0; 0.0; 1.0; 4.0; 10.0 ] ]
    ]

let private policies =
    let operand = Reals([ 2; 4 ], [ 1.0; 2.0; 3.0; 4.0; 5.0; 6.0; 7.0; 8.0 ])

    let on about policy sizes result =
        row "Resize" 18 about [ Attr.string "keep_aspect_ratio_policy" policy ] [ operand; Absent; Absent; sizes ] [
            result
        ]

    let twice =
        Reals(
            [ 4; 8 ],
            [
                for i in 0..3 do
                    for j in 0..7 -> float (i / 2 * 4 + j / 2 + 1)
            ]
        )

    [
        on "no larger than the sizes" "not_larger" (integers [ 4L; 100L ]) twice
        on "no smaller than the sizes" "not_smaller" (integers [ 3L; 8L ]) twice
        row "Resize" 18 "of one axis" [ Attr.ints "axes" [ -1 ] ] [ operand; Absent; Absent; integers [ 2L ] ] [
            Reals([ 2; 2 ], [ 1.0; 3.0; 5.0; 7.0 ])
        ]
    ]

let private blocks =
    let deep = Reals([ 1; 8; 1; 2 ], [ for i in 0..15 -> float i ])
    let block = Attr.int "blocksize" 2

    // Channel c of 8 at place (0, w) holds 2c + w.
    let expected channelOf =
        tabulate [ 1; 2; 2; 4 ] (fun index ->
            let inBlock = index[2] % 2 * 2 + index[3] % 2
            float (2 * channelOf index[1] inBlock + index[3] / 2))

    let byBlock = expected (fun channel inBlock -> inBlock * 2 + channel)

    [
        row "DepthToSpace" 9 "places in a block first" [ block ] [ deep ] [ byBlock ]
        row "DepthToSpace" 13 "channels first" [ block; Attr.string "mode" "CRD" ] [ deep ] [
            expected (fun channel inBlock -> channel * 4 + inBlock)
        ]
        row "SpaceToDepth" 9 "undoes the first" [ block ] [ byBlock ] [ deep ]
    ]

let table = List.concat [ interpolated; chosen; regions; policies; blocks ]
