// Asking for help: the position by a tap, names as they are typed, one request for a double tap.

import { line, makeCombobox } from "./combobox.js";

async function findRows(url, name, typed, signal) {
  const answer = await fetch(`${url}?q=${encodeURIComponent(typed)}`, { signal });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json())[name];
}

// `find()` ticks the box and answers with what went wrong, or with nothing; `finding()` is the search that runs, if any.
function preparePosition(form) {
  const part = form.querySelector("[data-position]");
  const box = part.querySelector("[data-located]");
  const said = part.querySelector("[data-position-said]");
  const { lat, lon } = form.elements;
  const words = part.dataset;
  let finding = null;

  function fill(position) {
    lat.value = position ? position.coords.latitude.toFixed(5) : "";
    lon.value = position ? position.coords.longitude.toFixed(5) : "";
  }

  function find() {
    box.checked = true;
    said.textContent = words.waiting;
    finding = new Promise((resolve) => {
      navigator.geolocation.getCurrentPosition((position) => {
        if (box.checked) {
          fill(position);
          said.textContent = words.found.replace("{n}", String(Math.round(position.coords.accuracy)));
        }
        resolve("");
      }, (error) => {
        box.checked = false;
        said.textContent = error.code === error.PERMISSION_DENIED ? words.denied : words.unavailable;
        resolve(said.textContent);
      }, { enableHighAccuracy: true, timeout: 10_000, maximumAge: 10_000 });
    }).finally(() => { finding = null; });
    return finding;
  }

  box.addEventListener("change", () => {
    fill(null);
    said.textContent = "";
    if (box.checked) find();
  });
  box.checked = false; // a page that came back does not say yes by itself
  part.hidden = !("geolocation" in navigator);
  return { find, finding: () => finding };
}

function siteChoice(site, words) {
  const choice = document.createElement("li");
  choice.className = "ask__site";
  const radio = document.createElement("input");
  Object.assign(radio, { type: "radio", name: "site", value: site.code, id: `site-${site.code}`, className: "field__tick" });
  if (site.is_alike) radio.dataset.isAlike = "";
  const label = document.createElement("label");
  label.htmlFor = radio.id;
  const name = document.createElement("strong");
  name.textContent = site.name;
  label.append(name, " ");
  if (site.is_alike) label.append(line("alike-badge", `⚠ ${words.alike}`));
  label.append(line("ask__site-where", [site.district, site.campus, site.address].filter(Boolean).join(" · ")));
  choice.append(radio, label);
  return choice;
}

function prepareSites(form) {
  const part = form.querySelector("[data-sites]");
  const list = part.querySelector("[data-site-list]");
  const check = part.querySelector("[data-site-check]");
  const { typed, is_site_checked: box } = form.elements;

  function look() {
    const chosen = part.querySelector("[name=site]:checked");
    check.hidden = chosen ? !("isAlike" in chosen.dataset) : !part.querySelector("[data-is-alike]");
    box.required = !check.hidden;
  }

  part.addEventListener("change", (event) => {
    if (event.target.name === "site") box.checked = false;
    look();
  });
  form.addEventListener("reset", () => setTimeout(look));
  look();
  makeCombobox({
    input: typed,
    list: part.querySelector("[role=listbox]"),
    find: (words, signal) => findRows(form.dataset.suggestSites, "exam_sites", words, signal),
    fill(option, site) {
      option.append(line("search__name", site.name));
      if (site.is_alike) option.append(line("alike-badge", `⚠ ${form.dataset.alike}`));
      option.append(line("search__where", [site.district, site.campus, site.address].filter(Boolean).join(" · ")));
    },
    choose(site) {
      typed.value = "";
      box.checked = false;
      const known = list.querySelector(`[value="${CSS.escape(site.code)}"]`)?.closest("li");
      const choice = known ?? siteChoice(site, form.dataset);
      list.replaceChildren(choice);
      choice.querySelector("input").checked = true;
      look();
      (site.is_alike ? box : choice.querySelector("input")).focus();
    },
    counted() {},
  });
}

function preparePlace(form) {
  const { place } = form.elements;
  makeCombobox({
    input: place,
    list: document.getElementById("place-options"),
    find: (words, signal) => findRows(form.dataset.suggestPlaces, "places", words, signal),
    fill(option, row) { option.append(line("search__name", row.name), line("search__where", row.where)); },
    choose(row) { place.value = row.name; },
    counted() {},
  });
}

function prepareSending(form, position) {
  const plain = form.querySelector(".ask__button");
  const located = form.querySelector(".ask__located");
  const said = form.querySelector("[data-ask-said]");
  const words = new Map([plain, located].map((button) => [button, button?.textContent]));
  let isSent = false;

  function rest() {
    isSent = false;
    for (const [button, word] of words) if (button) button.textContent = word;
  }

  function say(sentence) {
    said.textContent = sentence;
    said.hidden = !sentence;
  }

  form.addEventListener("submit", async (event) => {
    if (isSent) return event.preventDefault();
    if ("queued" in form.dataset) return; // kept on this phone and sent by the page's own script
    if (!navigator.onLine) {
      event.preventDefault();
      return say(form.dataset.offline);
    }
    say("");
    isSent = true;
    const pressed = event.submitter ?? plain;
    pressed.textContent = pressed.dataset.sending;
    const finding = position.finding() ?? (pressed === located ? position.find() : null);
    if (!finding) return;
    event.preventDefault();
    const problem = await finding;
    if (!problem || pressed === plain) return form.submit();
    rest();
    say(problem); // nothing was sent, everything is kept
  });
  window.addEventListener("pageshow", rest);
  if (located && "geolocation" in navigator) prepareLocated(form, plain, located);
}

// Forgotten papers are fetched where they are, which is seldom where their owner is.
function prepareLocated(form, plain, located) {
  function show() {
    located.hidden = form.elements.kind.value === "papers";
    plain.classList.toggle("button--alarm", located.hidden);
    plain.classList.toggle("button--danger", !located.hidden);
  }

  form.addEventListener("change", show);
  window.addEventListener("pageshow", show);
  show();
}

function prepare(form) {
  const position = preparePosition(form);
  prepareSites(form);
  preparePlace(form);
  prepareSending(form, position);
  form.addEventListener("change", (event) => {
    if (event.target.name !== "kind" || form.querySelector("[name=site]:checked") === null) return;
    form.querySelector("#where").scrollIntoView({ block: "start" });
  });
  const wrong = form.querySelector("[autofocus]"); // some phones do not follow the attribute
  wrong?.focus({ preventScroll: true });
  wrong?.scrollIntoView({ block: "center" });
}

document.querySelectorAll("[data-ask]").forEach(prepare);
