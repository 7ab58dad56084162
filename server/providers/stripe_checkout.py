"""Stripe: a hosted page takes the card, and only a notice signed by Stripe says that money came or went.

The provider's library speaks to its API and checks its signatures. Our id is the idempotency key of everything that is
asked, so that a request that is repeated after a lost answer opens the same page again.

Source: Stripe's API reference, "Checkout Sessions", "Webhook signatures" and "Types of events".
"""

import json
from collections.abc import Mapping
from typing import Any

import stripe

from server.flows.errors import FlowError
from server.flows.top_up import Begun, Fact, FactKind, Notice, TopUpProvider

TOLERANCE_SECONDS = 300
"""How old a notice may be: Stripe's own default, against notices that are kept and sent again."""
SECONDS = 10
RETRIES = 2


class StripeProvider(TopUpProvider):
    """Stripe's Checkout."""

    name = "stripe"
    is_sandbox = False

    def __init__(self, api_key: str, webhook_secret: str, *, api_base: str | None = None) -> None:
        base: Any = {} if api_base is None else {"base_addresses": {"api": api_base}}
        self._secret = webhook_secret
        self._client = stripe.StripeClient(
            api_key,
            http_client=stripe.RequestsClient(timeout=SECONDS),
            max_network_retries=RETRIES,
            **base,
        )

    def begin(self, topup_id: str, amount_minor: int, currency_code: str, *, back_url: str) -> Begun:
        """Open the page on which the shopper pays, once for each id.

        Raises:
            FlowError: `provider_unreachable`, `provider_refused`.
        """
        params: Any = {
            "mode": "payment",
            "client_reference_id": topup_id,
            "success_url": f"{back_url}?topup={topup_id}",
            "cancel_url": f"{back_url}?topup={topup_id}",
            "metadata": {"topup_id": topup_id},
            "payment_intent_data": {"metadata": {"topup_id": topup_id}},
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": currency_code.lower(),
                        "unit_amount": amount_minor,
                        "product_data": {"name": "Sésame"},
                    },
                }
            ],
        }
        try:
            page = self._client.v1.checkout.sessions.create(params, {"idempotency_key": topup_id})
        except (stripe.APIConnectionError, stripe.APIError, stripe.RateLimitError) as error:
            raise FlowError("provider_unreachable", "The card provider does not answer.") from error
        except stripe.StripeError as error:
            raise FlowError("provider_refused", "The card provider refused the request.") from error
        return Begun(page.id, page.url, None)

    def read_notice(self, payload: bytes, headers: Mapping[str, str]) -> Notice:
        """Return what a notice says, after its signature was checked.

        Raises:
            FlowError: `notice_forged`: no signature of ours, or one too old; `notice_malformed`.
        """
        try:
            text = payload.decode()
            stripe.WebhookSignature.verify_header(
                text, headers.get("stripe-signature"), self._secret, TOLERANCE_SECONDS
            )
        except (stripe.SignatureVerificationError, UnicodeDecodeError) as error:
            raise FlowError("notice_forged", "This notice does not bear the provider's signature.") from error
        try:
            event = json.loads(text)
            return Notice(str(event["id"]), _fact(str(event["type"]), event["data"]["object"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise FlowError("notice_malformed", "This notice cannot be read.") from error


def _fact(kind: str, told: Mapping[str, Any]) -> Fact | None:
    """Return what an event means for a top-up, or None for one that means nothing to it."""
    match kind:
        case "checkout.session.completed" | "checkout.session.async_payment_succeeded":
            if told["payment_status"] != "paid":
                return None  # a slow way to pay: the money is not there yet
            topup_id, reference = told.get("client_reference_id"), told["payment_intent"]
            return Fact(FactKind.PAID, reference, int(told["amount_total"]), _code(told), reference, topup_id)
        case "checkout.session.expired" | "checkout.session.async_payment_failed":
            return Fact(FactKind.FAILED, told["id"], 0, _code(told), None, told.get("client_reference_id"))
        case "charge.refunded":
            # The sum of all refunds of the charge so far: whichever arrives last, the largest is the truth.
            topup_id = (told.get("metadata") or {}).get("topup_id")
            amount_minor = int(told["amount_refunded"])
            return Fact(FactKind.REFUNDED, told["id"], amount_minor, _code(told), told["payment_intent"], topup_id)
        case "charge.dispute.funds_withdrawn" | "charge.dispute.funds_reinstated":
            back = kind.endswith("reinstated")
            fact = FactKind.REINSTATED if back else FactKind.DISPUTED
            return Fact(fact, told["id"], int(told["amount"]), _code(told), told["payment_intent"], None)
        case _:
            return None


def _code(told: Mapping[str, Any]) -> str:
    return str(told["currency"]).upper()
