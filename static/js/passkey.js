// Passkeys: asks our side for a challenge, the browser for the answer, and sends the form that the button stands in.
const WORDS = {
  NotAllowedError: "Nothing was chosen, or it took too long. Please try again.",
  InvalidStateError: "This device has a passkey for your account already.",
};

const toBytes = (text) => {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
};

const toText = (buffer) =>
  buffer &&
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

const described = (keys) => (keys ?? []).map((key) => ({ ...key, id: toBytes(key.id) }));

async function ask(kind, options) {
  const publicKey = { ...options, challenge: toBytes(options.challenge) };
  if (kind === "create") {
    publicKey.user = { ...options.user, id: toBytes(options.user.id) };
    publicKey.excludeCredentials = described(options.excludeCredentials);
    return navigator.credentials.create({ publicKey });
  }
  publicKey.allowCredentials = described(options.allowCredentials);
  return navigator.credentials.get({ publicKey });
}

function answer(credential) {
  const { response } = credential;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const given = parts.filter((name) => response[name]).map((name) => [name, toText(response[name])]);
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response: Object.fromEntries(given),
  });
}

async function run(button) {
  const { form } = button;
  const problem = form.querySelector("[data-passkey-problem]");
  problem.hidden = true;
  try {
    const asked = await fetch(button.dataset.href, { credentials: "same-origin", cache: "no-store" });
    if (!asked.ok) throw new Error(String(asked.status));
    const { options, ceremony } = await asked.json();
    const credential = await ask(button.dataset.passkey, options);
    form.querySelector("input[name$=ceremony]").value = ceremony;
    form.querySelector("input[name$=credential]").value = answer(credential);
    form.requestSubmit();
  } catch (error) {
    problem.textContent = WORDS[error.name] ?? "The passkey could not be used. Please try again.";
    problem.hidden = false;
  }
}

for (const button of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) button.remove();
  else button.addEventListener("click", () => run(button));
}
