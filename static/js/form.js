// Forms: lead to the first problem, never lose what was typed, never send twice.
const SENT_FOR_MS = 8000;
const changed = new Set();

const guarded = (form) =>
  form?.method === "post" &&
  !form.closest("dialog") &&
  !("noGuard" in form.dataset) &&
  form.querySelector("textarea, select, input:not([type=hidden]):not([type=submit])") !== null;

function focusTarget(id) {
  const target = document.getElementById(id);
  if (!target) return false;
  const input = target.matches("input, select, textarea") ? target : target.querySelector("input, select, textarea");
  if (!input) return false;
  for (let fold = input.closest("details"); fold; fold = fold.parentElement?.closest("details")) fold.open = true;
  input.focus({ preventScroll: true });
  const label = input.closest(".field") ?? input;
  label.scrollIntoView({ block: "center" });
  return true;
}

document.querySelector("[data-error-summary]")?.focus();

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-error-summary] a[href^='#']");
  if (link && focusTarget(decodeURIComponent(link.hash.slice(1)))) event.preventDefault();
  if (event.target.closest?.("[data-discard]")) changed.clear();
});

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (guarded(form)) changed.add(form);
});

// What was said of a field was said of what stood in it: once that is another, it is not wrong until it is sent again.
function mend(input) {
  const field = input.closest(".has-error");
  const error = field?.querySelector(".field-error");
  if (!error) return;
  for (const one of [field, ...field.querySelectorAll("[aria-describedby], [aria-invalid]")]) {
    one.removeAttribute("aria-invalid");
    const left = (one.getAttribute("aria-describedby") ?? "").split(/\s+/).filter((id) => id && id !== error.id);
    if (left.length) one.setAttribute("aria-describedby", left.join(" "));
    else one.removeAttribute("aria-describedby");
  }
  field.classList.remove("has-error");
  error.remove();
  const summary = document.querySelector("[data-error-summary]");
  const id = error.id.replace(/-error$/, "");
  for (const link of summary?.querySelectorAll("li > a") ?? []) {
    if (link.hash.slice(1) === id) link.parentElement.remove();
  }
  if (summary && !summary.querySelector("li")) summary.remove();
}

// "mended": a script has put something else there, which is no change that a browser tells of.
for (const event of ["change", "mended"]) document.addEventListener(event, ({ target }) => target.form && mend(target));

document.addEventListener("draft:kept", (event) => changed.delete(event.target));

addEventListener("beforeunload", (event) => {
  for (const form of changed) if (!form.isConnected) changed.delete(form);
  if (changed.size) event.preventDefault();
});

function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll(".is-busy")) {
    button.classList.remove("is-busy");
    button.removeAttribute("aria-disabled");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  changed.delete(form);
  form.dataset.sent = "1";
  event.submitter?.classList.add("is-busy");
  event.submitter?.setAttribute("aria-disabled", "true");
  setTimeout(() => release(form), SENT_FOR_MS);
});

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form");
  if (form) release(form);
});

addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.querySelectorAll("form[data-sent]")) release(form);
});

// A page that comes back with errors holds typed text that is not saved yet.
const failed = document.querySelector("[data-error-summary]")?.closest("form");
if (failed && guarded(failed)) changed.add(failed);
