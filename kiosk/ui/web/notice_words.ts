/** The sentence of a notice, its reason (itself a code) in words too. */

import type { Notice } from "./screen.ts";
import { byCode, find } from "./words.ts";

export function noticeWords(notice: Notice): string {
  const reason = notice.facts["reason"];
  const facts = reason === undefined ? notice.facts : { ...notice.facts, reason: find("reasons", String(reason)) ?? "" };
  return byCode("notices", notice.code, facts, "notices.unexpected");
}
