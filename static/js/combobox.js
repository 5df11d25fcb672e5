// A field that offers what fits while one types: the combobox of ARIA 1.2. The focus stays in the field. Arrow keys walk
// the options, from there Home and End lead to their ends; Enter takes, Escape puts the list away. A key takes an option
// by its click, as a finger does, so what an option does stands in one place.
export function afterPause(pause, run) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, pause);
  };
}

export function makeOption(words, aside, take) {
  const option = document.createElement("li");
  const small = document.createElement("small");
  option.setAttribute("role", "option");
  option.append(words);
  small.textContent = aside;
  if (aside) option.append(" ", small);
  option.addEventListener("click", take);
  return option;
}

export class Combobox {
  field = null;
  #walked = false;

  // The list may serve several fields, one after the other. `ask(field)` offers anew where an arrow key finds the list
  // put away; `count(number)` says in `note` how many there are; a list that `stays` is never put away.
  constructor(list, { note, count, ask, stays = false }) {
    Object.assign(this, { list, note, count, ask, stays });
    list.addEventListener("mousedown", (event) => event.preventDefault());
  }

  get open() {
    return !this.list.hidden;
  }

  get options() {
    return [...this.list.querySelectorAll('[role="option"]:not([aria-disabled])')];
  }

  get marked() {
    return this.list.querySelector('[aria-selected="true"]');
  }

  serve(field) {
    this.field = field;
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", this.list.id);
    field.setAttribute("aria-expanded", String(this.open));
  }

  // Offers what stands in the list now, of which the first may be marked beforehand.
  show({ first = false } = {}) {
    const found = this.options;
    found.forEach((one, at) => {
      one.id = `${this.list.id}-${at}`;
      one.setAttribute("aria-selected", "false");
    });
    this.list.hidden = !this.stays && !found.length;
    this.field.setAttribute("aria-expanded", String(this.open));
    this.note.textContent = this.count(found.length);
    this.#walked = false;
    this.mark(first ? found[0] : null);
  }

  mark(option) {
    this.marked?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.field?.setAttribute("aria-activedescendant", option.id);
    else this.field?.removeAttribute("aria-activedescendant");
  }

  close() {
    this.list.hidden = true;
    this.note.textContent = "";
    this.field?.setAttribute("aria-expanded", "false");
    this.mark(null);
  }

  // Whether the key was meant for the list. While signs are composed, keys belong to those.
  key(event) {
    if (event.isComposing || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && !this.open) this.ask?.(event.target);
    const found = this.open ? this.options : [];
    const at = found.indexOf(this.marked);
    if (step > 0 && found.length) this.mark(found[(at + 1) % found.length]);
    else if (step < 0 && found.length) this.mark(found.at(Math.max(at, 0) - 1));
    else if (event.key === "Home" && this.#walked) this.mark(found[0]);
    else if (event.key === "End" && this.#walked) this.mark(found.at(-1));
    else if (event.key === "Enter" && at >= 0) found[at].click();
    else if (event.key === "Escape" && this.open && !this.stays) this.close();
    else return false;
    if (step) this.#walked = true;
    event.preventDefault();
    return true;
  }
}
