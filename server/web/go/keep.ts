/**
 * Keep this page on the phone, so that it opens without a network (public/go-worker.js answers from what lies here).
 *
 * Parts are kept in a cache named after the page's own script, whose name changes with its content: page and parts of
 * one build stay together, and the build before goes when the new one is whole.
 */

const BUILDS = "sesame-go ";

export async function keepPage(lazy: readonly string[]): Promise<void> {
  if (!("serviceWorker" in navigator) || !("caches" in globalThis)) return;
  await navigator.serviceWorker.register("/go-worker.js", { scope: "/go" });
  const own = document.querySelector<HTMLScriptElement>("script[type=module][src]")!.src;
  const name = BUILDS + own;
  const build = await caches.open(name);
  const loaded = [...document.querySelectorAll<HTMLLinkElement>("link[href]")].map((link) => link.href).filter((address) => address.includes("/assets/"));
  const parts = [...new Set([own, ...loaded, ...lazy.map((address) => new URL(address, location.href).href)])];
  const missing: string[] = [];
  for (const part of parts) if ((await build.match(part)) === undefined) missing.push(part);
  await build.addAll(missing);
  const page = await fetch("/go");
  if (!(await page.clone().text()).includes(new URL(own).pathname)) return; // the store has a newer build by now
  await build.put("/go", page);
  for (const other of await caches.keys()) if (other.startsWith(BUILDS) && other !== name) await caches.delete(other);
}
