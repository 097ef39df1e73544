"""What a customer carries home on the stick."""

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12

from kiosk.training.people import USER_PASSWORD


def files_on(folder: Path, stick: str) -> list[Path]:
    """The files on a practice stick."""
    return sorted((folder / "stick" / stick).iterdir())


def p12_on(folder: Path, stick: str) -> x509.Certificate:
    """The certificate in the only file of the stick, opened with the customer's password, its key beside it."""
    [path] = files_on(folder, stick)
    assert path.suffix == ".p12"
    bundle = pkcs12.load_pkcs12(path.read_bytes(), USER_PASSWORD.encode())
    assert bundle.cert is not None
    assert bundle.key is not None
    assert bundle.key.public_key() == bundle.cert.certificate.public_key()
    return bundle.cert.certificate


def user_id_of(certificate: x509.Certificate) -> str:
    """Whom it names."""
    [name] = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(name.value)
