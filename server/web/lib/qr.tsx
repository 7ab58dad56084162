/** A QR drawn by the server that serves the page (`/qr.svg`), on white in every theme so that cameras read it. */

export function Qr({ text, label, onOpen }: { text: string; label: string; onOpen?: () => void }) {
  const opens = onOpen === undefined ? {} : { onClick: onOpen, style: { cursor: "pointer" } };
  return <img class="qr" src={`/qr.svg?text=${encodeURIComponent(text)}`} alt={label} {...opens} />;
}
