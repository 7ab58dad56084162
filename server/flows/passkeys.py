"""Staff sign in with a passkey: a key in their phone or computer that signs for this address alone.

A challenge carries its own end and counts once (`server.flows.challenges`). The user must be verified by the device
(finger, face or PIN there), so that a passkey is two factors in one act.

The library is loaded with the first passkey: it brings every format of attestation, X.509 and a second OpenSSL,
8 MB that a server holds in vain until then.

Source: Web Authentication, Level 3.
"""

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from server.flows.challenges import Challenges, use_up
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.ports.staff import Passkey

LIFE = timedelta(minutes=5)
REGISTER, SIGN_IN = "passkey-register", "passkey-sign-in"
MALFORMED = (ValueError, KeyError, TypeError, AttributeError, IndexError)
"""What the library raises beside its own error, for words that are no passkey's."""
MOST = 10
"""Passkeys of one person: a phone, a computer, a key on a ring, and those forgotten in drawers."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where the pages are served: what passkeys are bound to.

    Attributes:
        origin: Scheme, host and port, such as `https://store.example`.
        rp_id: The host alone.
    """

    origin: str
    rp_id: str


Json = dict[str, Any]
"""What a browser's `navigator.credentials` takes and gives; the specification names its keys."""


def registration_options(
    work: Work, challenges: Challenges, site: Site, login: str, *, nonce: str, at: datetime
) -> Json:
    """Return what a browser needs to make a passkey for somebody who is signed in."""
    import webauthn  # noqa: PLC0415 - loaded with the first passkey

    challenge = challenges.make(REGISTER, login, nonce, at=at, life=LIFE)
    options = webauthn.generate_registration_options(
        rp_id=site.rp_id,
        rp_name="Sésame",
        user_id=sha256(login.encode()).digest(),
        user_name=login,
        challenge=challenge.encode(),
        timeout=int(LIFE.total_seconds() * 1000),
        exclude_credentials=[
            webauthn.helpers.structs.PublicKeyCredentialDescriptor(
                webauthn.helpers.base64url_to_bytes(each.credential_id)
            )
            for each in work.factors.passkeys(login)
        ],
        authenticator_selection=webauthn.helpers.structs.AuthenticatorSelectionCriteria(
            resident_key=webauthn.helpers.structs.ResidentKeyRequirement.REQUIRED,
            user_verification=webauthn.helpers.structs.UserVerificationRequirement.REQUIRED,
        ),
    )
    return _as_json(webauthn.options_to_json(options))


def register(
    work: Work, challenges: Challenges, site: Site, login: str, name: str, credential: Json, *, at: datetime
) -> Passkey:
    """Keep a passkey that a browser has made.

    Raises:
        FlowError: `passkey_wrong`; `challenge_over`; `passkey_known` when somebody has it; `too_many_passkeys`.
    """
    import webauthn  # noqa: PLC0415 - loaded with the first passkey

    challenge = _challenge_of(credential)
    ends_at = challenges.check(challenge, REGISTER, login, at=at)
    if len(work.factors.passkeys(login)) >= MOST:
        raise FlowError("too_many_passkeys", f"There are {MOST} passkeys already.", at_most=MOST)
    try:
        found = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge.encode(),
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (webauthn.helpers.exceptions.WebAuthnException, *MALFORMED) as error:
        raise wrong_passkey() from error
    use_up(work, challenge, ends_at=ends_at)
    made = Passkey(
        webauthn.helpers.bytes_to_base64url(found.credential_id),
        login,
        name,
        found.credential_public_key,
        found.sign_count,
        at,
        None,
    )
    if not work.factors.add_passkey(made):
        raise FlowError("passkey_known", "This passkey is kept already.")
    work.events.record(login, "add_passkey", login, at=at, reason=name)
    return made


def sign_in_options(challenges: Challenges, site: Site, *, nonce: str, at: datetime) -> Json:
    """Return what a browser needs to sign in with any passkey of this address; who that is, it tells."""
    import webauthn  # noqa: PLC0415 - loaded with the first passkey

    challenge = challenges.make(SIGN_IN, "", nonce, at=at, life=LIFE)
    options = webauthn.generate_authentication_options(
        rp_id=site.rp_id,
        challenge=challenge.encode(),
        timeout=int(LIFE.total_seconds() * 1000),
        user_verification=webauthn.helpers.structs.UserVerificationRequirement.REQUIRED,
    )
    return _as_json(webauthn.options_to_json(options))


def prove_passkey(work: Work, challenges: Challenges, site: Site, credential: Json, *, at: datetime) -> Passkey:
    """Return the passkey that has signed, and note its use.

    Raises:
        FlowError: `passkey_wrong`, for an unknown passkey and a wrong signature alike; `challenge_over`.
    """
    import webauthn  # noqa: PLC0415 - loaded with the first passkey

    challenge = _challenge_of(credential)
    ends_at = challenges.check(challenge, SIGN_IN, "", at=at)
    known = work.factors.passkey(str(credential.get("id")))
    if known is None:
        raise wrong_passkey()
    try:
        found = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge.encode(),
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            credential_public_key=known.public_key,
            credential_current_sign_count=known.sign_count,
            require_user_verification=True,
        )
    except (webauthn.helpers.exceptions.WebAuthnException, *MALFORMED) as error:
        raise wrong_passkey() from error
    use_up(work, challenge, ends_at=ends_at)
    work.factors.used_passkey(known.credential_id, sign_count=found.new_sign_count, at=at)
    return known


def wrong_passkey() -> FlowError:
    """Return the refusal of a passkey: whether it is unknown or has signed wrongly, nobody learns."""
    return FlowError("passkey_wrong", "This passkey opens nothing here.")


def _challenge_of(credential: Json) -> str:
    """Return the challenge that a browser says it has signed; whether that is so, the signature shows."""
    try:
        told = str(credential["response"]["clientDataJSON"])
        facts = json.loads(urlsafe_b64decode(told + "=" * (-len(told) % 4)))
        return urlsafe_b64decode(facts["challenge"] + "=" * (-len(facts["challenge"]) % 4)).decode("ascii")
    except (ValueError, KeyError, TypeError) as error:
        raise wrong_passkey() from error


def _as_json(text: str) -> Json:
    found: Json = json.loads(text)
    return found
