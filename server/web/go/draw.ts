/** A text as a QR code: drawn by the store, or on the phone where the store cannot be asked. */

import wasm from "zxing-wasm/writer/zxing_writer.wasm?url";
import script from "./draw_worker.ts?worker&url";

const PATIENCE_MS = 4000;

/** What a phone needs to draw by itself, to be kept for where there is no network. */
export const DRAWER_PARTS: readonly string[] = [script, wasm];

/** Return the drawing as an address for a picture. */
export async function drawn(text: string): Promise<string> {
  return `data:image/svg+xml,${encodeURIComponent(await byStore(text).catch(() => onPhone(text)))}`;
}

async function byStore(text: string): Promise<string> {
  const response = await fetch(`/qr.svg?text=${encodeURIComponent(text)}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.text();
}

function onPhone(text: string): Promise<string> {
  const worker = new Worker(script, { type: "module" });
  const drawing = new Promise<string>((done, failed) => {
    worker.onmessage = ({ data }: MessageEvent<{ svg: string } | { error: string }>) => ("svg" in data ? done(data.svg) : failed(new Error(data.error)));
    worker.onerror = (event) => failed(new Error(event.message));
  });
  worker.postMessage({ text, wasm: new URL(wasm, location.href).href });
  return drawing.finally(() => worker.terminate());
}
