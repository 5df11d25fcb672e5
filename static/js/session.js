// The session of this page has ended while somebody was writing: they sign in again over it, and go on.
const dialog = document.getElementById("sign-in-again");
const place = dialog?.querySelector("[data-sign-in]");
const note = dialog?.querySelector("[data-sign-in-note]");
const me = document.body.dataset.viewer;
const SNOOZE_MS = 30000;
let closedAt = 0;
let renewed = false;

// "back" when the writer is signed in again, "other" when it is somebody else, "out" when nobody is.
async function standing() {
  const response = await fetch("/api/v1/account/form-token", { headers: { Accept: "application/json" } });
  if (!response.ok) return "out";
  const told = await response.json();
  if (told.user_id !== me) {
    note.textContent = "Somebody else has signed in here. What you typed stays on this page; sign in as yourself to go on.";
    place.replaceChildren();
    return "other";
  }
  for (const input of document.querySelectorAll("input[name=csrf_token]")) input.value = told.csrf_token;
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": told.csrf_token }));
  renewed = dialog.open;
  dialog.close();
  place.replaceChildren();
  document.dispatchEvent(new Event("session:renewed"));
  return "back";
}

// The form of the sign-in, or of its next step, as its own page has it; its ids must not meet those of this page.
function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const form = page.querySelector("main form:has(input[name=password], input[name=code])");
  if (!form) {
    note.textContent = page.querySelector("main .lead, main p")?.textContent.trim() || "";
    return;
  }
  for (const one of form.querySelectorAll("[id]")) one.id = `again-${one.id}`;
  for (const name of ["for", "aria-describedby", "aria-labelledby"]) {
    for (const one of form.querySelectorAll(`[${name}]`)) {
      one.setAttribute(name, one.getAttribute(name).trim().split(/\s+/).map((id) => `again-${id}`).join(" "));
    }
  }
  for (const one of form.querySelectorAll("a, .with-script, [data-ceremony]")) one.remove();
  for (const one of form.querySelectorAll("[data-error-summary] li")) note.textContent = one.textContent;
  form.querySelector("[data-error-summary]")?.remove();
  place.replaceChildren(document.importNode(form, true));
  const email = place.querySelector("input[name=email]");
  if (email && !email.value) email.value = dialog.dataset.email;
  [...place.querySelectorAll("input:not([type=hidden])")].find((one) => !one.value)?.focus();
}

async function start() {
  if (!dialog || dialog.open || Date.now() - closedAt < SNOOZE_MS) return;
  try {
    const now = await standing();
    if (now === "back") return;
    if (now === "out") note.textContent = "";
    dialog.showModal();
    if (now === "out") show(await (await fetch("/sign-in")).text());
  } catch {
    note.textContent = "No connection. Try again in a moment.";
  }
}

dialog?.addEventListener("submit", async (event) => {
  if (!event.target.closest("[data-sign-in]")) return;
  event.preventDefault();
  event.stopPropagation();
  const form = event.target;
  note.textContent = "";
  try {
    const response = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if ((await standing()) === "out") show(await response.text());
  } catch {
    note.textContent = "No connection. Try again in a moment.";
  }
});
dialog?.addEventListener("close", () => {
  closedAt = renewed ? 0 : Date.now();
  renewed = false;
});
document.addEventListener("session:ended", start);
addEventListener("focus", () => dialog?.open && standing().catch(() => {}));
