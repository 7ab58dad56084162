/** Credit for many people, as the server tells it to whoever gives it: never who is on the list. */

import type { Texts } from "../lib/i18n.ts";

export type BatchState = "draft" | "funded" | "sent" | "closed";

export interface Batch {
  batch_id: string;
  state: BatchState;
  name: Texts;
  file_name: string;
  people: number;
  total_minor: number;
  recalled_minor: number;
  currency: string;
  expires_at: string;
}

export interface Fault {
  line: number;
  field: string;
  /** A word of `server/flows/credit_file.py`; the sentences beside it are English, for whoever has no other. */
  code: string;
  first_line: number | null;
  message: string;
  fix: string;
}

/** What a list holds before it is kept; `errors` are the first of its `faults`. */
export interface Looked {
  people: number;
  total_minor: number;
  faults: number;
  errors: Fault[];
}

/** Sums over many; nothing about those who spent until `is_told`. */
export interface Report {
  people: number;
  total_minor: number;
  recalled_minor: number;
  balance_minor: number;
  smallest_group: number;
  is_told: boolean;
  people_who_spent: number | null;
  spent_minor: number | null;
  shops: number | null;
  new_customers: number | null;
}
