"""Make the certificates of this folder anew. Needs ``cryptography``, which the tests themselves do not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HERE = Path(__file__).parent
BEGIN, END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2126, 1, 1, tzinfo=UTC)
AUTHORITY = "statusgen test authority"
USAGE = dict.fromkeys(
    ("content_commitment", "data_encipherment", "decipher_only", "encipher_only", "key_agreement", "key_encipherment"),
    False,
)


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def builder(subject: str, issuer: str, key: ec.EllipticCurvePrivateKey, end: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(BEGIN, end - timedelta(days=365)))
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def authority(key: ec.EllipticCurvePrivateKey, subject: str = AUTHORITY, below: int = 0) -> bytes:
    return signed_authority(key, key, subject, subject, END, below).public_bytes(serialization.Encoding.PEM)


def signed_authority(
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    subject: str,
    issuer: str,
    end: datetime,
    below: int,
) -> x509.Certificate:
    """Return an authority that ``below`` others may stand under."""
    usage = x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **USAGE)
    return (
        builder(subject, issuer, key, end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=below), critical=True)
        .add_extension(usage, critical=True)
        .sign(signer, hashes.SHA256())
    )


def server(
    signer: ec.EllipticCurvePrivateKey,
    host: str,
    end: datetime,
    addresses: tuple[str, ...] = (),
    issuer: str = AUTHORITY,
) -> bytes:
    """Return a certificate and its key in one file, as ``SSLContext.load_cert_chain`` takes them."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.DNSName(host), *(x509.IPAddress(ip_address(address)) for address in addresses)]
    made = (
        builder(host, issuer, key, end)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM) + private


def chain() -> None:
    """Make a root, and a server two below it whose certificate outlives that of the authority between them."""
    root, between = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, between_name = f"{AUTHORITY}, root", f"{AUTHORITY}, between"
    (HERE / "chain_authority.pem").write_bytes(authority(root, root_name, below=1))
    ends = datetime(2100, 1, 1, tzinfo=UTC)
    above = signed_authority(between, root, between_name, root_name, ends, below=0)
    leaf = server(between, "localhost", END, ("127.0.0.1", "::1"), issuer=between_name)
    (HERE / "chain.pem").write_bytes(leaf + above.public_bytes(serialization.Encoding.PEM))


def main() -> None:
    signer = ec.generate_private_key(ec.SECP256R1())
    (HERE / "authority.pem").write_bytes(authority(signer))
    loopback = ("127.0.0.1", "::1")
    (HERE / "localhost.pem").write_bytes(server(signer, "localhost", END, loopback))
    (HERE / "expired.pem").write_bytes(server(signer, "localhost", datetime(2021, 1, 1, tzinfo=UTC), loopback))
    (HERE / "elsewhere.pem").write_bytes(server(signer, "elsewhere.example", END))
    chain()


if __name__ == "__main__":
    main()
