"use strict";
// Review by keyboard, and what screen readers are told. Keys press what stands on the page: nothing is done here alone.
(() => {
  const TYPED_INTO = "input, textarea, select, [contenteditable]";
  // While the next respondent is on their way, keys would decide about somebody who is not shown yet.
  const LEAVING = "#decision.htmx-request, #undo.htmx-request, .decide .htmx-request";

  const pressed = (key) =>
    [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key.split(" ").includes(key));

  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.key === "Escape" && target.matches?.(TYPED_INTO)) return target.blur();
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
    if (target.closest?.(TYPED_INTO) || target.closest?.("dialog")) return;
    const found = pressed(event.key);
    if (!found || document.querySelector(LEAVING)) return;
    event.preventDefault();
    if (found.matches("textarea")) found.focus();
    else found.click();
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens).showModal();
  });

  const say = (words) => {
    const live = document.getElementById("said");
    if (live && words) live.textContent = words;
  };

  const arrived = () => {
    const review = document.getElementById("review");
    const heading = review?.querySelector("h1");
    if (!heading) return;
    say([review.dataset.said, heading.textContent].filter(Boolean).join(" "));
    return heading;
  };

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "review") arrived()?.focus({ preventScroll: true });
  });
  for (const failed of ["htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(failed, () => {
      say("It was not saved. Load the page again.");
      const notice = document.createElement("p");
      notice.className = "fault";
      notice.textContent = "It was not saved. Load the page again.";
      document.getElementById("review")?.prepend(notice);
      window.scrollTo(0, 0);
    });
  }
  if (document.getElementById("review")?.dataset.said) arrived();
})();
