/** The board as a value: kiosks and calls for help, folded from two lists and the stream of events. No page in here. */

export interface KioskState {
  screen: string;
  basket_id: string | null;
  items: number;
  total_minor: number;
  emoji: string[] | null;
  devices: Record<string, string>;
  since: string | null;
}

/** What staff have told a kiosk; it holds until they say otherwise. */
export interface Told {
  kiosk_id: string;
  paused: boolean;
  pause_reason: string | null;
  message: string;
}

export interface Kiosk extends Told {
  name: string;
  state: KioskState | null;
  last_seen_at: string | null;
  online: boolean;
}

export interface Call {
  intervention_id: string;
  type: string;
  kiosk_id: string;
  basket_id: string | null;
  line_id: string | null;
  state: "open" | "claimed" | "resolved";
  opened_at: string;
  claimed_by: string | null;
  claimed_at?: string | null;
  resolved_at: string | null;
  resolution: string | null;
  detail: {
    product?: { name: string; brand?: string; pack?: string } | string;
    vat_class?: string | null;
    min_age?: number;
    total_minor?: number;
    emoji?: string[];
    masked?: string;
    code?: string;
    /** What the phone of whoever is paid out shows. */
    sign?: string;
    /** What a random check looks at. */
    look?: { name: string; quantity: number }[];
  };
}

export interface Board {
  kiosks: Kiosk[];
  calls: Call[];
}

export const NEEDS = ["help", "device", "offline", "busy", "free"] as const;
export type Need = (typeof NEEDS)[number];

/** States of a device that a person has to mend. */
export const TROUBLED = ["lost", "frozen", "paper_out", "cover_open", "stopped"];
const STAGES = ["open", "claimed", "resolved"];
/** Who stands still longest for want of a person comes first. */
const URGENCY: Record<string, number> = { payment_at_desk: 0, wrong_person: 1, help_requested: 1, age_check: 2, random_check: 2, unknown_item: 3, face_help: 4, catalogue_refused: 5, camera_frozen: 4, lens_dirty: 6, offline_check: 6, offline_debt: 7, pay_out: 0, refund_approval: 7 };

/** Return the board after one event; what it does not concern is returned as it was. */
export function reduce(board: Board, event: string, data: unknown, at: string): Board {
  if (event === "kiosk.state") {
    const { kiosk_id, state } = data as { kiosk_id: string; state: KioskState };
    const kiosks = board.kiosks.map((kiosk) =>
      kiosk.kiosk_id === kiosk_id ? { ...kiosk, state, online: true, last_seen_at: at } : kiosk,
    );
    return { ...board, kiosks };
  }
  if (event === "kiosk.told") return withTold(board, data as Told);
  return event.startsWith("intervention.") ? { ...board, calls: withCall(board.calls, data as Call) } : board;
}

export function withTold(board: Board, told: Told): Board {
  return { ...board, kiosks: board.kiosks.map((kiosk) => (kiosk.kiosk_id === told.kiosk_id ? { ...kiosk, ...told } : kiosk)) };
}

/** Put a call in, unless a later stage of it is known: events may come again after a reconnection. */
export function withCall(calls: Call[], call: Call): Call[] {
  const known = calls.find((one) => one.intervention_id === call.intervention_id);
  if (known !== undefined && STAGES.indexOf(known.state) > STAGES.indexOf(call.state)) return calls;
  return [...calls.filter((one) => one.intervention_id !== call.intervention_id), call];
}

/** Return the calls that still need a person: mine, then free ones, then those of colleagues. */
export function queue(calls: Call[], isMe: (name: string | null) => boolean): Call[] {
  const rank = (call: Call): number => (call.state === "open" ? 1 : isMe(call.claimed_by) ? 0 : 2);
  return calls
    .filter((call) => call.state !== "resolved")
    .sort(
      (one, other) =>
        rank(one) - rank(other) ||
        (URGENCY[one.type] ?? 9) - (URGENCY[other.type] ?? 9) ||
        one.opened_at.localeCompare(other.opened_at),
    );
}

export function needOf(kiosk: Kiosk, calls: Call[]): Need {
  if (calls.some((call) => call.kiosk_id === kiosk.kiosk_id && call.state !== "resolved")) return "help";
  if (!kiosk.online) return "offline";
  if (kiosk.state?.screen === "out_of_order" || Object.values(kiosk.state?.devices ?? {}).some((state) => TROUBLED.includes(state))) return "device";
  return kiosk.state === null || kiosk.state.screen === "welcome" ? "free" : "busy";
}

/** Return the kiosks with the neediest first; of equal need, the one that waits longest. */
export function byNeed(board: Board): { kiosk: Kiosk; need: Need }[] {
  return board.kiosks
    .map((kiosk) => ({ kiosk, need: needOf(kiosk, board.calls) }))
    .sort(
      (one, other) =>
        NEEDS.indexOf(one.need) - NEEDS.indexOf(other.need) ||
        (one.kiosk.state?.since ?? "~").localeCompare(other.kiosk.state?.since ?? "~") ||
        one.kiosk.name.localeCompare(other.kiosk.name),
    );
}
