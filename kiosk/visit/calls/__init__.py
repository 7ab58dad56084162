"""What the kiosk asks of the store server: one value a request, with the id that makes it safe to repeat.

A ``KeptWrite`` is on disk whole before it is sent, and replayed after a crash. A ``SecretWrite`` has only its id there,
as its body holds a PIN or a face. A ``Read`` changes nothing.
"""

from kiosk.visit.calls.attending import (
    AmendLine,
    CancelIntervention,
    EndAttendance,
    LookAtAge,
    OpenAttendance,
    OpenIntervention,
    Proof,
    SetPrice,
    SettleCheck,
    StaffCall,
    TellKiosk,
)
from kiosk.visit.calls.joining import (
    AcknowledgeErasure,
    AskPhoneCode,
    Enrol,
    Erase,
    FetchConsent,
    FetchReferences,
    ProvePhoneCode,
)
from kiosk.visit.calls.paying import (
    Approval,
    AuthenticateFace,
    AuthenticatePin,
    Evidence,
    FetchBasketPayment,
    FetchCandidates,
    FetchPayment,
    FetchTicket,
    Pay,
    SettleByPass,
    StepUp,
    StopFace,
    TellRefusals,
)
from kiosk.visit.calls.shopping import (
    AbandonBasket,
    AddLine,
    AddSku,
    ApplyCoupon,
    ChangeQuantity,
    CreateBasket,
    DropCoupon,
    FetchBasket,
    FetchLoose,
    FetchStore,
    LeaveWallet,
    QuoteBasket,
    RemoveLine,
    ResumeBasket,
    SearchProducts,
    ShowWallet,
    SuspendBasket,
)

__all__ = [
    "AbandonBasket",
    "AcknowledgeErasure",
    "AddLine",
    "AddSku",
    "AmendLine",
    "ApplyCoupon",
    "Approval",
    "AskPhoneCode",
    "AuthenticateFace",
    "AuthenticatePin",
    "Call",
    "CancelIntervention",
    "ChangeQuantity",
    "CreateBasket",
    "DropCoupon",
    "EndAttendance",
    "Enrol",
    "Erase",
    "Evidence",
    "FetchBasket",
    "FetchBasketPayment",
    "FetchCandidates",
    "FetchConsent",
    "FetchLoose",
    "FetchPayment",
    "FetchReferences",
    "FetchStore",
    "FetchTicket",
    "KeptWrite",
    "LeaveWallet",
    "LookAtAge",
    "OpenAttendance",
    "OpenIntervention",
    "Pay",
    "Proof",
    "ProvePhoneCode",
    "QuoteBasket",
    "Read",
    "RemoveLine",
    "ResumeBasket",
    "SearchProducts",
    "SecretWrite",
    "SetPrice",
    "SettleByPass",
    "SettleCheck",
    "ShowWallet",
    "StaffCall",
    "StepUp",
    "StopFace",
    "SuspendBasket",
    "TellKiosk",
    "TellRefusals",
]

KeptWrite = (
    CreateBasket
    | AddLine
    | AddSku
    | ChangeQuantity
    | RemoveLine
    | ApplyCoupon
    | DropCoupon
    | SuspendBasket
    | ResumeBasket
    | AbandonBasket
    | OpenIntervention
    | CancelIntervention
    | StopFace
    | Pay
    | SettleByPass
    | AcknowledgeErasure
    | EndAttendance
)
SecretWrite = AuthenticateFace | AuthenticatePin | StepUp | Enrol | Erase | OpenAttendance | StaffCall
Read = (
    FetchStore
    | FetchBasket
    | ShowWallet
    | LeaveWallet
    | QuoteBasket
    | SearchProducts
    | FetchLoose
    | FetchCandidates
    | FetchReferences
    | FetchPayment
    | FetchBasketPayment
    | FetchTicket
    | FetchConsent
    | AskPhoneCode
    | ProvePhoneCode
    | TellRefusals
)
Call = KeptWrite | SecretWrite | Read
