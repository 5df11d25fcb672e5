// The grid of short talks: three letters and Tab choose a State, one key an outcome, words become a day.
// Everything is listened to once, on the form; rows are copied from a template, and nothing is drawn anew.
import { Combobox, makeOption } from "./combobox.js";

const form = document.querySelector("form[data-margins]");
const OFFERED = 8;
const PAUSE_MS = 250;

const body = form?.querySelector("[data-rows]");
const list = document.getElementById("state-list");
const blank = document.getElementById("margins-row");
const rows = () => [...body.children];
const fieldsOf = (row) => [...row.querySelectorAll("input:not([type=radio]), select, textarea")];
const isBlank = (row) => fieldsOf(row).every((one) => !one.value);
const shown = (one) => one.offsetParent !== null;

// --- Rows ---
function addRow() {
  const place = body.children.length;
  if (place >= Number(form.dataset.most)) return null;
  const html = blank.innerHTML.replaceAll("__i__", place).replaceAll("__n__", place + 1);
  const made = document.createElement("template");
  made.innerHTML = html;
  body.append(made.content.firstElementChild);
  return body.lastElementChild;
}

function countTalks() {
  const talks = rows().filter((row) => !isBlank(row)).length;
  form.querySelector("[data-count]").textContent = talks === 1 ? "One talk" : talks ? `${talks} talks` : "";
}

// --- States ---
const LETTERS = { ı: "i", ø: "o", ł: "l", đ: "d", æ: "ae", œ: "oe", "'": "", "’": "" };
const fold = (text) =>
  text
    .toLowerCase()
    .replace(/[ıøłđæœ'’]/g, (one) => LETTERS[one])
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();

let states = [];
let others = new Set();
async function learnStates() {
  const answer = await fetch(form.dataset.states, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok) return;
  const told = await answer.json();
  states = told.items.map((one) => ({ ...one, texts: one.found_by.map((text) => [text, text.replaceAll(" ", "")]) }));
  others = new Set(told.others.map((text) => text.replaceAll(" ", "")));
  form.dataset.ready = "";
}

// As the server ranks: the whole of a name or code, the start of one, the start of a word in it, anywhere inside.
function rank(state, wanted, tight) {
  let best = 9;
  for (const [text, close] of state.texts) {
    if (close === tight) return 0;
    if (close.startsWith(tight)) best = Math.min(best, 1);
    else if (tight.length >= 3 && text.includes(` ${wanted}`)) best = Math.min(best, 2);
    else if (tight.length >= 4 && close.includes(tight)) best = Math.min(best, 3);
  }
  return best;
}

function fitting(text) {
  const wanted = fold(text);
  const tight = wanted.replaceAll(" ", "");
  if (!tight || others.has(tight)) return [];
  return states
    .map((state) => ({ state, rank: rank(state, wanted, tight) }))
    .filter((one) => one.rank < 9)
    .sort((one, other) => one.rank - other.rank || one.state.name.localeCompare(other.state.name));
}

const count = (found) => (found === 1 ? "One State" : found ? `${found} States` : "");
const offers = list && new Combobox(list, { note: form.querySelector("[data-offered]"), count, ask: offer });

function offer(input) {
  const found = fitting(input.value);
  if (!found.length) return offers.close();
  list.replaceChildren(
    ...found.slice(0, OFFERED).map(({ state }) => makeOption(state.name, state.iso3, () => take(input, state))),
  );
  input.parentElement.append(list);
  // Tab takes what is marked: nothing, where several fit as well and none was chosen by hand.
  offers.show({ first: isClear(found) });
}

const isClear = (found) => found.length === 1 || found[0].rank < found[1].rank;

function take(input, state) {
  input.value = state.name;
  for (const radio of input.closest("td").querySelectorAll("input[type=radio]")) radio.checked = radio.value === state.iso3;
  offers.close();
  input.dispatchEvent(new Event("mended", { bubbles: true }));
  tellNear(input, state);
}

function say(box, text, wrong = false) {
  box.replaceChildren();
  if (!text) return;
  const note = document.createElement("span");
  note.className = wrong ? "cell-note cell-wrong" : "cell-note";
  note.textContent = text;
  box.append(note);
}

// --- Who else is near ---
async function tellNear(input, state) {
  const box = input.closest("td").querySelector("[data-near]");
  const asked = `${form.dataset.near}?state=${state.iso3}`;
  box.dataset.asked = asked;
  try {
    const answer = await fetch(asked, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(answer.ok ? await answer.text() : "", "text/html");
    if (box.dataset.asked === asked) box.replaceChildren(...page.body.childNodes);
  } catch {
    // Without a connection nobody can be told of; the page of the round tells it later.
  }
}

function leaveState(input) {
  const found = fitting(input.value);
  const box = input.closest("td").querySelector("[data-near]");
  const picked = input.closest("td").querySelector("input[type=radio]:checked");
  if (!input.value || !states.length || picked) return;
  if (found.length && isClear(found)) return take(input, found[0].state);
  const names = found.slice(0, 4).map((one) => one.state.name);
  say(box, found.length ? `Which one: ${names.join(", ")}${found.length > 4 ? " …" : ""}?` : "No State of yours is called so.", true);
}

// --- Days in words ---
const known = new Map();
async function readDay(input) {
  const text = input.value.trim();
  const box = input.closest("td").querySelector("[data-read]");
  if (!text) return say(box, "");
  if (!known.has(text)) {
    try {
      const answer = await fetch(`${form.dataset.day}?text=${encodeURIComponent(text)}`, { credentials: "same-origin" });
      const told = await answer.json();
      known.set(text, answer.ok ? { text: told.in_words } : { text: told.errors?.text?.join(" ") ?? "", wrong: true });
    } catch {
      return say(box, "");
    }
  }
  const found = known.get(text);
  if (input.value.trim() !== text) return;
  if (!found.wrong) input.dispatchEvent(new Event("mended", { bubbles: true }));
  if (!input.hasAttribute("aria-invalid")) say(box, found.text, found.wrong);
}

// --- Keys ---
function below(field, step) {
  const row = field.closest("tr");
  const name = field.name.replace(/^rows-\d+-/, "");
  const next = step > 0 ? (row.nextElementSibling ?? (isBlank(row) ? null : addRow())) : row.previousElementSibling;
  next?.querySelector(`[name$="-${name}"]:not([type=radio])`)?.focus();
}

function digit(event, select) {
  if (!/^\d$/.test(event.key) || event.ctrlKey || event.altKey || event.metaKey) return false;
  const option = select.options[Number(event.key)];
  if (!option) return false;
  select.value = option.value;
  select.dispatchEvent(new Event("input", { bubbles: true }));
  select.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

function onKey(event) {
  const field = event.target;
  if (!field.closest?.("[data-rows]") || event.isComposing) return;
  if (event.ctrlKey || event.metaKey) {
    if (event.key === "Enter" && field.dataset.state !== undefined) offers.marked?.click();
    return;
  }
  if (field.dataset.state !== undefined) {
    if ((event.key === "Tab" || event.key === "Enter") && !event.shiftKey) offers.marked?.click();
    if (offers.key(event)) return;
  }
  if (field.dataset.keys !== undefined && digit(event, field)) return event.preventDefault();
  if (event.key === "Enter" && field.matches("input:not([type=radio]), select, textarea")) {
    if (field.matches("textarea") && event.shiftKey) return;
    event.preventDefault();
    below(field, event.shiftKey ? -1 : 1);
    return;
  }
  const row = field.closest("tr");
  const last = row && fieldsOf(row).filter(shown).at(-1);
  if (event.key === "Tab" && !event.shiftKey && field === last && row === body.lastElementChild && !isBlank(row)) addRow();
}

function more() {
  const first = addRow();
  for (let at = 1; at < 5; at += 1) addRow();
  first?.querySelector("[data-state]").focus();
}

function start() {
  learnStates();
  form.addEventListener("keydown", onKey);
  let waiting = 0;
  form.addEventListener("input", (event) => {
    if (event.target.dataset.state !== undefined) {
      say(event.target.closest("td").querySelector("[data-near]"), "");
      for (const radio of event.target.closest("td").querySelectorAll("input[type=radio]")) radio.checked = false;
      offer(event.target);
    }
    clearTimeout(waiting);
    waiting = setTimeout(countTalks, PAUSE_MS);
  });
  form.addEventListener("focusin", (event) => {
    if (event.target.dataset.state !== undefined) offers.serve(event.target);
  });
  form.addEventListener("focusout", (event) => {
    const { target } = event;
    if (target.dataset.state !== undefined) {
      offers.close();
      leaveState(target);
    }
    if (target.dataset.day !== undefined) readDay(target);
  });
  form.addEventListener("change", (event) => {
    if (event.target !== form) return;
    for (const field of form.querySelectorAll("[data-day]")) readDay(field);
    countTalks();
  });
  form.querySelector("[data-more]").addEventListener("click", (event) => {
    event.preventDefault();
    more();
  });
  countTalks();
}

if (form) start();
