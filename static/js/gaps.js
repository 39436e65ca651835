// The gaps board: drawn anew at news of shifts, and every minute because time passes; never under a hand that types or
// has something open. Until it is drawn the bar says how old it is.

import { follow } from "./live.js";

const BUSY_MILLISECONDS = 500;
const ANSWER_MILLISECONDS = 15_000;
const MINUTE = 60_000;

const shown = document.querySelector("[data-gaps]");

const isBusy = () => shown.querySelector("details[open]") !== null
  || (shown.contains(document.activeElement) && document.activeElement.matches("input, summary"));

async function untilIdle() {
  while (isBusy()) await new Promise((resolve) => setTimeout(resolve, BUSY_MILLISECONDS));
}

async function read() {
  await untilIdle();
  const answer = await fetch(shown.dataset.gaps, { signal: AbortSignal.timeout(ANSWER_MILLISECONDS) });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  const page = await answer.text();
  if (isBusy()) throw new Error("busy"); // begun while it was on its way: again soon
  shown.innerHTML = page;
}

const live = follow(document.querySelector("[data-stream]"), { read, hear: () => live.reread() });
setInterval(() => document.hidden || live.reread(), MINUTE);
