/** A code that leads to a page of the store, for the shopper's phone. */

import { Qr } from "../../../server/web/lib/qr.tsx";

const OWN_MACHINE = /^https?:\/\/(localhost|127\.|\[::1\])/;

/** Where the store is known by this machine's own name no phone finds it: a click then opens the page beside the kiosk's. */
export function PageQr({ server, path, label }: { server: string; path: string; label: string }) {
  const url = server + path;
  if (!OWN_MACHINE.test(server)) return <Qr text={url} label={label} />;
  return <Qr text={url} label={label} onOpen={() => void window.open(url, "_blank", "noopener")} />;
}
