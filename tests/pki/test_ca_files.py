"""The CA's folder appears whole or not at all, and a list is replaced in one step."""

import os
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.errors import SignerLocked
from kiosk.pki.ca_files import (
    CaFolder,
    ListAhead,
    crl_pem,
    new_crl,
    publish_crl,
    published_crl,
    write_folder,
)
from kiosk.pki.crl import crl_window, entry_der
from kiosk.pki.crl_reading import NotACrl, read_crl
from kiosk.pki.keys import new_key
from kiosk.pki.new_files import begin_file, new_files, replace_file
from kiosk.pki.signer import CrlOrder, KeyAlgorithm
from tests.support.certificates import OpenedCa, a_ca, an_opened_ca

NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


FILES = {"ca.crt": (b"public", 0o644), "ca.key": (b"secret", 0o600)}


def test_a_folder_comes_with_its_files_and_their_modes(tmp_path: Path) -> None:
    write_folder(tmp_path / "deep" / "ca", FILES)
    folder = tmp_path / "deep" / "ca"
    assert (folder / "ca.key").read_bytes() == b"secret"
    assert (folder / "ca.key").stat().st_mode & 0o777 == 0o600
    assert (folder / "ca.crt").stat().st_mode & 0o777 == 0o644
    assert folder.stat().st_mode & 0o777 == 0o700


def test_modes_do_not_depend_on_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o777)
    try:
        write_folder(tmp_path / "ca", FILES)
    finally:
        os.umask(before)
    assert (tmp_path / "ca" / "ca.crt").stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "ca" / "ca.key").stat().st_mode & 0o777 == 0o600


def test_what_is_there_is_never_overwritten(tmp_path: Path) -> None:
    write_folder(tmp_path / "ca", FILES)
    with pytest.raises(FileExistsError):
        write_folder(tmp_path / "ca", {"ca.key": (b"other", 0o600)})
    assert (tmp_path / "ca" / "ca.key").read_bytes() == b"secret"
    assert names_in(tmp_path) == ["ca"]


def calls_of(monkeypatch: pytest.MonkeyPatch, *, fail_at: int) -> list[str]:
    """Count what touches the disk for good, and fail at the n-th time."""
    seen: list[str] = []
    real_sync, real_rename = os.fsync, Path.rename

    def step(name: str) -> None:
        seen.append(name)
        if len(seen) == fail_at:
            raise OSError(28, "No space left on device")

    def fsync(handle: int) -> None:
        step("fsync")
        real_sync(handle)

    def rename(self: Path, target: Path) -> Path:
        step("rename")
        return real_rename(self, target)

    monkeypatch.setattr("os.fsync", fsync)
    monkeypatch.setattr(Path, "rename", rename)
    return seen


@pytest.mark.rule("I-24")
def test_a_failure_at_any_step_leaves_no_part_of_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as watched:
        steps = calls_of(watched, fail_at=0)
        write_folder(tmp_path / "ca", FILES)
    assert steps == ["fsync", "fsync", "fsync", "rename", "fsync"]
    for number in range(1, len(steps) + 1):
        home = tmp_path / str(number)
        with monkeypatch.context() as watched:
            calls_of(watched, fail_at=number)
            with pytest.raises(OSError, match="No space"):
                write_folder(home / "ca", FILES)
        assert names_in(home) == []


@pytest.mark.rule("I-14", "I-24")
def test_a_failure_at_any_step_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "crl.der"
    replace_file(path, b"old")
    for number in (1, 2):
        with monkeypatch.context() as watched:
            steps = calls_of(watched, fail_at=number)
            with pytest.raises(OSError, match="No space"):
                replace_file(path, b"new")
        assert steps == ["fsync", "rename"][:number]
        assert path.read_bytes() == b"old"
        assert names_in(tmp_path) == ["crl.der"]


@pytest.mark.rule("I-14")
def test_a_reader_sees_the_old_or_the_new_list_under_the_same_name(tmp_path: Path) -> None:
    replace_file(tmp_path / "crl.der", b"old")
    with (tmp_path / "crl.der").open("rb") as reader:
        replace_file(tmp_path / "crl.der", b"new")
        assert reader.read() == b"old"
    assert (tmp_path / "crl.der").read_bytes() == b"new"


@pytest.mark.rule("I-14")
def test_a_published_list_is_there_for_web_servers_in_both_forms(tmp_path: Path) -> None:
    ca = an_opened_ca(tmp_path / "ca", now=NOW)
    begins, ends = crl_window(NOW)
    order = CrlOrder(number=7, this_update=begins, next_update=ends, entries=entry_der(99, NOW, 1))
    publish_crl(tmp_path / "public", ca.signer.sign_crl(order))

    told = published_crl(tmp_path / "public")
    assert (told.number, told.this_update, told.next_update, told.serials) == (
        7,
        begins,
        ends,
        frozenset({99}),
    )
    pem = x509.load_pem_x509_crl((tmp_path / "public" / "crl.pem").read_bytes())
    assert pem.public_bytes(Encoding.DER) == (tmp_path / "public" / "crl.der").read_bytes()
    assert (tmp_path / "public" / "crl.pem").stat().st_mode & 0o777 == 0o644


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> OpenedCa:
    return an_opened_ca(tmp_path_factory.mktemp("home") / "ca", now=NOW)


def a_list_of(opened: OpenedCa, entries: bytes) -> bytes:
    begins, ends = crl_window(NOW)
    order = CrlOrder(number=7, this_update=begins, next_update=ends, entries=entries)
    return opened.signer.sign_crl(order)


revoked = st.lists(st.integers(1, 2**140), unique=True, max_size=5).map(
    lambda serials: b"".join(entry_der(serial, NOW, 1) for serial in serials)
)


@pytest.mark.rule("I-14")
@settings(deadline=None, max_examples=60)
@given(entries=revoked, expected=st.one_of(st.none(), revoked), at=st.one_of(st.none(), st.integers(0, 300)))
def test_files_begun_while_a_list_is_signed_hold_that_list_and_nothing_else(
    opened: OpenedCa, entries: bytes, expected: bytes | None, at: int | None
) -> None:
    """Whether entries and place were foreseen, or others were, and in every size."""
    made = a_list_of(opened, entries)
    begin = read_crl(made).entries_begin if at is None else at
    with TemporaryDirectory() as name:
        folder = Path(name)
        with ListAhead(folder, entries if expected is None else expected, begin) as ahead:
            ahead.make()
            assert len(names_in(folder)) == 2
            with new_crl(folder, read_crl(made), ahead) as ready:
                ready.put_in_place()
        assert names_in(folder) == ["crl.der", "crl.pem"]
        assert (folder / "crl.der").read_bytes() == made
        assert (folder / "crl.pem").read_bytes() == crl_pem(made)
        assert (folder / "crl.pem").stat().st_mode & 0o777 == 0o644


@pytest.mark.rule("I-14", "I-24")
def test_a_failure_at_any_step_leaves_the_old_list_and_nothing_that_was_begun(
    tmp_path: Path, opened: OpenedCa, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = (a_list_of(opened, entry_der(serial, NOW, 1)) for serial in (1, 2))
    publish_crl(tmp_path, old)
    listed = read_crl(new)
    for number in (1, 2, 3):
        with monkeypatch.context() as watched:
            steps = calls_of(watched, fail_at=number)
            with ListAhead(tmp_path, listed.entries, listed.entries_begin) as ahead:
                ahead.make()
                with (
                    pytest.raises(OSError, match="No space"),
                    new_crl(tmp_path, read_crl(new), ahead) as ready,
                ):
                    ready.put_in_place()
        assert steps == ["fsync", "fsync", "rename"][:number]
        assert names_in(tmp_path) == ["crl.der", "crl.pem"]
        assert (tmp_path / "crl.der").read_bytes() == old


@pytest.mark.rule("I-14")
def test_a_list_that_was_replaced_is_let_go_of_at_the_end_and_not_before(
    tmp_path: Path, opened: OpenedCa
) -> None:
    """While it is held its room is not given back, which would take longer than all that somebody waits for."""
    old, new = (a_list_of(opened, entry_der(serial, NOW, 1)) for serial in (1, 2))
    publish_crl(tmp_path, old)
    with new_crl(tmp_path, read_crl(new)) as ready:
        ready.put_in_place()
        assert (tmp_path / "crl.der").read_bytes() == new
        assert held_of(tmp_path) == {"crl.der (deleted)", "crl.pem (deleted)"}
    assert held_of(tmp_path) == set()


def held_of(folder: Path) -> set[str]:
    """Files of a folder that this process has open."""
    names = {handle.readlink() for handle in Path("/proc/self/fd").iterdir() if handle.is_symlink()}
    return {name.name for name in names if name.is_relative_to(folder)}


@pytest.mark.rule("I-14")
def test_of_a_list_that_was_not_signed_nothing_stays(tmp_path: Path) -> None:
    def sign() -> None:
        with ListAhead(tmp_path, entry_der(1, NOW, 1), 200) as ahead:
            ahead.make()
            assert len(names_in(tmp_path)) == 2
            raise SignerLocked

    with pytest.raises(SignerLocked):
        sign()
    assert names_in(tmp_path) == []


@pytest.mark.rule("I-14")
@pytest.mark.parametrize("at", [0, 4, 5, 6, 20])
def test_a_part_that_was_begun_in_the_wrong_place_is_written_in_the_right_one(
    tmp_path: Path, at: int
) -> None:
    part = b"entries"
    begun = {"crl.der": begin_file(tmp_path, "crl.der", at, part)}
    with new_files(tmp_path, {"crl.der": (b"head ", part, b" tail")}, begun=begun) as ready:
        ready.put_in_place()
    assert names_in(tmp_path) == ["crl.der"]
    assert (tmp_path / "crl.der").read_bytes() == b"head entries tail"


@pytest.mark.rule("I-14", "I-24")
def test_what_could_not_be_begun_is_written_afterwards(
    tmp_path: Path, opened: OpenedCa, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = a_list_of(opened, entry_der(1, NOW, 1))
    listed = read_crl(made)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with ListAhead(tmp_path, listed.entries, listed.entries_begin) as ahead:
        with monkeypatch.context() as watched:
            watched.setattr("os.open", full)
            ahead.make()
        assert names_in(tmp_path) == []
        with new_crl(tmp_path, read_crl(made), ahead) as ready:
            ready.put_in_place()
    assert (tmp_path / "crl.der").read_bytes() == made
    assert (tmp_path / "crl.pem").read_bytes() == crl_pem(made)


@pytest.mark.rule("I-14")
def test_a_disk_that_does_not_begin_at_once_is_waited_for_afterwards(
    tmp_path: Path, opened: OpenedCa, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = a_list_of(opened, entry_der(1, NOW, 1))
    listed, asked = read_crl(made), list[int]()

    def not_now(handle: int, *_: object) -> None:
        asked.append(handle)
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr("os.posix_fadvise", not_now)
    with ListAhead(tmp_path, listed.entries, listed.entries_begin) as ahead:
        ahead.make()
        ahead.hand_over()
        with new_crl(tmp_path, listed, ahead) as ready:
            ready.put_in_place()
    assert len(asked) == 2
    assert (tmp_path / "crl.der").read_bytes() == made


def test_rubbish_is_not_published(tmp_path: Path) -> None:
    with pytest.raises(NotACrl):
        publish_crl(tmp_path, b"rubbish")
    assert names_in(tmp_path) == []


def test_no_list_is_told_apart_from_a_broken_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        published_crl(tmp_path)
    (tmp_path / "crl.der").write_bytes(b"rubbish")
    with pytest.raises(ValueError, match="error parsing"):
        published_crl(tmp_path)


class TestLooselyKept:
    """Nobody else may read the key; a folder that others may open is named."""

    def test_a_new_folder_is_kept_well(self, tmp_path: Path) -> None:
        assert a_ca(tmp_path / "ca", now=NOW).folder.loosely_kept() == ()

    @pytest.mark.parametrize(("name", "mode"), [(".", 0o750), ("ca.key", 0o640), ("attestation.key", 0o604)])
    def test_a_loose_mode_is_named(self, tmp_path: Path, name: str, mode: int) -> None:
        folder = a_ca(tmp_path / "ca", now=NOW).folder
        (folder.path / name).chmod(mode)
        assert folder.loosely_kept() == (folder.path / name,)

    def test_a_link_is_no_key_file(self, tmp_path: Path) -> None:
        folder = a_ca(tmp_path / "ca", now=NOW).folder
        folder.key.rename(tmp_path / "elsewhere.key")
        folder.key.symlink_to(tmp_path / "elsewhere.key")
        assert folder.loosely_kept() == (folder.key,)

    def test_another_owner_is_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        folder = a_ca(tmp_path / "ca", now=NOW).folder
        somebody_else = os.geteuid() + 1
        monkeypatch.setattr("os.geteuid", lambda: somebody_else)
        assert folder.loosely_kept() == (folder.path, folder.key, folder.attestation_key)

    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        assert CaFolder(tmp_path / "none").loosely_kept() != ()


def test_facts_are_told_without_the_passphrase(tmp_path: Path) -> None:
    made = a_ca(tmp_path / "ca", now=NOW)
    assert CaFolder(tmp_path / "ca").facts() == made.facts


@pytest.mark.parametrize("name", ["ca.crt", "attestation.pub"])
def test_broken_public_files_are_told(tmp_path: Path, name: str) -> None:
    folder = a_ca(tmp_path / "ca", now=NOW).folder
    (folder.path / name).write_bytes(b"rubbish")
    with pytest.raises(ValueError, match=r".+"):
        folder.facts()


def test_a_public_key_of_another_kind_attests_nothing(tmp_path: Path) -> None:
    folder = a_ca(tmp_path / "ca", now=NOW).folder
    rsa = new_key(KeyAlgorithm.RSA_2048).public_key()
    folder.attestation_public_key.write_bytes(
        rsa.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    with pytest.raises(ValueError, match="another kind"):
        folder.facts()


def test_a_ca_certificate_without_a_key_id_is_told(tmp_path: Path) -> None:
    folder = a_ca(tmp_path / "ca", now=NOW).folder
    key = new_key(KeyAlgorithm.P_256)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    bare = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW.replace(year=2030)).sign(
        key, hashes.SHA256()
    )
    folder.certificate.write_bytes(bare.public_bytes(Encoding.PEM))
    with pytest.raises(ValueError, match="SubjectKeyIdentifier"):
        folder.facts()


def test_a_list_without_a_number_is_not_taken_for_ours(tmp_path: Path) -> None:
    key = new_key(KeyAlgorithm.P_256)
    builder = x509.CertificateRevocationListBuilder().issuer_name(x509.Name([])).last_update(NOW)
    numberless = builder.next_update(NOW.replace(year=2027)).sign(key, hashes.SHA256())
    (tmp_path / "crl.der").write_bytes(numberless.public_bytes(Encoding.DER))
    with pytest.raises(ValueError, match="number"):
        published_crl(tmp_path)
