// Who is here, and whom one talked with: every press goes into the outbox first, with its own time, so that a dead network loses none.

import { keepPage } from "./keep-page.js";
import { follow } from "./live.js";
import { Outbox } from "./outbox.js";
import { drawTallies } from "./tally.js";

const MINUTE = 60_000;

const root = document.querySelector("[data-here]");
const find = (name) => root.querySelector(`[data-${name}]`);

function drawSync(queued, outbox) {
  const bar = find("sync");
  const said = bar.dataset;
  const needsPerson = ["signedOut", "somebody"].includes(outbox.state);
  const words = {
    sending: said.saySending, waiting: said.sayWaiting, signedOut: said.saySignedOut,
    somebody: said.saySomebody, forbidden: said.sayForbidden,
  };
  bar.hidden = !queued.length && !(words[outbox.state] && outbox.state !== "sending");
  bar.classList.toggle("sync--waiting", queued.length > 0);
  find("sync-count").textContent = queued.length ? said.sayCount.replace("{n}", String(queued.length)) : "";
  find("sync-said").textContent = words[outbox.state] ?? "";
  find("sync-now").hidden = !queued.length || needsPerson || outbox.state === "sending";
  find("sync-sign-in").hidden = !needsPerson;
}

function drawRefused(refused, outbox) {
  find("refused-list").replaceChildren(...refused.map((entry) => {
    const row = find("refused-row").content.cloneNode(true).firstElementChild;
    row.querySelector("[data-what]").textContent = entry.name;
    row.querySelector("[data-why]").textContent = entry.why;
    row.querySelector("[data-drop]").addEventListener("click", () => outbox.drop(entry));
    return row;
  }));
  find("refused").hidden = refused.length === 0;
}

function markNoted(queued) {
  for (const { fields } of queued.filter((entry) => "assignment" in entry.fields)) {
    const form = find("part").querySelector(`[name=assignment][value="${CSS.escape(fields.assignment)}"]`)?.form;
    const button = form?.querySelector("button");
    if (!button || button.disabled) continue;
    button.disabled = true;
    button.textContent = `${form.dataset.who} · ${find("part").dataset.noted}`;
  }
}

async function draw(outbox) {
  const entries = await outbox.store.list();
  const queued = entries.filter(({ state }) => state === "queued");
  drawSync(queued, outbox);
  drawRefused(entries.filter(({ state }) => state === "refused"), outbox);
  markNoted(queued);
  drawTallies(find("part"), queued);
}

// Not while something is open: the list comes again when it is closed.
let isDrawn = true;

function takeAnswer(answer) {
  for (const input of document.querySelectorAll("input[name=csrf_token]")) input.value = answer.token;
  isDrawn = !find("part").querySelector("details[open]");
  if (!isDrawn) return;
  find("part").innerHTML = answer.html;
}

function listen(outbox) {
  find("part").addEventListener("submit", (event) => {
    if (!event.target.matches("[data-press]")) return;
    event.preventDefault();
    const { csrf_token: _token, request_id: _id, ...fields } = Object.fromEntries(new FormData(event.target));
    outbox.add(fields, event.target.dataset.who ?? event.target.dataset.name);
  });
  find("sync-now").addEventListener("click", () => outbox.hurry());
  window.addEventListener("online", () => outbox.hurry());
  document.addEventListener("visibilitychange", () => { if (!document.hidden) outbox.hurry(); });
}

// Drawn anew at news of this shift, and every minute because time passes.
function keepLive(outbox) {
  const read = async () => {
    await outbox.send();
    if (outbox.state !== "idle" || !isDrawn) throw new Error(outbox.state);
  };
  const live = follow(root.querySelector("[data-stream]"), { read, hear: () => live.reread() });
  find("part").addEventListener("toggle", () => isDrawn || live.reread(), true);
  setInterval(() => document.hidden || live.reread(), MINUTE);
}

async function start() {
  const { entries, refresh, token, person, code } = root.dataset;
  const skew = Date.parse(root.dataset.now) - Date.parse(root.dataset.rendered);
  const page = { entries, refresh, token, person, code: `${code}/${root.dataset.here}`, position: 0, skew };
  const outbox = await Outbox.open(page, { onChange: () => draw(outbox), onAnswer: takeAnswer });
  listen(outbox);
  await outbox.send();
  keepLive(outbox);
  keepPage(root.dataset, "keep");
}

start();
