"""The values of the `Signer` port as messages and back."""

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from kiosk.errors import CertificateRefusedByLint, IssueFailed, KioskError, SignerLocked, SignerUnavailable
from kiosk.pki.crl_difference import place_of_what_is_new
from kiosk.pki.profiles import Profile
from kiosk.pki.signer import (
    CertificateOrder,
    CrlOrder,
    KeyAlgorithm,
    P12Flavour,
    Prepared,
)
from kiosk.pki.wire import Message

_PLAIN_ERRORS = {error.__name__: error for error in (IssueFailed, SignerLocked, SignerUnavailable)}


def words_of_profile(profile: Profile) -> dict[str, Any]:
    """A profile for the way to the signer process."""
    return asdict(profile)


def profile_from(words: dict[str, Any]) -> Profile:
    """The profile, checked again on arrival."""
    return Profile(**{**words, "p12_flavour": P12Flavour(words["p12_flavour"])})


def words_of_order(order: CertificateOrder) -> dict[str, Any]:
    """An order for the way to the signer process."""
    return {
        **asdict(order),
        "not_before": order.not_before.isoformat(),
        "not_after": order.not_after.isoformat(),
    }


def order_from(words: dict[str, Any]) -> CertificateOrder:
    """The order on arrival."""
    return CertificateOrder(
        **{
            **words,
            "not_before": datetime.fromisoformat(words["not_before"]),
            "not_after": datetime.fromisoformat(words["not_after"]),
            "key_algorithm": KeyAlgorithm(words["key_algorithm"]),
        }
    )


def message_of_crl_order(order: CrlOrder, listed: bytes) -> Message:
    """A request for a list; `listed` are the entries of the one before, and what stands in both does not travel."""
    words: dict[str, Any] = {
        "do": "sign_crl",
        "number": order.number,
        "this_update": order.this_update.isoformat(),
        "next_update": order.next_update.isoformat(),
    }
    new = place_of_what_is_new(listed, order.entries)
    if new is None:
        return Message(words, (order.entries,))
    return Message({**words, "put_in_at": new.start, "length": len(order.entries)}, (order.entries[new],))


def crl_order_from(message: Message, listed: bytes) -> CrlOrder:
    """The order on arrival; ValueError when the list before was another one than the sender thinks."""
    words, entries = message.words, message.pieces[0]
    if "put_in_at" in words:
        at = words["put_in_at"]
        entries = b"".join((listed[:at], entries, listed[at:]))
        if len(entries) != words["length"]:
            raise ValueError("another list was signed last")
    return CrlOrder(
        number=words["number"],
        this_update=datetime.fromisoformat(words["this_update"]),
        next_update=datetime.fromisoformat(words["next_update"]),
        entries=entries,
    )


def prepared_from(message: Message) -> Prepared:
    """What `prepare` answered."""
    return Prepared(**{one.name: message.words[one.name] for one in fields(Prepared)})


def message_of_error(error: KioskError, *, where: str = "") -> Message:
    """A refusal for the way back: its name, the place in the program and, for the lint, what it found."""
    findings = list(error.findings) if isinstance(error, CertificateRefusedByLint) else []
    return Message({"error": type(error).__name__, "where": where, "findings": findings})


def error_in(message: Message) -> KioskError | None:
    """The refusal a message carries; one nobody knows counts as `IssueFailed`."""
    name = message.words.get("error")
    if name is None:
        return None
    if name == CertificateRefusedByLint.__name__:
        return CertificateRefusedByLint(tuple(message.words["findings"]))
    return _PLAIN_ERRORS.get(name, IssueFailed)()
