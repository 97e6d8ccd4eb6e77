namespace Interact.Core.Data

open System.IO

/// The checksum of zip archives (CRC-32, reflected polynomial 0xEDB88320), which .NET does not compare on reading.
[<RequireQualifiedAccess>]
module internal Crc32 =

    let private table =
        Array.init 256 (fun index ->
            let mutable remainder = uint32 index

            for _ in 1..8 do
                remainder <- (remainder >>> 1) ^^^ (if remainder &&& 1u = 1u then 0xEDB88320u else 0u)

            remainder)

    /// The checksum of what is left of a stream.
    let ofStream (stream: Stream) =
        let buffer = Array.zeroCreate<byte>(1 <<< 16)
        let mutable remainder = 0xFFFFFFFFu
        let mutable count = stream.Read buffer

        while count > 0 do
            for index in 0 .. count - 1 do
                remainder <- (remainder >>> 8) ^^^ table[int (byte remainder ^^^ buffer[index])]

            count <- stream.Read buffer

        ~~~remainder
