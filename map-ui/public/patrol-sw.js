// Lets the patrol page start without signal: the page, its files and the register are kept as they last came.
// Nothing that changes by itself is ever answered from here.
const CACHE = "ortoo-patrol-2";
/** A network that says nothing for so long is no network. */
const PATIENCE_MS = 5000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("message", (event) => {
  if (Array.isArray(event.data?.keep)) event.waitUntil(keep(event.data.keep));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  const page = isPage(pathname);
  const region = pathname.endsWith("/api/v1/region");
  const asset = pathname.includes("/assets/");
  if (page || region) event.respondWith(newest(request, page));
  else if (asset) event.respondWith(kept(request));
});

function isPage(pathname) {
  return /\/patrol(\.html)?$/.test(pathname);
}

async function activate() {
  for (const name of await caches.keys()) {
    if (name.startsWith("ortoo-patrol-") && name !== CACHE) await caches.delete(name);
  }
  await self.clients.claim();
}

/** Keeps the whole shell of a page, and lets go of the files of an older one. */
async function keep(addresses) {
  const cache = await caches.open(CACHE);
  for (const address of addresses) {
    const { pathname, href } = new URL(address);
    const key = isPage(pathname) ? pathname : href;
    if (await cache.match(key)) continue;
    const response = await fetch(address).catch(() => undefined);
    if (!response?.ok) return;
    await cache.put(key, response);
  }
  const wanted = new Set(addresses);
  for (const request of await cache.keys()) {
    if (request.url.includes("/assets/") && !wanted.has(request.url)) await cache.delete(request);
  }
}

/** From the network, else as it last came. Pages are kept without their query. */
async function newest(request, page) {
  const cache = await caches.open(CACHE);
  const key = page ? new URL(request.url).pathname : request;
  const last = await cache.match(key);
  const fresh = fetch(request).then(async (response) => {
    if (response.ok) await cache.put(key, response.clone());
    return response;
  });
  if (!last) return fresh;
  const late = new Promise((done) => setTimeout(() => done(last), PATIENCE_MS));
  return Promise.race([fresh.catch(() => last), late]);
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
