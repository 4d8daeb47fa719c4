// Passkeys: a form with data-jasper-passkey asks the browser for one before it is sent. What the
// browser is asked is in the page, or at an address. Without script the form stays hidden.
for (const form of document.querySelectorAll("[data-jasper-passkey]")) {
  if (!window.webauthnJSON?.supported()) continue;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    if (form.dataset.jasperPasskeyUsed) return;
    event.preventDefault();
    usePasskey(form);
  });
}

async function usePasskey(form) {
  const failed = form.querySelector("[data-jasper-failed]");
  failed.hidden = true;
  try {
    const options = await optionsOf(form);
    const credential = await window.webauthnJSON[form.dataset.jasperPasskey](options);
    form.elements.credential.value = JSON.stringify(credential);
    form.dataset.jasperPasskeyUsed = "yes";
  } catch {
    // Canceled, too slow, or not offered by the device: the browser has said why.
    failed.hidden = false;
    return;
  }
  form.requestSubmit();
}

async function optionsOf(form) {
  const { jasperOptions, jasperOptionsFrom } = form.dataset;
  if (jasperOptionsFrom) {
    const response = await fetch(jasperOptionsFrom, { headers: { Accept: "application/json" } });
    return (await response.json()).request_options;
  }
  const data = JSON.parse(jasperOptions);
  if (data.request_options) return data.request_options;
  const { publicKey } = data.creation_options;
  // Kept on the device with the account's name, so that it can be offered without a username.
  publicKey.authenticatorSelection.residentKey = "required";
  publicKey.authenticatorSelection.requireResidentKey = true;
  return data.creation_options;
}
