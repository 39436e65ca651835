// Before signing out: says how many entries are still on this phone. They stay; a second press signs out.

import { countKept } from "./outbox.js";

for (const form of document.querySelectorAll("[data-sign-out]")) {
  const warning = form.querySelector("[data-sign-out-warning]");
  form.addEventListener("submit", async (event) => {
    if (!warning.hidden) return;
    event.preventDefault();
    const count = await countKept();
    if (!count) return form.submit();
    warning.textContent = warning.dataset.say.replace("{n}", String(count));
    warning.hidden = false;
  });
}
