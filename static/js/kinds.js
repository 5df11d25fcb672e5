// Words and fields of a form follow the kind chosen in it; without this the server brings them with the next page.
const select = document.querySelector("select[data-kinds]");

if (select) {
  const words = JSON.parse(select.dataset.kinds);
  const lead = document.querySelector("[data-kind-purpose]");
  const parts = [...document.querySelectorAll("[data-for-kinds]")];
  const show = () => {
    const chosen = words[select.value];
    if (!chosen) return;
    if (lead) lead.textContent = chosen.purpose;
    for (const [id, text] of Object.entries(chosen.labels)) {
      const label = document.querySelector(`label[for="${id}"]`);
      if (label?.firstChild?.nodeType === Node.TEXT_NODE) label.firstChild.textContent = `${text} `;
    }
    for (const part of parts) {
      part.hidden = !part.dataset.forKinds.split(" ").includes(select.value);
      for (const input of part.querySelectorAll("input, select, textarea")) input.disabled = part.hidden;
    }
  };
  select.addEventListener("change", show);
  select.form.addEventListener("change", show);
  show();
}
