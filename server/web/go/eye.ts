/** What reads bars from pictures: the browser's own reader where it knows EAN-13, else ZXing in a worker of its own. */

import wasm from "zxing-wasm/reader/zxing_reader.wasm?url";
import script from "./read_worker.ts?worker&url";
import type { Read } from "./accept.ts";

export interface Eye {
  look(video: HTMLVideoElement): Promise<Read[]>;
  close(): void;
}

/** The part of the Shape Detection API that is used here; TypeScript does not know it yet. */
interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string; format: string }[]>;
}
interface DetectorClass {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
}

const FORMATS = ["ean_13", "ean_8", "upc_a", "upc_e"];
const WIDEST_PX = 1280; // of what a camera gives; wider pictures take longer and read no better

/** What a phone without a reader of its own loads, to be kept for where there is no network. */
export const READER_PARTS: readonly string[] = [script, wasm];

export async function nativeReader(): Promise<DetectorClass | null> {
  const found = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  if (found === undefined) return null;
  try {
    return (await found.getSupportedFormats()).includes("ean_13") ? found : null;
  } catch {
    return null; // there by name only, as where the system's own part is missing
  }
}

export async function openEye(): Promise<Eye> {
  const found = await nativeReader();
  return found === null ? workerEye() : nativeEye(new found({ formats: FORMATS }));
}

function nativeEye(detector: Detector): Eye {
  return {
    look: async (video) => (await detector.detect(video)).map(({ rawValue, format }) => ({ code: rawValue, symbology: format })),
    close: () => undefined,
  };
}

function workerEye(): Eye {
  const worker = new Worker(script, { type: "module" });
  const canvas = document.createElement("canvas");
  const paper = canvas.getContext("2d", { willReadFrequently: true })!;
  let answer: { done: (reads: Read[]) => void; failed: (error: Error) => void } | null = null;
  worker.onmessage = ({ data }: MessageEvent<Read[] | string>) => (typeof data === "string" ? answer?.failed(new Error(data)) : answer?.done(data));
  worker.onerror = (event) => answer?.failed(new Error(event.message));
  return {
    look: (video) =>
      new Promise((done, failed) => {
        answer = { done, failed };
        const scale = Math.min(1, WIDEST_PX / video.videoWidth);
        canvas.width = Math.round(video.videoWidth * scale);
        canvas.height = Math.round(video.videoHeight * scale);
        paper.drawImage(video, 0, 0, canvas.width, canvas.height);
        const { data, width, height } = paper.getImageData(0, 0, canvas.width, canvas.height);
        worker.postMessage({ pixels: data.buffer, width, height, wasm: new URL(wasm, location.href).href }, [data.buffer]);
      }),
    close: () => worker.terminate(),
  };
}
