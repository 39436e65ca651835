// A page that follows what changes. News comes by server-sent events; after a break they go on where they stopped, and
// where that cannot be known ("reset") the page reads everything anew. Without a stream it does so from time to time.
// The picture's age is always shown.

const TICK = 1_000;
const SILENCE = 40_000; // the server says something every 15 s
const UNNOTICED = 3_000;
const POLL = 10_000;
const FIRST_WAIT = 300;
const LONGEST_WAIT = 30_000;
const KINDS = ["positions", "queue", "alarm", "shifts"];

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function inWords(pattern, values) {
  return pattern.replace(/\{(\w+)\}/g, (_whole, name) => String(values[name]));
}

class Live {
  // `read()` reads everything anew and fails where it cannot; `hear(kind, content)` takes one piece of news.
  constructor(bar, { read, hear }) {
    Object.assign(this, { bar, read, hear, source: null, last: "", wait: FIRST_WAIT, isReading: false, isWanted: false });
    this.waiting = []; // news that came while everything was read: it may be younger than what was read
    this.heardAt = this.pictureAt = Date.now();
    this.lostAt = Date.now();
    this.state = "";
    setInterval(() => this.tick(), TICK);
    addEventListener("pagehide", () => this.close());
    addEventListener("pageshow", ({ persisted }) => persisted && this.open());
    addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
    this.open();
  }

  open() {
    this.close();
    if (!("EventSource" in window)) return;
    const address = new URL(this.bar.dataset.stream, location.href);
    if (this.last) address.searchParams.set("last", this.last);
    this.source = new EventSource(address);
    this.source.onopen = () => this.alive(); // the server answers, whether or not there is news
    this.source.onerror = () => this.lose();
    this.source.addEventListener("pulse", (event) => this.heard(event));
    this.source.addEventListener("reset", (event) => this.heard(event) || this.reread());
    for (const kind of KINDS) {
      this.source.addEventListener(kind, (event) => this.heard(event) || this.take(kind, JSON.parse(event.data)));
    }
  }

  close() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }

  alive() {
    this.heardAt = Date.now();
    this.lostAt = null;
    if (!this.isStale) this.pictureAt = this.heardAt;
  }

  heard({ lastEventId }) {
    this.alive();
    this.wait = FIRST_WAIT;
    this.last = lastEventId || this.last;
  }

  take(kind, content) {
    if (this.isStale) this.waiting.push([kind, content]);
    else this.hear(kind, content);
  }

  // The stream broke off or was refused: again after a while that grows, everybody at a time of their own.
  lose() {
    this.close();
    this.lostAt ??= Date.now();
    this.timer = setTimeout(() => this.open(), this.wait * (0.5 + Math.random()));
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  hurry() {
    if (this.lostAt === null) return;
    this.wait = FIRST_WAIT;
    this.open();
  }

  get isStale() {
    return this.isReading || this.isWanted;
  }

  // Reads everything, again and again until it worked; once more where that was asked for meanwhile.
  async reread() {
    this.isWanted = true;
    if (this.isReading) return;
    this.isReading = true;
    for (let wait = FIRST_WAIT; this.isWanted; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      this.isWanted = false;
      const began = Date.now();
      try {
        await this.read();
        this.pictureAt = began;
      } catch {
        this.isWanted = true;
        await pause(wait * (0.5 + Math.random()));
      }
    }
    this.isReading = false;
    for (const [kind, content] of this.waiting.splice(0)) this.hear(kind, content);
    this.tick();
  }

  tick() {
    const now = Date.now();
    if (this.source && this.lostAt === null && now - this.heardAt > SILENCE) this.lose();
    const isLost = this.lostAt !== null && now - this.lostAt > UNNOTICED;
    if (isLost && now - this.pictureAt > POLL && !this.isReading) this.reread();
    this.show(isLost ? "lost" : "live", now);
  }

  show(state, now) {
    const words = this.bar.dataset;
    const seconds = Math.max(0, Math.round((now - this.pictureAt) / 1000));
    const said = inWords(words[state === "lost" ? "lost" : "live"], {
      time: new Date(this.lostAt ?? now).toLocaleTimeString(document.documentElement.lang, { timeStyle: "medium" }),
    });
    if (this.state !== said) this.bar.querySelector("[data-live-state]").textContent = this.state = said;
    this.bar.querySelector("[data-live-age]").textContent = inWords(words.age, { s: seconds });
    this.bar.classList.toggle("live--lost", state === "lost");
    this.bar.hidden = false;
  }
}

// `bar` is what the macro `live_bar` draws.
export function follow(bar, page) {
  return new Live(bar, page);
}
