// Passkeys: the browser is asked for one and the answer goes with the form. Without this file a code is typed.
(() => {
  "use strict";
  if (!window.PublicKeyCredential || !PublicKeyCredential.parseCreationOptionsFromJSON) return;

  const ceremonies = {
    get: (asked) => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) }),
    create: (asked) => navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) }),
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const said = form.querySelector("[data-said]");
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      said.textContent = "";
      try {
        const answer = await fetch(form.dataset.ask, { method: "POST", body: new URLSearchParams(new FormData(form)) });
        if (!answer.ok) throw new Error(await answer.text());
        const made = await ceremonies[form.dataset.passkey](await answer.json());
        form.elements.credential.value = JSON.stringify(made.toJSON());
        form.submit();
      } catch (fault) {
        said.textContent = fault.name === "NotAllowedError" ? "The browser gave no passkey." : fault.message;
      }
    });
  }
})();
