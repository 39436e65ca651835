// The outbox of a desk: every entry is kept in IndexedDB before anything else happens, with an id of its own, and goes
// to the server in order, as often as it takes. The server books an id once, however often it comes.

const BATCH = 200;
const ANSWER_MILLISECONDS = 20_000;
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 60_000;

function newId() {
  if (crypto.randomUUID) return crypto.randomUUID(); // only where the page came over HTTPS
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function openDatabase() {
  const asked = indexedDB.open("bankao-desk", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("entries", { keyPath: "order", autoIncrement: true });
  return settled(asked);
}

// Every entry that is still on this phone, whoever made it.
export async function countKept() {
  try {
    return await settled((await openDatabase()).transaction("entries").objectStore("entries").count());
  } catch {
    return 0;
  }
}

// The entries of one person at one station: {order, id, desk, at, name, fields, state: "queued" | "refused", why}.
class Store {
  constructor(desk, database) {
    this.desk = desk;
    this.database = database;
    this.memory = [];
  }

  static async open(desk) {
    try {
      return new Store(desk, await openDatabase());
    } catch {
      return new Store(desk, null);
    }
  }

  get isLasting() {
    return this.database !== null;
  }

  async write(change) {
    const writing = this.database.transaction("entries", "readwrite");
    change(writing.objectStore("entries"));
    return new Promise((resolve, reject) => {
      writing.oncomplete = resolve;
      writing.onabort = writing.onerror = () => reject(writing.error);
    });
  }

  async list() {
    if (!this.isLasting) return [...this.memory];
    const all = await settled(this.database.transaction("entries").objectStore("entries").getAll());
    return all.filter((entry) => entry.desk === this.desk);
  }

  async add(entry) {
    const whole = { ...entry, desk: this.desk };
    if (this.isLasting) return this.write((entries) => entries.add(whole));
    this.memory.push({ ...whole, order: (this.memory.at(-1)?.order ?? 0) + 1 });
  }

  async put(changed) {
    if (this.isLasting) return this.write((entries) => changed.forEach((entry) => entries.put(entry)));
    this.memory = this.memory.map((entry) => changed.find(({ order }) => order === entry.order) ?? entry);
  }

  async remove(gone) {
    if (this.isLasting) return this.write((entries) => gone.forEach(({ order }) => entries.delete(order)));
    this.memory = this.memory.filter((entry) => !gone.some(({ order }) => order === entry.order));
  }
}

class Stopped extends Error {
  constructor(state) {
    super(state);
    this.state = state; // "waiting" | "signedOut" | "somebody" | "forbidden"
  }
}

export class Outbox {
  // page: {entries, refresh, token, person, code, position, skew}; `skew` is server time minus this phone's.
  static async open(page, { onChange, onAnswer }) {
    const outbox = new Outbox();
    Object.assign(outbox, { page, onChange, onAnswer, token: page.token, skew: page.skew, state: "idle" });
    Object.assign(outbox, { isSending: false, isWanted: false, wait: FIRST_WAIT, timer: 0, batch: BATCH });
    outbox.name = `${page.person}|${page.code}`;
    outbox.keepPosition(page.position);
    outbox.store = await Store.open(outbox.name);
    outbox.others = "BroadcastChannel" in window ? new BroadcastChannel(`desk:${outbox.name}`) : null;
    if (outbox.others) outbox.others.onmessage = ({ data }) => outbox.hear(data);
    return outbox;
  }

  // The newest position in the ledger that any page of this desk has seen.
  get position() {
    return Number(localStorage.getItem(`desk-position:${this.name}`) ?? 0);
  }

  keepPosition(position) {
    if (position > this.position) localStorage.setItem(`desk-position:${this.name}`, String(position));
  }

  async add(fields, name) {
    const kept = { ...fields };
    if (fields.kind === "count") {
      const before = (await this.store.list()).filter((e) => e.state === "queued" && e.fields.item === fields.item);
      kept.position = String(this.position);
      if (before.length) kept.seen = before.map((entry) => entry.id).join(" ");
    }
    await this.store.add({ id: newId(), at: Date.now(), name, fields: kept, state: "queued", why: "" });
    await this.changed();
    this.send();
  }

  // A refused entry goes again as a new one, with what was corrected; when it happened stays.
  async correct(entry, fields) {
    await this.store.remove([entry]);
    const { order, ...rest } = entry;
    await this.store.add({ ...rest, id: newId(), fields: { ...entry.fields, ...fields }, state: "queued", why: "" });
    await this.changed();
    this.send();
  }

  // Only while nothing is under way: what may have reached the server is undone there.
  async drop(entry) {
    if (this.isSending) return;
    await this.store.remove([entry]);
    await this.changed();
  }

  async changed() {
    this.others?.postMessage({ changed: true });
    await this.onChange();
  }

  async hear(said) {
    if (said.answer) this.take(said.answer);
    await this.onChange();
  }

  // Sends everything there is; one page of this desk at a time, where the browser can tell.
  async send() {
    if (this.isSending) {
      this.isWanted = true;
      return;
    }
    clearTimeout(this.timer);
    this.isSending = true;
    try {
      const drain = () => this.drain();
      await (navigator.locks ? navigator.locks.request(`desk:${this.name}`, drain) : drain());
      this.state = "idle";
      this.wait = FIRST_WAIT;
    } catch (stopped) {
      this.state = stopped instanceof Stopped ? stopped.state : "waiting";
      if (this.state === "waiting") this.later();
    }
    this.isSending = false;
    await this.onChange();
    if (this.isWanted) {
      this.isWanted = false;
      this.send();
    }
  }

  later() {
    this.timer = setTimeout(() => this.send(), this.wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  // At once: the network came back, or somebody looks at the page again.
  hurry() {
    this.wait = FIRST_WAIT;
    this.send();
  }

  async drain() {
    let hasSent = false;
    for (;;) {
      const queued = (await this.store.list()).filter((entry) => entry.state === "queued").slice(0, this.batch);
      if (!queued.length) break;
      this.state = "sending";
      await this.onChange();
      await this.settle(queued, await this.post(queued));
      hasSent = true;
    }
    if (!hasSent) await this.refresh();
  }

  async settle(sent, answer) {
    this.keepPosition(answer.position);
    const results = new Map(answer.results.map((result) => [result.id, result]));
    const booked = sent.filter(({ id }) => ["done", "replay"].includes(results.get(id)?.status));
    const refused = sent.filter(({ id }) => results.get(id)?.status === "refused");
    await this.store.put(refused.map((entry) => ({ ...entry, state: "refused", why: results.get(entry.id).message })));
    await this.store.remove(booked);
    this.others?.postMessage({ answer });
    this.take(answer);
  }

  take(answer) {
    this.token = answer.token;
    this.skew = Date.parse(answer.now) - Date.now();
    this.keepPosition(answer.position);
    this.onAnswer(answer);
  }

  async post(queued) {
    const entries = queued.map(({ id, at, fields }) => ({
      ...fields, id, happened_at: new Date(at + this.skew).toISOString(),
    }));
    const send = () => this.ask(this.page.entries, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.token },
      body: JSON.stringify(entries),
    });
    let response = await send();
    if (response.status === 400) { // the session is another one than when the page was drawn
      await this.refresh();
      response = await send();
    }
    if (response.status === 413 && queued.length > 1) this.batch = Math.ceil(queued.length / 2);
    else if (response.status >= 400 && response.status < 429) throw new Stopped("forbidden");
    if (!response.ok) throw new Stopped("waiting");
    return response.json();
  }

  async refresh() {
    const response = await this.ask(this.page.refresh, {});
    if (!response.ok) throw new Stopped(response.status < 429 ? "forbidden" : "waiting");
    const answer = await response.json();
    if (answer.person !== this.page.person) throw new Stopped("somebody");
    this.take(answer);
  }

  async ask(url, options) {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), ANSWER_MILLISECONDS);
    try {
      const response = await fetch(url, { ...options, redirect: "manual", cache: "no-store", signal: patience.signal });
      if (response.type === "opaqueredirect" || response.status === 401) throw new Stopped("signedOut");
      return response;
    } catch (error) {
      throw error instanceof Stopped ? error : new Stopped("waiting");
    } finally {
      clearTimeout(timer);
    }
  }
}
