// Type-ahead for exam sites: an ARIA combobox over a plain search form, which works without it.

const WAIT_MILLISECONDS = 150;

function line(className, text) {
  const span = document.createElement("span");
  span.className = className;
  span.textContent = text;
  return span;
}

function optionFor(site, index, words) {
  const option = document.createElement("li");
  option.id = `q-option-${index}`;
  option.className = "search__option";
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  option.dataset.url = site.url;
  option.append(line("search__name", site.name));
  if (site.is_alike) option.append(line("alike-badge", `⚠ ${words.alike}`));
  option.append(line("search__where", [site.district, site.campus, site.address].filter(Boolean).join(" · ")));
  return option;
}

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
  const input = form.querySelector("input[name=q]");
  const list = form.querySelector("[role=listbox]");
  const said = form.querySelector("[data-search-said]");
  const counted = form.querySelector("[data-search-count]");
  let active = -1;
  let timer = 0;
  let asking = null;

  function show(isOpen) {
    list.hidden = !isOpen;
    input.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) mark(-1);
  }

  function mark(index) {
    active = index;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    if (index < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", list.children[index].id);
    list.children[index].scrollIntoView({ block: "nearest" });
  }

  function draw(sites) {
    list.replaceChildren(...sites.map((site, index) => optionFor(site, index, form.dataset)));
    said.textContent = sites.length ? "" : form.dataset.countNone;
    counted.textContent = sites.length ? form.dataset.countSome.replace("{n}", String(sites.length)) : "";
    mark(-1);
    show(sites.length > 0 && document.activeElement === input);
  }

  async function ask() {
    const typed = input.value.trim();
    asking?.abort();
    if (!typed) return show(false);
    asking = new AbortController();
    try {
      const answer = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(typed)}`, { signal: asking.signal });
      if (answer.ok) draw((await answer.json()).exam_sites);
    } catch {
      show(false);
    }
  }

  function press(event) {
    const last = list.children.length - 1;
    if (event.isComposing || (list.hidden && event.key !== "ArrowDown") || last < 0) return;
    if (event.key === "ArrowDown") { show(true); mark(active < last ? active + 1 : 0); }
    else if (event.key === "ArrowUp") mark(active > 0 ? active - 1 : last);
    else if (event.key === "Escape") show(false);
    else if (event.key === "Enter" && active >= 0) window.location.assign(withFilters(list.children[active].dataset.url));
    else return;
    event.preventDefault();
  }

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, WAIT_MILLISECONDS); });
  input.addEventListener("keydown", press);
  input.addEventListener("blur", () => show(false));
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) window.location.assign(withFilters(option.dataset.url));
  });
}

document.querySelectorAll("[data-search]").forEach(prepare);
