// Ctrl K, or Cmd K: a few letters lead anywhere. The server says where; without script /go does the same.
const dialog = document.getElementById("palette");
const input = dialog?.querySelector("input");
const list = dialog?.querySelector("[role=listbox]");
const note = dialog?.querySelector("[role=status]");
const PAUSE_MS = 120;
let asked = 0;
let timer = 0;

const options = () => [...list.querySelectorAll("[role=option]:not([aria-disabled])")];
const chosen = () => list.querySelector('[aria-selected="true"]');

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
}

async function look() {
  const mine = ++asked;
  const answer = await fetch(`${dialog.dataset.candidates}?${new URLSearchParams({ q: input.value })}`).catch(() => null);
  if (mine !== asked || !dialog.open) return;
  if (!answer?.ok || answer.redirected) {
    note.textContent = answer ? "Sign in again, then try once more." : "There is no connection just now.";
    return;
  }
  list.innerHTML = await answer.text();
  const found = options();
  note.textContent = found.length ? `${found.length} found` : "Nothing fits";
  choose(found[0]);
}

function step(by) {
  const found = options();
  if (!found.length) return;
  choose(found[(found.indexOf(chosen()) + by + found.length) % found.length]);
}

function open() {
  input.value = "";
  list.replaceChildren();
  dialog.showModal();
  input.focus();
  look();
}

if (dialog) {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (dialog.open) dialog.close();
      else open();
    }
  });
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) step(by);
    else if (event.key === "Enter") chosen()?.click();
    else return;
    event.preventDefault();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}
