// Counts down to the last entry. The server says what time it was when it drew the page (a demonstration clock
// may show another day); a copy that came out of a cache is as old as the time that has really passed since then.

function ageMilliseconds(rendered) {
  const [navigation] = performance.getEntriesByType("navigation");
  const isFresh = navigation !== undefined && navigation.transferSize > 0;
  return isFresh ? 0 : Math.max(0, Date.now() - rendered);
}

function fill(pattern, values) {
  return pattern.replace(/\{(\w)\}/g, (_whole, name) => String(values[name]));
}

function leftInWords(seconds, words) {
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 1440) return fill(words.days, { d: Math.floor(minutes / 1440), h: Math.floor((minutes % 1440) / 60) });
  if (minutes >= 60) return fill(words.hours, { h: Math.floor(minutes / 60), m: minutes % 60 });
  if (minutes >= 10) return fill(words.minutes, { m: minutes });
  return fill(words.seconds, { m: minutes, s: seconds % 60 });
}

function start(clock) {
  const cutoff = Date.parse(clock.dataset.cutoff);
  const started = Date.now() - ageMilliseconds(Date.parse(clock.dataset.rendered));
  const shown = Date.parse(clock.dataset.now);
  const left = clock.querySelector("[data-clock-left]");
  let timer = 0;

  function tick() {
    const seconds = Math.floor((cutoff - (shown + Date.now() - started)) / 1000);
    clock.classList.toggle("clock--soon", seconds < 25 * 60);
    if (seconds > 0) {
      const words = leftInWords(seconds, clock.dataset);
      if (left.textContent !== words) left.textContent = words;
      return;
    }
    clearInterval(timer);
    clock.classList.add("clock--over");
    clock.querySelector("[data-clock-running]").hidden = true;
    clock.querySelector("[data-clock-closed]").hidden = false;
  }

  timer = setInterval(tick, 1000);
  tick();
}

document.querySelectorAll("[data-clock]").forEach(start);
