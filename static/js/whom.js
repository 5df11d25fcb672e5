// Whom: a few letters offer the people known of the State chosen; a new name that is like a known one is asked about.
// The server knows who is known; without script a name is typed as before.
import { afterPause, Combobox, makeOption } from "./combobox.js";

const PAUSE_MS = 200;

async function ask(field, text, same = "") {
  const state = document.getElementById(field.dataset.state)?.value ?? "";
  if (!state || text.trim().length < 2) return [];
  const asked = new URLSearchParams({ state, q: text, ...(same && { same }) });
  const answer = await fetch(`${field.dataset.known ?? field.dataset.same}?${asked}`).catch(() => null);
  return answer?.ok && !answer.redirected ? (await answer.json()).items : [];
}

const about = (one) => [one.title, one.ministry].filter(Boolean).join(", ");

// --- In the form of an activity: choose, and the rest is filled in ---
const name = document.querySelector("[data-known]");

if (name) {
  const form = name.form;
  const part = (key) => form.querySelector(`[data-known-${key}]`);
  const keep = form.querySelector("[data-keep]");
  const list = document.createElement("ul");
  const note = document.createElement("p");
  let asked = 0;
  let called = part("id").value ? name.value : "";

  list.id = `${name.id}-known`;
  list.className = "known-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "People known");
  list.hidden = true;
  note.className = "known-note";
  note.setAttribute("role", "status");
  name.closest(".field").classList.add("known-field");
  name.after(list, note);

  const say = () => {
    const known = part("id").value;
    note.textContent = known ? `${called} is known; this is linked to their record.` : "";
    if (keep) keep.hidden = Boolean(known);
  };

  const take = (one) => {
    part("id").value = one.id;
    name.value = called = one.name;
    part("title").value = one.title;
    part("ministry").value = one.ministry;
    part("level").value = one.level === "other" ? "" : one.level;
    if (keep) keep.querySelector("input").checked = false;
    people.close();
    say();
    form.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const show = async () => {
    const mine = ++asked;
    const found = await ask(name, name.value);
    if (mine !== asked || document.activeElement !== name || part("id").value) return;
    list.replaceChildren(...found.map((one) => makeOption(one.name, about(one), () => take(one))));
    people.show();
    list.scrollIntoView({ block: "nearest" });
  };

  const count = (found) => (found ? `${found} known: arrow keys choose, Enter takes` : "");
  const people = new Combobox(list, { note, count, ask: show });
  const later = afterPause(PAUSE_MS, show);
  people.serve(name);
  name.addEventListener("input", () => {
    if (part("id").value && name.value !== called) part("id").value = "";
    say();
    later();
  });
  name.addEventListener("keydown", (event) => people.key(event));
  name.addEventListener("blur", () => {
    people.close();
    say();
  });
  document.getElementById(name.dataset.state)?.addEventListener("change", () => {
    part("id").value = "";
    say();
  });
  say();
}

// --- Where somebody new is recorded: "Is it one of these?" ---
const fresh = document.querySelector("[data-same]");

if (fresh) {
  const box = document.querySelector("[data-same-list]");
  const other = document.querySelector("[data-somebody-else]");
  let asked = 0;
  const look = async () => {
    const mine = ++asked;
    const found = await ask(fresh, fresh.value, "1");
    if (mine !== asked) return;
    box.querySelector("ul").replaceChildren(
      ...found.map((one) => {
        const line = document.createElement("li");
        const main = document.createElement("div");
        const title = document.createElement("p");
        const small = document.createElement("p");
        main.className = "row-main";
        title.className = "row-title";
        small.className = "row-note";
        if (one.href) {
          const link = document.createElement("a");
          link.href = one.href;
          link.textContent = one.name;
          title.append(link);
        } else title.textContent = one.name;
        small.textContent = about(one) || "No title recorded";
        main.append(title, small);
        line.append(main);
        return line;
      }),
    );
    box.hidden = !found.length;
    other.hidden = !found.length && !other.querySelector("input").checked;
  };
  fresh.addEventListener("input", afterPause(PAUSE_MS, look));
  document.getElementById(fresh.dataset.state)?.addEventListener("change", look);
}
