// What "other" means is asked only where "other" is chosen; what was typed or refused there stays in sight.
for (const input of document.querySelectorAll("[data-where-other]")) {
  const select = document.getElementById(input.dataset.whereOther);
  const field = input.closest(".field");
  if (!select || !field) continue;
  const show = () => {
    field.hidden = select.value !== "other" && !input.value && !field.classList.contains("has-error");
  };
  select.addEventListener("change", show);
  select.form.addEventListener("change", show);
  show();
}
