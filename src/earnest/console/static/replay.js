"use strict";
// Plays an answer's typing again. The server sends the changes: [at ms, place, removed, added, was pasted].
(() => {
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");

  const begin = (root) => {
    const steps = JSON.parse(root.dataset.steps);
    const length = Math.max(1, Number(root.dataset.length));
    const [play, scrub, speed, text, line] = ["play", "scrub", "speed", "text", "now"].map((name) =>
      root.querySelector(`[data-${name}]`),
    );
    const width = root.querySelector(".timeline").viewBox.baseVal.width;
    let characters = [], done = 0, now = 0, since = null;

    // A character is [what it is, whether it was pasted]; going back starts over, which is quick enough.
    const grow = () => {
      if (done && steps[done - 1][0] > now) [characters, done] = [[], 0];
      while (done < steps.length && steps[done][0] <= now) {
        const [, place, removed, added, pasted] = steps[done++];
        characters.splice(place, removed, ...[...added].map((each) => [each, pasted]));
      }
      const parts = [];
      for (const [each, pasted] of characters) {
        const last = parts[parts.length - 1];
        if (last && last[1] === pasted) last[0].push(each);
        else parts.push([[each], pasted]);
      }
      const caret = document.createElement("span");
      caret.className = "caret";
      const nodes = parts.map(([some, pasted]) => {
        const part = document.createElement(pasted ? "mark" : "span");
        if (pasted) part.className = "m-pasted";
        part.textContent = some.join("");
        return part;
      });
      text.replaceChildren(...nodes, caret);
    };

    const draw = () => {
      grow();
      const x = (now / length) * width;
      line.setAttribute("x1", x);
      line.setAttribute("x2", x);
      scrub.value = Math.round((now / length) * 1000);
      scrub.setAttribute("aria-valuetext", `${(now / 1000).toFixed(1)} of ${(length / 1000).toFixed(1)} seconds`);
    };

    const stop = () => {
      since = null;
      play.textContent = now >= length ? "Play again" : "Play";
      play.setAttribute("aria-pressed", "false");
    };

    const tick = (at) => {
      if (since === null || !root.isConnected) return;
      now = Math.min(length, now + (at - since) * Number(speed.value));
      since = at;
      draw();
      if (now >= length) stop();
      else requestAnimationFrame(tick);
    };

    const start = () => {
      if (now >= length) now = 0;
      since = performance.now();
      play.textContent = "Pause";
      play.setAttribute("aria-pressed", "true");
      requestAnimationFrame(tick);
    };

    play.addEventListener("click", () => (since === null ? start() : stop()));
    scrub.addEventListener("input", () => {
      now = (Number(scrub.value) / 1000) * length;
      if (since !== null) stop();
      draw();
    });
    root.querySelector(".player").hidden = false;
    now = still.matches ? length : 0;
    draw();
    if (still.matches) stop();
    else start();
  };

  const look = () => {
    for (const root of document.querySelectorAll(".replay[data-steps]:not([data-begun])")) {
      root.dataset.begun = "";
      begin(root);
    }
  };
  document.addEventListener("htmx:afterSettle", look);
  look();
})();
