/** Phone numbers as people write them, and as the shop takes them (E.164). */

/** Return "+33612345678" for "+33 6 12 34 56 78", "0033 6..." or the French "06 12 34 56 78"; null for anything else. */
export function phoneNumber(text: string): string | null {
  const bare = text.replace(/[\s().\-\u00a0]/g, "").replace(/^00/, "+");
  const whole = /^0[1-9]\d{8}$/.test(bare) ? `+33${bare.slice(1)}` : bare;
  return /^\+[1-9]\d{7,14}$/.test(whole) ? whole : null;
}

/** Return whether a text can be a PIN at all; the server says whether it is a good one. */
export function isPin(text: string): boolean {
  return /^\d{4,6}$/.test(text);
}
