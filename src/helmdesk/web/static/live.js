// A page hears that something changed, and says so. Nothing moves under the hand: what changed is shown when asked for.
"use strict";

for (const place of document.querySelectorAll("[data-live]")) {
  const line = new EventSource(place.dataset.live);
  line.addEventListener("changed", () => {
    place.firstElementChild.hidden = false;
    line.close();
  });
  line.addEventListener("ended", () => line.close());
}
