namespace Interact.Core.Onnx

open System
open System.IO
open System.Runtime.InteropServices
open Microsoft.Win32.SafeHandles

/// What a name on disk stands for.
[<RequireQualifiedAccess>]
type internal FileKind =
    | Regular
    | Folder
    /// A symbolic link, a device, a pipe, a socket.
    | Other

/// Which file on which disk it is, and how many names it has there.
type internal FileIdentity = { Kind: FileKind; Disk: uint64; Number: uint64; Names: uint64; Size: int64 }

/// The systems' own calls: .NET does not tell how many names a file has.
module private SystemCalls =

    [<DllImport("libc", EntryPoint = "statx")>]
    extern int statx(
        int folder,
        [<MarshalAs(UnmanagedType.LPUTF8Str)>] string path,
        int flags,
        uint32 mask,
        byte[] buffer
    )

    [<DllImport("libc", EntryPoint = "lstat")>]
    extern int lstat([<MarshalAs(UnmanagedType.LPUTF8Str)>] string path, byte[] buffer)

    [<DllImport("libc", EntryPoint = "fstat")>]
    extern int fstat(int handle, byte[] buffer)

    [<DllImport("libc", EntryPoint = "lstat$INODE64")>]
    extern int lstatInode64([<MarshalAs(UnmanagedType.LPUTF8Str)>] string path, byte[] buffer)

    [<DllImport("libc", EntryPoint = "fstat$INODE64")>]
    extern int fstatInode64(int handle, byte[] buffer)

    [<DllImport("kernel32", EntryPoint = "GetFileInformationByHandle")>]
    extern bool getFileInformationByHandle(SafeFileHandle handle, byte[] buffer)

/// Tells files from links, and whether two names or an opened file are the same.
[<RequireQualifiedAccess>]
module internal FileIdentity =

    let private kindOfMode (mode: uint16) =
        match mode &&& 0xF000us with
        | 0x8000us -> FileKind.Regular
        | 0x4000us -> FileKind.Folder
        | _ -> FileKind.Other

    let private uint16At (buffer: byte[]) offset = BitConverter.ToUInt16(buffer, offset)
    let private uint32At (buffer: byte[]) offset = BitConverter.ToUInt32(buffer, offset)
    let private uint64At (buffer: byte[]) offset = BitConverter.ToUInt64(buffer, offset)

    /// Linux's struct statx, the same on every processor.
    let private statx folder path flags =
        let buffer = Array.zeroCreate<byte> 256
        let basic = 0x7FFu

        if SystemCalls.statx (folder, path, flags, basic, buffer) <> 0 then
            None
        else
            Some {
                Kind = kindOfMode (uint16At buffer 28)
                Disk = uint64At buffer 136
                Number = uint64At buffer 32
                Names = uint64 (uint32At buffer 16)
                Size = int64 (uint64At buffer 40)
            }

    /// The struct stat of macOS.
    let private stat (call: byte[] -> int) =
        let buffer = Array.zeroCreate<byte> 256

        if call buffer <> 0 then
            None
        else
            Some {
                Kind = kindOfMode (uint16At buffer 4)
                Disk = uint64 (uint32At buffer 0)
                Number = uint64At buffer 8
                Names = uint64 (uint16At buffer 6)
                Size = int64 (uint64At buffer 96)
            }

    let private isArm = RuntimeInformation.ProcessArchitecture = Architecture.Arm64

    /// BY_HANDLE_FILE_INFORMATION of Windows.
    let private byHandle (handle: SafeFileHandle) =
        let buffer = Array.zeroCreate<byte> 64

        if not (SystemCalls.getFileInformationByHandle (handle, buffer)) then
            None
        else
            let attributes: FileAttributes = enum (int (uint32At buffer 0))

            Some {
                Kind =
                    if attributes &&& (FileAttributes.ReparsePoint ||| FileAttributes.Device) <> enum 0 then
                        FileKind.Other
                    elif attributes.HasFlag FileAttributes.Directory then
                        FileKind.Folder
                    else
                        FileKind.Regular
                Disk = uint64 (uint32At buffer 28)
                Number = (uint64 (uint32At buffer 44) <<< 32) ||| uint64 (uint32At buffer 48)
                Names = uint64 (uint32At buffer 40)
                Size = (int64 (uint32At buffer 32) <<< 32) ||| int64 (uint32At buffer 36)
            }

    /// Of an opened file; None where the system does not tell.
    let ofHandle (handle: SafeFileHandle) : FileIdentity option =
        let number = int (handle.DangerousGetHandle())

        if OperatingSystem.IsLinux() then
            let emptyPath = 0x1000
            statx number "" emptyPath
        elif OperatingSystem.IsMacOS() then
            stat (fun buffer ->
                if isArm then SystemCalls.fstat (number, buffer) else SystemCalls.fstatInode64 (number, buffer))
        elif OperatingSystem.IsWindows() then
            byHandle handle
        else
            None

    /// Of what is under a path: a link is not followed, and nothing is opened that could wait. None where there is nothing, or the
    /// system does not tell.
    let ofPath (path: string) : FileIdentity option =
        if OperatingSystem.IsLinux() then
            let currentFolder, noFollow = -100, 0x100
            statx currentFolder path noFollow
        elif OperatingSystem.IsMacOS() then
            stat (fun buffer ->
                if isArm then SystemCalls.lstat (path, buffer) else SystemCalls.lstatInode64 (path, buffer))
        elif OperatingSystem.IsWindows() then
            let attributes = FileInfo(path).Attributes

            if int attributes = -1 then
                None
            elif
                attributes &&& (FileAttributes.ReparsePoint ||| FileAttributes.Device ||| FileAttributes.Directory)
                <> enum 0
            then
                let kind =
                    if attributes.HasFlag FileAttributes.ReparsePoint then FileKind.Other
                    elif attributes.HasFlag FileAttributes.Directory then FileKind.Folder
                    else FileKind.Other

                Some { Kind = kind; Disk = 0UL; Number = 0UL; Names = 1UL; Size = 0L }
            else
                use handle = File.OpenHandle path
                byHandle handle
        else
            None
