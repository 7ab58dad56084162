/**
 * Which reads of a camera are scans: two equal ones close together, once for each time that a pack is shown.
 *
 * One check digit in ten fits by chance, so a single read proves little (of seven readers measured on blurred bars two
 * gave wrong codes). A pack that stays before the camera is one scan; gone for a while, it is another one.
 */

export const AGREE_WITHIN_MS = 500;
/** Shorter than putting a second pack of the same before the camera takes, longer than a hand hides the bars. */
export const GONE_AFTER_MS = 1500;

export interface Read {
  code: string;
  symbology: string;
}

export class Accepter {
  private last: { code: string; at: number; look: number } | null = null;
  private looks = 0;
  private readonly shown = new Map<string, number>();

  /** Return what one look at the camera's picture adds; `at` in milliseconds that never go back. */
  offer(reads: readonly Read[], at: number): Read[] {
    for (const [code, seen] of this.shown) if (at - seen > GONE_AFTER_MS) this.shown.delete(code);
    const accepted: Read[] = [];
    this.looks += 1;
    for (const read of reads) {
      if (!isRight(read.code)) continue;
      if (this.shown.has(read.code)) {
        this.shown.set(read.code, at);
      } else if (this.last?.code === read.code && this.agrees(at)) {
        this.shown.set(read.code, at);
        accepted.push(read);
      }
      this.last = { code: read.code, at, look: this.looks };
    }
    return accepted;
  }

  /** A phone that takes a second for a look agrees by its very next one. */
  private agrees(at: number): boolean {
    const { at: before, look } = this.last!;
    return look < this.looks && at - before <= (look === this.looks - 1 ? GONE_AFTER_MS : AGREE_WITHIN_MS);
  }
}

/** Return whether the last digit of a retail code fits the others; UPC-E (8 digits, 0 or 1 first) has its own sum. */
export function isRight(code: string): boolean {
  if (!/^(\d{8}|\d{12,14})$/.test(code)) return false;
  if (sumFits(code)) return true;
  return code.length === 8 && /^[01]/.test(code) && sumFits(unpacked(code));
}

function sumFits(code: string): boolean {
  const sum = [...code].reverse().reduce((all, digit, place) => all + Number(digit) * (place % 2 === 0 ? 1 : 3), 0);
  return sum % 10 === 0;
}

/** Return the UPC-A that a UPC-E stands for. */
function unpacked(code: string): string {
  const [system, a, b, c, d, e, kind, check] = code as unknown as string[];
  const body = /[012]/.test(kind!) ? `${a}${b}${kind}0000${c}${d}${e}` : kind === "3" ? `${a}${b}${c}00000${d}${e}` : kind === "4" ? `${a}${b}${c}${d}00000${e}` : `${a}${b}${c}${d}${e}0000${kind}`;
  return `${system}${body}${check}`;
}
