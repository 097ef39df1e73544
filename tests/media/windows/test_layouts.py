"""Layouts and codes are what the headers of Windows compute; all that can be known of them away from Windows."""

from ctypes import c_void_p, sizeof

import pytest

from kiosk.media.windows import layouts

FILE_DEVICE_DISK, FILE_DEVICE_FILE_SYSTEM, FILE_DEVICE_MASS_STORAGE, VOLUME = 0x7, 0x9, 0x2D, ord("V")


@pytest.mark.parametrize(
    ("code", "device", "function"),
    [
        (layouts.IOCTL_STORAGE_QUERY_PROPERTY, FILE_DEVICE_MASS_STORAGE, 0x500),
        (layouts.IOCTL_STORAGE_GET_DEVICE_NUMBER, FILE_DEVICE_MASS_STORAGE, 0x420),
        (layouts.IOCTL_VOLUME_GET_VOLUME_DISK_EXTENTS, VOLUME, 0),
        (layouts.IOCTL_DISK_IS_WRITABLE, FILE_DEVICE_DISK, 9),
        (layouts.FSCTL_LOCK_VOLUME, FILE_DEVICE_FILE_SYSTEM, 6),
        (layouts.FSCTL_DISMOUNT_VOLUME, FILE_DEVICE_FILE_SYSTEM, 8),
    ],
)
def test_a_control_code_is_what_ctl_code_makes_of_its_parts(code: int, device: int, function: int) -> None:
    method_buffered, any_access = 0, 0
    assert code == device << 16 | any_access << 14 | function << 2 | method_buffered


@pytest.mark.skipif(sizeof(c_void_p) != 8, reason="sizes of 64-bit Windows")
def test_structures_have_the_sizes_of_64_bit_windows() -> None:
    assert sizeof(layouts.Guid) == 16
    assert sizeof(layouts.PropertyKey) == 20
    assert sizeof(layouts.PropertyQuery) == 12
    assert sizeof(layouts.DeviceNumber) == 12
    assert sizeof(layouts.DiskExtent) == 24
    assert layouts.DiskExtents.extents.offset == 8
    assert sizeof(layouts.InterfaceData) == 32
    assert sizeof(layouts.DeviceInfo) == 32
    assert layouts.DeviceDescriptor.vendor_offset.offset == 12
    assert layouts.DeviceDescriptor.bus.offset == 28
    assert layouts.FindData.name.offset == 44
