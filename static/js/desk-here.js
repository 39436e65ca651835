// Who is here: every press goes into the outbox first, with its own time, so that a dead network loses none.

import { keepPage } from "./keep-page.js";
import { Outbox } from "./outbox.js";

const LOOK_MILLISECONDS = 15_000;

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
  for (const { fields } of queued) {
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
}

// Not while somebody types: the list comes again soon.
function takeAnswer(answer) {
  for (const input of document.querySelectorAll("input[name=csrf_token]")) input.value = answer.token;
  if (find("part").querySelector("details[open]")) return;
  find("part").innerHTML = answer.html;
}

function listen(outbox) {
  find("part").addEventListener("submit", (event) => {
    if (!event.target.matches("[data-press]")) return;
    event.preventDefault();
    const { assignment, press } = event.target.elements;
    outbox.add({ assignment: assignment.value, press: press.value }, event.target.dataset.who);
  });
  find("sync-now").addEventListener("click", () => outbox.hurry());
  window.addEventListener("online", () => outbox.hurry());
  document.addEventListener("visibilitychange", () => { if (!document.hidden) outbox.hurry(); });
  setInterval(() => { if (!document.hidden && outbox.state !== "waiting") outbox.send(); }, LOOK_MILLISECONDS);
}

async function start() {
  const { entries, refresh, token, person, code } = root.dataset;
  const skew = Date.parse(root.dataset.now) - Date.parse(root.dataset.rendered);
  const page = { entries, refresh, token, person, code: `${code}/here`, position: 0, skew };
  const outbox = await Outbox.open(page, { onChange: () => draw(outbox), onAnswer: takeAnswer });
  listen(outbox);
  await outbox.send();
  keepPage(root.dataset, "keep");
}

start();
