/** A thread that finds bars in pictures. It answers each picture with what it read, or with a sentence that says why not. */

import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
import type { Read } from "./accept.ts";

interface Picture {
  pixels: ArrayBuffer;
  width: number;
  height: number;
  /** Where the reader's compiled part lies: with the page's other parts, and nowhere else. */
  wasm: string;
}

// In the words of the browsers' own readers, so that a scan says the same whoever read it.
const NAMES: Record<string, string> = { EAN13: "ean_13", EAN8: "ean_8", UPCA: "upc_a", UPCE: "upc_e" };

let prepared: string | null = null;

addEventListener("message", ({ data }: MessageEvent<Picture>) => {
  read(data).then(
    (reads) => postMessage(reads),
    (error: unknown) => postMessage(String(error)),
  );
});

async function read({ pixels, width, height, wasm }: Picture): Promise<Read[]> {
  if (prepared !== wasm) {
    prepareZXingModule({ overrides: { locateFile: () => wasm } });
    prepared = wasm;
  }
  const picture = new ImageData(new Uint8ClampedArray(pixels), width, height);
  const found = await readBarcodes(picture, { formats: ["EAN13", "EAN8", "UPCA", "UPCE"], tryHarder: true, maxNumberOfSymbols: 2 });
  return found.filter((each) => each.isValid).map((each) => ({ code: each.text, symbology: NAMES[each.format] ?? each.format }));
}
