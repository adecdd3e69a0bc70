// <security-key data-mode="get|create">: asks the key of the person, writes the answer into the form and sends it.
// The options come from the server as JSON with base64url texts; WebAuthn wants bytes, and back.

function bytes(text) {
  const plain = text.replace(/-/g, "+").replace(/_/g, "/");
  return Uint8Array.from(atob(plain.padEnd(Math.ceil(plain.length / 4) * 4, "=")), (one) => one.charCodeAt(0));
}

function text(buffer) {
  const plain = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return plain.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function options(sent) {
  const key = { ...sent.publicKey, challenge: bytes(sent.publicKey.challenge) };
  const listed = (entries) => (entries || []).map((entry) => ({ ...entry, id: bytes(entry.id) }));
  if (key.user) {
    key.user = { ...key.user, id: bytes(key.user.id) };
    key.excludeCredentials = listed(key.excludeCredentials);
  } else {
    key.allowCredentials = listed(key.allowCredentials);
  }
  return { publicKey: key };
}

function answer(credential) {
  const told = credential.response;
  const response = { clientDataJSON: text(told.clientDataJSON) };
  if (told.attestationObject) {
    response.attestationObject = text(told.attestationObject);
    response.transports = told.getTransports ? told.getTransports() : [];
  } else {
    response.authenticatorData = text(told.authenticatorData);
    response.signature = text(told.signature);
    response.userHandle = told.userHandle ? text(told.userHandle) : null;
  }
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment || null,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

class SecurityKey extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector("input[name=credential]");
    this.trouble = this.querySelector("[data-error]");
    this.button = this.querySelector("[data-ask]");
    this.button.addEventListener("click", () => this.ask());
  }

  async ask() {
    this.trouble.hidden = true;
    if (!window.PublicKeyCredential) {
      this.fail(this.dataset.unsupported);
      return;
    }
    this.button.disabled = true;
    const wanted = options(JSON.parse(this.querySelector("script").textContent));
    const asked = this.dataset.mode === "create" ? navigator.credentials.create(wanted) : navigator.credentials.get(wanted);
    const credential = await asked.catch(() => null);
    this.button.disabled = false;
    if (!credential) {
      this.fail(this.dataset.refused);
      return;
    }
    this.field.value = JSON.stringify(answer(credential));
    this.field.disabled = false;
    this.field.form.submit();
  }

  fail(words) {
    this.trouble.querySelector("span").textContent = words;
    this.trouble.hidden = false;
  }
}

customElements.define("security-key", SecurityKey);
