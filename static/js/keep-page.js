// Where it is allowed, the worker keeps this page and its files; without it the outbox works while the page is open.
// `word` is what the worker is asked to do: keep a page that it does not have yet, or renew the one that it has.

export async function keepPage({ worker, build }, word) {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register(`${worker}?v=${build}`);
    const { active } = await navigator.serviceWorker.ready;
    active.postMessage({ [word]: window.location.href });
  } catch {
    // not allowed here
  }
}
