// Asks for the state of a long piece of work and puts the answer in place, until there is nothing more to ask.
const EVERY_MS = 2000;
const SLOWEST_MS = 30000;

async function ask(url) {
  const answer = await fetch(url, {
    headers: { Accept: "text/html", "X-Requested-With": "fetch" },
    credentials: "same-origin",
    cache: "no-store",
  });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.querySelector("[data-progress]");
}

function follow(box, wait = EVERY_MS) {
  if (!box.dataset.poll) return;
  setTimeout(async () => {
    if (!box.isConnected) return;
    if (document.hidden) {
      document.addEventListener("visibilitychange", () => follow(box, 0), { once: true });
      return;
    }
    try {
      const fresh = await ask(box.dataset.poll);
      if (!fresh) throw new Error("no progress in the answer");
      if ("reload" in fresh.dataset) {
        location.reload();
        return;
      }
      replace(box, fresh);
      follow(box);
    } catch {
      const note = box.querySelector(".progress-foot p");
      if (note) note.textContent = "The connection is interrupted; trying again.";
      follow(box, Math.min(Math.max(wait, EVERY_MS) * 2, SLOWEST_MS));
    }
  }, wait);
}

// Only what differs is exchanged, so that focus stays and a screen reader hears the figures alone.
function replace(box, fresh) {
  const figures = box.querySelector(".progress-figures");
  const next = fresh.querySelector(".progress-figures");
  if (figures && next && figures.innerHTML !== next.innerHTML) figures.replaceChildren(...next.childNodes);
  const bar = box.querySelector(".progress-bar-frame");
  const nextBar = fresh.querySelector(".progress-bar-frame");
  if (bar && nextBar) bar.replaceWith(nextBar);
  const label = box.querySelector(".progress-label");
  const nextLabel = fresh.querySelector(".progress-label");
  if (label && nextLabel && label.textContent !== nextLabel.textContent) label.textContent = nextLabel.textContent;
  const foot = box.querySelector(".progress-foot");
  const nextFoot = fresh.querySelector(".progress-foot");
  if (foot && (!nextFoot || !fresh.dataset.poll || !foot.contains(document.activeElement))) foot.replaceWith(nextFoot ?? "");
  box.className = fresh.className;
  if (fresh.dataset.poll) box.dataset.poll = fresh.dataset.poll;
  else delete box.dataset.poll;
}

for (const box of document.querySelectorAll("[data-progress][data-poll]")) follow(box);
