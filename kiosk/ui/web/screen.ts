/** What the kiosk process tells its page to show: one value, whole, on every change. `kiosk/ui/screens.py` makes it. */

export type Locale = "fr" | "en" | "zh";
export type Texts = Record<Locale, string>;

export interface Adjustment {
  rule_id: string;
  label: Texts;
  amount_minor: number;
}

export interface BasketLine {
  line_id: string;
  sku: string;
  code: string;
  name: string;
  brand: string;
  pack: string;
  quantity: number;
  /** True while only this kiosk has reckoned the line, or its new quantity has no amount yet. */
  provisional: boolean;
  weight_g: number | null;
  unit_price_minor: number;
  unit_text: string;
  gross_minor: number;
  due_minor: number;
  vat_rate_bp: number;
  demo_price: boolean;
  min_age: number | null;
  warranty_months: number | null;
  /** Of a periodical, from the bars beside its code. */
  issue: string | null;
  adjustments: Adjustment[];
}

export interface BasketCoupon {
  code: string;
  label: Texts;
  state: "applied" | "not_applicable";
  reason_code: string | null;
  reason: string | null;
  saved_minor: number;
  /** Why it takes nothing off and what to do next, in the store's words; null where the store did not say. */
  why: Texts | null;
  /** Whether it could be used instead of another one. */
  can_swap: boolean;
}

/** A coupon of the shopper's that stays with them this time. */
export interface KeptCoupon {
  code: string;
  label: Texts;
}

export interface Problem {
  code: string;
  level: "critical" | "medium";
  line_id: string | null;
  detail: string;
}

export interface Basket {
  basket_id: string;
  state: string;
  version: number;
  currency: string;
  payee: string;
  lines: BasketLine[];
  coupons: BasketCoupon[];
  kept_coupons: KeptCoupon[];
  problems: Problem[];
  gross_minor: number;
  saved_minor: number;
  total_minor: number;
  next_step: { label: Texts; short_minor: number; short_units: number } | null;
  emoji: string[];
  /** True where this kiosk priced it without the store. */
  provisional: boolean;
  age_check: "not_needed" | "waiting" | "approved" | "refused";
}

export interface Difference {
  name: string;
  reason: "price" | "offer" | "quantity" | "added" | "gone";
  before_minor: number | null;
  after_minor: number | null;
}

export type CameraState = "on" | "dark" | "lost" | "frozen" | "browser" | "none";
export type CameraSees = "bars" | "face" | "nothing";

export interface Camera {
  role: "scan" | "face";
  state: CameraState;
  sees: CameraSees;
  /** True where this page must lend its own camera (setting `browser`) and send frames now. */
  lend: boolean;
}

/** A sentence for the shopper: `code` is a key of kiosk/ui/messages/<locale>.json under "notices", `facts` fill it. */
export interface Notice {
  id: number;
  kind: "info" | "good" | "warn" | "error";
  code: string;
  facts: Record<string, string | number>;
}

/** A product that the store has not heard of yet, for want of a network; `name` where the kiosk knows it. */
export interface WaitingLine {
  line_id: string;
  code: string;
  name: string | null;
}

export interface LastScan {
  /** Grows with each scan, so that the same line twice still flashes twice. */
  id: number;
  outcome: "added" | "coupon" | "unknown" | "misread" | "refused";
  line_id: string | null;
  code: string;
}

/** How somebody shows that their face is alive: nothing, soft flashes of this screen, or a turn of the head. */
export type Challenge = "none" | "flash" | "turn_left" | "turn_right";

export type Panel =
  | { name: "welcome" }
  | { name: "shopping" }
  | { name: "search"; query: string; results: SearchHit[]; weighing: { name: string } | null; categories: string[]; category: string }
  | { name: "review" }
  /** `by_pass`: without the store, by the pass on the shopper's phone, within a floor. */
  | { name: "method"; face: boolean; face_tried: boolean; code: boolean; desk: boolean; by_pass: boolean }
  | { name: "digits"; challenge: "none" | "flash" | "turn"; card: boolean }
  | { name: "looking"; hint: string; progress: number; challenge: Challenge; tries_left: number }
  | { name: "code"; prefilled_code: string | null; by_pass: boolean; pass_shown: boolean }
  | {
      name: "confirming";
      subject: string;
      amount_minor: number;
      payee: string;
      emoji: string[];
      pin_needed: boolean;
      pin_reason: string | null;
      shortfall_minor: number;
      face_left: { payments: number; sum_minor: number } | null;
      /** Restricted credit, which pays first and by itself. */
      voucher_minor: number;
      /** How much cashback the shopper uses, within what this basket needs and can take. */
      cashback: { used_minor: number; min_minor: number; max_minor: number } | null;
      /** What paying earns, and what the year's cap leaves after it. */
      earn: { earn_minor: number; left_this_year_minor: number; is_near_cap: boolean } | null;
      expires_at: string;
      /** Taken here without the store, and booked when it is back. */
      by_pass: boolean;
    }
  | { name: "paying"; case_number: string; stuck: boolean }
  | { name: "checking"; case_number: string; stuck: boolean }
  | { name: "desk"; amount_minor: number; emoji: string[] }
  | {
      name: "receipt";
      amount_minor: number;
      subject: string;
      ticket_number: number;
      ticket_url: string;
      exit_code: string;
      coupon: { code: string; label: Texts; share_url: string; expires_at: string } | null;
      balance_after_minor: number | null;
      /** Its number in this kiosk's own series where it was taken without the store. */
      provisional: string | null;
      cashback: {
        total_minor: number;
        parts: { name: Texts; amount_minor: number }[];
        left_this_year_minor: number;
        is_near_cap: boolean;
      } | null;
      /** The receipt on paper: not asked for, being printed, or printed. */
      paper: "" | "printing" | "printed";
    }
  /** With the store a code and a page; without it the basket itself as texts, one for each QR code. */
  | { name: "aside"; code: string; url: string; expires_at: string | null; texts: string[] }
  | {
      name: "enrol_consent";
      consent: {
        version: string;
        title: string;
        paragraphs: string[];
        retention: string;
        withdraw: string;
        tick_label: string;
        age_label: string;
      };
    }
  | { name: "enrol_details"; problem_field: string | null; typed_name: string; typed_phone: string }
  /** `masked_phone` is empty until a code was sent; `sandbox_code` is told where no message goes out. */
  | { name: "enrol_code"; masked_phone: string; sandbox_code: string | null; sending: boolean }
  | { name: "enrol_capture"; taken: number; wanted: number; searching: boolean; hint: string; progress: number }
  | {
      name: "enrol_done";
      masked: string;
      phone_last4: string;
      receipt_id: string;
      version: string;
      given_at: string;
      withdraw_url: string;
      look_alike: boolean;
      card: string | null;
      tested: "" | "recognised" | "not";
    }
  | { name: "enrol_test"; hint: string; progress: number; challenge: Challenge }
  | { name: "withdraw" }
  | {
      name: "staff";
      /** Who stands here, once the store knows them; what they may take off a basket alone. */
      attendant: { name: string; alone_minor: number } | null;
      /** True while somebody else must agree to the price that was asked for. */
      second: boolean;
      busy: boolean;
      /** The age that somebody has to be seen to have, while that was not answered. */
      age: number | null;
      /** True while a few goods of the basket are to be looked at. */
      check: boolean;
      paused: boolean;
    }
  | { name: "paused"; reason: string | null }
  | { name: "withdrawn"; erasure_id: string; erased_at: string; references: number; receipt_url: string }
  | { name: "out_of_order"; reason: string };

export interface SearchHit {
  sku: string;
  code: string;
  name: string;
  brand: string;
  pack: string;
  unit_price_minor: number;
  unit_text: string;
  min_age: number | null;
  /** Sold by weight: choosing it asks the scale. */
  is_weighed: boolean;
  category: string;
}

export interface Screen {
  seq: number;
  locale: Locale;
  kiosk: { kiosk_id: string; name: string; store: string; payee: string; currency: string; demo_prices: boolean; timezone: string; server_url: string };
  shop: "online" | "offline";
  cameras: Camera[];
  basket: Basket | null;
  notice: Notice | null;
  last_scan: LastScan | null;
  /** Scanned without a network: shown without a price, added in this order when it is back. */
  waiting: WaitingLine[];
  /** Items that the shop does not know yet: a colleague looks them up, and they are added when known. */
  parked: string[];
  /** While the store is away: when this kiosk's prices were last known to be the newest. */
  prices_of: string | null;
  /** Codes of a basket that is being read from a phone: how many it has, and which are missing. */
  gathering: { of: number; missing: number[] } | null;
  /** Where the store's basket is not what this kiosk had reckoned without it. */
  differences: Difference[];
  /** What staff say on this screen; empty for nothing. */
  message: string;
  /** Help was asked for and a colleague has not closed it yet. */
  help_waiting: boolean;
  /** Seconds left before the visit is put away, once the warning shows; null before. */
  idle_seconds_left: number | null;
  panel: Panel;
  /** Acts the process would take now; the page shows nothing else as possible. */
  possible: string[];
}

/** A colour for the whole screen (`#rrggbb`), or null to take it off. The page tells `/flashes` when it shows it. */
export interface FlashEvent {
  look_id: string;
  place: number;
  colour: string | null;
}

export interface LookEvent {
  role: "scan" | "face";
  /** Left, top, width, height in parts of the picture. */
  box: [number, number, number, number] | null;
  hint: string;
  progress: number;
}
