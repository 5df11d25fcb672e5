// Disclosure menus close when the reader looks elsewhere; messages can be put away.
const open = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("click", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
  const close = event.target.closest?.("[data-dismiss]");
  if (!close) return;
  const list = close.closest("[aria-live]");
  close.closest("[data-message]")?.remove();
  if (list && !list.childElementCount) list.replaceChildren();
  document.getElementById("main")?.focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of open()) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary")?.focus();
  }
});

document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.("details[data-menu][open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});
