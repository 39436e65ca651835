/* A position taken from the map is WGS-84, whatever datum was chosen for a typed one. */
const datum = document.querySelector("select[name=datum]");
for (const input of document.querySelectorAll("[data-map-lat], [data-map-lon]")) {
  input.addEventListener("input", (event) => {
    if (!event.isTrusted) datum.value = "wgs84";
  });
}
