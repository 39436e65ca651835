// The driver's page: presses go to the outbox first, in their order; a new offer rings; the position, where allowed,
// goes out while the page is open.

import { startBeacon } from "./driver-beacon.js";
import { keepPage } from "./keep-page.js";
import { Outbox } from "./outbox.js";

const LOOK_MILLISECONDS = 10_000;
const RING_MILLISECONDS = 3_000;
// What may be pressed after what, while the server has not answered yet.
const AFTER = { accept: ["pick_up", "cannot"], set_out: ["pick_up", "cannot"], pick_up: ["drop_off", "cannot"], drop_off: [], cannot: [] };

const root = document.querySelector("[data-driver]");
const find = (name) => root.querySelector(`[data-${name}]`);
const part = find("part");
let asOf = root.dataset.asOf;
let ride = null;
let endsAt = 0;
let sound = null;
let rungAt = 0;
let shown = "";
let pressed = null;

function ring() {
  if (Date.now() - rungAt < RING_MILLISECONDS) return;
  rungAt = Date.now();
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.([400, 200, 400]);
  if (sound?.state !== "running") return;
  const [tone, volume] = [sound.createOscillator(), sound.createGain()];
  tone.frequency.value = 880;
  volume.gain.setValueAtTime(0.3, sound.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + 0.9);
  tone.connect(volume).connect(sound.destination);
  tone.start();
  tone.stop(sound.currentTime + 1);
}

// A browser lets a page sound only after a tap.
function allowSound() {
  sound ??= "AudioContext" in window ? new AudioContext() : null;
  if (sound?.state === "suspended") sound.resume();
}

function tick(isQueued) {
  const isOffer = ride?.state === "offered" && !isQueued;
  const left = part.querySelector("[data-left]");
  if (!isOffer || !left) return;
  const seconds = Math.max(0, Math.ceil((endsAt - Date.now()) / 1000));
  left.textContent = String(seconds);
  if (seconds > 0) ring();
}

// The buttons as they will be when all that waits has gone out.
function drawButtons(queued) {
  const steps = queued.filter(({ fields }) => fields.ride === String(ride?.id));
  const ahead = steps.length ? AFTER[steps.at(-1).fields.kind] : ride?.presses ?? [];
  for (const button of part.querySelectorAll("[data-kind]")) button.disabled = !ahead.includes(button.dataset.kind);
  const cannot = part.querySelector("[data-cannot]");
  if (cannot) cannot.hidden = !ahead.includes("cannot");
}

function drawSync(queued, outbox) {
  const bar = find("sync");
  const said = bar.dataset;
  const isStuck = ["waiting", "forbidden"].includes(outbox.state);
  const words = { sending: said.saySending, waiting: said.sayWaiting.replace("{time}", asOf), forbidden: said.sayForbidden };
  const isHidden = !queued.length && !isStuck && outbox.store.isLasting;
  bar.hidden = isHidden;
  bar.classList.toggle("sync--waiting", !isHidden);
  find("sync-count").textContent = queued.length ? said.sayCount.replace("{n}", String(queued.length)) : "";
  find("sync-said").textContent = [words[outbox.state] ?? "", outbox.store.isLasting ? "" : said.sayStorage].filter(Boolean).join(" ");
  find("sync-now").hidden = !queued.length || outbox.state === "sending";
}

function drawRefused(refused, outbox) {
  const list = find("refused-list");
  list.replaceChildren(...refused.map((entry) => {
    const row = find("refused-row").content.cloneNode(true).firstElementChild;
    row.querySelector("[data-what]").textContent = entry.name;
    row.querySelector("[data-why]").textContent = entry.why;
    row.querySelector("[data-drop]").addEventListener("click", () => outbox.drop(entry));
    return row;
  }));
  find("refused").hidden = refused.length === 0;
}

async function draw(outbox) {
  const entries = await outbox.store.list();
  const queued = entries.filter(({ state }) => state === "queued");
  drawButtons(queued);
  drawSync(queued, outbox);
  drawRefused(entries.filter(({ state }) => state === "refused"), outbox);
  tick(queued.length > 0);
}

function isTyping() {
  return part.contains(document.activeElement) && document.activeElement.matches("input") && document.activeElement.value !== "";
}

function takeAnswer(answer, beacon) {
  asOf = answer.as_of;
  const before = `${ride?.id} ${ride?.state}`;
  ride = answer.ride;
  if (ride?.state === "offered") endsAt = Date.now() + ride.seconds_left * 1000;
  const isChanged = `${ride?.id} ${ride?.state}` !== before;
  const isOpen = part.querySelector("[data-cannot][open]") !== null;
  // Every answer has other request ids in it; these do not matter here, for the outbox makes its own.
  const html = answer.html.replace(/name="id" value="\w+"/g, "");
  if (html !== shown && (isChanged || (!isOpen && !isTyping()))) {
    shown = html;
    part.innerHTML = answer.html;
    const again = isOpen && part.querySelector("[data-cannot]:not([hidden])");
    if (again) again.open = true; // under a thumb that is choosing a reason
  }
  if (!isChanged) return;
  find("said").textContent = ride?.state === "offered" ? find("said").dataset.offer : "";
  beacon.setRiding(ride !== null);
  navigator.serviceWorker?.controller?.postMessage({ renew: window.location.href });
}

function readPress(form, submitter) {
  const typed = new FormData(form);
  if (submitter?.name) typed.set(submitter.name, submitter.value);
  typed.delete("id");
  return Object.fromEntries(typed);
}

function listen(outbox) {
  root.addEventListener("click", (event) => {
    allowSound();
    pressed = event.target.closest("button[type=submit]");
  });
  root.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-press]")) return;
    event.preventDefault();
    const submitter = event.submitter ?? (pressed?.form === form ? pressed : null);
    const details = form.closest("details");
    if (details) details.open = false;
    await outbox.add(readPress(form, submitter), form.dataset.name);
  });
  find("sync-now").addEventListener("click", () => outbox.hurry());
  window.addEventListener("online", () => outbox.hurry());
  document.addEventListener("visibilitychange", () => { if (!document.hidden) outbox.hurry(); });
  setInterval(() => { if (outbox.state !== "waiting") outbox.send(); }, LOOK_MILLISECONDS);
  setInterval(async () => tick((await outbox.store.list()).some(({ state }) => state === "queued")), 1000);
}

async function start() {
  const { entries, refresh, vehicle } = root.dataset;
  const skew = Date.parse(root.dataset.now) - Date.parse(root.dataset.rendered);
  const beacon = startBeacon(find("position"), root.dataset);
  const page = { entries, refresh, token: "", person: vehicle, code: "driver", position: 0, skew };
  const outbox = await Outbox.open(page, { onChange: () => draw(outbox), onAnswer: (answer) => takeAnswer(answer, beacon) });
  listen(outbox);
  await outbox.send();
  keepPage(root.dataset, "renew");
}

start();
