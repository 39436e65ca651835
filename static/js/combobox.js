// An ARIA combobox over a plain text box, which works without it.

const WAIT_MILLISECONDS = 150;

export function line(className, text) {
  const span = document.createElement("span");
  span.className = className;
  span.textContent = text;
  return span;
}

// {input, list, find(typed, signal) -> rows, fill(option, row), choose(row), counted(number)}
export function makeCombobox({ input, list, find, fill, choose, counted }) {
  let rows = [];
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

  function optionFor(row, index) {
    const option = document.createElement("li");
    option.id = `${list.id}-${index}`;
    option.className = "search__option";
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    fill(option, row);
    return option;
  }

  function draw(found) {
    rows = found;
    list.replaceChildren(...rows.map(optionFor));
    counted(rows.length);
    mark(-1);
    show(rows.length > 0 && document.activeElement === input);
  }

  async function ask() {
    const typed = input.value.trim();
    asking?.abort();
    if (!typed) return show(false);
    asking = new AbortController();
    try {
      draw(await find(typed, asking.signal));
    } catch {
      show(false);
    }
  }

  function take(row) {
    clearTimeout(timer);
    asking?.abort();
    show(false);
    choose(row);
  }

  function press(event) {
    const last = list.children.length - 1;
    if (event.isComposing || (list.hidden && event.key !== "ArrowDown") || last < 0) return;
    if (event.key === "ArrowDown") { show(true); mark(active < last ? active + 1 : 0); }
    else if (event.key === "ArrowUp") mark(active > 0 ? active - 1 : last);
    else if (event.key === "Escape") show(false);
    else if (event.key === "Enter" && active >= 0) take(rows[active]);
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
    if (option) take(rows[[...list.children].indexOf(option)]);
  });
}
