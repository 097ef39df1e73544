"""The list of revoked certificates, held against what cryptography's own builder writes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kiosk.pki.authority import CertificateAuthority
from kiosk.pki.crl import CrlOrderWrong, crl_window, entry_der, signed_crl, signed_frame
from kiosk.pki.crl_known import Known, NotEntries
from kiosk.pki.crl_reading import HashAhead, read_crl
from kiosk.pki.keys import PrivateKey, new_key
from kiosk.pki.signer import CrlOrder, KeyAlgorithm
from kiosk.pki.signing_key import unlocked
from tests.support.certificates import PROFILE, a_ca, assert_in_crl

NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)

REASONS = {
    1: x509.ReasonFlags.key_compromise,
    2: x509.ReasonFlags.ca_compromise,
    3: x509.ReasonFlags.affiliation_changed,
    4: x509.ReasonFlags.superseded,
    5: x509.ReasonFlags.cessation_of_operation,
    6: x509.ReasonFlags.certificate_hold,
    8: x509.ReasonFlags.remove_from_crl,
    9: x509.ReasonFlags.privilege_withdrawn,
    10: x509.ReasonFlags.aa_compromise,
}
FIRST_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
Entry = tuple[int, datetime, int]
Issuer = tuple[x509.Certificate, PrivateKey]

moments = st.integers(0, 60 * 366 * 86_400).map(lambda seconds: FIRST_MOMENT + timedelta(seconds=seconds))
serials = st.one_of(
    st.integers(1, 2**159 - 1), st.sampled_from([1, 127, 128, 255, 256, 2**64, 2**158, 2**159 - 1])
)
entries = st.lists(
    st.tuples(serials, moments, st.sampled_from([0, *REASONS])), max_size=20, unique_by=lambda e: e[0]
)

END_OF_UTC_TIME = datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)
START_OF_GENERALIZED_TIME = END_OF_UTC_TIME + timedelta(seconds=1)


def opened(folder: pytest.TempPathFactory, algorithm: KeyAlgorithm) -> Issuer:
    made = a_ca(folder.mktemp("home") / "ca", now=NOW, algorithm=algorithm)
    key = unlocked(made.folder.key.read_bytes(), made.passphrase)
    assert isinstance(key, PrivateKey)
    return made.folder.chain()[0], key


@pytest.fixture(scope="module")
def rsa_issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return opened(tmp_path_factory, KeyAlgorithm.RSA_3072)


@pytest.fixture(scope="module", params=[KeyAlgorithm.RSA_3072, KeyAlgorithm.P_256])
def issuer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return opened(tmp_path_factory, request.param)


def in_order(revoked: list[Entry]) -> list[Entry]:
    """As the registry hands them over: by their octets."""
    return sorted(revoked, key=lambda entry: entry_der(*entry))


def ours(issuer: Issuer, revoked: list[Entry], *, number: int, begins: datetime, ends: datetime) -> bytes:
    joined = b"".join(entry_der(*entry) for entry in in_order(revoked))
    return signed_crl(CrlOrder(number=number, this_update=begins, next_update=ends, entries=joined), *issuer)


def theirs(
    issuer: Issuer, revoked: list[Entry], *, number: int, begins: datetime, ends: datetime
) -> x509.CertificateRevocationList:
    certificate, key = issuer
    key_id = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(certificate.subject)
        .last_update(begins)
        .next_update(ends)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_id), critical=False)
        .add_extension(x509.CRLNumber(number), critical=False)
    )
    for serial, revoked_at, reason in in_order(revoked):
        entry = x509.RevokedCertificateBuilder(serial, revoked_at)
        if reason:
            entry = entry.add_extension(x509.CRLReason(REASONS[reason]), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(key, hashes.SHA256())


@pytest.mark.rule("I-14")
@settings(max_examples=80, deadline=None)
@given(
    revoked=entries,
    number=st.one_of(st.integers(1, 300), st.integers(1, 2**159 - 1)),
    begins=moments,
    life=st.timedeltas(timedelta(seconds=1), timedelta(days=4000)),
)
@example(revoked=[], number=1, begins=NOW, life=timedelta(days=7))
@example(revoked=[(1, END_OF_UTC_TIME, 1)], number=127, begins=END_OF_UTC_TIME, life=timedelta(seconds=1))
@example(revoked=[(128, START_OF_GENERALIZED_TIME, 0)], number=128, begins=NOW, life=timedelta(days=7))
@example(revoked=[(2**159 - 1, NOW, 10)], number=2**159 - 1, begins=NOW, life=timedelta(days=7))
def test_the_joined_list_is_to_the_byte_the_one_of_the_library(
    rsa_issuer: Issuer, revoked: list[Entry], number: int, begins: datetime, life: timedelta
) -> None:
    ends = begins + timedelta(seconds=int(life.total_seconds()))
    reference = theirs(rsa_issuer, revoked, number=number, begins=begins, ends=ends)
    made = ours(rsa_issuer, revoked, number=number, begins=begins, ends=ends)
    assert x509.load_der_x509_crl(made).tbs_certlist_bytes == reference.tbs_certlist_bytes
    assert made == reference.public_bytes(Encoding.DER)


@pytest.mark.rule("I-14")
def test_a_list_is_this_cas_and_holds_exactly_the_revoked(issuer: Issuer) -> None:
    begins, ends = crl_window(NOW)
    made = ours(issuer, [(7, NOW, 1), (2**136, NOW, 5)], number=3, begins=begins, ends=ends)
    assert_in_crl(made, [7, 2**136], of=issuer[0])
    crl = x509.load_der_x509_crl(made)
    assert [type(one.value) for one in crl.extensions] == [x509.AuthorityKeyIdentifier, x509.CRLNumber]
    assert not any(one.critical for one in crl.extensions)


@pytest.mark.rule("I-14")
def test_a_list_of_nothing_leaves_the_field_out(issuer: Issuer) -> None:
    begins, ends = crl_window(NOW)
    made = x509.load_der_x509_crl(ours(issuer, [], number=1, begins=begins, ends=ends))
    assert len(made) == 0
    assert (
        made.tbs_certlist_bytes == theirs(issuer, [], number=1, begins=begins, ends=ends).tbs_certlist_bytes
    )


@pytest.mark.rule("I-14")
def test_a_list_begins_five_minutes_ago_and_lasts_a_week() -> None:
    begins, ends = crl_window(NOW.replace(microsecond=999_999))
    assert begins == NOW - timedelta(minutes=5)
    assert ends == NOW + timedelta(days=7)


def an_entry(serial: int) -> bytes:
    return entry_der(serial, NOW, 1)


@pytest.mark.rule("I-14")
@pytest.mark.parametrize(
    "changes",
    [
        {"number": 0},
        {"number": -1},
        {"number": 2**159},
        {"next_update": NOW},
        {"next_update": NOW - timedelta(days=1)},
        {"entries": an_entry(6)[:-1] + an_entry(5)},
        {"entries": b"\x30"},
        {"entries": b"\x30\x00"},
        {"entries": an_entry(5)[:-1]},
        {"entries": an_entry(5) + b"\x00"},
        {"entries": b"\x31" + an_entry(5)[1:]},
        {"entries": entry_der(2**167, NOW, 1)},
        {"entries": an_entry(5)[:4] + b"\x85" + an_entry(5)[5:]},
        {"entries": an_entry(5).replace(b"Z", b"z")},
        {"entries": an_entry(5)[:5] + bytes(len(an_entry(5)) - 5)},
    ],
    ids=str,
)
def test_a_list_that_must_not_be_is_not_signed(rsa_issuer: Issuer, changes: dict[str, object]) -> None:
    order = {
        "number": 1,
        "this_update": NOW,
        "next_update": NOW + timedelta(days=7),
        "entries": b"",
        **changes,
    }
    with pytest.raises(CrlOrderWrong):
        signed_crl(CrlOrder(**order), *rsa_issuer)  # type: ignore[arg-type]  # each case changes one of them


@pytest.mark.rule("I-14")
@settings(max_examples=60, deadline=None)
@given(known=entries, new=entries)
def test_a_list_is_the_same_whatever_was_known_before(
    rsa_issuer: Issuer, known: list[Entry], new: list[Entry]
) -> None:
    """One more entry, several, none, or another list altogether."""
    old = b"".join(entry_der(*entry) for entry in in_order(known))
    for listed in (known + new[:1], known + new, new):
        joined = b"".join(entry_der(*entry) for entry in in_order(listed))
        begins, ends = crl_window(NOW)
        order = CrlOrder(number=3, this_update=begins, next_update=ends, entries=joined)
        known_after = signed_frame(order, *rsa_issuer, known=Known().followed_by(old)[0])
        assert known_after[0] == signed_frame(order, *rsa_issuer)[0]
        assert known_after[1].entries == joined


@pytest.mark.rule("I-14")
@pytest.mark.parametrize(
    "wrong",
    [
        b"\x30\x00",
        an_entry(5)[:-1],
        an_entry(5) + b"\x00",
        b"\x31" + an_entry(5)[1:],
        an_entry(5).replace(b"Z", b"z"),
        an_entry(5)[:5] + bytes(len(an_entry(5)) - 5),
        entry_der(2**167, NOW, 1),
    ],
    ids=bytes.hex,
)
@pytest.mark.parametrize("place", [0, 1, 3, 20, 6])
def test_one_more_entry_that_must_not_be_is_found_wherever_it_was_put_in(
    rsa_issuer: Issuer, wrong: bytes, place: int
) -> None:
    """In front of, between and behind entries that are known to be good, and into the middle of one."""
    good = [an_entry(serial) for serial in range(1, 7)]
    known = b"".join(good)
    at = 25 if place == 20 else len(b"".join(good[:place]))
    begins, ends = crl_window(NOW)
    joined = known[:at] + wrong + known[at:]
    order = CrlOrder(number=3, this_update=begins, next_update=ends, entries=joined)
    with pytest.raises(CrlOrderWrong):
        signed_frame(order, *rsa_issuer, known=Known().followed_by(known)[0])


@pytest.mark.rule("I-14")
@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 2**159 - 1), st.floats(0, 1)), max_size=12), st.booleans())
def test_what_is_new_is_found_after_any_number_of_entries(
    put_in: list[tuple[int, float]], from_many: bool
) -> None:
    """One after the other, anywhere; from many, so that the places that are known lie behind one another."""
    elements = [an_entry(serial) for serial in range(1, 4000)] if from_many else []
    known, new = Known().followed_by(b"".join(elements))
    assert new == b"".join(elements)
    for serial, where in put_in:
        entry = entry_der(serial, NOW, 0)
        elements.insert(round(where * len(elements)), entry)
        known, new = known.followed_by(b"".join(elements))
        assert new == entry
    with pytest.raises(NotEntries):
        known.followed_by(known.entries + b"\x30")


@given(st.lists(serials, min_size=2, max_size=30, unique=True))
@settings(max_examples=50, deadline=None)
def test_entries_in_order_of_serial_are_taken_whatever_their_length(
    rsa_issuer: Issuer, numbers: list[int]
) -> None:
    ascending = sorted(numbers)
    assert all(low < high for low, high in pairwise(ascending))
    order = CrlOrder(
        number=1,
        this_update=NOW,
        next_update=NOW + timedelta(days=7),
        entries=b"".join(sorted(map(an_entry, ascending))),
    )
    assert_in_crl(signed_crl(order, *rsa_issuer), ascending, of=rsa_issuer[0])


@pytest.mark.rule("I-14")
def test_a_hash_made_ahead_is_believed_for_the_very_octets_it_is_over(issuer: Issuer) -> None:
    begins, ends = crl_window(NOW)
    order = CrlOrder(number=9, this_update=begins, next_update=ends, entries=an_entry(5) + an_entry(6))
    others = (
        replace(order, number=10),
        replace(order, next_update=ends + timedelta(seconds=1)),
        replace(order, entries=an_entry(5) + an_entry(7)),
        replace(order, entries=b""),
    )
    ahead = HashAhead(order, issuer[0])
    made = read_crl(signed_crl(order, *issuer))
    assert ahead.hash_of(made) is None
    ahead.make()
    assert ahead.hash_of(made) == sha256(made.signed).digest()
    assert made.is_signed_by(issuer[0], ahead)
    forged = read_crl(made.data[:-1] + bytes([made.data[-1] ^ 1]))
    assert not forged.is_signed_by(issuer[0], ahead)
    for other in others:
        of_another = read_crl(signed_crl(other, *issuer))
        assert ahead.hash_of(of_another) is None
        assert of_another.is_signed_by(issuer[0], ahead)


def test_a_naive_time_has_no_place_in_a_list() -> None:
    with pytest.raises(ValueError, match="naive"):
        entry_der(5, NOW.replace(tzinfo=None), 1)


def test_an_authority_signs_lists_too(issuer: Issuer) -> None:
    begins, ends = crl_window(NOW)
    authority = CertificateAuthority(*issuer, PROFILE)
    assert_in_crl(
        authority.sign_crl(CrlOrder(number=9, this_update=begins, next_update=ends, entries=b"")),
        [],
        of=issuer[0],
    )


def test_a_key_of_another_makes_a_list_nobody_believes(issuer: Issuer) -> None:
    begins, ends = crl_window(NOW)
    stranger = new_key(KeyAlgorithm.P_256)
    made = ours((issuer[0], stranger), [], number=1, begins=begins, ends=ends)
    with pytest.raises((AssertionError, TypeError, ValueError)):
        assert_in_crl(made, [], of=issuer[0])
