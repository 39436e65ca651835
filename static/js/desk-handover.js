// A hand-over needs the network; and what this phone has not sent yet would make the count wrong.

import { countKept } from "./outbox.js";

const root = document.querySelector("[data-handover]");
const offline = root.querySelector("[data-offline]");

function showNetwork() {
  offline.hidden = navigator.onLine;
}

async function showUnsent() {
  root.querySelector("[data-unsent]").hidden = (await countKept()) === 0;
}

root.addEventListener("submit", (event) => {
  if (navigator.onLine) return;
  event.preventDefault();
  showNetwork();
  offline.scrollIntoView({ block: "nearest" });
});
addEventListener("online", showNetwork);
addEventListener("offline", showNetwork);
addEventListener("pageshow", showUnsent);
document.addEventListener("visibilitychange", showUnsent);
showNetwork();
showUnsent();
