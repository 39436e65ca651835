// Type-ahead for exam sites over the search form of the home page.

import { line, makeCombobox } from "./combobox.js";

// The choice keeps the reader's language, view and filters.
function withFilters(url) {
  const target = new URL(url, window.location.href);
  const here = new URL(window.location.href).searchParams;
  for (const name of ["lang", "view", "need", "open"]) {
    if (!target.searchParams.has(name)) here.getAll(name).forEach((value) => target.searchParams.append(name, value));
  }
  return target.href;
}

function prepare(form) {
  const words = form.dataset;
  const said = form.querySelector("[data-search-said]");
  const count = form.querySelector("[data-search-count]");
  makeCombobox({
    input: form.querySelector("input[name=q]"),
    list: form.querySelector("[role=listbox]"),
    async find(typed, signal) {
      const answer = await fetch(`${words.suggest}?q=${encodeURIComponent(typed)}`, { signal });
      if (!answer.ok) throw new Error(String(answer.status));
      return (await answer.json()).exam_sites;
    },
    fill(option, site) {
      option.append(line("search__name", site.name));
      if (site.is_alike) option.append(line("alike-badge", `⚠ ${words.alike}`));
      option.append(line("search__where", [site.district, site.campus, site.address].filter(Boolean).join(" · ")));
    },
    choose(site) { window.location.assign(withFilters(site.url)); },
    counted(number) {
      said.textContent = number ? "" : words.countNone;
      count.textContent = number ? words.countSome.replace("{n}", String(number)) : "";
    },
  });
}

document.querySelectorAll("[data-search]").forEach(prepare);
