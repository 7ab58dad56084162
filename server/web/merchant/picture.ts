/** A photograph as it is sent: no larger than a page shows it, so that it fits into a request. */

const LONGEST_PX = 1600;
const QUALITY = 0.85;

/** Return a picture as base64. What no browser can read goes as it is: the server says what is wrong with it. */
export async function smaller(file: File): Promise<string> {
  return base64(await shrunk(file));
}

async function shrunk(file: File): Promise<Blob> {
  let read: ImageBitmap;
  try {
    read = await createImageBitmap(file);
  } catch {
    return file.slice(0, LONGEST_PX); // its beginning is enough to be refused for
  }
  const scale = Math.min(1, LONGEST_PX / Math.max(read.width, read.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(read.width * scale);
  canvas.height = Math.round(read.height * scale);
  canvas.getContext("2d")!.drawImage(read, 0, 0, canvas.width, canvas.height);
  read.close();
  return new Promise((resolve) => canvas.toBlob((made) => resolve(made ?? file), "image/jpeg", QUALITY));
}

async function base64(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let signs = "";
  for (const byte of bytes) signs += String.fromCharCode(byte);
  return btoa(signs);
}
