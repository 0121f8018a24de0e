"""Certificates, and NATS's keys and tokens, made on the spot."""

import base64
import binascii
import datetime
import ipaddress
import json
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

PEM = serialization.Encoding.PEM
RAW = serialization.Encoding.Raw


class Authority:
    """Signs certificates for 127.0.0.1."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.path = folder / f"{name}.pem"
        self.path.write_bytes(self.sign(self.name, self.key, is_authority=True).public_bytes(PEM))

    def sign(self, name, key, is_authority):
        now = datetime.datetime.utcnow()
        return (x509.CertificateBuilder().subject_name(name).issuer_name(self.name).public_key(key.public_key())
                .serial_number(x509.random_serial_number())
                .not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(hours=1))
                .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
                .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
                .sign(self.key, hashes.SHA256()))

    def issue(self, name):
        """The paths of a certificate and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self.sign(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]), key, is_authority=False)
        paths = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        paths[0].write_bytes(certificate.public_bytes(PEM))
        paths[1].write_bytes(key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return paths


def encode_nkey(bytes_):
    """https://docs.nats.io/reference/reference-protocols/nkeys"""
    check = binascii.crc_hqx(bytes_, 0).to_bytes(2, "little")
    return base64.b32encode(bytes_ + check).decode().rstrip("=")


class NKey:
    PREFIXES = {"operator": 14 << 3, "account": 0, "user": 20 << 3}
    SEED = 18 << 3

    def __init__(self, kind):
        self.kind, self.key = kind, ed25519.Ed25519PrivateKey.generate()
        prefix = self.PREFIXES[kind]
        self.public = encode_nkey(bytes([prefix]) + self.key.public_key().public_bytes(RAW, serialization.PublicFormat.Raw))
        secret = self.key.private_bytes(RAW, serialization.PrivateFormat.Raw, serialization.NoEncryption())
        self.seed = encode_nkey(bytes([self.SEED | prefix >> 5, (prefix & 31) << 3]) + secret)

    def sign_token(self, subject, **claims):
        """A JWT that says what `subject` is and may."""
        parts = [{"typ": "JWT", "alg": "ed25519-nkey"},
                 {"jti": subject.public, "iat": int(time.time()), "iss": self.public, "name": subject.kind, "sub": subject.public,
                  "nats": {"type": subject.kind, "version": 2, **claims}}]
        text = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
        return f"{text}.{base64.urlsafe_b64encode(self.key.sign(text.encode())).decode().rstrip('=')}"


# What an account may do: without JetStream, and with it.
CORE_ONLY = {name: -1 for name in ("subs", "data", "payload", "imports", "exports", "conn", "leaf")} | {"wildcards": True}
UNLIMITED = CORE_ONLY | {name: -1 for name in ("mem_storage", "disk_storage", "streams", "consumer")}


def write_credentials(path, account, user):
    """A .creds file as `nsc` writes it."""
    token = account.sign_token(user, subs=-1, data=-1, payload=-1)
    path.write_text(f"-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n"
                    f"-----BEGIN USER NKEY SEED-----\n{user.seed}\n------END USER NKEY SEED------\n")
