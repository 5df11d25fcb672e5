// Ctrl K, or Cmd K: a few letters lead anywhere. The server says where; without script /go does the same.
import { afterPause, Combobox } from "./combobox.js";

const dialog = document.getElementById("palette");
const input = dialog?.querySelector("input");
const list = dialog?.querySelector("[role=listbox]");
const note = dialog?.querySelector("[role=status]");
const PAUSE_MS = 120;
const count = (found) => (found ? `${found} found` : "Nothing fits");
const places = dialog && new Combobox(list, { note, count, stays: true });
let asked = 0;

async function look() {
  const mine = ++asked;
  const answer = await fetch(`${dialog.dataset.candidates}?${new URLSearchParams({ q: input.value })}`).catch(() => null);
  if (mine !== asked || !dialog.open) return;
  if (!answer?.ok || answer.redirected) {
    note.textContent = answer ? "Sign in again, then try once more." : "There is no connection just now.";
    return;
  }
  list.innerHTML = await answer.text();
  places.show({ first: true });
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
  places.serve(input);
  input.addEventListener("input", afterPause(PAUSE_MS, look));
  input.addEventListener("keydown", (event) => places.key(event));
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}
