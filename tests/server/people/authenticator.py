"""A passkey in software: what a phone does when somebody lays a finger on it, for one key and one address."""

import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from secrets import token_bytes
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40
Json = dict[str, Any]


def b64(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


class Authenticator:
    """One key. `origin` is what its browser says it looks at; `is_verified` whether the finger was the right one."""

    def __init__(self, origin: str, rp_id: str) -> None:
        self.origin = origin
        self.rp_id = rp_id
        self.is_verified = True
        self.key = generate_private_key(SECP256R1())
        self.credential_id = token_bytes(16)
        self.count = 0  # as passkeys that are kept in several devices have it

    def make(self, options: Json) -> Json:
        """Answer `navigator.credentials.create`."""
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        told = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor2.dumps(cose)
        statement = {"fmt": "none", "attStmt": {}, "authData": self._data(WITH_KEY) + told}
        client = self._client("webauthn.create", options)
        return self._credential({"attestationObject": b64(cbor2.dumps(statement)), "clientDataJSON": b64(client)})

    def sign(self, options: Json) -> Json:
        """Answer `navigator.credentials.get`."""
        data, client = self._data(0), self._client("webauthn.get", options)
        signature = self.key.sign(data + sha256(client).digest(), ECDSA(SHA256()))
        return self._credential(
            {"authenticatorData": b64(data), "clientDataJSON": b64(client), "signature": b64(signature)}
        )

    def _data(self, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.is_verified else 0)
        return sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, options: Json) -> bytes:
        facts = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(facts).encode()

    def _credential(self, response: Json) -> Json:
        name = b64(self.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}
