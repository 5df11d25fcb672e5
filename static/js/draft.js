// What is typed into a form that keeps drafts goes to the server some seconds after the typing stops, and when the
// page is left. Nothing of it stays in this browser.
const PAUSE_MS = 1500;
const LONGEST_MS = 8000;
const RETRY_MS = 4000;
// A form that still stands here so long after it was sent was stopped, or hangs.
const SENT_FOR_MS = 8000;
const BESIDE = "Another window has kept other words: both are among My drafts.";
const UNTYPED = new Set(["csrf_token", "request_key", "draft", "draft_seen"]);

const fields = (form) =>
  [...form.elements].filter(
    (one) => one.name && !one.disabled && !UNTYPED.has(one.name) && !["submit", "button", "file"].includes(one.type),
  );
// A choice that every entry has, the kind, is no writing: by itself it makes no draft.
const isWriting = (field) => field.type !== "hidden" && field.dataset.kinds === undefined && valueOf(field) !== startValue(field);
const valueOf = (field) => (field.type === "checkbox" || field.type === "radio" ? field.checked : field.value);
const startValue = (field) => {
  if (field.type === "checkbox" || field.type === "radio") return field.defaultChecked;
  if (field.tagName !== "SELECT") return field.defaultValue;
  return ([...field.options].find((one) => one.defaultSelected) ?? field.options[0])?.value ?? "";
};
function typed(form) {
  const found = {};
  for (const field of fields(form)) {
    if ((field.type === "checkbox" || field.type === "radio") && !field.checked) continue;
    const texts = field.multiple ? [...field.selectedOptions].map((one) => one.value) : [field.value];
    found[field.name] = [...(found[field.name] ?? []), ...texts];
  }
  return JSON.stringify(found);
}

function watch(form, mark) {
  const state = form.querySelector("[data-draft-state]");
  const seen = form.elements.draft_seen;
  // The window's own key is that of a draft beside, should another window have been quicker.
  let [revision, own] = seen.value.split(" ");
  revision = Number(revision);
  // A page that came back holds words that no draft has yet.
  const cameBack = form.querySelector("[data-error-summary], [data-differences]") !== null;
  let kept = cameBack ? "" : typed(form);
  let timer = 0;
  let since = 0;
  let under = null;
  let over = false;
  // What stood here when the form was sent, which may never have arrived.
  let sent = null;
  let sending = 0;
  let renewed = false;
  let beside = false;

  const say = (text) => {
    if (state && state.textContent !== text) state.textContent = text;
  };
  const note = (draft, read, key) => {
    [mark.value, revision, own] = [draft, read, key];
    seen.value = `${revision} ${own}`;
  };
  const address = (end = "") => `/api/v1/drafts/${mark.value}${end}`;
  const token = () => form.elements.csrf_token.value;
  const send = (where, method, body, leaving, signal) =>
    fetch(where, {
      method,
      body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
      keepalive: leaving,
      signal,
    });

  function later(ms) {
    clearTimeout(timer);
    timer = setTimeout(keep, ms);
  }

  async function keep(leaving = false) {
    clearTimeout(timer);
    timer = 0;
    const now = typed(form);
    if (over || now === kept || (!revision && !cameBack && !fields(form).some(isWriting))) return;
    if (under && !leaving) return later(PAUSE_MS);
    since = 0;
    under = new AbortController();
    const body = { kind: mark.dataset.draft, record_id: mark.dataset.record || null, revision, window: own, typed: now };
    try {
      await answered(await send(address(), "PUT", body, leaving, leaving ? undefined : under.signal), now);
    } catch (error) {
      if (error.name === "AbortError") return;
      say("No connection. What you type is kept as soon as it is back.");
      later(RETRY_MS);
    } finally {
      under = null;
    }
  }

  async function answered(response, now) {
    const told = await response.json().catch(() => ({}));
    if (response.ok) {
      kept = now;
      renewed = false;
      note(told.id, told.revision, told.elsewhere ? crypto.randomUUID() : own);
      beside ||= told.elsewhere;
      say(`Draft kept at ${told.shown_at}.${beside ? ` ${BESIDE}` : ""}`);
      if (typed(form) === kept) form.dispatchEvent(new Event("draft:kept", { bubbles: true }));
      else later(PAUSE_MS);
    } else if (response.status === 401 || response.status === 403) {
      const again = renewed;
      renewed = false;
      if (again) return say("No draft is kept. Save before you leave the page.");
      say("You are signed out. Nothing is lost: sign in again to go on.");
      document.dispatchEvent(new Event("session:ended"));
    } else if (response.status === 409 && now === sent) {
      over = true;
      say("This is saved.");
    } else if (response.status === 409) {
      note(crypto.randomUUID(), 0, crypto.randomUUID());
      say("The entry was saved in another window. What stands here is kept as a draft of its own.");
      later(PAUSE_MS);
    } else {
      const errors = Object.values(told.errors ?? {}).flat();
      say(`No draft is kept. ${errors.join(" ") || "Save before you leave the page."}`);
    }
  }

  function goOn() {
    if (sent === null) return;
    over = false;
    clearTimeout(sending);
  }

  const typing = () => {
    goOn();
    since ||= Date.now();
    later(Math.max(0, Math.min(PAUSE_MS, since + LONGEST_MS - Date.now())));
  };
  form.addEventListener("input", typing);
  form.addEventListener("change", typing);
  form.querySelector("[data-keep-draft]")?.addEventListener("click", (event) => {
    event.preventDefault();
    if (typed(form) === kept && revision) say(state.textContent || "The draft is kept.");
    else if (!revision && !cameBack && !fields(form).some(isWriting)) say("There is nothing to keep yet.");
    else keep();
  });
  form.addEventListener("submit", () => {
    over = true;
    sent = typed(form);
    clearTimeout(timer);
    under?.abort();
    clearTimeout(sending);
    sending = setTimeout(() => {
      goOn();
      keep();
    }, SENT_FOR_MS);
  });
  form.addEventListener("click", (event) => {
    if (!event.target.closest("[data-discard]")) return;
    over = true;
    sent = null;
    clearTimeout(timer);
    clearTimeout(sending);
    if (revision || under) send(address("/throw-away"), "POST", {}, true).catch(() => {});
  });
  document.addEventListener("submit", (event) => {
    if (event.target.action?.endsWith("/sign-out")) keep(true);
  });
  document.addEventListener("session:renewed", () => {
    renewed = true;
    keep();
  });
  addEventListener("online", () => keep());
  addEventListener("pagehide", () => keep(true));
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && keep(true));
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    over = false;
    keep();
  });
  if (cameBack) later(PAUSE_MS);
}

for (const mark of document.querySelectorAll("input[data-draft]")) watch(mark.form, mark);
