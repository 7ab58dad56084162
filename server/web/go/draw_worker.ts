/** A thread that draws one QR code: compiled code runs in a worker alone, so that the page's own rules stay strict. */

import { prepareZXingModule, writeBarcode } from "zxing-wasm/writer";

addEventListener("message", ({ data }: MessageEvent<{ text: string; wasm: string }>) => {
  prepareZXingModule({ overrides: { locateFile: () => data.wasm } });
  writeBarcode(data.text, { format: "QRCode", options: "ecLevel=M" }).then(
    ({ svg, error }) => postMessage(error === "" ? { svg } : { error }),
    (error: unknown) => postMessage({ error: String(error) }),
  );
});
