// The asker's page: looks every few seconds; a change that makes other buttons draws the page anew.

const LOOK_MILLISECONDS = 5_000;

const part = document.querySelector("[data-asked]");
const late = document.querySelector("[data-asked-late]");
const said = document.querySelector("[data-asked-said]");
const share = document.querySelector("[data-share]");
let shown = part.innerHTML;

const stateOf = (element) => element.querySelector("[data-state]").dataset.state;

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(part.dataset.asked, { cache: "no-store" });
    if (answer.status === 404) return window.location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    const html = await answer.text();
    late.hidden = true;
    if (html === shown) return;
    shown = html;
    const before = stateOf(part);
    part.innerHTML = html;
    if (stateOf(part) !== before) return window.location.reload();
    const words = [...part.querySelectorAll(".asked__state strong")].map((strong) => strong.textContent).join(" ");
    if (said.textContent !== words) said.textContent = words;
  } catch {
    late.textContent = part.dataset.late;
    late.hidden = false;
  }
}

if (navigator.share) {
  share.hidden = false;
  share.addEventListener("click", () => navigator.share({ url: window.location.href }).catch(() => undefined));
}
setInterval(look, LOOK_MILLISECONDS);
document.addEventListener("visibilitychange", look);
