"""What the signer keeps, what it forgets, and what it never shows."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.errors import IssueFailed, SignerLocked, SignerUnavailable
from kiosk.pki import pkcs12
from kiosk.pki.local_signer import MOST_HELD, LocalSigner
from kiosk.pki.signer import KeyAlgorithm
from kiosk.secret import Secret
from tests.support.certificates import PROFILE, OpenedCa, a_ca, an_opened_ca, an_order

NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)


@pytest.fixture
def ca(tmp_path: Path) -> OpenedCa:
    return an_opened_ca(tmp_path / "ca", now=NOW)


def test_key_pairs_do_not_pile_up(ca: OpenedCa) -> None:
    handles = [ca.signer.prepare(an_order(NOW)).handle for _ in range(MOST_HELD + 1)]
    with pytest.raises(IssueFailed):
        ca.signer.sign(handles[0])
    assert ca.signer.sign(handles[1])
    assert ca.signer.sign(handles[-1])


def test_a_closed_signer_is_locked_and_has_forgotten_everything(ca: OpenedCa) -> None:
    prepared = ca.signer.prepare(an_order(NOW))
    ca.signer.close()
    with pytest.raises(SignerLocked):
        ca.signer.sign(prepared.handle)
    ca.signer.unlock(ca.made.passphrase)
    with pytest.raises(IssueFailed):
        ca.signer.sign(prepared.handle)


@pytest.mark.rule("I-21", "R-93")
@pytest.mark.parametrize("end", ["confirm", "discard", "close", "crowd out"])
def test_the_password_of_a_p12_is_overwritten_when_its_key_is_forgotten(ca: OpenedCa, end: str) -> None:
    handle = ca.signer.prepare(an_order(NOW)).handle
    ca.signer.sign(handle)
    ca.signer.bundle(handle, Secret("Kunren#2026"), "Tanaka01")
    bundled = ca.signer._held[handle].bundled
    assert bundled is not None
    assert bundled.password
    match end:
        case "confirm":
            ca.signer.confirm(handle)
        case "discard":
            ca.signer.discard(handle)
        case "close":
            ca.signer.close()
        case _:
            for _ in range(MOST_HELD):
                ca.signer.prepare(an_order(NOW))
    assert not bundled.password


@pytest.mark.rule("E-83")
def test_a_p12_that_does_not_open_again_is_not_confirmed(
    ca: OpenedCa, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = pkcs12.make

    def spoiled(**given: object) -> bytes:
        return really(**{**given, "password": Secret("Kunren#2025")})  # type: ignore[arg-type]  # handed through

    prepared = ca.signer.prepare(an_order(NOW))
    ca.signer.sign(prepared.handle)
    with monkeypatch.context() as broken:
        broken.setattr(pkcs12, "make", spoiled)
        ca.signer.bundle(prepared.handle, Secret("Kunren#2026"), "Tanaka01")
    for _ in range(2):
        with pytest.raises(IssueFailed):
            ca.signer.confirm(prepared.handle)


@pytest.mark.rule("E-92")
def test_rsa_customers_get_different_keys_from_the_reserve(ca: OpenedCa) -> None:
    order = an_order(NOW, key_algorithm=KeyAlgorithm.RSA_2048)
    fingerprints = set()
    for _ in range(4):
        prepared = ca.signer.prepare(order)
        fingerprints.add(prepared.public_key_sha256)
        ca.signer.discard(prepared.handle)
    assert len(fingerprints) == 4


@pytest.mark.parametrize("broken", ["ca.crt", "attestation.pub"])
def test_a_folder_that_cannot_be_read_is_unavailable(tmp_path: Path, broken: str) -> None:
    made = a_ca(tmp_path / "ca", now=NOW)
    (made.folder.path / broken).unlink()
    signer = LocalSigner(made.folder, PROFILE)
    with pytest.raises(SignerUnavailable):
        signer.unlock(made.passphrase)
    with pytest.raises(SignerUnavailable):
        signer.facts()


@pytest.mark.rule("I-21")
def test_nothing_of_a_key_is_ever_shown(ca: OpenedCa) -> None:
    prepared = ca.signer.prepare(an_order(NOW))
    ca.signer.sign(prepared.handle)
    shown = "".join(repr(value) for value in (ca, ca.made, prepared, ca.signer, *vars(ca.signer).values()))
    assert "PRIVATE KEY" not in shown.upper()
    assert "private_value" not in shown
    assert ca.made.passphrase.reveal() not in shown


def test_a_folder_others_may_read_is_not_opened(tmp_path: Path) -> None:
    made = a_ca(tmp_path / "ca", now=NOW)
    made.folder.path.chmod(0o755)
    with pytest.raises(SignerUnavailable):
        LocalSigner(made.folder, PROFILE).unlock(made.passphrase)


def test_a_wrong_passphrase_leaves_it_locked(tmp_path: Path) -> None:
    made = a_ca(tmp_path / "ca", now=NOW)
    signer = LocalSigner(made.folder, PROFILE)
    with pytest.raises(SignerLocked):
        signer.unlock(Secret("WRONG"))
    with pytest.raises(SignerLocked):
        signer.prepare(an_order(NOW))


def test_the_facts_are_those_of_the_key_in_use(ca: OpenedCa, tmp_path: Path) -> None:
    other = a_ca(tmp_path / "other", now=NOW)
    ca.made.folder.certificate.write_bytes(other.folder.certificate.read_bytes())
    assert ca.signer.facts() == ca.made.facts
