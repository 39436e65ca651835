/* Starts the map that stations/maps/drawing.py describes, once #map comes near the screen: asks for its data, loads
   Leaflet and the drawing. Loaded by every page with a map, so it is small; a page without it loses only the map. */

const frame = document.getElementById("map");
const asked = new Map(); // address -> promise of its JSON, asked for while Leaflet is on its way

/* The JSON at `url`, or null where there is none to be had. */
async function getJson(url, signal) {
  try {
    const answer = await fetch(url, { signal });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

function add(tag, attributes) {
  return new Promise((done, fail) => {
    document.head.append(Object.assign(document.createElement(tag), attributes, { onload: done, onerror: fail }));
  });
}

let started = false;
async function start() {
  if (started) return;
  started = true;
  const { fetch: addresses, style, scripts, drawing, failed } = frame.dataset;
  for (const url of addresses.split(" ").filter(Boolean)) asked.set(url, getJson(url));
  add("link", { rel: "preload", as: "script", href: drawing }).catch(() => {});
  try {
    const needed = scripts.split(" ").map((src) => add("script", { src, async: false }));
    await Promise.all([add("link", { rel: "stylesheet", href: style }), ...needed]);
    await add("script", { src: drawing });
  } catch {
    frame.textContent = failed;
  }
}

if (frame) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  window.pinMap = {
    frame,
    calm,
    getJson,
    ask: (url) => asked.get(url) ?? getJson(url),
    wanted: null, // code of the pin to open as soon as it is there
    openWanted() {},
  };
  new IntersectionObserver((seen, watch) => {
    if (!seen.some(({ isIntersecting }) => isIntersecting)) return;
    watch.disconnect();
    start();
  }, { rootMargin: "200px" }).observe(frame);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-pin]");
    if (!link) return;
    event.preventDefault();
    frame.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
    pinMap.wanted = link.dataset.pin;
    pinMap.openWanted();
    start();
  });
}
