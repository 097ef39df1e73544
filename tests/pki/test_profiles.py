"""Settings that could not stand in a certificate stop at the door."""

from dataclasses import FrozenInstanceError, replace

import pytest

from kiosk.pki.profiles import Profile, ProfileWrong
from kiosk.pki.signer import P12Flavour
from tests.support.certificates import PROFILE


@pytest.mark.parametrize(
    "oid",
    ["1.3.6.1.4.1.99999.1", "2.16.840.1.101.3", "0.9.2342", "2.25.329800735698586629295641978511506172918"],
)
def test_an_operators_policy_is_taken(oid: str) -> None:
    assert replace(PROFILE, policy_oid=oid).policy_oid == oid


@pytest.mark.parametrize(
    ("oid", "problem"),
    [
        ("", "not_an_oid"),
        ("1", "not_an_oid"),
        ("3.1.1", "not_an_oid"),
        ("1.40.1", "not_an_oid"),
        ("1.3.06", "not_an_oid"),
        ("1.3.6.", "not_an_oid"),
        ("1.3.6.1\n", "not_an_oid"),
        ("1.3.6.１", "not_an_oid"),  # a full-width digit
        ("1.3." + "1." * 40 + "1", "not_an_oid"),
        ("2.5.29.32.0", "any_policy"),
    ],
)
def test_a_policy_that_is_none_is_named(oid: str, problem: str) -> None:
    with pytest.raises(ProfileWrong) as wrong:
        replace(PROFILE, policy_oid=oid)
    assert (wrong.value.key, wrong.value.problem) == ("policy_oid", problem)


@pytest.mark.parametrize("key", ["crl_url", "ca_issuers_url"])
@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "not_http"),
        ("https://crl.example.jp/a.crl", "not_http"),
        ("ldap://crl.example.jp/cn=x", "not_http"),
        ("http://localhost/a.crl", "host"),
        ("http://[::1/a.crl", "host"),
        ("http://user:pw@crl.example.jp/a.crl", "host"),
        ("http://crl.example.jp:8080/a.crl", "host"),
        ("http://CRL.example.jp/a.crl", "host"),
        ("http://証明書.jp/a.crl", "host"),
        ("http://crl.example.jp", "path"),
        ("http://crl.example.jp/", "path"),
        ("http://crl.example.jp/a b.crl", "path"),
        ("http://crl.example.jp/a.crl?x=1", "path"),
        ("http://crl.example.jp/a.crl#x", "path"),
        ("http://crl.example.jp/a.crl\n", "path"),
    ],
)
def test_an_address_nobody_could_fetch_is_named(key: str, url: str, problem: str) -> None:
    with pytest.raises(ProfileWrong) as wrong:
        replace(PROFILE, **{key: url})  # type: ignore[arg-type]  # the key is one of two addresses
    assert (wrong.value.key, wrong.value.problem) == (key, problem)


@pytest.mark.rule("E-89")
@pytest.mark.parametrize("reason", ["", "  "])
def test_the_weak_p12_needs_a_reason(reason: str) -> None:
    with pytest.raises(ProfileWrong) as wrong:
        replace(PROFILE, p12_flavour=P12Flavour.LEGACY_3DES, p12_flavour_reason=reason)
    assert wrong.value.key == "p12_flavour_reason"


@pytest.mark.rule("E-89")
def test_the_strong_p12_is_what_one_gets_without_asking() -> None:
    assert PROFILE.p12_flavour is P12Flavour.MODERN
    assert not PROFILE.root_in_p12


def test_a_profile_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        PROFILE.policy_oid = "1.2.3"  # type: ignore[misc]  # that it fails is the claim


def test_a_profile_has_a_name_to_store_with_a_certificate() -> None:
    assert Profile.NAME == "client-1"
