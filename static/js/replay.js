// A day again: the slider says the moment; the map and the list show what was known by then.

const RED_SECONDS = 600;
const AMBER_SECONDS = 1_500;
const STALE_SECONDS = 120;
const FRAME_MILLISECONDS = 200;
const WAITING = new Set(["asked", "refused", "cancelled"]); // while nobody comes the slack runs away

const page = document.querySelector("[data-replay]");
const player = page.querySelector("[data-player]");
const slider = player.querySelector("[data-moment]");
const play = player.querySelector("[data-play]");
const told = player.querySelector("[data-clock]");
const note = player.querySelector("[data-note]");
const tally = page.querySelector("[data-tally]");
const rows = [...page.querySelectorAll("[data-at]")].map((row) => ({ row, at: Number(row.dataset.at) }));
const list = page.querySelector(".replay__list .table-scroll");
const clock = new Intl.DateTimeFormat(document.documentElement.lang, {
  timeZone: note.dataset.zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});
let whole = null;
let timer = null;
let moment = 0;

// The flat differences of a track as arrays of slots, ages and places.
function unpack([code, plate, lon, lat, flat], scale) {
  const track = { code, plate, base: [lon / scale, lat / scale], slots: [], ages: [], places: [] };
  let [slot, x, y] = [0, 0, 0];
  for (let n = 0; n < flat.length; n += 4) {
    slot += flat[n];
    x += flat[n + 2];
    y += flat[n + 3];
    track.slots.push(slot);
    track.ages.push(flat[n + 1]);
    track.places.push([x / scale, y / scale]);
  }
  return track;
}

// The place of the last entry not above `wanted`, -1 where all are.
function lastUpTo(sorted, wanted) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function vehicleRow(track, busy) {
  const slot = (moment - whole.from) / whole.step;
  const found = lastUpTo(track.slots, slot);
  if (found < 0) return [track.code, ...track.base, null, busy.has(track.code) ? "riding" : "posted", null, track.plate];
  const age = Math.round(track.ages[found] + (slot - track.slots[found]) * whole.step);
  const state = age > STALE_SECONDS + whole.step ? "stale" : busy.has(track.code) ? "riding" : "standby";
  return [track.code, ...track.places[found], null, state, age, track.plate];
}

function requestPin([id, kind, lon, lat, happened]) {
  if (lon === null) return null;
  const known = happened.filter(([at]) => at <= moment);
  const last = known.at(-1);
  if (!last || last[1] === "over") return null;
  const [at, what, slack] = last;
  const left = slack === null ? null : slack - (WAITING.has(what) ? moment - at : 0);
  const band = left === null ? "none" : left < RED_SECONDS ? "red" : left <= AMBER_SECONDS ? "amber" : "green";
  return [id, lon / whole.scale, lat / whole.scale, band, left === null ? kind : `${kind} · ${Math.floor(left / 60)} min`];
}

function show() {
  const busy = new Set(whole.rides.filter(([, , from, until]) => from <= moment && (until === null || moment < until)).map(([, code]) => code));
  const picture = {
    vehicles: whole.tracks.map((track) => vehicleRow(track, busy)),
    requests: whole.requests.map(requestPin).filter(Boolean),
    gates: [],
  };
  document.dispatchEvent(new CustomEvent("fleet:whole", { detail: picture }));
  told.textContent = clock.format(moment * 1000);
  slider.setAttribute("aria-valuetext", told.textContent);
  let count = 0;
  for (const { row, at } of rows) {
    row.hidden = at > moment;
    count += !row.hidden;
  }
  tally.textContent = String(count);
  if (timer) list.scrollTop = list.scrollHeight;
}

function go(to) {
  moment = Math.min(Math.max(to, whole.from), whole.until);
  slider.value = String(Math.round(moment));
  if (moment >= whole.until) stop();
  show();
}

function stop() {
  clearInterval(timer);
  timer = null;
  play.textContent = play.dataset.word;
}

function start() {
  if (moment >= whole.until) moment = whole.from;
  let before = performance.now();
  timer = setInterval(() => {
    const now = performance.now();
    const speed = Number(player.querySelector("[name=speed]:checked").value);
    go(moment + ((now - before) / 1000) * speed);
    before = now;
  }, FRAME_MILLISECONDS);
  play.textContent = play.dataset.pause;
}

async function load() {
  player.hidden = false;
  try {
    const answer = await fetch(page.dataset.replay);
    if (!answer.ok) throw new Error(String(answer.status));
    whole = await answer.json();
  } catch {
    note.textContent = note.dataset.failed;
    for (const each of [play, slider]) each.disabled = true;
    return;
  }
  whole.tracks = whole.vehicles.map((vehicle) => unpack(vehicle, whole.scale));
  Object.assign(slider, { min: whole.from, max: whole.until, step: 1 });
  play.dataset.word = play.textContent;
  play.addEventListener("click", () => (timer ? stop() : start()));
  slider.addEventListener("input", () => go(Number(slider.value)));
  document.addEventListener("fleet:ready", show);
  go(rows[0]?.at ?? whole.from);
}

document.addEventListener("click", (event) => {
  const call = event.target.closest(".fleet-call");
  if (!call) return;
  event.preventDefault();
  for (const { row } of rows) row.classList.toggle("is-pointed", row.dataset.of === call.dataset.request);
  rows.find(({ row }) => row.dataset.of === call.dataset.request)?.row.scrollIntoView({ block: "nearest" });
});

load();
