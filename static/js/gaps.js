// The gaps board: looks again from time to time and says so; never under a hand that types or has something open.

const EVERY_SECONDS = 15;
const TICK = 1_000;
const shown = document.querySelector("[data-gaps]");
const state = document.querySelector("[data-gaps-state]");
let lostAt = null;
let lookedAt = Date.now();
let isLooking = false;

const isBusy = () => shown.contains(document.activeElement) && document.activeElement.matches("input, summary");
const isOpen = () => shown.querySelector("details[open]") !== null;

function say() {
  const time = new Date(lostAt ?? 0).toLocaleTimeString(document.documentElement.lang, { timeStyle: "medium" });
  const words = lostAt === null ? state.dataset.live : state.dataset.lost;
  const text = words.replace("{s}", String(EVERY_SECONDS)).replace("{time}", time);
  if (state.textContent !== text) state.textContent = text;
  state.classList.toggle("live--lost", lostAt !== null);
  state.hidden = false;
}

async function look() {
  isLooking = true;
  try {
    const answer = await fetch(shown.dataset.gaps, { signal: AbortSignal.timeout(EVERY_SECONDS * 1_000) });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const page = await answer.text();
    if (!isBusy() && !isOpen()) shown.innerHTML = page;
    lostAt = null;
  } catch {
    lostAt ??= Date.now();
  }
  lookedAt = Date.now();
  isLooking = false;
  say();
}

setInterval(() => {
  if (!isLooking && !document.hidden && Date.now() - lookedAt > EVERY_SECONDS * 1_000) look();
}, TICK);
document.addEventListener("visibilitychange", () => document.hidden || isLooking || look());
addEventListener("online", () => isLooking || look());
say();
