"""Layouts and numbers of Windows: from winbase.h, winioctl.h, setupapi.h, cfgmgr32.h and devpkey.h.

Widths are spelt out, so that the layouts come out the same on every system and can be checked anywhere.
"""

from ctypes import Structure, c_int64, c_ubyte, c_uint16, c_uint32, c_void_p, c_wchar
from typing import Final

GENERIC_READ: Final = 0x80000000
GENERIC_WRITE: Final = 0x40000000
SHARE_NONE: Final = 0
SHARE_ALL: Final = 0x7
CREATE_NEW: Final = 1
OPEN_EXISTING: Final = 3
WRITE_THROUGH: Final = 0x80000000
NO_BUFFERING: Final = 0x20000000
MOVEFILE_WRITE_THROUGH: Final = 0x8
INVALID_ATTRIBUTES: Final = 0xFFFFFFFF
ATTRIBUTE_DIRECTORY: Final = 0x10
READ_ONLY_VOLUME: Final = 0x00080000
SEM_FAILCRITICALERRORS: Final = 0x0001
MEM_COMMIT_RESERVE: Final = 0x3000
MEM_RELEASE: Final = 0x8000
PAGE_READWRITE: Final = 0x4
INVALID_HANDLE: Final = c_void_p(-1).value

IOCTL_STORAGE_QUERY_PROPERTY: Final = 0x002D1400
IOCTL_STORAGE_GET_DEVICE_NUMBER: Final = 0x002D1080
IOCTL_VOLUME_GET_VOLUME_DISK_EXTENTS: Final = 0x00560000
IOCTL_DISK_IS_WRITABLE: Final = 0x00070024
FSCTL_LOCK_VOLUME: Final = 0x00090018
FSCTL_DISMOUNT_VOLUME: Final = 0x00090020
FILE_DEVICE_DISK: Final = 7

DIGCF_PRESENT_INTERFACE: Final = 0x12
CR_SUCCESS: Final = 0
CR_NO_SUCH_DEVNODE: Final = 0x0D
CR_REMOVE_VETOED: Final = 0x17
NO_SUCH_DEVICE: Final = 433
FILE_NOT_FOUND: Final = 2
NO_MORE_FILES: Final = 18
DEVPROP_FILETIME: Final = 0x10

SECTOR_ROOM: Final = 4096
"""Reads past the cache come in whole sectors, into memory that begins on one: a multiple of every sector size."""
LONGEST_TEXT: Final = 261
LONGEST_INSTANCE: Final = 201


class Guid(Structure):
    _fields_ = (("a", c_uint32), ("b", c_uint16), ("c", c_uint16), ("d", c_ubyte * 8))


class PropertyKey(Structure):
    _fields_ = (("guid", Guid), ("number", c_uint32))


class PropertyQuery(Structure):
    _fields_ = (("id", c_uint32), ("type", c_uint32), ("more", c_ubyte * 4))


class DeviceDescriptor(Structure):
    _fields_ = (
        ("version", c_uint32),
        ("size", c_uint32),
        ("device_type", c_ubyte),
        ("device_type_modifier", c_ubyte),
        ("removable_media", c_ubyte),
        ("command_queueing", c_ubyte),
        ("vendor_offset", c_uint32),
        ("product_offset", c_uint32),
        ("revision_offset", c_uint32),
        ("serial_offset", c_uint32),
        ("bus", c_uint32),
        ("raw_length", c_uint32),
    )


class DeviceNumber(Structure):
    _fields_ = (("type", c_uint32), ("number", c_uint32), ("partition", c_uint32))


class DiskExtent(Structure):
    _fields_ = (("disk", c_uint32), ("start", c_int64), ("length", c_int64))


class DiskExtents(Structure):
    _fields_ = (("count", c_uint32), ("extents", DiskExtent * 16))


class FindData(Structure):
    _fields_ = (
        ("attributes", c_uint32),
        ("times", c_uint32 * 6),
        ("sizes", c_uint32 * 4),
        ("name", c_wchar * 260),
        ("short_name", c_wchar * 14),
    )


class InterfaceData(Structure):
    _fields_ = (
        ("size", c_uint32),
        ("guid", Guid),
        ("flags", c_uint32),
        ("reserved", c_void_p),
    )


class DeviceInfo(Structure):
    _fields_ = (
        ("size", c_uint32),
        ("guid", Guid),
        ("node", c_uint32),
        ("reserved", c_void_p),
    )


def _guid(a: int, b: int, c: int, *d: int) -> Guid:
    return Guid(a, b, c, (c_ubyte * 8)(*d))


DISK_INTERFACE: Final = _guid(0x53F56307, 0xB6BF, 0x11D0, 0x94, 0xF2, 0x00, 0xA0, 0xC9, 0x1E, 0xFB, 0x8B)
"""GUID_DEVINTERFACE_DISK."""
LAST_ARRIVAL: Final = PropertyKey(
    _guid(0x83DA6326, 0x97A6, 0x4088, 0x94, 0x53, 0xA1, 0x92, 0x3F, 0x57, 0x3B, 0x29), 102
)
"""DEVPKEY_Device_LastArrivalDate."""
