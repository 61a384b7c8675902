// Uploads: a file may be dropped, and one sees how far it is. Without this script the form works as forms do.
"use strict";

const form = document.getElementById("upload");
if (form) {
  const file = form.elements.file;
  const fault = document.getElementById("fault");
  const state = document.getElementById("state");
  const bar = document.getElementById("bar");
  const button = form.querySelector("button");

  const say = (text) => {
    fault.textContent = text;
    fault.hidden = !text;
    document.getElementById("progress").hidden = Boolean(text);
    button.disabled = false;
  };

  const send = () => {
    const chosen = file.files[0];
    if (!chosen) return;
    const most = Number(form.dataset.mostMb);
    if (chosen.size > most * 1e6) {
      say(`${chosen.name} has ${Math.ceil(chosen.size / 1e6).toLocaleString("en")} MB; this installation accepts ${most} MB (EARNEST_MAX_BODY_MB).`);
      return;
    }
    say("");
    button.disabled = true;
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("X-CSRF-Token", form.elements.csrf.value);
    request.upload.onprogress = (event) => {
      if (!event.lengthComputable) return;
      const share = Math.floor((100 * event.loaded) / event.total);
      bar.value = share;
      state.textContent = `Uploading ${chosen.name}: ${share} %`;
    };
    request.upload.onload = () => {
      bar.removeAttribute("value");
      state.textContent = `Reading ${chosen.name}`;
    };
    request.onload = () => {
      const where = request.getResponseHeader("Location");
      if (request.status === 201 && where) {
        location.assign(where);
        return;
      }
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      say(page.querySelector("[role=alert]")?.textContent || "The file could not be uploaded. Load this page again and try once more.");
    };
    request.onerror = () => say("The connection broke off. Try again.");
    request.send(new FormData(form));
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  file.addEventListener("change", send);
  form.classList.add("drops");
  for (const kind of ["dragenter", "dragover"]) {
    form.addEventListener(kind, (event) => {
      event.preventDefault();
      form.classList.add("over");
    });
  }
  for (const kind of ["dragleave", "drop"]) form.addEventListener(kind, () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    file.files = event.dataTransfer.files;
    send();
  });
}

// What takes a while is not sent twice.
for (const each of document.querySelectorAll("form[data-once]")) {
  each.addEventListener("submit", (event) => {
    if (each.dataset.sent) {
      event.preventDefault();
      return;
    }
    each.dataset.sent = "1";
    if (event.submitter) event.submitter.textContent = each.dataset.once;
  });
}
addEventListener("pageshow", (event) => event.persisted && location.reload());
