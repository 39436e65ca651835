// A button that is pressed many times says how many of its presses wait on this phone.

const TOLD_APART = ["kind", "station", "who", "topic"];

export function drawTallies(part, queued) {
  for (const form of part.querySelectorAll("[data-tally]")) {
    const own = new FormData(form);
    const isSame = ({ fields }) => TOLD_APART.every((name) => (fields[name] ?? null) === own.get(name));
    const waiting = queued.filter(isSame).length;
    form.querySelector("button").disabled = false;
    form.querySelector("[data-kept]").textContent = waiting ? part.dataset.kept.replace("{n}", String(waiting)) : "";
  }
}
