"""Registered media (管理媒体): the bank's list is imported and signed, and asked whenever a stick is plugged in."""

import hmac
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from db.queries import stock
from db.tables import MediaList
from kiosk.audit.entry import may_hold
from kiosk.audit.events import EventTag
from kiosk.audit.trail import Outcome
from kiosk.errors import KioskError, MediaListBroken, MediaListWrong
from kiosk.rules.registered_media import (
    COLUMNS,
    LONGEST_OWNER,
    LONGEST_SERIAL,
    MOST_LINES,
    ListProblem,
    MediaRegister,
    WrongLine,
    read_list,
    read_signed,
)
from kiosk.rules.validity import jst_date
from kiosk.services.desk.guard import Desk
from kiosk.translations.catalog import N_, _

BIGGEST_FILE: Final = 2_000_000
"""Bytes."""
_PROBLEMS: Final = {
    ListProblem.HEADER: N_("1行目は「{columns}」にしてください"),
    ListProblem.CELLS: N_("1行に{cells}項目が必要です。引用符と改行を確かめてください"),
    ListProblem.NOT_AN_ID: N_("16進数4桁にしてください"),
    ListProblem.SERIAL: N_("半角英数字と記号で1文字から{serial}文字にしてください"),
    ListProblem.OWNER: N_("1文字から{owner}文字の、表示できる文字にしてください"),
    ListProblem.FORMULA: N_("表計算の式になる文字では始められません"),
    ListProblem.DAY: N_("2027-03-31 の形の日付か、空欄にしてください"),
    ListProblem.TWICE: N_("同じ媒体が上の行にあります"),
    ListProblem.TOO_MANY: N_("{lines}行までにしてください"),
    ListProblem.EMPTY: N_("媒体が1行もありません"),
}
_NOT_UTF8: Final = N_("UTF-8で保存してください")
_TOO_BIG: Final = N_("ファイルが大きすぎます")


class Device(Protocol):
    """What the kernel says of a USB device; texts are raw."""

    @property
    def vid(self) -> str: ...
    @property
    def pid(self) -> str: ...
    @property
    def serial(self) -> str: ...


@dataclass
class _LastRead:
    """The list that was read last, so that a stick in the port does not have every signature looked at again."""

    checked: tuple[bytes, MediaRegister] | None = None
    """Digest and list, always taken and put together: a watch, a look and a write ask at the same time."""
    told: bool = False
    """The journal knows that the list is broken."""


@dataclass(frozen=True, kw_only=True)
class Registering:
    """The list in force, and a new one in its place."""

    desk: Desk
    public_key: Callable[[], bytes]
    """Of the key that signs lists: 32 raw octets."""
    _last: _LastRead = field(default_factory=_LastRead, init=False, repr=False)

    def import_list(
        self, data: bytes, *, file: str, attest: Callable[[bytes], bytes], key_id: str
    ) -> MediaRegister:
        """Put a CSV file (UTF-8) in the place of the list in force, signed; the journal holds its digest.

        Raises `MediaListWrong` for the first thing that is wrong with it, with nothing changed; what `attest` raises.
        """
        register = _read(data, file)
        body = register.signed()
        signature = attest(body)
        with self.desk.unattended(EventTag.MEDIA_LIST_IMPORTED) as act:
            act.session.add(MediaList(at=act.now, body=body, signature=signature, key_id=key_id))
            act.session.flush()
            act.record(
                file=file if may_hold(file) else None,
                count=len(register.media),
                list_sha256=sha256(body).hexdigest(),
            )
        return register

    def in_force(self) -> MediaRegister:
        """The newest list; an empty one while none was imported. Raises `MediaListBroken`, `DatabaseUnavailable`."""
        with self.desk.reaching(), self.desk.database.reading() as session:
            row = stock.list_in_force(session)
        if row is None:
            return MediaRegister(())
        digest = sha256(row.signature + row.body).digest()
        last = self._last.checked
        if last is None or not hmac.compare_digest(digest, last[0]):
            last = self._last.checked = (digest, self._verified(row))
        self._last.told = False
        return last[1]

    def admits(self, device: Device) -> bool:
        """Whether this very device may be used today. Nothing is registered while the list cannot be trusted."""
        try:
            register = self.in_force()
        except MediaListBroken as broken:
            self._tell(broken)
            return False
        except KioskError:
            return False
        today = jst_date(self.desk.clock.now())
        return register.admits(device.vid, device.pid, device.serial, today)

    def _verified(self, row: MediaList) -> MediaRegister:
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key()).verify(row.signature, row.body)
            return read_signed(row.body)
        except (InvalidSignature, ValueError):
            raise MediaListBroken from None

    def _tell(self, broken: MediaListBroken) -> None:
        """In the journal, once; a registry that takes no entry keeps nobody from being refused, and is asked again."""
        if not self._last.told:
            with suppress(KioskError):
                self.desk.note(None, EventTag.MEDIA_LIST_BROKEN, outcome=Outcome.FAILED, code=broken.code)
                self._last.told = True


def _read(data: bytes, file: str) -> MediaRegister:
    if len(data) > BIGGEST_FILE:
        raise MediaListWrong(file=file, line=1, column="", problem=_(_TOO_BIG))
    try:
        return read_list(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise MediaListWrong(file=file, line=line, column="", problem=_(_NOT_UTF8)) from None
    except WrongLine as wrong:
        problem = _(_PROBLEMS[wrong.problem]).format(
            columns=",".join(COLUMNS),
            cells=len(COLUMNS),
            serial=LONGEST_SERIAL,
            owner=LONGEST_OWNER,
            lines=MOST_LINES,
        )
        raise MediaListWrong(file=file, line=wrong.line, column=wrong.column, problem=problem) from None
