"""The sticks, and which of them are written to."""

from typing import Literal

from pydantic import Field

from kiosk.config import fields
from kiosk.config.section import Section


class MediaSettings(Section):
    """The sticks certificates leave on."""

    require_empty: bool = Field(
        default=True, strict=True, description="Refuse a stick that holds other files."
    )
    numbered: bool = Field(
        default=True, strict=True, description="Only sticks of the bank, by the number written on them."
    )
    directory: fields.Place | None = Field(
        default=None,
        description="Training only: folder that stands for the stick. Everything written there is SIMULATED.",
        examples=["/var/lib/madoguchi/stick"],
    )
    adapter: Literal["none", "directory", "udisks", "windows"] = Field(
        default_factory=lambda before: "directory" if before.get("directory") else "none",
        description='Where sticks are: "udisks" for real ones, "directory" for a folder, "none": no issuing. '
        '"windows" was never tried on Windows.',
        examples=["udisks"],
    )
    mode: Literal["customer", "registered"] = Field(
        default="customer",
        description='"registered": only sticks of the imported list (`kiosk media import`) are written to.',
    )
    allow_fixed_disks: bool = Field(
        default=False,
        strict=True,
        description="Also USB disks that call themselves built in, such as SSDs and some certified sticks.",
    )
    largest_gigabytes: int | None = Field(
        default=None,
        strict=True,
        ge=1,
        le=100_000,
        description="A bigger stick is refused; it is rather somebody's backup disk.",
        examples=[256],
    )

    @property
    def largest_bytes(self) -> int | None:
        """The same in bytes."""
        return None if self.largest_gigabytes is None else self.largest_gigabytes * 1_000_000_000
