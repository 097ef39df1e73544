"""Which of everything plugged in may be written to, and why not the rest (E-88).

What does not hang on a USB port is never offered and never shown. What does and may not be used is shown with its
reason: nothing annoys people more than a stick that is not listed without a word.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Final

from kiosk.media.leftovers import Identity
from kiosk.media.udisks.abandoned import NO_MOUNTS, OwnMounts
from kiosk.media.udisks.claims import is_at_work_elsewhere
from kiosk.media.udisks.kernel import DiskFacts, Kernel, MountLine, UsbFacts
from kiosk.media.udisks.objects import BlockObject, DriveObject, UDisksObjects
from kiosk.media.udisks.references import PlugIn, reference
from kiosk.media.volumes import Stick, StickRefusal
from kiosk.rules.texts import device_text

KERNEL_FILESYSTEMS: Final = frozenset({"vfat", "exfat"})
"""Those whose order of writing was proven to survive a pull."""

_MASS_STORAGE: Final = "08"
_SERIAL_TAIL: Final = 6
_WHOLE_SERIAL: Final = 256


@dataclass(frozen=True)
class Policy:
    """What this terminal accepts."""

    accepted_filesystems: frozenset[str] = KERNEL_FILESYSTEMS
    allow_fixed_disks: bool = False
    """Accept USB disks that call themselves fixed, as SSDs do."""
    largest: int | None = None
    """Bytes."""
    registered: Callable[[UsbFacts], bool] | None = None
    """Whether a device is on the bank's list; None accepts all."""


@dataclass(frozen=True)
class Target:
    """A USB disk at one moment: a stick to write to unless `stick.refusal` says why not."""

    stick: Stick
    block_path: str
    """UDisks' object of the file system."""
    drive_path: str
    disk: str
    """The kernel's name of the whole disk."""
    partition: str
    """The kernel's name of what holds the file system; the disk itself when it has no partitions."""
    abandoned: bool = False
    """Nothing uses it but a mount of this program's own account that nobody works on any more: unmount it first."""
    identity: Identity = ()
    """File system and USB device: the same when the stick is put back, and of a clone."""


@dataclass(frozen=True)
class _Candidate:
    """One whole USB disk with all that is known of it."""

    drive: DriveObject
    facts: DiskFacts
    usb: UsbFacts
    whole: BlockObject
    parts: tuple[BlockObject, ...]
    """Every partition that could hold something."""
    unknown_parts: bool
    """The kernel has partitions that UDisks does not know yet."""
    in_use: bool
    abandoned: bool
    """It would be, but for what a program of this kind left mounted when it was killed."""

    @property
    def blocks(self) -> tuple[BlockObject, ...]:
        return (self.whole, *self.parts)

    @property
    def volume(self) -> BlockObject:
        """What would be written to."""
        return self.parts[0] if len(self.parts) == 1 and not self.whole.usage else self.whole

    @property
    def is_empty_slot(self) -> bool:
        return not self.drive.media_available or self.facts.size == 0


def find_targets(
    objects: UDisksObjects,
    kernel: Kernel,
    policy: Policy,
    ours: Collection[str] = (),
    own_mounts: OwnMounts = NO_MOUNTS,
) -> tuple[Target, ...]:
    """Every USB disk, in the order of plugging in. `ours`: disks whose mounts are this program's own.

    `own_mounts` is how a mount looks that an earlier run of it may have left. Blocking: it asks the kernel, never
    the stick.
    """
    boot_id = kernel.boot_id()
    in_system = _InSystem(kernel, ours, own_mounts)
    candidates = sorted(
        _candidates(objects, kernel, in_system), key=lambda one: (one.facts.diskseq, one.facts.name)
    )
    shown = (one for one in candidates if not _is_told_by_another(one, candidates))
    return tuple(_target(one, boot_id, _refusal(one, policy)) for one in shown)


def _candidates(objects: UDisksObjects, kernel: Kernel, in_system: "_InSystem") -> Iterator[_Candidate]:
    drives = {drive.path: drive for drive in objects.drives if drive.bus == "usb"}
    by_name = {block.name: block for block in objects.blocks if block.drive in drives}
    for whole in by_name.values():
        facts = kernel.disk(whole.name)
        if facts is None or facts.usb is None or whole.diskseq not in {None, facts.diskseq}:
            continue
        known = tuple(by_name[name] for name in facts.partitions if name in by_name)
        yield _Candidate(
            drive=drives[whole.drive],
            facts=facts,
            usb=facts.usb,
            whole=whole,
            parts=tuple(part for part in known if not part.is_container),
            unknown_parts=len(known) < len(facts.partitions),
            in_use=in_system.uses(facts, (whole, *known)),
            abandoned=in_system.has_left(facts, (whole, *known)),
        )


class _InSystem:
    """What this machine does with its disks at the moment."""

    def __init__(self, kernel: Kernel, ours: Collection[str], own_mounts: OwnMounts) -> None:
        self._kernel, self._ours, self._own_mounts = kernel, ours, own_mounts
        self._mounts = kernel.mounts()
        self._swaps = kernel.swaps()

    def uses(self, disk: DiskFacts, blocks: Collection[BlockObject]) -> bool:
        """Whether anything of the disk is held, unlocked, swapped on, or mounted by anybody but us."""
        if self._needs(disk, blocks):
            return True
        if disk.name in self._ours:
            return False
        is_mounted = bool(self._mounts_of(disk)) or any(block.mount_points for block in blocks)
        return is_mounted and not self.has_left(disk, blocks)

    def has_left(self, disk: DiskFacts, blocks: Collection[BlockObject]) -> bool:
        """Whether it is mounted by nobody but a program of this kind that was killed."""
        points = [point for block in blocks for point in block.mount_points]
        return (
            disk.name not in self._ours
            and self._own_mounts.are_all(self._mounts_of(disk), points)
            and not is_at_work_elsewhere(disk.name, self._kernel)
        )

    def _needs(self, disk: DiskFacts, blocks: Collection[BlockObject]) -> bool:
        numbers = {self._kernel.device_number(name) for name in (disk.name, *disk.partitions)}
        return bool(
            disk.holders
            or numbers & self._swaps
            or any(block.is_unlocked or block.is_swapped_on for block in blocks)
        )

    def _mounts_of(self, disk: DiskFacts) -> list[MountLine]:
        names = (disk.name, *disk.partitions)
        numbers = {self._kernel.device_number(name) for name in names}
        sources = {f"/dev/{name}" for name in names}
        return [line for line in self._mounts if line.device in numbers or line.source in sources]


def _is_told_by_another(one: _Candidate, candidates: Collection[_Candidate]) -> bool:
    """One device in the hand is one line: the disc part of a stick and the empty slots of a reader are none."""
    siblings = [other for other in candidates if other is not one and other.usb == one.usb]
    if one.drive.optical:
        return any(not other.drive.optical for other in siblings)
    if one.is_empty_slot:
        return any(
            not other.drive.optical and (not other.is_empty_slot or other.facts.diskseq < one.facts.diskseq)
            for other in siblings
        )
    return False


def _refusal(one: _Candidate, policy: Policy) -> StickRefusal | None:
    """What is dangerous comes first, then what no hand can change, then what one can."""
    return _as_a_device(one, policy) or _as_a_medium(one, policy) or _as_a_volume(one, policy)


def _as_a_device(one: _Candidate, policy: Policy) -> StickRefusal | None:
    if not one.usb.interfaces or not all(code.startswith(_MASS_STORAGE) for code in one.usb.interfaces):
        return StickRefusal.COMPOSITE_DEVICE
    if one.drive.optical:
        return StickRefusal.OPTICAL
    # A small part beside the one for files is often hidden: then there are several, and nobody forbade anything.
    is_hidden = one.whole.hint_ignore or one.volume.hint_ignore
    if is_hidden or any(block.hint_system for block in one.blocks):
        return StickRefusal.BLOCKED_BY_POLICY
    if policy.registered is not None and not policy.registered(one.usb):
        return StickRefusal.NOT_REGISTERED
    return None


def _as_a_medium(one: _Candidate, policy: Policy) -> StickRefusal | None:
    if one.is_empty_slot:
        return StickRefusal.NO_MEDIUM  # also what a stick with a lock of its own shows until it is unlocked
    if one.in_use:
        return StickRefusal.IN_USE
    if not (one.drive.removable and one.drive.media_removable) and not policy.allow_fixed_disks:
        return StickRefusal.FIXED_DISK
    if policy.largest is not None and one.facts.size > policy.largest:
        return StickRefusal.TOO_LARGE
    return None


def _as_a_volume(one: _Candidate, policy: Policy) -> StickRefusal | None:
    volume = one.volume
    if one.whole.usage == "filesystem" and not _is_accepted(one.whole, policy):
        return StickRefusal.UNSUPPORTED_FS  # an image of a disc, whatever partitions it also shows
    if len(one.parts) > 1 or (one.parts and one.whole.usage):
        return StickRefusal.SEVERAL_VOLUMES
    if volume.usage == "crypto" or volume.is_encrypted:
        return StickRefusal.ENCRYPTED
    if not volume.usage or volume.size == 0 or one.unknown_parts:
        return StickRefusal.NO_FILESYSTEM
    if not _is_accepted(volume, policy):
        return StickRefusal.UNSUPPORTED_FS
    if one.facts.read_only or any(block.read_only for block in one.blocks):
        return StickRefusal.WRITE_PROTECTED
    return None


def _is_accepted(block: BlockObject, policy: Policy) -> bool:
    return block.usage == "filesystem" and block.is_filesystem and block.type in policy.accepted_filesystems


def _target(one: _Candidate, boot_id: str, refusal: StickRefusal | None) -> Target:
    volume = one.volume
    plug_in = PlugIn(boot_id, one.facts.name, volume.name, one.facts.diskseq)
    serial = one.usb.serial or one.drive.serial
    stick = Stick(
        ref=reference(plug_in),
        vendor=device_text(one.drive.vendor),
        model=device_text(one.drive.model),
        serial_tail=device_text(serial, _WHOLE_SERIAL)[-_SERIAL_TAIL:],
        label=device_text(volume.label),
        filesystem=device_text(volume.type),
        size=one.facts.size,
        free=None,
        refusal=refusal,
    )
    return Target(
        stick,
        volume.path,
        one.drive.path,
        one.facts.name,
        volume.name,
        abandoned=one.abandoned,
        identity=(volume.uuid, one.usb.vid, one.usb.pid, serial),
    )
