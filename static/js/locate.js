// "My position": asked for only on a tap, cut to about ten metres, sent as the address of the same page.

const CHINA = { south: 3.5, north: 53.6, west: 73.3, east: 135.1 };

function isInChina({ latitude, longitude }) {
  return latitude >= CHINA.south && latitude <= CHINA.north && longitude >= CHINA.west && longitude <= CHINA.east;
}

function nearestTo({ latitude, longitude }) {
  const address = new URL(window.location.href);
  for (const name of ["q", "site", "limit"]) address.searchParams.delete(name);
  address.searchParams.set("lat", latitude.toFixed(4));
  address.searchParams.set("lon", longitude.toFixed(4));
  address.hash = "";
  return address.href;
}

function prepare(button) {
  const said = button.form.querySelector("[data-search-said]");
  const words = button.dataset;

  function stop(sentence) {
    said.textContent = sentence;
    button.disabled = false;
  }

  function go(position) {
    if (!isInChina(position.coords)) return stop(words.outside);
    window.location.assign(nearestTo(position.coords));
  }

  button.addEventListener("click", () => {
    button.disabled = true;
    said.textContent = words.waiting;
    const refuse = (error) => stop(error.code === error.PERMISSION_DENIED ? words.denied : words.unavailable);
    navigator.geolocation.getCurrentPosition(go, refuse, { enableHighAccuracy: true, timeout: 10000, maximumAge: 10000 });
  });
  window.addEventListener("pageshow", () => stop(""));
  button.hidden = false;
}

if ("geolocation" in navigator) document.querySelectorAll("[data-locate]").forEach(prepare);
