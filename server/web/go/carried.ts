/**
 * A basket as text in QR codes, for a till where there is no network: what checkout/basket_text.py reads.
 *
 * It names goods, never prices. Each code carries a check of itself, all of them the name of the whole.
 */

import type { Gathered } from "./trip.ts";

const PREFIX = "SESAME:H:";
const PART_BYTES = 200;
const MOST_PARTS = 9;
const KINDS = 3;
const PRODUCT = 0;
const LABEL = 1;
const SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Return the texts of the codes, in order; none where it is too large for them. */
export async function writeBasket(storeId: string, lines: readonly Pick<Gathered, "code" | "sku" | "quantity">[]): Promise<string[]> {
  const body = text(storeId);
  for (const { code, sku, quantity } of lines) {
    body.push(...number(quantity * KINDS + (sku === undefined ? LABEL : PRODUCT)), ...text(sku ?? code ?? ""));
  }
  const of = Math.ceil(body.length / PART_BYTES);
  if (of > MOST_PARTS) return [];
  const name = signs((await digest(Uint8Array.from(body))).slice(0, 5));
  const texts: string[] = [];
  for (let part = 0; part < of; part += 1) {
    const said = `${name}.${part + 1}.${of}.${signs(body.slice(part * PART_BYTES, (part + 1) * PART_BYTES))}`;
    texts.push(`${PREFIX}${said}.${signs((await digest(new TextEncoder().encode(said))).slice(0, 5)).slice(0, 4)}`);
  }
  return texts;
}

async function digest(content: Uint8Array<ArrayBuffer>): Promise<number[]> {
  return [...new Uint8Array(await crypto.subtle.digest("SHA-256", content))];
}

/** Groups of seven bits, the lowest first. */
function number(value: number): number[] {
  const found: number[] = [];
  for (; value > 0x7f; value = Math.floor(value / 128)) found.push((value & 0x7f) | 0x80);
  return [...found, value];
}

/** Digits as one number, which takes less than half; all else as it is. */
function text(written: string): number[] {
  if (!/^\d+$/.test(written)) {
    const content = [...new TextEncoder().encode(written)];
    return [...number(content.length << 1), ...content];
  }
  const content: number[] = [];
  let rest = BigInt(written);
  for (let most = 10n ** BigInt(written.length) - 1n; most > 0n; most >>= 8n) {
    content.unshift(Number(rest & 0xffn));
    rest >>= 8n;
  }
  return [...number((written.length << 1) | 1), ...content];
}

/** Base 32 without its padding. */
function signs(content: readonly number[]): string {
  let found = "";
  let bits = 0;
  let held = 0;
  for (const byte of content) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) found += SIGNS[(held >> (bits - 5)) & 31];
    held &= (1 << bits) - 1;
  }
  return bits === 0 ? found : found + SIGNS[(held << (5 - bits)) & 31];
}
