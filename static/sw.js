// Keeps a station's desk for its lead, a vehicle's page for its crew and a volunteer's own pages: the files of the page,
// and the page itself as this person last saw it.
// Nothing else is touched; every other request goes its way as if there were no worker.

const BUILD = new URL(self.location.href).searchParams.get("v") ?? "";
const ROOT = new URL("./", self.location.href).pathname;
const SHELL = `desk-shell-${BUILD}`;
const PAGES = "desk-pages";
const DRIVER_PAGES = "driver-pages";
const VOLUNTEER_PAGES = "volunteer-pages";
const PATIENCE_MILLISECONDS = 5_000;

const FILES = [
  "site.css", "js/desk.js", "js/desk-leave.js", "js/desk-units.js", "js/desk-help.js", "js/ask.js", "js/combobox.js",
  "js/outbox.js", "js/driver.js", "js/driver-beacon.js", "js/keep-page.js", "js/page-head.js", "js/volunteer.js",
  "js/desk-here.js", "js/tally.js", "img/favicon.svg", "img/icons.svg", "manifest.webmanifest",
];
const DESK = /^desk\/[A-Za-z0-9.-]+(\/(help|here|counsel))?$/;
const DRIVER = /^d\/[A-Za-z0-9_.-]+$/;
const VOLUNTEER = /^v\/[A-Za-z0-9_.-]+(\/(open|about|hours|counsel|team|shift\/\d+))?$/;
const CHANGES_PERSON = /^account\/sign-(in|out)$/;

// How often somebody signed in or out: a desk that was asked for before is not kept after.
let changes = 0;

self.addEventListener("install", (event) => {
  const files = FILES.map((name) => `${ROOT}static/${BUILD}/${name}`);
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(files)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith("desk-shell-") && name !== SHELL);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

self.addEventListener("message", (event) => {
  if (event.data?.keep) event.waitUntil(keepUnseen(event.data.keep));
  if (event.data?.renew) event.waitUntil(renew(event.data.renew).catch(() => undefined));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin || !url.pathname.startsWith(ROOT)) return;
  const path = url.pathname.slice(ROOT.length);
  if (request.method === "POST" && CHANGES_PERSON.test(path)) {
    changes += 1;
    event.waitUntil(caches.delete(PAGES));
  }
  if (request.method !== "GET") return;
  const name = path.replace(/^static\/[^/]+\//, "");
  if (request.mode === "navigate" && path === "desk") event.respondWith(answerList(request));
  else if (request.mode === "navigate" && DESK.test(path)) event.respondWith(answerPage(event, PAGES));
  else if (request.mode === "navigate" && DRIVER.test(path)) event.respondWith(answerPage(event, DRIVER_PAGES));
  else if (request.mode === "navigate" && VOLUNTEER.test(path)) event.respondWith(answerPage(event, VOLUNTEER_PAGES));
  else if (name !== path && FILES.includes(name)) event.respondWith(answerFile(request, name));
});

async function answerPage(event, pages) {
  const { request } = event;
  const cache = await caches.open(pages);
  const kept = (await cache.match(request)) ?? (await cache.match(request, { ignoreSearch: true }));
  const before = changes;
  const asked = fetch(request).then(async (response) => {
    await keep(request.url, response.clone(), before);
    return response;
  });
  event.waitUntil(asked.catch(() => undefined));
  if (!kept) return asked;
  const known = asked.then((response) => (response.status < 500 ? response : kept), () => kept);
  return Promise.race([known, late().then(() => kept)]);
}

// The list is not kept; without a network it leads to the one desk that is.
async function answerList(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const [page] = await (await caches.open(PAGES)).keys();
    if (!page) throw error;
    return Response.redirect(page.url);
  }
}

async function answerFile(request, name) {
  const cache = await caches.open(SHELL);
  const same = await cache.match(request);
  if (same) return same;
  try {
    return await fetch(request);
  } catch {
    return (await cache.match(`${ROOT}static/${BUILD}/${name}`)) ?? Response.error(); // a page older than this worker
  }
}

function late() {
  return new Promise((resolve) => { setTimeout(resolve, PATIENCE_MILLISECONDS); });
}

async function keepUnseen(address) {
  if (!(await (await caches.open(PAGES)).match(address))) await renew(address);
}

// A page anew after what was done on it. A crew's page keeps nothing of an asker whose ride is over.
async function renew(address) {
  const url = new URL(address);
  const path = url.pathname.slice(ROOT.length);
  if (url.origin !== self.location.origin || ![DESK, DRIVER, VOLUNTEER].some((known) => known.test(path))) return;
  const before = changes;
  await keep(address, await fetch(address, { credentials: "same-origin" }), before);
}

// The pages of a signed link, as long as the link holds.
async function keepLinked(address, response, pages, mark) {
  const cache = await caches.open(pages);
  const { origin, pathname } = new URL(address);
  const link = origin + ROOT + pathname.slice(ROOT.length).split("/", 2).join("/");
  if (response.status === 404) {
    const dead = (await cache.keys()).filter(({ url }) => url.startsWith(link));
    await Promise.all(dead.map((page) => cache.delete(page)));
  } else if (response.ok && response.headers.get(mark)) await cache.put(address.split("#")[0], response);
}

// Only a desk that is whole, and only one person's: another one's are let go first.
async function keep(address, response, before) {
  const path = new URL(address).pathname.slice(ROOT.length);
  if (DRIVER.test(path)) return keepLinked(address, response, DRIVER_PAGES, "Driver-Vehicle");
  if (VOLUNTEER.test(path)) return keepLinked(address, response, VOLUNTEER_PAGES, "Volunteer");
  const person = response.headers.get("Desk-Person");
  if (!response.ok || response.redirected || !person) return;
  const cache = await caches.open(PAGES);
  for (const known of await cache.keys()) {
    const page = await cache.match(known);
    if (page.headers.get("Desk-Person") !== person) await cache.delete(known);
  }
  if (before === changes) await cache.put(address.split("#")[0], response);
}
