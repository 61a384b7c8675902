"use strict";
// A slider and the number beside it are twins: whichever moves takes the other along. The number is what is sent.
document.addEventListener("input", (event) => {
  const moved = event.target;
  if (moved.dataset.twin) {
    document.getElementById(moved.dataset.twin).value = moved.value;
    moved.classList.remove("own");
  }
  const slider = document.querySelector(`[data-twin="${CSS.escape(moved.id || "-")}"]`);
  if (slider) {
    slider.classList.toggle("own", moved.value === "");
    if (moved.value !== "") slider.value = moved.value;
  }
});
