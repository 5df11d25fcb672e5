// Single keys for people who live in this tool all day. Never while typing; can be switched off in the help.
const KEY = "demarche.keys";
const PAIR_MS = 1200;
const help = document.getElementById("help");
const boxes = [...document.querySelectorAll("[data-single-keys]")];

const enabled = () => {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
};

const typing = (node) =>
  node instanceof HTMLElement &&
  (node.isContentEditable || node.matches("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=button])"));

const follow = (link) => {
  if (link) link.click();
  return Boolean(link);
};

const place = (path) => document.querySelector(`.side-nav a[href="${path}"]`);

function search() {
  const seen = (name) => [...document.querySelectorAll(name)].find((one) => one.offsetParent);
  const box = seen("[data-search-everything]");
  if (!box && follow(seen("[data-search-page]"))) return true;
  const found = box ?? seen("main [data-search]");
  found?.focus();
  found?.select();
  return Boolean(found);
}

// The rows of a list: j and k walk, o opens, x ticks. On the page of a record that was opened from a list, j and k go
// to its neighbours there.
const links = () => [...document.querySelectorAll("[data-rows] [data-open]")].filter((one) => one.offsetParent);
const rowOf = (link) => link?.closest("tr, li");
let here = null;

function walk(step) {
  const all = links();
  if (!all.length) return follow(document.querySelector(`[data-way="${step > 0 ? "after" : "before"}"]`));
  const focused = all.find((one) => rowOf(one)?.contains(document.activeElement));
  const place = all.indexOf(focused ?? here);
  here = all[Math.min(Math.max(place + step, 0), all.length - 1)];
  for (const one of all) rowOf(one)?.classList.toggle("is-here", one === here);
  here.focus();
  here.scrollIntoView({ block: "nearest" });
  return true;
}

function tick() {
  const box = rowOf(here)?.querySelector("[data-tick]");
  box?.click();
  return Boolean(box);
}

const ACTIONS = {
  "/": search,
  n: () => follow(document.querySelector("[data-log]")),
  j: () => walk(1),
  k: () => walk(-1),
  o: () => follow(here),
  x: tick,
  "?": () => {
    help?.showModal();
    return true;
  },
  "g s": () => follow(place("/states")),
  "g t": () => follow(place("/")),
};

let first = "";
let firstAt = 0;

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.form;
    if (form?.method === "post") form.requestSubmit(form.querySelector("[type=submit]"));
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (!enabled() || document.querySelector("dialog[open]") || typing(event.target)) return;
  const pair = first && event.timeStamp - firstAt < PAIR_MS ? `${first} ${event.key}` : event.key;
  first = event.key === "g" ? "g" : "";
  firstAt = event.timeStamp;
  if (ACTIONS[pair]?.()) event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-open-help]")) help?.showModal();
});

for (const box of boxes) {
  box.checked = enabled();
  box.addEventListener("change", () => {
    for (const other of boxes) other.checked = box.checked;
    try {
      localStorage.setItem(KEY, box.checked ? "on" : "off");
    } catch {
      // Nothing can be kept here: the choice lasts for this page only.
    }
  });
}

document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("[data-rows] tr, [data-rows] li");
  const link = row?.querySelector("[data-open]");
  if (link) here = link;
});

// "All that match" stands for every box; taking one away takes that back.
const all = document.querySelector("[data-tick-all]");
const ticks = [...document.querySelectorAll("[data-tick]")];
all?.addEventListener("change", () => {
  for (const one of ticks) one.checked = all.checked;
});
for (const one of ticks)
  one.addEventListener("change", () => {
    if (all && !one.checked) all.checked = false;
  });

// Back from a record: on the row it was opened from. Not before the page has come to rest there by itself.
addEventListener("load", () => {
  const row = location.hash.startsWith("#row-") ? document.getElementById(location.hash.slice(1)) : null;
  here = row?.querySelector("[data-open]") ?? here;
  if (row) here?.focus({ preventScroll: true });
});
