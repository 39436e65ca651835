/* What a drawing by stations/maps/drawing.py calls in the browser first: the map's manners and the base.
   Runs after Leaflet 1.9, whose canvas it draws on. */
(() => {
  "use strict";
  const { frame, calm, ask } = pinMap;
  const paint = {}; // colours of the present scheme, and the font

  /* The map as a whole */

  function options(given) {
    const still = { zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false };
    return { ...given, ...(calm && still), zoomControl: false, scrollWheelZoom: false, maxZoom: 18 };
  }

  function mix() {
    const style = getComputedStyle(frame);
    const names = "land edge stop label halo card brand ok caution danger unknown".split(" ");
    for (const name of names) paint[name] = style.getPropertyValue(`--map-${name}`).trim();
    paint.font = style.fontFamily;
  }

  function dress(map, { words, credits }) {
    pinMap.words = words;
    mix();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      mix();
      map.fire("restyle");
    });
    map.attributionControl.setPrefix(false);
    credits.forEach((credit) => map.attributionControl.addAttribution(credit));
    L.control.zoom({ zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    // The wheel scrolls the page until the reader has taken hold of the map.
    map.on("focus", () => map.scrollWheelZoom.enable()).on("blur", () => map.scrollWheelZoom.disable());
    map.on("popupopen", ({ popup }) => {
      popup.getElement().querySelector(".leaflet-popup-close-button").setAttribute("aria-label", words.close);
    });
    frame.addEventListener("keydown", ({ key }) => key === "Escape" && map.closePopup());
    new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(frame);
  }

  /* A layer that fills itself once it is on the map. */
  function lazy(fill) {
    const group = L.layerGroup();
    return group.once("add", () => fill(group, group._map));
  }

  const painted = () => new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
  const isDrawing = (path) => path._renderer._drawing && !path._empty();
  const centred = { globalAlpha: 1, textAlign: "center", textBaseline: "middle", lineJoin: "round" };

  /* A name with a halo. */
  const Name = L.CircleMarker.extend({
    _updateBounds() {
      const half = L.point(this.options.half);
      this._pxBounds = L.bounds(this._point.subtract(half), this._point.add(half));
    },
    _updatePath() {
      if (!isDrawing(this)) return;
      const pen = this._renderer._ctx;
      const { text, font, drop } = this.options;
      const { x, y } = this._point;
      Object.assign(pen, centred, { font, fillStyle: paint.label, strokeStyle: paint.halo, lineWidth: 3 });
      pen.strokeText(text, x, y + drop);
      pen.fillText(text, x, y + drop);
    },
  });

  /* The base: districts, metro lines and stops */

  const STOPS_FROM = 12;
  const STOP_NAMES_FROM = 13;

  /* [x, y, dx, dy, ...] in 1/10,000 degree -> [[lat, lon], ...] */
  function unpack(steps) {
    const path = [];
    for (let i = 0, x = 0, y = 0; i < steps.length; i += 2) {
      x += steps[i];
      y += steps[i + 1];
      path.push([y / 1e4, x / 1e4]);
    }
    return path;
  }

  function layGround(group, { districts, lines }, overTiles, quiet) {
    const land = { ...quiet, color: paint.edge, weight: 1.2, fill: !overTiles, fillColor: paint.land, fillOpacity: 1 };
    group.clearLayers();
    for (const { rings } of districts) L.polygon(rings.map((ring) => [unpack(ring)]), land).addTo(group);
    if (overTiles) return;
    for (const { colour, paths } of lines) {
      L.polyline(paths.map(unpack), { ...quiet, color: colour, weight: 2.5, opacity: 0.55 }).addTo(group);
    }
  }

  function layStops(group, map, stops, quiet) {
    const radius = map.getZoom() < STOP_NAMES_FROM ? 2 : 3;
    const look = { ...quiet, radius, color: paint.stop, weight: 1.2, fillColor: paint.card, fillOpacity: 1 };
    for (const { at } of stops) L.circleMarker(at, look).addTo(group);
  }

  /* Names that fit, first come first served. */
  function layNames(group, map, places, { size, weight, drop }, taken, quiet) {
    for (const { at, text } of places) {
      const { x, y } = map.latLngToLayerPoint(at);
      const half = text.length * size * (text.charCodeAt(0) > 255 ? 0.52 : 0.3);
      const box = L.bounds([x - half, y + drop - size * 0.7], [x + half, y + drop + size * 0.7]);
      if (taken.some((other) => other.intersects(box))) continue;
      taken.push(box);
      const font = `${weight} ${size}px ${paint.font}`;
      new Name(at, { ...quiet, text, drop, font, half: [half + 4, drop + size + 4] }).addTo(group);
    }
  }

  function base({ url, overTiles }) {
    return lazy(async (group, map) => {
      const ground = await ask(url);
      if (!ground) return;
      await painted(); // pins first: the ground may come a frame later
      const renderer = L.canvas({ pane: map.createPane("base"), padding: 0.3 });
      map.getPane("base").classList.add("map-base");
      const quiet = { renderer, pane: "base", interactive: false };
      const above = L.layerGroup().addTo(map);
      const districts = ground.districts.map(({ name, label }) => ({ text: name, at: L.latLng(unpack(label)[0]) }));
      const stops = unpack(ground.stops.steps).map((at, i) => ({ text: ground.stops.names[i], at: L.latLng(at) }));
      const name = () => {
        above.clearLayers();
        const zoom = map.getZoom();
        const view = map.getBounds().pad(0.3);
        const inView = ({ at }) => view.contains(at);
        const near = zoom < STOPS_FROM ? [] : stops.filter(inView);
        const taken = [];
        layStops(above, map, near, quiet);
        if (zoom >= 9 && zoom <= STOP_NAMES_FROM) {
          layNames(above, map, districts.filter(inView), { size: 13, weight: 500, drop: 0 }, taken, quiet);
        }
        if (zoom >= STOP_NAMES_FROM) layNames(above, map, near, { size: 11, weight: 400, drop: 12 }, taken, quiet);
      };
      const lay = () => {
        layGround(group, ground, overTiles, quiet);
        if (!overTiles) name();
      };
      if (!overTiles) map.on("moveend", name);
      map.on("restyle", lay);
      lay();
    });
  }

  Object.assign(pinMap, { options, dress, base, lazy, paint, isDrawing, centred });
})();
