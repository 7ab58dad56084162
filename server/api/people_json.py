"""How people's things go out: one function for each, the same words on every route."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from checkout.assertion import Factor
from server.api.peers_json import between_json
from server.api.problems import instant
from server.flows.attend import POLICIES
from server.flows.authenticate import Approval
from server.flows.campaign_words import conditions
from server.flows.consent_texts import FACE_PAYMENT
from server.flows.coupon_rules import label_of
from server.flows.enrol import Enrolled
from server.flows.intervene import intervention_json
from server.flows.my_account import Account, HeldCoupon, Movement
from server.flows.names import masked
from server.flows.peer_words import between
from server.flows.ports import Work
from server.flows.ports.campaigns import CampaignRow, CouponRow, Funnel
from server.flows.ports.help import Intervention
from server.flows.ports.people import Consent, Erasure, Reference
from server.flows.refund import with_refunds

EXPORTED_LINES = 10_000
"""Lines of the diary, and movements of money, in an export: years of them."""


def enrolled_json(enrolled: Enrolled) -> dict[str, Any]:
    """Return who is enrolled, with the consent as a receipt."""
    consent = enrolled.consent
    return {
        "customer_id": enrolled.customer.customer_id,
        "masked": masked(enrolled.customer.name),
        "phone_last4": enrolled.customer.phone_last4,
        "receipt": {
            "receipt_id": consent.consent_id,
            "purpose": consent.purpose,
            "version": consent.version,
            "given_at": instant(consent.given_at),
            "withdraw_url": "/me",
        },
        "look_alike": enrolled.look_alike,
    }


def reference_json(reference: Reference) -> dict[str, Any]:
    """Return a reference for a kiosk to open: opaque id and sealed bytes, and no name."""
    return {
        "reference_id": reference.reference_id,
        "model_id": reference.model_id,
        "sealed": b64encode(reference.sealed).decode("ascii"),
        "mode": reference.mode,
        "likeness": reference.likeness,
    }


def erasure_json(erasure: Erasure) -> dict[str, Any]:
    """Return a receipt: what was erased, and which kiosks have confirmed it."""
    return {
        "erasure_id": erasure.erasure_id,
        "erased_at": instant(erasure.erased_at),
        "references": len(erasure.reference_ids),
        "kiosks": [
            {
                "kiosk_id": each.kiosk_id,
                "name": each.name,
                "acknowledged_at": None if each.acknowledged_at is None else instant(each.acknowledged_at),
                "shut_out_at": None if each.shut_out_at is None else instant(each.shut_out_at),
            }
            for each in erasure.kiosks
        ],
    }


def approval_json(approval: Approval) -> dict[str, Any]:
    """Return an approval. A balance is nobody's business at a kiosk; that it falls short must be said.

    Of the purses beside the wallet only what this basket can take is said, so that the shopper can choose.
    """
    made, required = approval.authentication, approval.required
    missing = required.reason is not None and Factor.PIN not in made.factors
    return {
        "authentication_id": made.authentication_id,
        "subject": masked(approval.customer.name),
        "factors": list(made.factors),
        "step_up_required": missing,
        "step_up_reason": required.reason.value if missing and required.reason else None,
        "basket": approval.basket,
        "sufficient": approval.shortfall_minor == 0,
        "shortfall_minor": approval.shortfall_minor,
        "balance_visible": False,
        "purses": {
            "voucher_minor": approval.means.voucher_minor,
            "cashback_min_minor": approval.means.cashback_min_minor,
            "cashback_max_minor": approval.means.cashback_max_minor,
        },
        "cashback": None if approval.outlook is None else asdict(approval.outlook),
        "face_left": {"payments": required.payments_left, "sum_minor": required.sum_left_minor},
        "expires_at": instant(made.expires_at),
    }


def account_json(account: Account, currency: str) -> dict[str, Any]:
    """Return a shopper's own page."""
    customer, reference = account.customer, account.reference
    return {
        "customer_id": customer.customer_id,
        "name": customer.name,
        "masked": masked(customer.name),
        "phone_last4": customer.phone_last4,
        "balance_minor": account.balance_minor,
        "currency": currency,
        "cashback": {
            "balance_minor": account.cashback_minor,
            "entries": [
                {
                    "at": instant(each.entry.at),
                    "kind": each.entry.kind,
                    "amount_minor": each.entry.amount_minor,
                    "parts": list(each.parts),
                    "ticket_url": each.ticket_url,
                }
                for each in account.earnings
            ],
        },
        "vouchers": [
            {
                "purse_id": each.purse.purse_id,
                "name": dict(each.purse.name),
                "message": each.purse.message,
                "balance_minor": each.balance_minor,
                "stores": list(each.purse.stores),
                "skus": list(each.purse.skus),
                "categories": list(each.purse.categories),
                "expires_at": None if each.purse.expires_at is None else instant(each.purse.expires_at),
            }
            for each in account.vouchers
        ],
        "face": {
            "enrolled": reference is not None,
            "since": None if reference is None else instant(reference.created_at),
            "frozen_at": None if reference is None else _frozen_at(account),
        },
        "consents": consents_json(account.consents),
        "coupons": [_held_json(each) for each in account.coupons],
        "entries": [movement_json(each) for each in account.movements],
    }


def movement_json(movement: Movement) -> dict[str, Any]:
    """Return one movement of a wallet."""
    return {
        "at": instant(movement.entry.at),
        "kind": movement.kind,
        "label": movement.label,
        "amount_minor": movement.entry.amount_minor,
        "balance_minor": movement.entry.balance_minor,
        "ticket_url": movement.ticket_url,
        "memo": movement.memo,
    }


def consents_json(consents: Sequence[Consent]) -> list[dict[str, Any]]:
    """Return what somebody agreed to, and until when."""
    return [
        {
            "receipt_id": each.consent_id,
            "purpose": each.purpose,
            "version": each.version,
            "given_at": instant(each.given_at),
            "withdrawn_at": None if each.withdrawn_at is None else instant(each.withdrawn_at),
        }
        for each in consents
    ]


def export_json(work: Work, account: Account, currency: str, *, at: datetime) -> dict[str, Any]:
    """Return all that is kept about a shopper. A face is told of, not given: its bytes open at a kiosk alone."""
    customer_id = account.customer.customer_id
    tickets = [
        with_refunds(work, ticket)
        for payment in work.payments.of_customer(customer_id)
        if (receipt := payment.receipt) is not None
        and (ticket := work.tickets.get(receipt["ticket"]["ticket_id"])) is not None
    ]
    people = between(work, account.customer, at=at, most=EXPORTED_LINES)
    return account_json(account, currency) | {
        "tickets": tickets,
        "people": between_json(people),
        "diary": [
            {"at": instant(each.at), "act": each.act, "where": each.where}
            for each in work.diary.of(customer_id, limit=EXPORTED_LINES)
        ],
        "access": [
            {
                "at": instant(each.made_at),
                "kiosk_id": each.kiosk_id,
                "factors": list(each.factors),
                "amount_minor": each.amount_minor,
                "payee": each.payee,
                "evidence": each.evidence,
                "used_at": None if each.used_at is None else instant(each.used_at),
            }
            for each in work.authentications.of_customer(customer_id)
        ],
    }


def coupon_json(coupon: CouponRow, campaign: CampaignRow) -> dict[str, Any]:
    """Return a coupon to whoever knows its code."""
    return {
        "code": coupon.code,
        "text": f"SESAME:C:{coupon.code}",
        "label": label_json(campaign),
        "conditions": conditions(campaign),
        "state": coupon.state,
        "expires_at": instant(coupon.expires_at),
    }


def label_json(campaign: CampaignRow) -> dict[str, str]:
    """Return a campaign's words."""
    label = label_of(campaign)
    return {"fr": label.fr, "en": label.en, "zh": label.zh}


def campaign_json(campaign: CampaignRow, funnel: Funnel) -> dict[str, Any]:
    """Return a campaign with its funnel."""
    return {
        "campaign_id": campaign.campaign_id,
        "name": campaign.name,
        "label": label_json(campaign),
        "effect": {"kind": campaign.effect_kind, "value": campaign.effect_value},
        "min_basket_minor": campaign.min_basket_minor,
        "budget_minor": campaign.budget_minor,
        "reserved_minor": campaign.reserved_minor,
        "spent_minor": campaign.spent_minor,
        "limits": {
            "coupons": campaign.limit_coupons,
            "per_person": campaign.limit_per_person,
            "generations": campaign.limit_generations,
            "per_day": campaign.limit_per_day,
            "width": campaign.limit_width,
            "per_store": campaign.limit_per_store,
            "per_household": campaign.limit_per_household,
        },
        "conditions": campaign.conditions,
        "says": conditions(campaign),
        "joint": campaign.joint,
        "priority": campaign.priority,
        "max_per_basket": campaign.max_per_basket,
        "holdout_percent": campaign.holdout_percent,
        "skus": list(campaign.skus or ()),
        "categories": list(campaign.categories or ()),
        "stacking": campaign.stacking,
        "on_refund": campaign.on_refund,
        "starts_at": instant(campaign.starts_at),
        "ends_at": instant(campaign.ends_at),
        "share_mode": campaign.share_mode,
        "issue_on_ticket": campaign.issue_on_ticket,
        "ticket_from_minor": campaign.ticket_from_minor,
        "state": campaign.state,
        "funnel": {
            "issued": funnel.issued,
            "shared": funnel.shared,
            "opened": funnel.opened,
            "claimed": funnel.claimed,
            "redeemed": funnel.redeemed,
            "expired": funnel.expired,
        },
    }


def call_json(call: Intervention) -> dict[str, Any]:
    """Return a call with the rule for closing it."""
    policy = POLICIES.get(call.type)
    return intervention_json(call) | {"on_the_spot": policy is not None and not policy.remote}


def _frozen_at(account: Account) -> str | None:
    live = (each for each in account.consents if each.purpose == FACE_PAYMENT and each.withdrawn_at is None)
    at = next((each.frozen_at for each in live), None)
    return None if at is None else instant(at)


def _held_json(held: HeldCoupon) -> dict[str, Any]:
    return {
        "code": held.coupon.code,
        "label": label_json(held.campaign),
        "state": held.coupon.state,
        "expires_at": instant(held.coupon.expires_at),
        "share_mode": held.campaign.share_mode,
        "share_url": None if held.share is None else f"/c/{held.share.token}",
        "campaign": held.campaign.name,
    }
