/* One marker bound to the inputs [data-map-lat] and [data-map-lon]: drag it, click the map, type, or press arrows. */
(() => {
  "use strict";
  const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

  pinMap.picker = ({ label }) => pinMap.lazy((group, map) => {
    const inputs = ["lat", "lon"].map((axis) => document.querySelector(`[data-map-${axis}]`));
    const typed = () => {
      const [lat, lon] = inputs.map((input) => (input.value.trim() ? Number(input.value) : NaN));
      return Math.abs(lat) <= 85 && Math.abs(lon) <= 180 ? L.latLng(lat, lon) : null;
    };
    const place = { iconSize: [44, 44], iconAnchor: [22, 42] };
    const icon = L.divIcon({ className: "pin pin-station", html: pinMap.make("span", "pin-face"), ...place });
    const marker = L.marker(typed() ?? map.getCenter(), { icon, draggable: true, autoPan: !pinMap.calm }).addTo(group);
    const write = (at) => {
      marker.setLatLng(at);
      [at.lat, at.lng].forEach((degrees, i) => {
        inputs[i].value = degrees.toFixed(6);
        inputs[i].dispatchEvent(new Event("input", { bubbles: true }));
      });
    };
    const nudge = (event) => {
      const way = ARROWS[event.key];
      if (!way) return;
      event.preventDefault();
      event.stopPropagation();
      const step = L.point(way).multiplyBy(event.shiftKey ? 40 : 4);
      write(map.layerPointToLatLng(map.latLngToLayerPoint(marker.getLatLng()).add(step)));
      map.panInside(marker.getLatLng(), { padding: [40, 40], animate: false });
    };
    const follow = () => {
      const at = typed();
      if (!at) return;
      marker.setLatLng(at);
      map.panTo(at, { animate: false });
    };
    marker.getElement().setAttribute("aria-label", label);
    marker.getElement().addEventListener("keydown", nudge);
    marker.on("drag", () => write(marker.getLatLng()));
    map.on("click", ({ latlng }) => write(latlng));
    inputs.forEach((input) => input.addEventListener("change", follow));
    if (typed()) map.setView(typed(), 14, { animate: false });
  });
})();
