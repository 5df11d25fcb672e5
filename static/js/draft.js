// A form with data-draft keeps what is typed into it, on this device and in this tab alone, until it is saved,
// discarded or somebody signs out. data-draft names the person, so nobody finds what another one typed.
const PREFIX = "draft:";
const PAUSE_MS = 400;
const store = (() => {
  try {
    sessionStorage.setItem(PREFIX, "");
    sessionStorage.removeItem(PREFIX);
    return sessionStorage;
  } catch {
    return null;
  }
})();

const keys = () => Object.keys(store ?? {}).filter((key) => key.startsWith(PREFIX));
const forget = (wanted) => {
  keys().filter(wanted).forEach((key) => store.removeItem(key));
  document.dispatchEvent(new Event("drafts:forget"));
};
const read = (key) => {
  try {
    return JSON.parse(store.getItem(key));
  } catch {
    return null;
  }
};

const fields = (form) =>
  [...form.elements].filter((one) => one.name && one.name !== "csrf_token" && one.type !== "submit");
// A choice that every entry has, the kind, is no writing: by itself it makes no draft.
const isWriting = (field) => field.dataset.kinds === undefined && valueOf(field) !== startValue(field);
const valueOf = (field) => (field.type === "checkbox" || field.type === "radio" ? field.checked : field.value);
const keyOf = (field) => (field.type === "radio" ? `${field.name}=${field.value}` : field.name);
const startValue = (field) => {
  if (field.type === "checkbox" || field.type === "radio") return field.defaultChecked;
  if (field.tagName !== "SELECT") return field.defaultValue;
  return ([...field.options].find((one) => one.defaultSelected) ?? field.options[0])?.value ?? "";
};

function keep(form, key, sent) {
  if (!fields(form).some(isWriting)) return store.removeItem(key);
  const values = Object.fromEntries(fields(form).map((one) => [keyOf(one), valueOf(one)]));
  store.setItem(key, JSON.stringify({ at: Date.now(), sent, values }));
}

function restore(form, kept) {
  let changed = false;
  for (const field of fields(form)) {
    const value = kept.values[keyOf(field)];
    if (value === undefined || value === startValue(field)) continue;
    if (typeof value === "boolean") field.checked = value;
    else field.value = value;
    for (let fold = field.closest("details"); fold; fold = fold.parentElement?.closest("details")) fold.open = true;
    changed = true;
  }
  if (changed) form.dispatchEvent(new Event("change", { bubbles: true }));
  return changed;
}

function note(form, id, at, act) {
  const shown = document.getElementById(id)?.content.firstElementChild.cloneNode(true);
  if (!shown) return;
  shown.querySelector("[data-time]").textContent = new Intl.DateTimeFormat(undefined, {
    hour: "2-digit",
    hourCycle: "h23",
    minute: "2-digit",
    timeZone: form.dataset.zone || undefined,
  }).format(at);
  shown.querySelector("button").addEventListener("click", () => {
    shown.remove();
    act();
    form.dispatchEvent(new Event("change", { bubbles: true }));
  });
  form.prepend(shown);
}

// A link that chose a State or a kind for this entry is meant: an older entry is only offered beside it.
function offer(form, key, kept) {
  const startAfresh = () => {
    form.reset();
    store.removeItem(key);
  };
  const takeUp = () => restore(form, kept) && note(form, "draft-back", kept.at, startAfresh);
  if (location.search) note(form, "draft-waits", kept.at, takeUp);
  else takeUp();
}

function watch(form) {
  const owner = PREFIX + form.dataset.draft + ":";
  const key = owner + form.getAttribute("action");
  const kept = read(key);
  if (kept && !form.querySelector("[data-error-summary]")) offer(form, key, kept);
  let timer = 0;
  const rest = () => {
    clearTimeout(timer);
    timer = 0;
  };
  form.addEventListener("input", () => {
    rest();
    timer = setTimeout(() => {
      timer = 0;
      keep(form, key, false);
    }, PAUSE_MS);
  });
  form.addEventListener("submit", () => {
    rest();
    keep(form, key, true);
  });
  document.addEventListener("drafts:forget", rest);
  addEventListener("pagehide", () => timer && keep(form, key, false));
}

if (store) {
  const me = document.body.dataset.viewer;
  if (me) forget((key) => !key.startsWith(`${PREFIX}${me}:`));
  if (document.querySelector("[data-message].message-good")) forget((key) => read(key)?.sent);
  for (const form of document.querySelectorAll("form[data-draft]")) watch(form);
  document.addEventListener("submit", (event) => {
    if (event.target.action?.endsWith("/sign-out")) forget(() => true);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-discard]")) forget((key) => key.endsWith(location.pathname));
  });
}
