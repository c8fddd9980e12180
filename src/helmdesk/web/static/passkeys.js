// Passkeys: the one thing on our pages that cannot be done without a script.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
const named = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

async function options(form) {
  const inPage = document.getElementById("passkey-options");
  if (inPage) return JSON.parse(inPage.textContent);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`passkey options: ${answer.status}`);
  return answer.json();
}

async function made(given, passwordless) {
  const asked = given.creation_options.publicKey;
  const chosen = { ...asked.authenticatorSelection };
  chosen.residentKey = passwordless ? "required" : "discouraged";
  chosen.requireResidentKey = passwordless;
  if (passwordless) chosen.userVerification = "required";
  const key = await navigator.credentials.create({
    publicKey: {
      ...asked,
      challenge: bytes(asked.challenge),
      user: { ...asked.user, id: bytes(asked.user.id) },
      excludeCredentials: named(asked.excludeCredentials),
      authenticatorSelection: chosen,
    },
  });
  return {
    attestationObject: text(key.response.attestationObject),
    transports: key.response.getTransports?.() || [],
    ...common(key),
  };
}

async function shown(given) {
  const asked = given.request_options.publicKey;
  const key = await navigator.credentials.get({
    publicKey: { ...asked, challenge: bytes(asked.challenge), allowCredentials: named(asked.allowCredentials) },
  });
  return {
    authenticatorData: text(key.response.authenticatorData),
    signature: text(key.response.signature),
    userHandle: key.response.userHandle ? text(key.response.userHandle) : null,
    ...common(key),
  };
}

const common = (key) => ({ key, clientDataJSON: text(key.response.clientDataJSON) });

function credential({ key, ...response }) {
  return JSON.stringify({
    id: key.id,
    rawId: text(key.rawId),
    type: key.type,
    authenticatorAttachment: key.authenticatorAttachment,
    clientExtensionResults: key.getClientExtensionResults(),
    response,
  });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const complaint = form.querySelector(".err");
    complaint.hidden = true;
    try {
      const given = await options(form);
      const alone = form.elements.passwordless?.checked ?? false;
      const answer = form.dataset.passkey === "create" ? await made(given, alone) : await shown(given);
      form.elements.credential.value = credential(answer);
      form.submit();
    } catch {
      complaint.hidden = false;
    }
  });
}
