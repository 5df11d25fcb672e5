// Whom: a few letters offer the people known of the State chosen; a new name that is like a known one is asked about.
// The server knows who is known; without script a name is typed as before.
const PAUSE_MS = 200;

async function ask(field, text, same = "") {
  const state = document.getElementById(field.dataset.state)?.value ?? "";
  if (!state || text.trim().length < 2) return [];
  const asked = new URLSearchParams({ state, q: text, ...(same && { same }) });
  const answer = await fetch(`${field.dataset.known ?? field.dataset.same}?${asked}`).catch(() => null);
  return answer?.ok && !answer.redirected ? (await answer.json()).items : [];
}

const about = (one) => [one.title, one.ministry].filter(Boolean).join(", ");

function after(pause, run) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, pause);
  };
}

// --- In the form of an activity: choose, and the rest is filled in ---
const name = document.querySelector("[data-known]");

if (name) {
  const form = name.form;
  const part = (key) => form.querySelector(`[data-known-${key}]`);
  const keep = form.querySelector("[data-keep]");
  const list = document.createElement("ul");
  const note = document.createElement("p");
  let offered = [];
  let chosen = -1;
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
  for (const [key, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) name.setAttribute(key, value);

  const say = () => {
    const known = part("id").value;
    note.textContent = known ? `${called} is known; this is linked to their record.` : "";
    if (keep) keep.hidden = Boolean(known);
  };

  const close = () => {
    list.hidden = true;
    chosen = -1;
    name.setAttribute("aria-expanded", "false");
    name.removeAttribute("aria-activedescendant");
  };

  const mark = (place) => {
    chosen = place;
    [...list.children].forEach((one, number) => one.setAttribute("aria-selected", String(number === place)));
    const option = list.children[place];
    option?.scrollIntoView({ block: "nearest" });
    if (option) name.setAttribute("aria-activedescendant", option.id);
    else name.removeAttribute("aria-activedescendant");
  };

  const take = (one) => {
    part("id").value = one.id;
    name.value = called = one.name;
    part("title").value = one.title;
    part("ministry").value = one.ministry;
    part("level").value = one.level === "other" ? "" : one.level;
    if (keep) keep.querySelector("input").checked = false;
    close();
    say();
    form.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const show = async () => {
    const mine = ++asked;
    const found = await ask(name, name.value);
    if (mine !== asked || document.activeElement !== name || part("id").value) return;
    offered = found;
    list.replaceChildren(
      ...found.map((one, number) => {
        const option = document.createElement("li");
        const small = document.createElement("small");
        option.id = `${list.id}-${number}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.append(one.name);
        small.textContent = about(one);
        if (small.textContent) option.append(" ", small);
        option.addEventListener("mousedown", (event) => {
          event.preventDefault();
          take(one);
        });
        return option;
      }),
    );
    list.hidden = !found.length;
    list.scrollIntoView({ block: "nearest" });
    name.setAttribute("aria-expanded", String(Boolean(found.length)));
    note.textContent = found.length ? `${found.length} known: arrow keys choose, Enter takes` : "";
    mark(-1);
  };

  const later = after(PAUSE_MS, show);
  name.addEventListener("input", () => {
    if (part("id").value && name.value !== called) part("id").value = "";
    say();
    later();
  });
  name.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) mark((chosen + by + offered.length + (chosen < 0 && by < 0 ? 1 : 0)) % offered.length);
    else if (event.key === "Enter" && chosen >= 0) take(offered[chosen]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  name.addEventListener("blur", () => {
    close();
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
  fresh.addEventListener("input", after(PAUSE_MS, look));
  document.getElementById(fresh.dataset.state)?.addEventListener("change", look);
}
