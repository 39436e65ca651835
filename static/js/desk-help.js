// Help requests at a station: raised into the outbox first, so that a dead network loses none and doubles none.

import { keepPage } from "./keep-page.js";
import { Outbox } from "./outbox.js";

const LOOK_MILLISECONDS = 15_000;

const root = document.querySelector("[data-desk-help]");
const form = root.querySelector("[data-ask]");
const find = (name) => root.querySelector(`[data-${name}]`);

function drawSync(queued, outbox) {
  const bar = find("sync");
  const said = bar.dataset;
  const needsPerson = ["signedOut", "somebody"].includes(outbox.state);
  const isStuck = needsPerson || ["waiting", "forbidden"].includes(outbox.state);
  const words = {
    sending: said.saySending, waiting: queued.length ? said.sayWaiting : "", signedOut: said.saySignedOut,
    somebody: said.saySomebody, forbidden: said.sayForbidden,
  };
  bar.hidden = !queued.length && !(isStuck && words[outbox.state]);
  bar.classList.toggle("sync--waiting", queued.length > 0 || isStuck);
  find("sync-count").textContent = queued.length ? said.sayCount.replace("{n}", String(queued.length)) : "";
  find("sync-said").textContent = words[outbox.state] ?? "";
  find("sync-now").hidden = !queued.length || needsPerson || outbox.state === "sending";
  find("sync-sign-in").hidden = !needsPerson;
}

// Back into the form, to be sent again as a new one.
function refill({ fields }) {
  for (const element of form.elements) {
    if (["csrf_token", "request_id", ""].includes(element.name)) continue;
    if (["radio", "checkbox"].includes(element.type)) element.checked = fields[element.name] === element.value;
    else element.value = fields[element.name] ?? "";
  }
  form.scrollIntoView();
}

function drawRefused(refused, outbox) {
  find("refused-list").replaceChildren(...refused.map((entry) => {
    const row = find("refused-row").content.cloneNode(true).firstElementChild;
    row.querySelector("[data-what]").textContent = entry.name;
    row.querySelector("[data-why]").textContent = entry.why;
    row.querySelector("[data-correct]").addEventListener("click", () => { refill(entry); outbox.drop(entry); });
    row.querySelector("[data-drop]").addEventListener("click", () => outbox.drop(entry));
    return row;
  }));
  find("refused").hidden = refused.length === 0;
}

async function draw(outbox) {
  const entries = await outbox.store.list();
  drawSync(entries.filter(({ state }) => state === "queued"), outbox);
  drawRefused(entries.filter(({ state }) => state === "refused"), outbox);
}

function takeAnswer(answer) {
  find("part").innerHTML = answer.html;
  for (const input of document.querySelectorAll("input[name=csrf_token]")) input.value = answer.token;
}

function listen(outbox) {
  form.dataset.queued = "";
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.elements.is_located.checked && !form.elements.lat.value) return; // the position is being found
    const fields = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
    delete fields.csrf_token;
    delete fields.request_id;
    const kind = form.querySelector(`[for="kind-${CSS.escape(fields.kind)}"]`).textContent;
    form.reset();
    await outbox.add(fields, kind);
  });
  find("sync-now").addEventListener("click", () => outbox.hurry());
  window.addEventListener("online", () => outbox.hurry());
  document.addEventListener("visibilitychange", () => { if (!document.hidden) outbox.hurry(); });
  setInterval(() => { if (!document.hidden && outbox.state !== "waiting") outbox.send(); }, LOOK_MILLISECONDS);
}

async function start() {
  const { entries, refresh, token, person, code } = root.dataset;
  const skew = Date.parse(root.dataset.now) - Date.parse(root.dataset.rendered);
  const page = { entries, refresh, token, person, code: `${code}/help`, position: 0, skew };
  const outbox = await Outbox.open(page, { onChange: () => draw(outbox), onAnswer: takeAnswer });
  listen(outbox);
  await outbox.send();
  keepPage(root.dataset, "keep");
}

start();
