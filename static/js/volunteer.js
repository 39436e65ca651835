// A volunteer's pages: presses go to the outbox first, in their order; what they changed is fetched and drawn anew.

import { keepPage } from "./keep-page.js";
import { Outbox } from "./outbox.js";
import { drawTallies } from "./tally.js";

const LOOK_MILLISECONDS = 60_000;
const POSITION = { enableHighAccuracy: true, timeout: 10_000, maximumAge: 60_000 };

const root = document.querySelector("[data-volunteer]");
const find = (name) => root.querySelector(`[data-${name}]`);
const part = find("part");
let asOf = root.dataset.asOf;

// The page as the server draws it now; only its part, so that the outbox goes on.
async function redraw() {
  try {
    const response = await fetch(window.location.href, { cache: "no-store" });
    if (response.status === 404 && find("back")) window.location.assign(find("back").href);
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    part.replaceChildren(...page.querySelector("[data-part]").childNodes);
  } catch {
    // no network: the page stays as it is
  }
}

function isAnswered(answer) {
  return answer.results.some(({ status }) => status !== "refused");
}

async function takeAnswer(answer) {
  asOf = answer.as_of;
  if (!answer.results.length) return;
  await redraw();
  find("done").hidden = !isAnswered(answer);
  navigator.serviceWorker?.controller?.postMessage({ renew: window.location.href });
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

// A button whose press waits says so, and is not pressed twice.
function drawButtons(queued) {
  drawTallies(part, queued);
  for (const form of part.querySelectorAll("[data-press]:not([data-tally])")) {
    const button = form.querySelector("button");
    const { kind, number } = form.elements;
    const isQueued = queued.some(({ fields }) => fields.kind === kind.value && fields.number === number?.value);
    button.disabled = isQueued;
    if (isQueued === button.hasAttribute("data-was")) continue;
    if (isQueued) {
      button.dataset.was = button.innerHTML;
      button.textContent = part.dataset.queued;
    } else {
      button.innerHTML = button.dataset.was;
      button.removeAttribute("data-was");
    }
  }
}

async function draw(outbox) {
  const entries = await outbox.store.list();
  const queued = entries.filter(({ state }) => state === "queued");
  drawButtons(queued);
  drawSync(queued, outbox);
  drawRefused(entries.filter(({ state }) => state === "refused"), outbox);
}

function readPress(form) {
  const typed = new FormData(form);
  for (const name of ["id", "back", "held", "day"]) typed.delete(name);
  return Object.fromEntries(typed);
}

// A check-in says where the phone is, as far as its owner allows.
function locate(fields) {
  if (fields.kind !== "in" || !("geolocation" in navigator)) return fields;
  return new Promise((resolve) => {
    const found = ({ coords }) => resolve({ ...fields, lat: coords.latitude.toFixed(5), lon: coords.longitude.toFixed(5) });
    navigator.geolocation.getCurrentPosition(found, () => resolve(fields), POSITION);
  });
}

function listen(outbox) {
  root.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-press]")) return;
    event.preventDefault();
    find("done").hidden = true;
    const { submitter } = event;
    if (submitter) submitter.disabled = true; // until it is known where
    await outbox.add(await locate(readPress(form)), form.dataset.name);
  });
  find("sync-now").addEventListener("click", () => outbox.hurry());
  window.addEventListener("online", () => outbox.hurry());
  const look = async () => {
    if (document.hidden || !("live" in root.dataset) || part.contains(document.activeElement)) return;
    await redraw();
    await draw(outbox);
  };
  document.addEventListener("visibilitychange", () => { if (!document.hidden) outbox.hurry(); });
  setInterval(look, LOOK_MILLISECONDS);
}

async function start() {
  const { entries, refresh, volunteer } = root.dataset;
  const skew = Date.parse(root.dataset.now) - Date.parse(root.dataset.rendered);
  const page = { entries, refresh, token: "", person: volunteer, code: "volunteer", position: 0, skew };
  const outbox = await Outbox.open(page, { onChange: () => draw(outbox), onAnswer: async (answer) => { await takeAnswer(answer); await draw(outbox); } });
  listen(outbox);
  await outbox.send();
  keepPage(root.dataset, "renew");
}

start();
