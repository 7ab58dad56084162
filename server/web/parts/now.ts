/** The time of this page, once a second, for everything that counts up. */

import { signal, type ReadonlySignal } from "@preact/signals";

const ticking = signal(Date.now());
setInterval(() => {
  ticking.value = Date.now();
}, 1000);

export const now: ReadonlySignal<number> = ticking;
