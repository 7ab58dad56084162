/** A basket as the page tells it. Pure. */

import type { Basket, BasketLine, LastScan, Screen } from "./screen.ts";

export function itemCount(basket: Basket | null): number {
  return basket?.lines.reduce((sum, line) => sum + (line.weight_g === null ? line.quantity : 1), 0) ?? 0;
}

/** Lines with the newest first, so that what was just scanned is seen without scrolling. */
export function newestFirst(basket: Basket | null): BasketLine[] {
  return [...(basket?.lines ?? [])].reverse();
}

/** Return the scan that this screen brings and the one before did not, or null. */
export function freshScan(before: Screen | null, now: Screen): LastScan | null {
  const scan = now.last_scan;
  if (scan === null || before === null || scan.id === before.last_scan?.id) return null;
  return scan;
}

export function lineOf(basket: Basket | null, lineId: string | null): BasketLine | undefined {
  return basket?.lines.find((line) => line.line_id === lineId);
}

export type CameraWords =
  | "scan_on" | "scan_idle" | "scan_dark" | "scan_lost" | "scan_frozen" | "scan_none" | "scan_face"
  | "face_on" | "face_idle" | "face_dark" | "face_lost" | "face_frozen" | "face_none" | "face_bars"; // prettier-ignore

/** Return the words that say what a camera does; `browser` is on when it lends pictures, else off. */
export function cameraWords(camera: Screen["cameras"][number]): CameraWords {
  const on = camera.state === "on" || (camera.state === "browser" && camera.lend);
  if (camera.state === "none" || camera.state === "lost" || camera.state === "frozen") return `${camera.role}_${camera.state}`;
  if (!on) return `${camera.role}_dark`;
  if (camera.role === "scan") {
    return camera.sees === "face" ? "scan_face" : camera.sees === "bars" ? "scan_on" : "scan_idle";
  }
  return camera.sees === "bars" ? "face_bars" : camera.sees === "face" ? "face_on" : "face_idle";
}
