// Lets the page start without signal: hands the service worker the list of everything it was made of. The first load
// is not seen by a worker that came with it, so the page names its files itself.

const SETTLE_MS = 3_000;

/** Files of our own that this load fetched, besides the page and the register. */
function shell(): string[] {
  const fetched = performance
    .getEntriesByType("resource")
    .map(({ name }) => name)
    .filter((name) => name.startsWith(location.origin) && name.includes("/assets/"));
  const region = new URL("./api/v1/region", document.baseURI).href;
  return [...new Set([location.origin + location.pathname, region, ...fetched])];
}

/** Registers the worker and has it keep the shell, once the catalogue and the register have come too. */
export async function keepForOffline(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register("./patrol-sw.js");
    const { active } = await navigator.serviceWorker.ready;
    await new Promise((done) => setTimeout(done, SETTLE_MS));
    active?.postMessage({ keep: shell() });
  } catch (cause) {
    console.info(`no offline start: ${String(cause)}`);
  }
}
