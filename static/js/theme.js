// Runs before the first paint: says that script works and which look the reader chose.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const key = "demarche.theme";
  const read = () => {
    try {
      return localStorage.getItem(key) ?? "";
    } catch {
      return "";
    }
  };
  const show = (choice) => {
    if (choice === "light" || choice === "dark") root.dataset.theme = choice;
    else delete root.dataset.theme;
  };
  const tick = () => {
    for (const input of document.querySelectorAll("[data-theme-choice]")) input.checked = input.value === read();
  };
  show(read());
  document.addEventListener("DOMContentLoaded", tick);
  document.addEventListener("change", (event) => {
    if (!event.target.matches?.("[data-theme-choice]")) return;
    try {
      if (event.target.value) localStorage.setItem(key, event.target.value);
      else localStorage.removeItem(key);
    } catch {
      // A browser that keeps nothing still shows the choice on this page.
    }
    show(event.target.value);
    tick();
  });
  addEventListener("storage", (event) => {
    if (event.key !== key) return;
    show(read());
    tick();
  });
})();
