"""One family of errors, by what the caller can do about them.

    CheckoutError
    |- MalformedError    could never be right
    |- UnknownError      no such thing
    |- RefusedError      a rule says no
    `- ConflictError     somebody was first, or time has passed: read again

A leaf has a stable ``code``, its facts as attributes, and a sentence that ``str()`` fills with them. Amounts are minor
units. No leaf knows a status of the wire or a screen.
"""

from checkout.errors.conflict import (
    AssertionUsedError,
    BasketChangedError,
    CouponAlreadyClaimedError,
    CouponRedeemedError,
    CouponReservedError,
    ExitTokenUsedError,
    HoldExpiredError,
    IllegalTransitionError,
    QuoteExpiredError,
)
from checkout.errors.family import CheckoutError, ConflictError, MalformedError, RefusedError, UnknownError
from checkout.errors.malformed import (
    BasketTooLargeError,
    CurrencyMismatchError,
    MalformedCodeError,
    MalformedMoneyError,
    MalformedRuleError,
    NotAProductError,
    QuantityOutOfRangeError,
    UnbalancedError,
)
from checkout.errors.refused import (
    AgeCheckRequiredError,
    AssertionExpiredError,
    AssertionMismatchError,
    ConsentMissingError,
    ExitTokenExpiredError,
    FaceAmbiguousError,
    InsufficientFundsError,
    LineLimitError,
    LivenessFailedError,
    OfflineLimitError,
    PeerLimitError,
    PinLockedError,
    PinWrongError,
    RecalledError,
    RestrictedFundsError,
    SaleStopError,
    StepUpRequiredError,
)
from checkout.errors.refused_coupons import (
    CouponBudgetSpentError,
    CouponConditionError,
    CouponExpiredError,
    CouponLimitReachedError,
    CouponNotApplicableError,
    CouponNotStartedError,
    CouponOutOfHoursError,
    CouponRevokedError,
    CouponsPerBasketError,
    NotCombinableError,
    OwnShareError,
    ShareCapError,
)
from checkout.errors.unknown import CouponNotFoundError, LineNotFoundError, ProductNotFoundError, VatRateNotFoundError

__all__ = [
    "AgeCheckRequiredError",
    "AssertionExpiredError",
    "AssertionMismatchError",
    "AssertionUsedError",
    "BasketChangedError",
    "BasketTooLargeError",
    "CheckoutError",
    "ConflictError",
    "ConsentMissingError",
    "CouponAlreadyClaimedError",
    "CouponBudgetSpentError",
    "CouponConditionError",
    "CouponExpiredError",
    "CouponLimitReachedError",
    "CouponNotApplicableError",
    "CouponNotFoundError",
    "CouponNotStartedError",
    "CouponOutOfHoursError",
    "CouponRedeemedError",
    "CouponReservedError",
    "CouponRevokedError",
    "CouponsPerBasketError",
    "CurrencyMismatchError",
    "ExitTokenExpiredError",
    "ExitTokenUsedError",
    "FaceAmbiguousError",
    "HoldExpiredError",
    "IllegalTransitionError",
    "InsufficientFundsError",
    "LineLimitError",
    "LineNotFoundError",
    "LivenessFailedError",
    "MalformedCodeError",
    "MalformedError",
    "MalformedMoneyError",
    "MalformedRuleError",
    "NotAProductError",
    "NotCombinableError",
    "OfflineLimitError",
    "OwnShareError",
    "PeerLimitError",
    "PinLockedError",
    "PinWrongError",
    "ProductNotFoundError",
    "QuantityOutOfRangeError",
    "QuoteExpiredError",
    "RecalledError",
    "RefusedError",
    "RestrictedFundsError",
    "SaleStopError",
    "ShareCapError",
    "StepUpRequiredError",
    "UnbalancedError",
    "UnknownError",
    "VatRateNotFoundError",
]
