// Lets the patrol page start without signal: the page, its files and the register are kept as they last came.
// Nothing that changes by itself is ever answered from here.
const CACHE = "ortoo-patrol-1";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  const page = /\/patrol(\.html)?$/.test(pathname);
  const region = pathname.endsWith("/api/v1/region");
  const asset = pathname.includes("/assets/");
  if (page || region) event.respondWith(newest(request, page));
  else if (asset) event.respondWith(kept(request));
});

/** From the network, else as it last came. Pages are kept without their query. */
async function newest(request, page) {
  const cache = await caches.open(CACHE);
  const key = page ? new URL(request.url).pathname : request;
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(key, response.clone());
    return response;
  } catch (cause) {
    const last = await cache.match(key);
    if (last) return last;
    throw cause;
  }
}

/** Files named by their content never change. */
async function kept(request) {
  const cache = await caches.open(CACHE);
  const last = await cache.match(request);
  if (last) return last;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}
