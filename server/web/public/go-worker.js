/** Opens `/go` without a network: the page itself fills the caches (go/keep.ts), this only answers from them. */

const PATIENCE_MS = 4000; // a network that is there and says nothing is worse than none

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin) return;
  if (pathname === "/go") event.respondWith(newest(event.request));
  else if (pathname.startsWith("/assets/")) event.respondWith(kept(event.request));
});

/** The page of now, or the one that was kept: with it come the very parts that it was built with. */
async function newest(request) {
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (response.ok) return response;
  } catch {
    // No network: what was kept answers.
  }
  return (await caches.match("/go")) ?? Response.error();
}

async function kept(request) {
  return (await caches.match(request.url)) ?? fetch(request);
}
