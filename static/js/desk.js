// The desk: every press goes to the outbox first, the tile changes at once, and what is not synced says so.

import { foresee, writeUnits } from "./desk-units.js";
import { keepPage } from "./keep-page.js";
import { Outbox } from "./outbox.js";

const LOOK_MILLISECONDS = 60_000;
const CORRECTABLE = ["quantity", "tag", "lot", "expiry_date", "reason"];
const SENT_FIELDS = ["kind", "item", "quantity", "lot", "expiry_date", "tag", "reason", "order_id"];

const root = document.querySelector("[data-desk]");
const words = Object.fromEntries([...root.querySelectorAll("[data-words] > div")].map((pair) =>
  [pair.querySelector("dt").textContent, pair.querySelector("dd").textContent]));
let asOf = root.dataset.asOf;
let pressed = null;
let isKeptOld = false; // what the worker keeps is older than what was booked since

const find = (name) => root.querySelector(`[data-${name}]`);
const tileOf = (code) => root.querySelector(`[data-tile="${CSS.escape(code ?? "")}"]`);

function itemOf(tile) {
  const { unit, caseUnit, unitsPerCase, saidUnit, saidCase } = tile.dataset;
  return { unit, caseUnit, unitsPerCase: Number(unitsPerCase), said: { unit: saidUnit, case: saidCase } };
}

function startSkew() {
  const [navigation] = performance.getEntriesByType("navigation");
  const isFresh = navigation !== undefined && navigation.transferSize > 0;
  const shown = Date.parse(root.dataset.now);
  return isFresh ? shown - Date.now() : shown - Date.parse(root.dataset.rendered);
}

function say(entry) {
  const { kind, quantity, tag } = entry.fields;
  return [words[kind] ?? kind, entry.name, quantity ?? tag].filter(Boolean).join(" ");
}

function drawTile(tile, entries, outbox) {
  const item = itemOf(tile);
  const onHand = Number(tile.dataset.onHand);
  const line = tile.querySelector("[data-unsynced]");
  const ahead = foresee(onHand, entries.map(({ fields }) => fields), item);
  tile.classList.toggle("tile--unsynced", entries.length > 0);
  tile.querySelector("[data-amount]").textContent = writeUnits(ahead, item);
  line.hidden = entries.length === 0;
  if (line.hidden) return line.replaceChildren();
  const said = document.createElement("span");
  const last = entries.at(-1);
  said.textContent = `↑ ${find("sync").dataset.sayCount.replace("{n}", String(entries.length))} · ${say(last)}`;
  const undo = document.createElement("button");
  Object.assign(undo, { type: "button", className: "button", textContent: words.reversal });
  undo.addEventListener("click", () => outbox.drop(last));
  line.replaceChildren(said, undo);
}

function drawSync(queued, refused, outbox) {
  const bar = find("sync");
  const said = bar.dataset;
  const text = {
    sending: said.saySending, waiting: said.sayWaiting.replace("{time}", asOf), signedOut: said.saySignedOut, somebody: said.saySomebody,
    forbidden: said.sayForbidden,
  };
  const needsPerson = ["signedOut", "somebody"].includes(outbox.state);
  const isStuck = needsPerson || ["waiting", "forbidden"].includes(outbox.state);
  bar.hidden = !queued.length && !refused.length && !isStuck && outbox.store.isLasting;
  bar.classList.toggle("sync--waiting", queued.length > 0 || refused.length > 0 || isStuck);
  const counts = [];
  if (queued.length) counts.push(said.sayCount.replace("{n}", String(queued.length)));
  if (refused.length) counts.push(said.sayRefused.replace("{n}", String(refused.length)));
  find("sync-count").textContent = counts.join(" · ") || (isStuck ? "" : said.saySynced);
  const parts = [text[outbox.state] ?? "", outbox.store.isLasting ? "" : said.sayStorage];
  find("sync-said").textContent = parts.filter(Boolean).join(" ");
  find("sync-now").hidden = !queued.length || needsPerson || outbox.state === "sending";
  find("sync-sign-in").hidden = !needsPerson;
}

function refusedRow(entry, outbox) {
  const row = find("refused-row").content.cloneNode(true).firstElementChild;
  row.querySelector("[data-what]").textContent = say(entry);
  row.querySelector("[data-when]").textContent = new Date(entry.at + outbox.skew).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
  row.querySelector("[data-why]").textContent = entry.why;
  const fields = row.querySelector("[data-fields]");
  for (const name of CORRECTABLE.filter((known) => known in entry.fields)) {
    const field = find("refused-field").content.cloneNode(true).firstElementChild;
    const [label, input] = field.children;
    label.htmlFor = input.id = `${entry.id}-${name}`;
    label.textContent = words[name];
    Object.assign(input, { name, value: entry.fields[name] });
    fields.append(field);
  }
  const form = row.querySelector("[data-correct]");
  if (!fields.children.length) form.querySelector("[type=submit]").remove();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    outbox.correct(entry, Object.fromEntries(new FormData(form)));
  });
  row.querySelector("[data-drop]").addEventListener("click", () => outbox.drop(entry));
  row.dataset.id = entry.id;
  return row;
}

// Rows that stand are left alone: somebody may be typing in one.
function drawRefused(refused, outbox) {
  const list = find("refused-list");
  for (const row of [...list.children]) if (!refused.some(({ id }) => id === row.dataset.id)) row.remove();
  for (const entry of refused) {
    if (![...list.children].some((row) => row.dataset.id === entry.id)) list.append(refusedRow(entry, outbox));
  }
  find("refused").hidden = refused.length === 0;
}

// What is on its way already is not offered a second time.
function drawPending(queued) {
  for (const form of root.querySelectorAll("[data-part] [data-entry]")) {
    const [kind, order, tag] = [form.elements.kind.value, form.elements.order_id?.value, form.elements.tag?.value];
    form.querySelector("button").disabled = queued.some(({ fields }) =>
      fields.kind === kind && (kind === "reversal" ? fields.order_id === order : fields.tag === tag));
  }
}

async function draw(outbox) {
  const entries = await outbox.store.list();
  const queued = entries.filter((entry) => entry.state === "queued");
  const refused = entries.filter((entry) => entry.state === "refused");
  for (const tile of root.querySelectorAll("[data-tile]")) {
    drawTile(tile, queued.filter(({ fields }) => fields.item === tile.dataset.tile), outbox);
  }
  drawSync(queued, refused, outbox);
  drawRefused(refused, outbox);
  drawPending(queued);
}

function replacePart(part, html) {
  const hadFocus = part.contains(document.activeElement);
  part.innerHTML = html;
  if (hadFocus) (part.querySelector("button") ?? part).focus();
}

function takeAnswer(answer) {
  asOf = answer.as_of;
  isKeptOld ||= answer.results.length > 0;
  for (const [code, { on_hand: onHand, html }] of Object.entries(answer.tiles)) {
    const tile = tileOf(code);
    if (!tile) return window.location.reload(); // received here for the first time
    tile.dataset.onHand = String(onHand);
    tile.querySelector("[data-facts]").innerHTML = html;
  }
  for (const [name, html] of Object.entries(answer.parts)) replacePart(root.querySelector(`[data-part="${name}"]`), html);
  for (const input of document.querySelectorAll("input[name=csrf_token]")) input.value = answer.token;
  for (const input of root.querySelectorAll("[data-position]")) input.value = String(answer.position);
}

function readEntry(form, submitter) {
  const typed = new FormData(form);
  if (submitter?.name) typed.set(submitter.name, submitter.value);
  const fields = {};
  for (const name of SENT_FIELDS) {
    const value = typed.get(name)?.trim();
    if (value) fields[name] = value;
  }
  return fields;
}

function nameOf(form, fields) {
  const chosen = form.querySelector("select[name=item]")?.selectedOptions[0]?.textContent;
  return form.dataset.entryName ?? tileOf(fields.item)?.dataset.name ?? chosen ?? fields.item ?? "";
}

function listen(outbox) {
  root.addEventListener("click", (event) => { pressed = event.target.closest("button[type=submit]"); });
  root.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-entry]")) return;
    event.preventDefault();
    const fields = readEntry(form, event.submitter ?? (pressed?.form === form ? pressed : null));
    form.reset();
    await outbox.add(fields, nameOf(form, fields));
  });
  find("sync-now").addEventListener("click", () => outbox.hurry());
  window.addEventListener("online", () => outbox.hurry());
  window.addEventListener("pageshow", (event) => { if (event.persisted) outbox.hurry(); });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) renewPage();
    else outbox.hurry();
  });
  setInterval(() => {
    if (document.hidden || outbox.state === "waiting") return;
    outbox.send();
    renewPage();
  }, LOOK_MILLISECONDS);
}

// Opened again without a network, the desk is to show what was booked on it.
function renewPage() {
  const worker = navigator.serviceWorker?.controller;
  if (!isKeptOld || !worker) return;
  isKeptOld = false;
  worker.postMessage({ renew: window.location.href });
}

async function start() {
  const { entries, refresh, token, person, code } = root.dataset;
  const page = { entries, refresh, token, person, code, position: Number(root.dataset.position), skew: startSkew() };
  const outbox = await Outbox.open(page, { onChange: () => draw(outbox), onAnswer: takeAnswer });
  listen(outbox);
  await draw(outbox);
  outbox.send();
  keepPage(root.dataset, "keep");
}

start();
