"""The calls of Windows themselves, by ctypes: one method for each, and no decision in any of them.

Loaded on Windows only.
"""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, byref, sizeof, wintypes
from typing import Any

from kiosk.media.windows import layouts
from kiosk.media.windows.calls import (
    CallFailed,
    DeviceAnswer,
    EntryAnswer,
    NodeAnswer,
    SpaceAnswer,
    VetoAnswer,
    VolumeAnswer,
)

assert sys.platform == "win32"  # noqa: S101  # tells the type checker as well

_kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
_setupapi = ctypes.WinDLL("setupapi", use_last_error=True)
_cfgmgr32 = ctypes.WinDLL("cfgmgr32")


# What ctypes would cut to 32 bits, or would return as an int where a pointer is meant.
_kernel32.CreateFileW.restype = wintypes.HANDLE
_kernel32.CreateFileW.argtypes = (
    *(wintypes.LPCWSTR, wintypes.DWORD, wintypes.DWORD, ctypes.c_void_p),
    *(wintypes.DWORD, wintypes.DWORD, wintypes.HANDLE),
)
_kernel32.DeviceIoControl.argtypes = (
    *(wintypes.HANDLE, wintypes.DWORD, ctypes.c_void_p, wintypes.DWORD, ctypes.c_void_p, wintypes.DWORD),
    *(POINTER(wintypes.DWORD), ctypes.c_void_p),
)
_kernel32.WriteFile.argtypes = (
    *(wintypes.HANDLE, ctypes.c_char_p, wintypes.DWORD, POINTER(wintypes.DWORD), ctypes.c_void_p),
)
_kernel32.ReadFile.argtypes = (
    *(wintypes.HANDLE, ctypes.c_void_p, wintypes.DWORD, POINTER(wintypes.DWORD), ctypes.c_void_p),
)
_kernel32.FlushFileBuffers.argtypes = (wintypes.HANDLE,)
_kernel32.CloseHandle.argtypes = (wintypes.HANDLE,)
_kernel32.FindFirstFileW.restype = wintypes.HANDLE
_kernel32.FindFirstFileW.argtypes = (wintypes.LPCWSTR, ctypes.c_void_p)
_kernel32.FindNextFileW.argtypes = (wintypes.HANDLE, ctypes.c_void_p)
_kernel32.FindClose.argtypes = (wintypes.HANDLE,)
_kernel32.GetFileAttributesW.restype = wintypes.DWORD
_kernel32.VirtualAlloc.restype = ctypes.c_void_p
_kernel32.VirtualAlloc.argtypes = (ctypes.c_void_p, ctypes.c_size_t, wintypes.DWORD, wintypes.DWORD)
_kernel32.VirtualFree.argtypes = (ctypes.c_void_p, ctypes.c_size_t, wintypes.DWORD)
_setupapi.SetupDiGetClassDevsW.restype = wintypes.HANDLE
_setupapi.SetupDiGetClassDevsW.argtypes = (
    *(ctypes.c_void_p, wintypes.LPCWSTR, wintypes.HWND, wintypes.DWORD),
)
_setupapi.SetupDiEnumDeviceInterfaces.argtypes = (
    *(wintypes.HANDLE, ctypes.c_void_p, ctypes.c_void_p, wintypes.DWORD, ctypes.c_void_p),
)
_setupapi.SetupDiGetDeviceInterfaceDetailW.argtypes = (
    *(wintypes.HANDLE, ctypes.c_void_p, ctypes.c_void_p, wintypes.DWORD, ctypes.c_void_p, ctypes.c_void_p),
)
_setupapi.SetupDiDestroyDeviceInfoList.argtypes = (wintypes.HANDLE,)


class Win32:
    """`kiosk.media.windows.calls.WindowsCalls` of this machine."""

    def __init__(self) -> None:
        # An empty card reader must not open a window of Windows over the counter.
        _kernel32.SetErrorMode(layouts.SEM_FAILCRITICALERRORS)

    def letters(self) -> tuple[str, ...]:
        """GetLogicalDrives."""
        bits = _kernel32.GetLogicalDrives()
        _require(bits, "GetLogicalDrives")
        return tuple(f"{chr(ord('A') + place)}:" for place in range(26) if bits >> place & 1)

    def system_letter(self) -> str:
        """The drive of GetSystemWindowsDirectoryW."""
        text = ctypes.create_unicode_buffer(layouts.LONGEST_TEXT)
        _require(_kernel32.GetSystemWindowsDirectoryW(text, len(text)), "GetSystemWindowsDirectoryW")
        return text.value[:2]

    def drive_type(self, letter: str) -> int:
        """GetDriveTypeW."""
        return int(_kernel32.GetDriveTypeW(f"{letter}\\"))

    def disks(self, letter: str) -> tuple[int, ...]:
        """IOCTL_VOLUME_GET_VOLUME_DISK_EXTENTS."""
        answer = layouts.DiskExtents()
        with _opened(_device(letter)) as handle:
            _control(handle, layouts.IOCTL_VOLUME_GET_VOLUME_DISK_EXTENTS, answer)
        return tuple(int(answer.extents[place].disk) for place in range(answer.count))

    def device(self, letter: str) -> DeviceAnswer:
        """IOCTL_STORAGE_QUERY_PROPERTY for StorageDeviceProperty."""
        room = ctypes.create_string_buffer(4096)
        with _opened(_device(letter)) as handle:
            _control(handle, layouts.IOCTL_STORAGE_QUERY_PROPERTY, room, layouts.PropertyQuery())
        head = layouts.DeviceDescriptor.from_buffer(room)
        return DeviceAnswer(
            vendor=_text_at(room, head.vendor_offset),
            product=_text_at(room, head.product_offset),
            serial=_text_at(room, head.serial_offset),
            bus=int(head.bus),
            removable_media=bool(head.removable_media),
        )

    def node(self, letter: str) -> NodeAnswer:
        """The disk of this drive among those Plug and Play knows, its parent, and since when it is there."""
        number = _number_of(_device(letter))
        for path, node in _disks_of_plug_and_play():
            try:
                same = _number_of(path) == number
            except CallFailed:
                continue  # another one that is being pulled out
            if same:
                return NodeAnswer(_instance(node), _instance(_parent(node)), _arrived(node))
        raise CallFailed("SetupDiEnumDeviceInterfaces", layouts.NO_SUCH_DEVICE)

    def volume_name(self, letter: str) -> str:
        """GetVolumeNameForVolumeMountPointW."""
        text = ctypes.create_unicode_buffer(layouts.LONGEST_TEXT)
        done = _kernel32.GetVolumeNameForVolumeMountPointW(f"{letter}\\", text, len(text))
        _require(done, "GetVolumeNameForVolumeMountPointW")
        return text.value

    def volume(self, volume: str) -> VolumeAnswer:
        """GetVolumeInformationW."""
        label = ctypes.create_unicode_buffer(layouts.LONGEST_TEXT)
        filesystem = ctypes.create_unicode_buffer(layouts.LONGEST_TEXT)
        flags = wintypes.DWORD()
        done = _kernel32.GetVolumeInformationW(
            volume, label, len(label), None, None, byref(flags), filesystem, len(filesystem)
        )
        _require(done, "GetVolumeInformationW")
        return VolumeAnswer(label.value, filesystem.value, bool(flags.value & layouts.READ_ONLY_VOLUME))

    def space(self, volume: str) -> SpaceAnswer:
        """GetDiskFreeSpaceExW."""
        free, total = ctypes.c_ulonglong(), ctypes.c_ulonglong()
        _require(
            _kernel32.GetDiskFreeSpaceExW(volume, byref(free), byref(total), None), "GetDiskFreeSpaceExW"
        )
        return SpaceAnswer(total=total.value, free=free.value)

    def require_writable(self, letter: str) -> None:
        """IOCTL_DISK_IS_WRITABLE."""
        with _opened(_device(letter), access=layouts.GENERIC_READ) as handle:
            _control(handle, layouts.IOCTL_DISK_IS_WRITABLE)

    def entries(self, volume: str, most: int) -> tuple[EntryAnswer, ...]:
        """FindFirstFileW and FindNextFileW."""
        data = layouts.FindData()
        handle = _kernel32.FindFirstFileW(f"{volume}*", byref(data))
        if handle == layouts.INVALID_HANDLE:
            code = ctypes.get_last_error()
            if code == layouts.FILE_NOT_FOUND:  # the root folder of a FAT holds no "." of its own
                return ()
            raise CallFailed("FindFirstFileW", code)
        found: list[EntryAnswer] = []
        try:
            while len(found) < most:
                if data.name not in {".", ".."}:
                    is_folder = bool(data.attributes & layouts.ATTRIBUTE_DIRECTORY)
                    found.append(EntryAnswer(str(data.name), is_folder))
                if not _kernel32.FindNextFileW(handle, byref(data)):
                    code = ctypes.get_last_error()
                    if code != layouts.NO_MORE_FILES:
                        raise CallFailed("FindNextFileW", code)
                    break
        finally:
            _kernel32.FindClose(handle)
        return tuple(found)

    def exists(self, volume: str, name: str) -> bool:
        """GetFileAttributesW."""
        if _kernel32.GetFileAttributesW(f"{volume}{name}") != layouts.INVALID_ATTRIBUTES:
            return True
        code = ctypes.get_last_error()
        if code == layouts.FILE_NOT_FOUND:
            return False
        raise CallFailed("GetFileAttributesW", code)

    def create_new(self, volume: str, name: str) -> int:
        """CreateFileW with CREATE_NEW."""
        return _create(
            f"{volume}{name}",
            layouts.GENERIC_READ | layouts.GENERIC_WRITE,
            layouts.SHARE_NONE,
            layouts.CREATE_NEW,
            layouts.WRITE_THROUGH,
        )

    def write(self, handle: int, data: bytes) -> int:
        """WriteFile."""
        taken = wintypes.DWORD()
        _require(_kernel32.WriteFile(handle, data, len(data), byref(taken), None), "WriteFile")
        return taken.value

    def flush(self, handle: int) -> None:
        """FlushFileBuffers."""
        _require(_kernel32.FlushFileBuffers(handle), "FlushFileBuffers")

    def close(self, handle: int) -> None:
        """CloseHandle."""
        _require(_kernel32.CloseHandle(handle), "CloseHandle")

    def read_past_cache(self, volume: str, name: str, most: int) -> bytes:
        """ReadFile with FILE_FLAG_NO_BUFFERING."""
        room = (most // layouts.SECTOR_ROOM + 1) * layouts.SECTOR_ROOM
        with _opened(f"{volume}{name}", access=layouts.GENERIC_READ, flags=layouts.NO_BUFFERING) as handle:
            memory = _kernel32.VirtualAlloc(None, room, layouts.MEM_COMMIT_RESERVE, layouts.PAGE_READWRITE)
            _require(memory, "VirtualAlloc")
            try:
                came = wintypes.DWORD()
                _require(_kernel32.ReadFile(handle, memory, room, byref(came), None), "ReadFile")
                return ctypes.string_at(memory, min(came.value, most))
            finally:
                ctypes.memset(memory, 0, room)
                _kernel32.VirtualFree(memory, 0, layouts.MEM_RELEASE)

    def move_new(self, volume: str, old: str, new: str) -> None:
        """MoveFileExW without MOVEFILE_REPLACE_EXISTING."""
        moved = _kernel32.MoveFileExW(f"{volume}{old}", f"{volume}{new}", layouts.MOVEFILE_WRITE_THROUGH)
        _require(moved, "MoveFileExW")

    def delete(self, volume: str, name: str) -> None:
        """DeleteFileW."""
        _require(_kernel32.DeleteFileW(f"{volume}{name}"), "DeleteFileW")

    def dismount(self, volume: str) -> None:
        """FSCTL_LOCK_VOLUME and FSCTL_DISMOUNT_VOLUME; closing the handle unlocks."""
        with _opened(volume.rstrip("\\"), access=layouts.GENERIC_READ | layouts.GENERIC_WRITE) as handle:
            _control(handle, layouts.FSCTL_LOCK_VOLUME)
            _control(handle, layouts.FSCTL_DISMOUNT_VOLUME)

    def eject(self, instance: str) -> VetoAnswer | None:
        """CM_Request_Device_EjectW."""
        node = wintypes.DWORD()
        _require_cr(_cfgmgr32.CM_Locate_DevNodeW(byref(node), instance, 0), "CM_Locate_DevNodeW")
        kind = wintypes.DWORD()
        name = ctypes.create_unicode_buffer(layouts.LONGEST_TEXT)
        result = _cfgmgr32.CM_Request_Device_EjectW(node, byref(kind), name, len(name), 0)
        if result == layouts.CR_REMOVE_VETOED:
            return VetoAnswer(kind.value, name.value)
        _require_cr(result, "CM_Request_Device_EjectW")
        return None


def _device(letter: str) -> str:
    return f"\\\\.\\{letter}"


def _require(result: Any, call: str) -> None:
    if not result:
        raise CallFailed(call, ctypes.get_last_error())


def _require_cr(result: int, call: str) -> None:
    if result != layouts.CR_SUCCESS:
        raise CallFailed(call, layouts.NO_SUCH_DEVICE if result == layouts.CR_NO_SUCH_DEVNODE else 31)


def _create(path: str, access: int, share: int, disposition: int, flags: int) -> int:
    handle = _kernel32.CreateFileW(path, access, share, None, disposition, flags, None)
    if handle is None or handle == layouts.INVALID_HANDLE:
        raise CallFailed("CreateFileW", ctypes.get_last_error())
    return int(handle)


@contextmanager
def _opened(path: str, *, access: int = 0, flags: int = 0) -> Iterator[int]:
    """What exists; without `access` only questions about the device may be asked, which needs no rights."""
    handle = _create(path, access, layouts.SHARE_ALL, layouts.OPEN_EXISTING, flags)
    try:
        yield handle
    finally:
        _kernel32.CloseHandle(handle)


def _control(handle: int, code: int, answer: Any = None, question: Any = None) -> None:
    came = wintypes.DWORD()
    done = _kernel32.DeviceIoControl(
        handle,
        code,
        None if question is None else byref(question),
        0 if question is None else sizeof(question),
        None if answer is None else byref(answer),
        0 if answer is None else sizeof(answer),
        byref(came),
        None,
    )
    _require(done, f"DeviceIoControl {code:#x}")


def _text_at(room: Any, offset: int) -> str:
    if not 0 < offset < len(room):
        return ""
    return bytes(room.raw[offset:]).split(b"\0", 1)[0].decode("latin-1").strip()


def _number_of(path: str) -> int:
    """The number Windows gives a disk, by any of its names."""
    answer = layouts.DeviceNumber()
    with _opened(path) as handle:
        _control(handle, layouts.IOCTL_STORAGE_GET_DEVICE_NUMBER, answer)
    if answer.type != layouts.FILE_DEVICE_DISK:
        raise CallFailed("IOCTL_STORAGE_GET_DEVICE_NUMBER", 1)
    return int(answer.number)


def _disks_of_plug_and_play() -> Iterator[tuple[str, int]]:
    """Path and device node of every disk that is present."""
    found = _setupapi.SetupDiGetClassDevsW(
        byref(layouts.DISK_INTERFACE), None, None, layouts.DIGCF_PRESENT_INTERFACE
    )
    if found == layouts.INVALID_HANDLE:
        raise CallFailed("SetupDiGetClassDevsW", ctypes.get_last_error())
    try:
        place = 0
        interface = layouts.InterfaceData(size=sizeof(layouts.InterfaceData))
        while _setupapi.SetupDiEnumDeviceInterfaces(
            found, None, byref(layouts.DISK_INTERFACE), place, byref(interface)
        ):
            place += 1
            yield _detail(found, interface)
    finally:
        _setupapi.SetupDiDestroyDeviceInfoList(found)


def _detail(found: int, interface: layouts.InterfaceData) -> tuple[str, int]:
    """SP_DEVICE_INTERFACE_DETAIL_DATA_W: a size that counts the head alone, then the path."""
    room = ctypes.create_string_buffer(1024)
    head = 8 if sizeof(ctypes.c_void_p) == 8 else 6  # of 64 and of 32 bits, by their alignment
    wintypes.DWORD.from_buffer(room).value = head
    info = layouts.DeviceInfo(size=sizeof(layouts.DeviceInfo))
    done = _setupapi.SetupDiGetDeviceInterfaceDetailW(
        found, byref(interface), room, len(room), None, byref(info)
    )
    _require(done, "SetupDiGetDeviceInterfaceDetailW")
    return ctypes.wstring_at(ctypes.addressof(room) + sizeof(wintypes.DWORD)), int(info.node)


def _instance(node: int) -> str:
    text = ctypes.create_unicode_buffer(layouts.LONGEST_INSTANCE)
    _require_cr(_cfgmgr32.CM_Get_Device_IDW(node, text, len(text), 0), "CM_Get_Device_IDW")
    return text.value


def _parent(node: int) -> int:
    parent = wintypes.DWORD()
    _require_cr(_cfgmgr32.CM_Get_Parent(byref(parent), node, 0), "CM_Get_Parent")
    return parent.value


def _arrived(node: int) -> int:
    kind, moment = wintypes.ULONG(), ctypes.c_ulonglong()
    size = wintypes.ULONG(sizeof(moment))
    result = _cfgmgr32.CM_Get_DevNode_PropertyW(
        node, byref(layouts.LAST_ARRIVAL), byref(kind), byref(moment), byref(size), 0
    )
    _require_cr(result, "CM_Get_DevNode_PropertyW")
    if kind.value != layouts.DEVPROP_FILETIME:
        raise CallFailed("CM_Get_DevNode_PropertyW", 1)
    return moment.value
