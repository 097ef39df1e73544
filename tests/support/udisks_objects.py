"""What UDisks says about disks, as plain values: an ordinary stick, changed where a test says so."""

from typing import Any, Final

from kiosk.media.udisks.bus import ROOT, SERVICE, ManagedObjects

BLOCK: Final = f"{SERVICE}.Block"
DRIVE: Final = f"{SERVICE}.Drive"
FILESYSTEM: Final = f"{SERVICE}.Filesystem"
PARTITION: Final = f"{SERVICE}.Partition"
TABLE: Final = f"{SERVICE}.PartitionTable"
NOTHING: Final = "/"


def drive_path(disk: str) -> str:
    return f"{ROOT}/drives/Drive_{disk}"


def block_path(name: str) -> str:
    return f"{ROOT}/block_devices/{name}"


def drive_properties(**changes: Any) -> dict[str, Any]:
    """Of a stick with a medium in it."""
    return {
        "Vendor": "Kingston",
        "Model": "DataTraveler",
        "Serial": "AB12CD34EF56",
        "ConnectionBus": "usb",
        "Media": "thumb",
        "MediaCompatibility": ["thumb"],
        "Removable": True,
        "MediaRemovable": True,
        "MediaAvailable": True,
        "Optical": False,
        "CanPowerOff": True,
    } | changes


def block_properties(name: str, disk: str, **changes: Any) -> dict[str, Any]:
    """Of a block device that nothing is known of."""
    return {
        "Device": f"/dev/{name}".encode() + b"\0",
        "Symlinks": [],
        "Drive": drive_path(disk),
        "Size": 64 * 1024 * 1024,
        "ReadOnly": False,
        "IdUsage": "",
        "IdType": "",
        "IdLabel": "",
        "IdUUID": "",
        "HintSystem": False,
        "HintIgnore": False,
    } | changes


def filesystem(type_: str = "vfat", label: str = "STICK-A") -> dict[str, Any]:
    """What a block device says of its file system."""
    return {"IdUsage": "filesystem", "IdType": type_, "IdLabel": label, "IdUUID": f"UUID-OF-{label}"}


def stick(disk: str = "sda", type_: str = "vfat", label: str = "STICK-A") -> ManagedObjects:
    """A stick with one partition."""
    part = f"{disk}1"
    return {
        drive_path(disk): {DRIVE: drive_properties()},
        block_path(disk): {BLOCK: block_properties(disk, disk), TABLE: {"Type": "dos"}},
        block_path(part): {
            BLOCK: block_properties(part, disk, **filesystem(type_, label)),
            PARTITION: {"IsContainer": False, "Table": block_path(disk)},
            FILESYSTEM: {"MountPoints": []},
        },
    }


def bare_stick(disk: str = "sda", type_: str = "vfat", label: str = "STICK-A") -> ManagedObjects:
    """A stick without a table of partitions."""
    return {
        drive_path(disk): {DRIVE: drive_properties()},
        block_path(disk): {
            BLOCK: block_properties(disk, disk, **filesystem(type_, label)),
            FILESYSTEM: {"MountPoints": []},
        },
    }


def built_in(disk: str, bus: str = "", **changes: Any) -> ManagedObjects:
    """A disk of the machine itself."""
    return {
        drive_path(disk): {DRIVE: drive_properties(ConnectionBus=bus, Removable=False, MediaRemovable=False)},
        block_path(disk): {
            BLOCK: block_properties(disk, disk, **(filesystem("ext4") | {"HintSystem": True} | changes)),
            FILESYSTEM: {"MountPoints": []},
        },
    }


def loop(name: str = "loop0") -> ManagedObjects:
    """A file that stands for a disk."""
    block = block_properties(name, name, **filesystem("vfat"), HintSystem=True) | {"Drive": NOTHING}
    return {block_path(name): {BLOCK: block, FILESYSTEM: {"MountPoints": []}}}
