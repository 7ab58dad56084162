"""The error catalogue: one row for each code, with the way out (`GET /v1/errors`, page `/errors`)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """What a code means to whoever meets it."""

    status: int
    title: str
    hint: str


PROBLEMS: dict[str, Row] = {
    # --- the request itself
    "malformed_json": Row(
        400, "The body is not JSON", "Send the whole body again; it may have been cut off on the way."
    ),
    "malformed_request": Row(
        422, "A field is not as it should be", "Mend the fields named under `errors` and send again."
    ),
    "days_malformed": Row(422, "These are no days to look at", "Name a first and a last day, at most 31 in all."),
    "amount_differs": Row(409, "It is another amount", "Read the call again and take what it shows."),
    "offline_limit": Row(403, "More than is paid without a network", "Pay at the desk, or wait for the network."),
    "offline_blocked": Row(403, "This kiosk takes nothing by itself", "A manager looks at it and pairs it anew."),
    "offline_off": Row(409, "This store takes nothing without its network", "A manager can set a floor."),
    "account_busy": Row(
        409,
        "Something may still move in this account",
        "Wait until payments and top-ups are done, and for a day after the last pass for the time without the network.",
    ),
    "account_changed": Row(409, "Another amount lies there by now", "Read what lies in the account, and ask again."),
    "account_not_empty": Row(409, "Money is in the wallet", "Have it paid out at the desk, or spend it."),
    "account_owes": Row(409, "Something is owed", "Pay it at the desk; then the account can be erased."),
    "pay_out_nothing": Row(409, "There is no money to pay out", "The account can be erased as it is."),
    "offline_debt_open": Row(409, "Something is owed", "Pay it at the desk; then a pass is given again."),
    "offline_pass_empty": Row(409, "The wallet is empty", "Top it up first: a pass pays what lies in it."),
    "wallet_pass_wrong": Row(422, "This pass is not one of this store", "Make a new one on your page."),
    "basket_too_large": Row(422, "The basket does not fit into codes", "Carry its goods in two baskets."),
    "body_too_large": Row(413, "The body is too large", "Send at most 1 MiB."),
    "not_found": Row(404, "There is nothing here", "Check the address; /docs lists them all."),
    "method_not_allowed": Row(405, "Not with this verb", "/docs lists the verbs of each address."),
    "unauthorized": Row(
        401, "Who are you?", "Send `Authorization: Bearer <token>`; log in or pair the kiosk to get one."
    ),
    "kiosk_unknown": Row(401, "This kiosk is not known here", "Let it sign in again; if that fails, pair it anew."),
    "webhook_address": Row(422, "This address will not do", "Write an https address, without name or password."),
    "webhook_exists": Row(409, "This id belongs to another webhook", "Make a new id for a new webhook."),
    "webhook_not_found": Row(404, "There is no such webhook or delivery", "Read the list again."),
    "too_many_webhooks": Row(409, "That is more webhooks than a store has", "End one that nobody reads."),
    "second_person_needed": Row(
        403,
        "A second person must agree",
        "Another manager agrees, on the staff page or with badge or PIN at the kiosk.",
    ),
    "budget_needs_lead": Row(
        403, "A marketing lead launches this", "Keep it as a draft and ask a lead, or choose a smaller budget."
    ),
    "config_malformed": Row(422, "The settings cannot hold", "Mend every field named under `errors` and send again."),
    "config_changed": Row(409, "The settings were changed meanwhile", "Read them again and ask anew."),
    "config_unchanged": Row(409, "These settings hold already", "Nothing is left to do."),
    "request_not_found": Row(404, "There is no such request", "Read the list again."),
    "request_exists": Row(409, "This id belongs to another request", "Make a new id for a new request."),
    "request_decided": Row(409, "This is decided", "Read the list again; `decided_by` was first."),
    "own_request": Row(403, "You asked for this yourself", "Somebody else must agree."),
    "second_factor_needed": Row(401, "One more proof", "Send `code` from the authenticator app, or use a passkey."),
    "second_factor_wrong": Row(401, "This code opens nothing", "Wait for the next code, or use one for recovery."),
    "passkey_wrong": Row(401, "This passkey opens nothing here", "Use another one, or password and code."),
    "passkey_known": Row(409, "This passkey is kept already", "Nothing is left to do."),
    "passkey_not_found": Row(404, "You have no such passkey", "Read the list again."),
    "too_many_passkeys": Row(409, "That is more passkeys than one needs", "Remove one that you do not use."),
    "session_not_found": Row(404, "You have no such session", "Read the list again; it may be over."),
    "login_known": Row(409, "Somebody has this login", "Choose another one."),
    "member_not_found": Row(404, "Nobody of this login works here", "Read the list again."),
    "own_roles": Row(409, "Nobody changes their own roles", "Ask another admin."),
    "kiosk_revoked": Row(403, "This kiosk was shut out", "A manager can pair it again, with a new code."),
    "kiosk_not_found": Row(404, "There is no such kiosk or gate", "The staff page lists them."),
    "device_name_missing": Row(
        422, "The device needs a name", "Write one with a Latin letter or digit, such as Kiosk 1."
    ),
    "device_name_taken": Row(409, "This name belongs to another kind of device", "Choose another name."),
    "pairing_code_unknown": Row(
        404, "This code pairs nothing", "Ask a manager for a new one: it lasts fifteen minutes."
    ),
    "device_key_known": Row(409, "This key belongs to another device", "Let the device make a key of its own."),
    "challenge_over": Row(401, "These words are not in force", "Ask for a new challenge and sign that."),
    "signature_wrong": Row(401, "The signature does not fit", "Pair the device anew: it has another key than we know."),
    "attendance_over": Row(401, "Nobody attends to this kiosk now", "Show the badge again, or type number and PIN."),
    "attendance_exists": Row(409, "This id belongs to another attendance", "Make a new id for a new attendance."),
    "badge_unknown": Row(
        401, "This badge opens nothing", "Show a new one from the staff page: it counts once, for a minute."
    ),
    "staff_pin_wrong": Row(401, "Number and PIN do not belong together", "Try again; the third wrong PIN locks it."),
    "staff_pin_locked": Row(
        423, "This number rests a while", "Show a badge, or choose the PIN anew on the staff page."
    ),
    "forbidden_role": Row(
        403, "This role may not do that", "Ask somebody whose role may; the act is in the list of roles."
    ),
    "idempotency_key_missing": Row(
        400, "No Idempotency-Key", "Make an id, save it, send it in the header, keep it for retries."
    ),
    "idempotency_conflict": Row(422, "This key was used for another body", "Use a new key for a new request."),
    "idempotency_in_flight": Row(409, "The first request is still under way", "Wait a second and send the same again."),
    "too_many_requests": Row(
        429, "Too many tries", "Wait as long as `Retry-After` says, or choose another way to pay."
    ),
    "internal": Row(
        500, "Something broke on our side", "Send the same request again with the same key; nothing is done twice."
    ),
    "busy": Row(
        503,
        "More is asked than can be answered soon",
        "Send the same again with the same key when `Retry-After` is over.",
    ),
    "database_away": Row(
        503, "The shop's memory is away for a moment", "Send the same again with the same key; a standby takes over."
    ),
    "not_ready": Row(503, "Not ready yet", "Try again in a moment."),
    # --- baskets and goods
    "store_not_found": Row(404, "There is no such store here", "Check the store's id; /v1/kiosks/me names it."),
    "basket_not_found": Row(404, "There is no such basket", "Scan a product: that opens a new basket."),
    "basket_exists": Row(409, "This basket is here already", "Read it, or open another one under a new id."),
    "basket_closed": Row(409, "This basket is closed", "Open a new basket; what was paid stays paid."),
    "basket_paying": Row(409, "A payment for this basket is under way", "Wait for its outcome; ask for the payment."),
    "basket_empty": Row(409, "There is nothing to pay", "Scan a product first."),
    "handover_unknown": Row(404, "No basket waits under this code", "Show the code of the kiosk that put it aside."),
    "handover_over": Row(410, "The basket was put away", "Its code held for two hours. Please scan the items again."),
    "handover_taken": Row(409, "Another kiosk has taken this basket", "Go on there, or put it aside there once more."),
    "basket_changed": Row(409, "The basket is not the one that was shown", "Read it again and show the new total."),
    "quote_expired": Row(409, "The prices shown are too old", "Read the basket again."),
    "line_not_found": Row(404, "The basket has no such line", "Read the basket again; it may have been removed."),
    "product_not_found": Row(404, "We do not know this product", "Search by name, or ask the staff to add it."),
    "code_known": Row(409, "This code is known already", "Scan it again; `sku` says what it leads to."),
    "malformed_code": Row(422, "This code cannot be right", "Scan it again, or type the digits under the bars."),
    "not_a_product": Row(422, "This is not a product", "Show it where it belongs; `kind` says what it is."),
    "quantity_out_of_range": Row(422, "That many do not fit on one line", "Choose a number within the bounds."),
    "line_limit": Row(409, "The basket is larger than a kiosk takes alone", "Ask the staff; nothing is lost."),
    "sale_stop": Row(409, "This product is not for sale", "Leave it with the staff and take another."),
    "recalled": Row(409, "This product was called back", "Hand it to the staff; you pay nothing for it."),
    "age_check_required": Row(409, "A person checks the age first", "The staff have been called; wait, or remove it."),
    "random_check": Row(
        409,
        "A colleague looks at a few goods first",
        "At a kiosk the staff have been called; wait for them. From a phone, take the goods to a kiosk.",
    ),
    "check_not_asked": Row(409, "This basket is not being checked", "Read the basket again: it may be settled."),
    "age_check_refused": Row(409, "The age check was not passed", "Remove the product and pay for the rest."),
    "vat_rate_not_found": Row(500, "No tax rate is on record", "Tell the shop: the product's tax class is incomplete."),
    "weight_missing": Row(
        422, "It is sold by weight, and nobody weighed it", "Have it weighed, then choose it again, or ask the staff."
    ),
    "price_too_high": Row(409, "That is more than on the shelf", "Set a price of `ceiling_minor` at most."),
    "age_not_asked": Row(409, "Nothing here waits for a look at the age", "Read the basket again."),
    # --- money
    "malformed_money": Row(422, "This amount cannot be right", "Send whole minor units of the shop's currency."),
    "currency_mismatch": Row(422, "Two currencies do not add up", "Use the currency of the shop."),
    "unbalanced": Row(422, "The parts are not the whole", "Send parts that sum to the amount due."),
    "malformed_rule": Row(422, "This rule cannot work", "Mend what `problem` names."),
    "insufficient_funds": Row(402, "The balance is too low", "Top up on your phone, or pay at the desk."),
    "restricted_funds": Row(402, "This purse cannot pay here", "Choose another way to pay."),
    "hold_expired": Row(409, "The money is no longer set aside", "Nothing was taken; pay again."),
    "payment_not_found": Row(404, "There is no such payment", "Nothing was taken; pay, or wait for the first answer."),
    "payment_ended": Row(409, "This payment was given back", "Nothing was taken; pay again under a new id."),
    "payment_exists": Row(409, "This id belongs to another payment", "Make a new id for a new payment."),
    "counter_code_wrong": Row(
        404, "This code leads to nobody", "Pay nothing by it, and tell the shop: somebody may have pasted it there."
    ),
    "counter_code_withdrawn": Row(410, "This code was withdrawn", "Ask the shop for the code that it uses now."),
    "counter_code_not_found": Row(404, "There is no such code of yours", "Read the list of your codes again."),
    "counter_code_exists": Row(409, "This id belongs to another code", "Make a new id for a new code."),
    "counter_name_missing": Row(422, "The counter needs a name", "Write what payers and tickets shall read."),
    "too_many_codes": Row(409, "That is more codes than a store has", "Withdraw one that no counter shows."),
    "merchant_suspended": Row(403, "Nobody is paid here for now", "Pay at the till, or ask the shop."),
    "counter_amount_fixed": Row(409, "This code asks for another amount", "Scan it again and pay what it shows."),
    "amount_unusual": Row(409, "Far more than is usual here", "Look at the amount; send `is_sure` if it is meant."),
    "picture_unfit": Row(
        422, "This picture will not do", "Choose a JPEG, PNG or WebP of at least 200 pixels and at most 24 million."
    ),
    "picture_not_found": Row(404, "There is no picture", "Show the drawn sign of the shop."),
    "refund_by_merchant": Row(403, "The merchant gives this back", "Ask whoever you have paid, with your ticket."),
    "ticket_not_found": Row(404, "There is no such ticket", "Check the link on the receipt."),
    "refund_exists": Row(409, "This id belongs to another refund", "Make a new id for a new refund."),
    "refund_line_unknown": Row(422, "This line is not on the ticket", "Read the ticket and name its lines."),
    "refund_nothing": Row(409, "Nothing was paid for it", "Choose goods that cost something."),
    "refund_requests_open": Row(
        409, "Your refunds wait for a manager", "Have a manager decide about those that wait, then ask again."
    ),
    "refund_too_much": Row(409, "More than was sold would come back", "Read the ticket: it lists what came back."),
    "period_running": Row(409, "This period has not ended", "Close it after its last day, from noon on."),
    "period_before_open": Row(409, "An earlier period is open", "Close the one that `period` names first."),
    "nothing_to_close": Row(409, "Nothing happened since the last closing", "Close again after the next sale."),
    "exit_token_unknown": Row(404, "This code opens nothing here", "Show the exit code of your receipt."),
    "exit_token_used": Row(409, "This exit code was used", "Ask the staff; the ticket shows that you paid."),
    "exit_token_expired": Row(410, "This exit code is too old", "Ask the staff; the ticket shows that you paid."),
    "illegal_transition": Row(409, "That cannot happen now", "Read it again; `allowed` names what can."),
    # --- coupons
    "coupon_not_found": Row(404, "We do not know this coupon", "Check the letters, or scan its code."),
    "coupon_expired": Row(409, "This coupon is over", "Remove it; the price stands without it."),
    "coupon_not_started": Row(409, "This coupon has yet to begin", "Keep it; `starts_at` says when."),
    "coupon_limit_reached": Row(409, "All coupons are given", "There will be others; the price stands without it."),
    "coupon_budget_spent": Row(409, "The campaign has nothing left", "Remove the coupon; the price stands without it."),
    "coupon_revoked": Row(409, "This coupon was taken back", "Remove it; ask the staff if you wonder why."),
    "coupon_not_applicable": Row(409, "This coupon does not fit the basket", "`reason` says what is missing."),
    "coupon_out_of_hours": Row(409, "This coupon counts at other hours", "Keep it; `opens_at` says when it counts."),
    "coupon_condition": Row(409, "This coupon asks for something else", "`next_step` says what to do."),
    "coupons_per_basket": Row(409, "That is more such coupons than a basket takes", "Keep it for the next basket."),
    "not_combinable": Row(409, "These do not go together", "Keep the one that saves you more."),
    "share_cap": Row(409, "This coupon has been shared enough", "Use it yourself."),
    "own_share": Row(409, "You shared this yourself", "It is still yours; the link is for a friend."),
    "coupon_already_claimed": Row(
        409, "It is taken already", "It is kept on the phone that took it; otherwise ask your friend for another one."
    ),
    "coupon_held_out": Row(
        409,
        "This number was drawn out of this campaign",
        "There will be others; a draw leaves a few numbers out of each, so that the shop can see what it is worth.",
    ),
    "coupon_redeemed": Row(409, "This coupon was used", "Remove it; the price stands without it."),
    "coupon_reserved": Row(409, "This coupon is in another payment", "Wait for that payment to end, or remove it."),
    "too_many_coupons": Row(409, "That is more coupons than a basket takes", "Take one off first."),
    # --- who pays
    "assertion_expired": Row(409, "The approval is too old", "Approve again; nothing was taken."),
    "assertion_used": Row(409, "The approval was used", "Ask for the payment; approve again for another."),
    "assertion_mismatch": Row(409, "The approval was for something else", "Show the amount again and approve anew."),
    "step_up_required": Row(
        403,
        "Another proof is needed",
        "`needed` names what helps: the PIN after a face; instead of a phone number the pay code from /me, a face or "
        "the desk.",
    ),
    "phone_unproven": Row(
        403,
        "The phone number must be proven",
        "Ask for a code at /v1/phone-codes, type it, and send its `phone_code_id` along.",
    ),
    "phone_code_wrong": Row(401, "That is another code", "Type the newest one; `attempts_left` counts down."),
    "phone_code_over": Row(410, "This code is over", "Ask for a new one: each lasts ten minutes and five tries."),
    "phone_code_exists": Row(409, "This id was asked with before", "Make a new id and ask for another code."),
    "message_not_sent": Row(503, "The message could not be sent", "Ask for the code again in a minute."),
    "messages_spent": Row(503, "No more messages today", "The staff can help; tomorrow codes are sent again."),
    "pin_wrong": Row(401, "That is not the PIN", "Try again; `attempts_left` counts down."),
    "pin_locked": Row(423, "The PIN is locked for a while", "Wait until `until`, or pay at the desk."),
    "face_ambiguous": Row(409, "Two people look alike here", "Use the phone number and PIN."),
    "liveness_failed": Row(403, "The camera was not sure", "Use the phone number and PIN, or pay at the desk."),
    "consent_text_unknown": Row(404, "There is no such text", "Take the version from the consent, or leave it out."),
    "consent_missing": Row(403, "There is no consent for this", "Show the text and ask; there are other ways to pay."),
    "face_no_match": Row(403, "Not recognised", "Try once more, or use the phone number and PIN."),
    "face_not_frozen": Row(409, "No face is blocked", "Read the page again: the face pays as ever, or none is kept."),
    "too_many_candidates": Row(
        409, "Too many share these digits", "Use the phone number and PIN, or the phone's code."
    ),
    "authentication_not_found": Row(404, "There is no such approval here", "Ask who pays again; nothing was taken."),
    "authentication_exists": Row(409, "This id belongs to another approval", "Make a new id for a new approval."),
    "wallet_code_unknown": Row(404, "This code is not in force", "Make a new one on the phone: it lasts two minutes."),
    # --- people
    "peer_limit": Row(
        403,
        "More than one may send",
        "Send up to `left_minor` now; `limit` says which bound it is: person, day or month.",
    ),
    "peer_self": Row(422, "This is your own number", "Write the number of somebody else."),
    "peer_adult_needed": Row(
        403, "Money is sent by adults", "Say that you are 18 or over (`POST /v1/sending:declare`), or ask an adult."
    ),
    "peer_blocked": Row(
        403, "Nothing is sent from this wallet", "Unblock it with your PIN (`POST /v1/sending:unblock`)."
    ),
    "peer_exists": Row(409, "This id belongs to another sending", "Make a new id for a new sending."),
    "peer_not_found": Row(404, "There is no such sending of yours", "Read the list again."),
    "peer_moved": Row(409, "Somebody was first", "Read the list again: it was claimed, went back or was answered."),
    "person_unclear": Row(422, "Who is it for?", "Send `phone` or `contact_id`, and only one of them."),
    "contact_not_found": Row(404, "You know nobody under this id", "Read your contacts again, or write the number."),
    "too_many_contacts": Row(409, "That is more names than are kept", "Remove one that you do not use."),
    "ask_out_of_range": Row(422, "One asks for less at a time", "`high_minor` is the most that somebody could send."),
    "ask_exists": Row(409, "This id belongs to another request", "Make a new id for a new request."),
    "split_empty": Row(422, "Nobody would owe anything", "Choose at least one line for a friend."),
    "split_too_much": Row(
        409,
        "More was asked for than the ticket cost",
        "`left_minor` is left; withdraw a request that nobody paid first.",
    ),
    "ask_not_found": Row(404, "There is no such request of yours", "Read the list again."),
    "ask_over": Row(409, "This request is over", "Who still wants the money asks anew."),
    "ask_too_soon": Row(409, "It was asked less than a day ago", "`from_at` says when one reminder may go."),
    "household_code_unknown": Row(
        404, "This code leads into no household", "Ask for a new one: it lasts ten minutes and lets one person in."
    ),
    "household_left_first": Row(409, "You are in another household", "Leave that one first, then use the code again."),
    "household_full": Row(409, "The household is full", "`most` says how many it takes; somebody would have to leave."),
    "malformed_phone": Row(422, "This is no phone number", "Write it as +33 6 12 34 56 78 or 06 12 34 56 78."),
    "pin_weak": Row(422, "This PIN is too easy to guess", "Choose 4 to 6 digits without a pattern."),
    "name_missing": Row(422, "A name is needed", "Write the name that the kiosk may show in outline."),
    "phone_known": Row(409, "This number has an account", "Log in with its PIN, or ask the staff if it is not yours."),
    "shopper_unknown": Row(404, "There is no account for this number", "Check the number, or open an account."),
    "login_wrong": Row(401, "These two do not belong together", "Check both and try again; five tries lock it."),
    "login_locked": Row(423, "This login rests a while", "Wait as long as `Retry-After` says."),
    "too_young": Row(
        403, "Paying by face is not open to you", "Pay with the phone's code, or at the desk: same price."
    ),
    "erasure_not_found": Row(404, "There is no such receipt", "Check the link on your receipt."),
    "enrolment_exists": Row(409, "This id belongs to another enrolment", "Make a new id for a new enrolment."),
    "face_key_changed": Row(
        409, "Faces are kept under another key now", "Ask for the key in force (`POST /v1/face-keys`), then ask again."
    ),
    "face_key_unknown": Row(
        409,
        "No way leads from this kiosk's key to the store's",
        "Copy the key file of a kiosk that recognises faces (var/store.key) to this one, and start it again.",
    ),
    "face_key_missing": Row(409, "No key for faces is known here yet", "Start a kiosk with a camera for faces first."),
    "face_key_not_allowed": Row(
        403,
        "This kiosk may not change the key",
        "Let a manager allow it at the kiosk's tile of /staff, or whoever keeps the server by python -m server "
        "allow-face-key KIOSK.",
    ),
    "face_key_incomplete": Row(
        409, "Somebody joined meanwhile", "Lay the rest of the gallery ready and ask again; nothing has changed."
    ),
    "topup_out_of_range": Row(422, "That is not an amount to top up", "Choose 1.00 to 500.00."),
    "topup_exists": Row(409, "This id belongs to another top-up", "Make a new id for a new top-up."),
    "provider_unreachable": Row(
        503, "The card provider does not answer", "Try again in a moment with the same id; nothing was taken."
    ),
    "provider_refused": Row(502, "The card provider refused", "Nothing was taken; pay at the desk, and tell the shop."),
    "notice_forged": Row(
        400, "This notice is not signed", "Only the card provider sends notices, each signed and fresh."
    ),
    "notice_malformed": Row(400, "This notice cannot be read", "Send the event as the provider's API writes it."),
    "topup_not_found": Row(404, "There is no such top-up", "Start it again; nothing was taken."),
    # --- campaigns, shares, help
    "batch_malformed": Row(422, "The list has faults", "Mend the lines named under `errors` and send the whole list."),
    "batch_exists": Row(
        409, "This list is here already", "Read the batch under `batch_id`; change the list for another."
    ),
    "batch_not_found": Row(404, "There is no such batch of yours", "Read the list of your batches again."),
    "batch_over": Row(409, "The batch's last day has passed", "Recall it, and make one with a later day."),
    "funding_differs": Row(409, "That is not the total", "Fund exactly `total_minor`; nothing was taken."),
    "cashback_malformed": Row(422, "This cashback cannot work", "Mend the fields named under `errors`."),
    "campaign_malformed": Row(422, "The campaign cannot run like this", "Mend the fields named under `errors`."),
    "campaign_exists": Row(409, "There is a campaign under this id", "Make a new id for a new campaign."),
    "campaign_not_found": Row(404, "There is no such campaign", "Read the list of campaigns again."),
    "campaign_not_live": Row(409, "The campaign is not live", "Launch it first; `state` says where it stands."),
    "campaign_not_draft": Row(
        409, "The campaign is no draft any more", "Make a new one, or end the test first; `state` says where it stands."
    ),
    "branch_not_found": Row(404, "There is no such place in the tree", "Read the tree again; `node` names a place."),
    "campaign_over": Row(409, "The campaign's last day has passed", "Make a new one with a later end."),
    "share_not_found": Row(404, "This link leads nowhere", "Ask your friend for the whole link."),
    "intervention_not_found": Row(404, "There is no such call", "Read the list again."),
    "intervention_exists": Row(409, "This id belongs to another call", "Make a new id for a new call."),
    "intervention_taken": Row(
        409, "A colleague has it already", "`by` and `at` say who and since when; take the next."
    ),
    "intervention_not_claimed": Row(409, "Take the call first", "Claim it, then close it."),
    "must_be_on_the_spot": Row(403, "Not from afar", "Go to the kiosk: a person has to look."),
    "amount_missing": Row(422, "How much was taken?", "Send `amount_minor`, as the call shows it."),
    "tender_missing": Row(422, "How was it paid?", "Send `tender` as one of `allowed`."),
}
