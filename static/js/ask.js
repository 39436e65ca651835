// Asking for help: the position by a tap, names as they are typed, one request for a double tap.

import { line, makeCombobox } from "./combobox.js";

async function findRows(url, name, typed, signal) {
  const answer = await fetch(`${url}?q=${encodeURIComponent(typed)}`, { signal });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json())[name];
}

function preparePosition(form) {
  const part = form.querySelector("[data-position]");
  const box = part.querySelector("[data-located]");
  const said = part.querySelector("[data-position-said]");
  const { lat, lon } = form.elements;
  let finding = null;

  function fill(position) {
    lat.value = position ? position.coords.latitude.toFixed(5) : "";
    lon.value = position ? position.coords.longitude.toFixed(5) : "";
  }

  function find() {
    const words = part.dataset;
    said.textContent = words.waiting;
    finding = new Promise((resolve) => {
      navigator.geolocation.getCurrentPosition((position) => {
        if (box.checked) {
          fill(position);
          said.textContent = words.found.replace("{n}", String(Math.round(position.coords.accuracy)));
        }
        resolve();
      }, (error) => {
        box.checked = false;
        said.textContent = error.code === error.PERMISSION_DENIED ? words.denied : words.unavailable;
        resolve();
      }, { enableHighAccuracy: true, timeout: 10_000, maximumAge: 10_000 });
    }).then(() => { finding = null; });
  }

  box.addEventListener("change", () => {
    fill(null);
    said.textContent = "";
    if (box.checked) find();
  });
  box.checked = false; // a page that came back does not say yes by itself
  part.hidden = !("geolocation" in navigator);
  return () => finding;
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

function prepareSending(form, findPosition) {
  const button = form.querySelector(".ask__button");
  const said = form.querySelector("[data-ask-said]");
  const word = button.textContent;
  let isSent = false;

  function rest() {
    isSent = false;
    button.textContent = word;
  }

  form.addEventListener("submit", async (event) => {
    if (isSent) return event.preventDefault();
    if ("queued" in form.dataset) return; // kept on this phone and sent by the page's own script
    if (!navigator.onLine) {
      event.preventDefault();
      said.textContent = form.dataset.offline;
      said.hidden = false;
      return;
    }
    said.hidden = true;
    isSent = true;
    button.textContent = button.dataset.sending;
    if (!findPosition()) return;
    event.preventDefault();
    await findPosition();
    form.submit();
  });
  window.addEventListener("pageshow", rest);
}

function prepare(form) {
  const findPosition = preparePosition(form);
  prepareSites(form);
  preparePlace(form);
  prepareSending(form, findPosition);
  form.addEventListener("change", (event) => {
    if (event.target.name !== "kind" || form.querySelector("[name=site]:checked") === null) return;
    form.querySelector("#where").scrollIntoView({ block: "start" });
  });
}

document.querySelectorAll("[data-ask]").forEach(prepare);
