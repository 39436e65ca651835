// The board: redraws its parts at news, counts the slack down, and answers the keyboard.

import { follow } from "./live.js";

const LOOK_MILLISECONDS = 20_000;
const UNDO_MILLISECONDS = 5_000;
const board = document.querySelector("[data-board]");
const shown = board.querySelector("[data-shown]");
const card = () => shown.querySelector("[data-choice]");
const choice = () => card()?.dataset.choice ?? "";
let chosen = choice();
const NARROW = matchMedia("(max-width: 899px)"); // the card stands below the queue
let drawnAt = Date.now();
let asking = null;
let drawing = null;
let sent = null; // the last vehicle that was sent: for which call, and when that was answered

const isTyping = () => document.activeElement?.matches("input, select, textarea");
const lines = () => [...shown.querySelectorAll("[data-request]")];

function redraw() {
  drawing = draw();
  return drawing;
}

async function draw() {
  if (isTyping() && shown.contains(document.activeElement)) return; // never under somebody's fingers
  asking?.abort();
  asking = new AbortController();
  const url = new URL(board.dataset.parts, location.href);
  if (chosen) url.searchParams.set("request", chosen);
  let page;
  try {
    const answer = await fetch(url, { signal: asking.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    page = await answer.text();
  } catch (problem) {
    if (problem.name === "AbortError") return drawing; // a later one is on its way
    throw problem;
  }
  if (isTyping() && shown.contains(document.activeElement)) return; // begun while it was on its way
  const open = [...shown.querySelectorAll("details[open] > summary")].map((each) => each.textContent);
  const focused = document.activeElement?.closest("[data-request]")?.dataset.request;
  const before = card()?.getBoundingClientRect().top;
  shown.innerHTML = page;
  if (before !== undefined) scrollBy(0, card().getBoundingClientRect().top - before); // what is read stays where it is
  drawnAt = Date.now();
  for (const summary of shown.querySelectorAll("details > summary")) summary.parentElement.open = open.includes(summary.textContent);
  if (focused) shown.querySelector(`[data-request="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

async function choose(id) {
  chosen = id;
  const url = new URL(board.dataset.page, location.href);
  url.searchParams.set("request", id);
  history.replaceState(null, "", url);
  try {
    await redraw();
  } catch {
    return location.reload();
  }
  if (NARROW.matches) card()?.scrollIntoView();
}

function countDown() {
  const gone = (Date.now() - drawnAt) / 1000;
  for (const said of shown.querySelectorAll("[data-slack]")) {
    said.textContent = String(Math.floor(Math.max(Number(said.dataset.slack) - gone, 0) / 60));
  }
  for (const bar of shown.querySelectorAll("[data-slack-bar]")) {
    bar.dataset.from ??= String(bar.value);
    bar.value = Math.max(Number(bar.dataset.from) - gone, 0);
  }
}

function submit(form, button) {
  const answered = press(form, button).then(() => Date.now() + UNDO_MILLISECONDS);
  if (button?.dataset.candidate) sent = { call: choice(), until: answered };
}

async function press(form, button) {
  const asked = { method: "POST", body: new FormData(form, button), headers: { "X-Requested-With": "fetch" } };
  // `formAction` of a button that has none is the page's own address.
  const answer = await fetch(button?.hasAttribute("formaction") ? button.formAction : form.action, asked);
  if (!answer.ok) {
    document.open(); // the page with the reason and with what was typed
    document.write(await answer.text());
    document.close();
    return;
  }
  await redraw();
}

shown.addEventListener("click", (event) => {
  const link = event.target.closest("[data-request]");
  if (!link || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  choose(link.dataset.request);
});

shown.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-press]")) return;
  event.preventDefault();
  event.submitter?.setAttribute("aria-busy", "true");
  document.activeElement?.blur();
  submit(event.target, event.submitter);
});

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  1: () => send(1),
  2: () => send(2),
  3: () => send(3),
  u: takeBack,
};

function move(by) {
  const all = lines();
  const at = all.findIndex((line) => line.dataset.request === chosen || line.hasAttribute("aria-current"));
  const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  if (next) choose(next.dataset.request);
}

function send(number) {
  shown.querySelector(`[data-candidate="${number}"]`)?.click();
}

// A key that comes before the answer waits for it; only the call that the vehicle was sent for is taken back.
async function takeBack() {
  const last = sent;
  sent = null;
  if (last && Date.now() < await last.until && last.call === choice()) shown.querySelector("[data-undo]")?.click();
}

board.querySelector("[data-keys]").hidden = false;
document.addEventListener("keydown", (event) => {
  if (isTyping() || event.metaKey || event.ctrlKey || event.altKey) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

document.addEventListener("click", (event) => {
  const call = event.target.closest(".fleet-call");
  if (!call) return;
  event.preventDefault();
  choose(call.dataset.request);
});

const read = () => {
  document.dispatchEvent(new Event("fleet:look"));
  return redraw();
};

follow(board.querySelector("[data-stream]"), {
  read,
  hear(kind, content) {
    if (kind !== "positions") read().catch(() => {});
    else document.dispatchEvent(new CustomEvent("fleet:positions", { detail: content }));
  },
});
setInterval(countDown, 1_000);
setInterval(() => redraw().catch(() => {}), LOOK_MILLISECONDS); // slack shrinks even when nobody presses anything
