// The driver's position: only while the box is ticked and the page is open. What cannot be sent now is sent with the
// next ones; the screen stays on meanwhile.

const RIDING_MILLISECONDS = 10_000;
const WAITING_MILLISECONDS = 60_000;
const MOST_FIXES = 360;

export function startBeacon(part, { beacon, token, vehicle }) {
  const box = part.querySelector("[data-share]");
  const said = part.querySelector("[data-position-said]");
  const name = `driver-position:${vehicle}`;
  const words = part.dataset;
  let isRiding = false;
  let latest = null;
  let fixes = [];
  let sentAt = 0;
  let triedAt = 0;
  let watch = null;
  let lock = null;
  let isSending = false;

  function note({ coords, timestamp }) {
    latest = {
      lat: coords.latitude, lon: coords.longitude, accuracy: coords.accuracy, speed: coords.speed,
      heading: Number.isFinite(coords.heading) ? coords.heading : null, at: Math.round(timestamp),
    };
    if (!triedAt) send();
  }

  async function send() {
    if (!latest || isSending) return;
    triedAt = Date.now();
    if (fixes.at(-1)?.at !== latest.at) fixes = [...fixes, latest].slice(-MOST_FIXES);
    const going = fixes;
    isSending = true;
    try {
      const answer = await fetch(beacon, {
        method: "POST",
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
        body: JSON.stringify({ fixes: going }),
      });
      if (!answer.ok) throw new Error(String(answer.status));
      fixes = fixes.filter((fix) => !going.includes(fix));
      sentAt = Date.now();
    } catch {
      // kept for the next time
    } finally {
      isSending = false;
    }
  }

  function tell() {
    if (watch === null) return;
    const period = isRiding ? RIDING_MILLISECONDS : WAITING_MILLISECONDS;
    if (Date.now() - triedAt >= period) send();
    if (!sentAt) return;
    const seconds = Math.round((Date.now() - sentAt) / 1000);
    said.textContent = (seconds > 2 * period / 1000 ? words.unsent : words.sent).replace("{n}", String(seconds));
  }

  async function keepAwake() {
    try {
      lock = watch === null || document.hidden ? null : await navigator.wakeLock?.request("screen");
    } catch {
      lock = null;
    }
  }

  function begin() {
    said.textContent = words.waiting;
    watch = navigator.geolocation.watchPosition(note, (error) => {
      if (error.code !== error.PERMISSION_DENIED) return;
      box.checked = false;
      end();
      said.textContent = words.denied;
    }, { enableHighAccuracy: true, maximumAge: 5_000 });
    keepAwake();
  }

  function end() {
    if (watch !== null) navigator.geolocation.clearWatch(watch);
    lock?.release();
    [watch, lock, latest, fixes, sentAt, triedAt] = [null, null, null, [], 0, 0];
    said.textContent = "";
  }

  if ("geolocation" in navigator) {
    part.hidden = false;
    box.checked = localStorage.getItem(name) === "yes"; // said before on this phone
    box.addEventListener("change", () => {
      if (box.checked) localStorage.setItem(name, "yes");
      else localStorage.removeItem(name);
      (box.checked ? begin : end)();
    });
    document.addEventListener("visibilitychange", keepAwake);
    setInterval(tell, 1000);
    if (box.checked) begin();
  }
  return { setRiding(value) { isRiding = value; } };
}
