// Single keys for people who live in this tool all day. Never while typing; can be switched off in the help.
const KEY = "demarche.keys";
const PAIR_MS = 1200;
const help = document.getElementById("help");
const box = document.querySelector("[data-single-keys]");

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
  const boxes = [...document.querySelectorAll("main [data-search]"), ...document.querySelectorAll("[data-search]")];
  const visible = boxes.find((one) => one.offsetParent);
  visible?.focus();
  visible?.select();
  return Boolean(visible);
}

const ACTIONS = {
  "/": search,
  n: () => follow(document.querySelector("[data-log]")),
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
  if (!enabled() || help?.open || typing(event.target)) return;
  const pair = first && event.timeStamp - firstAt < PAIR_MS ? `${first} ${event.key}` : event.key;
  first = event.key === "g" ? "g" : "";
  firstAt = event.timeStamp;
  if (ACTIONS[pair]?.()) event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-open-help]")) help?.showModal();
});

if (box) {
  box.checked = enabled();
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(KEY, box.checked ? "on" : "off");
    } catch {
      // Nothing can be kept here: the choice lasts for this page only.
    }
  });
}
