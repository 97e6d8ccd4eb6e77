namespace Interact.Core.Execution

#nowarn "3535" // Interfaces with static members.

open System.Runtime.CompilerServices

/// erf(x), within 2 ulp on all reals: below 1 as x + x p(x²), beyond as 1 - exp(q(|x|)).
///
/// p is a minimax fit of erf(x)/x - 1 of relative error 1.3e-17, single 1.4e-9; q one of ln erfc of which exp(q) has an absolute error
/// of 2.3e-18, single 2.9e-9 (Remez exchange in 160 bits, weighted by erfc, coefficients rounded one by one).
[<Struct>]
type internal ErfLanes<'I, 'V, 'T when 'T: unmanaged and 'I :> IVectors<'V, 'T>> =

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private Small(x: 'V) : 'V =
        let z = 'I.Multiply(x, x)
        let square = 'I.Multiply(z, z)
        let inline next (c: float) (p: 'V) = 'I.MultiplyAdd(p, square, 'I.Number c)

        let p =
            if Numbers.isDouble<'T> then
                let odd =
                    'I.Number -1.7479298172360407e-09
                    |> next -1.6595342652480508e-07
                    |> next -1.4927099815457035e-05
                    |> next -0.000854832877454598
                    |> next -0.026866170648426047
                    |> next -0.3761263890318413

                let even =
                    'I.Number 1.6074387555340348e-10
                    |> next 1.6273161349945383e-08
                    |> next 1.6484616405326558e-06
                    |> next 0.00012055395110284754
                    |> next 0.005223977656717077
                    |> next 0.11283791670973037
                    |> next 0.1283791670955126

                'I.MultiplyAdd(odd, z, even)
            else
                let odd = 'I.Number -0.0007997853099368513 |> next -0.026853347197175026 |> next -0.3761262595653534

                let even =
                    'I.Number 7.806903886375949e-05
                    |> next 0.005187162198126316
                    |> next 0.11283578723669052
                    |> next 0.12837916612625122

                'I.MultiplyAdd(odd, z, even)

        'I.MultiplyAdd(x, p, x)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member private LogOfComplement(a: 'V) : 'V =
        let t = 'I.Subtract(a, 'I.Number 1.5)
        let square = 'I.Multiply(t, t)
        let inline next (c: float) (p: 'V) = 'I.MultiplyAdd(p, square, 'I.Number c)

        if Numbers.isDouble<'T> then
            let odd =
                'I.Number -2.171904396108638e-11
                |> next -8.415525974703896e-10
                |> next -1.165149386994855e-09
                |> next 1.9257219437371983e-07
                |> next 2.370873724973358e-06
                |> next -2.2473698899956612e-05
                |> next -0.0012572166853597208
                |> next -0.025824140633722008
                |> next -3.5088008017795267

            let even =
                'I.Number 1.1864720898607972e-12
                |> next 1.775071169567617e-10
                |> next 2.324848578081657e-09
                |> next -2.7725608464752083e-08
                |> next -8.188276301911715e-07
                |> next -2.6468207687409333e-06
                |> next 0.00021596330321155214
                |> next 0.0060067463865956655
                |> next -0.8926403306150433
                |> next -3.3844920895515527

            'I.MultiplyAdd(odd, t, even)
        else
            let odd = 'I.Number -0.0012917747953906655 |> next -0.025811947882175446 |> next -3.5088014602661133

            let even =
                'I.Number 0.00021149717213120311
                |> next 0.006007550284266472
                |> next -0.8926388025283813
                |> next -3.3844921588897705

            'I.MultiplyAdd(odd, t, even)

    interface IUnary<'V> with
        [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
        static member Apply x =
            let one = 'I.Number 1.0
            let a = Exponential<'I, 'V, 'T>.Magnitude(x, Numbers.choose<'T> 6.0 4.0)
            let q = ErfLanes<'I, 'V, 'T>.LogOfComplement a
            let n = Exponential<'I, 'V, 'T>.Multiple q
            let p = Exponential<'I, 'V, 'T>.Minus1(q, n)
            let minusPower = 'I.Negate(Powers.ofTwo<'I, 'V, 'T> n)
            let large = 'I.MultiplyAdd(minusPower, 'I.Add(one, p), one)
            let signed = Exponential<'I, 'V, 'T>.WithSign(large, x)
            'I.Select('I.LessThan(a, one), ErfLanes<'I, 'V, 'T>.Small x, signed)
