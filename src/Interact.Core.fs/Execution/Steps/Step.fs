namespace Interact.Core.Execution

/// A step of a plan made ready for one worker: it holds what the worker must not share.
[<AbstractClass>]
type internal BoundStep() =

    /// Is told the address of each buffer's first element before parts of the work are run.
    abstract Prepare: addresses: nativeint[] -> unit
    default _.Prepare _ = ()

    /// Does one of several parts of the work.
    ///
    /// addresses: the address of each buffer's first element. scratch: memory for all parts, of the step's ScratchSize.
    abstract Run: addresses: nativeint[] * scratch: nativeint * part: int * parts: int -> unit

/// One step of a plan: what it reads and writes, and how it is done.
[<AbstractClass>]
type internal Step(reads: int[], writes: int[]) =

    /// The buffers that are read.
    member _.Reads = reads
    /// The buffers that are written.
    member _.Writes = writes
    /// Elements of scratch memory for the given number of parts.
    abstract ScratchSize: parts: int -> int
    default _.ScratchSize _ = 0
    /// Work to be done, in units of about a nanosecond: tells whether dividing it pays.
    abstract Work: float
    default _.Work = 0.0
    /// Whether the work can be divided into parts.
    abstract IsDivisible: bool
    default _.IsDivisible = false
    /// What is done, for profiles.
    abstract Describe: string
    /// The step for one worker.
    abstract Bind: unit -> BoundStep

/// A nest of loops around a kernel, walked without allocating: the offsets of several arrays at each turn.
[<Sealed>]
type internal Walker(sizes: int[], strides: int[][]) =

    let index = Array.zeroCreate<int> sizes.Length
    let offsets = Array.zeroCreate<int> strides.Length

    /// The offset of each array, in elements.
    member _.Offsets = offsets

    /// Goes to the first turn; false where there is none.
    member _.Start() =
        System.Array.Clear index
        System.Array.Clear offsets
        System.Array.IndexOf(sizes, 0) < 0

    /// Goes to the next turn; false after the last.
    member _.Next() =
        let mutable axis = sizes.Length - 1
        let mutable hasMoved = false

        while not hasMoved && axis >= 0 do
            index[axis] <- index[axis] + 1

            if index[axis] < sizes[axis] then
                for i in 0 .. offsets.Length - 1 do
                    offsets[i] <- offsets[i] + strides[i][axis]

                hasMoved <- true
            else
                for i in 0 .. offsets.Length - 1 do
                    offsets[i] <- offsets[i] - strides[i][axis] * (sizes[axis] - 1)

                index[axis] <- 0
                axis <- axis - 1

        hasMoved
