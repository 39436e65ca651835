/* The pins of a drawing by stations/maps/drawing.py: layers of many, and the selection that the page's list shows too.
   Runs after map-ground.js. Data goes into the page as text only, styles by class only (strict content policy). */
(() => {
  "use strict";
  const { frame, calm, getJson, ask, lazy, paint, isDrawing, centred } = pinMap;
  const CELL = 64; // pixels; the service that answers bbox= cuts its cells to the same width
  const RIM = 0.15; // how far beyond the view pins are drawn, in parts of its size
  const numbered = new Map(); // code -> marker of a pin of the selection

  /* A disc with a glyph or a count inside: state is never colour alone. */
  const Dot = L.CircleMarker.extend({
    _updatePath() {
      if (!isDrawing(this)) return;
      const pen = this._renderer._ctx;
      const { fill, edge, ink, text, size } = this.options;
      const { x, y } = this._point;
      Object.assign(pen, centred, { fillStyle: fill, strokeStyle: edge, lineWidth: 2 });
      pen.beginPath();
      pen.arc(x, y, this._radius, 0, 2 * Math.PI);
      pen.fill();
      pen.stroke();
      Object.assign(pen, { fillStyle: ink, font: `600 ${size}px ${paint.font}` });
      pen.fillText(text, x, y + 0.5);
    },
  });

  /* Pins: all of one kind, heaped in a grid of cells while they are dense */

  /* Rows and cells with their places in pixels of zoom 0, so that a zoom is one multiplication. */
  function spread({ rows, cells = [] }) {
    const points = new Float64Array(2 * (rows.length + cells.length));
    const put = (i, lon, lat) => {
      const sine = Math.sin((lat * Math.PI) / 180);
      points[2 * i] = 256 * (lon / 360 + 0.5);
      points[2 * i + 1] = 256 * (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI));
    };
    rows.forEach((row, i) => put(i, row[2], row[3]));
    cells.forEach((cell, i) => put(rows.length + i, cell[0], cell[1]));
    return { rows, cells, points };
  }

  /* What is in view and not numbered, by cell: [{x, y, count, members}], x and y summed pixels of this zoom. */
  function gather(map, { rows, cells, points }) {
    const scale = 2 ** map.getZoom();
    const { min, max } = map.getPixelBounds();
    const rim = max.subtract(min).multiplyBy(RIM);
    const heaps = new Map();
    for (let i = 0; i < points.length / 2; i++) {
      const x = points[2 * i] * scale;
      const y = points[2 * i + 1] * scale;
      if (x < min.x - rim.x || x > max.x + rim.x || y < min.y - rim.y || y > max.y + rim.y) continue;
      if (i < rows.length && numbered.has(rows[i][0])) continue;
      const key = Math.floor(x / CELL) * 2 ** 24 + Math.floor(y / CELL);
      let heap = heaps.get(key);
      if (!heap) heaps.set(key, (heap = { x: 0, y: 0, count: 0, members: [] }));
      const weight = i < rows.length ? 1 : cells[i - rows.length][2];
      heap.x += x * weight;
      heap.y += y * weight;
      heap.count += weight;
      if (i < rows.length) heap.members.push(rows[i]);
    }
    return [...heaps.values()];
  }

  /* The middle of a heap, kept so far from its cell's rim that discs of neighbours do not overlap. */
  function middle(sum, count, radius) {
    const at = sum / count;
    const corner = Math.floor(at / CELL) * CELL;
    return Math.min(Math.max(at, corner + radius), corner + CELL - radius);
  }

  function heapDot(map, renderer, { x, y, count }) {
    const zoom = map.getZoom();
    const radius = Math.min(13 + 2 * Math.log10(count), 22);
    const at = map.unproject([middle(x, count, radius + 3), middle(y, count, radius + 3)], zoom);
    const text = count < 10000 ? `${count}` : `${Math.round(count / 1000)}k`;
    const look = { fill: paint.card, edge: paint.brand, ink: paint.brand, text, size: 12 };
    const closer = () => map.setView(at, Math.min(zoom + 2, 17), { animate: !calm });
    return new Dot(at, { renderer, radius, ...look }).on("click", closer);
  }

  function pinDot(map, renderer, [code, name, lon, lat, place], { link, states }) {
    const state = states[place];
    const look = { fill: paint[state.tone], edge: paint.card, ink: paint.card, text: state.glyph, size: 11 };
    const url = link.replace("{code}", encodeURIComponent(code));
    const open = () => L.popup().setLatLng([lat, lon]).setContent(card({ code, name, url }, state)).openOn(map);
    return new Dot([lat, lon], { renderer, radius: 9, ...look }).on("click", open);
  }

  function pins(given) {
    return lazy(async (group, map) => {
      const whole = await ask(given.url);
      if (!whole) return;
      const byView = whole.total > 0 && !whole.rows.length;
      const renderer = L.canvas({ padding: RIM });
      let here = spread(whole);
      let turn = null;
      const draw = () => {
        group.clearLayers();
        const dense = map.getZoom() < 15;
        for (const heap of gather(map, here)) {
          const isHeap = heap.count > heap.members.length || (dense && heap.count > 1);
          if (isHeap) heapDot(map, renderer, heap).addTo(group);
          else for (const row of heap.members) pinDot(map, renderer, row, given).addTo(group);
        }
      };
      const move = async () => {
        if (!byView) return draw();
        turn?.abort();
        turn = new AbortController();
        const asking = new URL(given.url, location.href);
        asking.searchParams.set("bbox", map.getBounds().pad(RIM).toBBoxString());
        asking.searchParams.set("zoom", map.getZoom());
        const answer = await getJson(asking, turn.signal);
        if (!answer) return;
        here = spread(answer);
        draw();
      };
      map.on("moveend", move).on("restyle selected", draw);
      await move();
      requestAnimationFrame(() => performance.mark("map-ready"));
    });
  }

  /* The selection: the pins of the page's own list, its exam site and gates */

  function make(tag, className, text = "") {
    return Object.assign(document.createElement(tag), { className, textContent: text });
  }

  function card({ code, name, url, note }, state) {
    const box = make("div", "map-card");
    const title = make(url ? "a" : "strong", "map-card-name", name);
    if (url) title.href = url;
    box.append(title);
    if (state) box.append(make("span", `map-card-state map-tone-${state.tone}`, `${state.glyph} ${state.word}`));
    if (note) box.append(make("span", "map-card-note", note));
    if (code && document.getElementById(`station-${code}`)) {
      box.append(Object.assign(make("a", "map-card-list", pinMap.words.inList), { href: `#station-${code}` }));
    }
    return box;
  }

  const SIGNS = { site: "★", gate: "∩" };

  function sign({ geometry, properties: about }, states) {
    const [lon, lat] = geometry.coordinates;
    const state = states.find(({ code }) => code === about.state);
    const face = make("span", "pin-face", about.number ?? SIGNS[about.kind]);
    if (state) face.append(make("span", `pin-state map-tone-${state.tone}`, state.glyph));
    const foot = about.kind === "station" ? 42 : 22;
    const place = { iconSize: [44, 44], iconAnchor: [22, foot], popupAnchor: [0, 4 - foot] };
    const icon = L.divIcon({ className: `pin pin-${about.kind}`, html: face, ...place });
    // Where pins crowd, the nearer station lies on top.
    const layered = { riseOnHover: true, riseOffset: 10000, zIndexOffset: -100 * (about.number ?? 50) };
    const marker = L.marker([lat, lon], { icon, ...layered });
    const heard = [about.number, about.name, state?.word, about.note].filter(Boolean).join(", ");
    marker.on("add", () => marker.getElement().setAttribute("aria-label", heard));
    if (about.kind === "site") {
      const name = make("span", "map-site-name", about.name);
      marker.bindTooltip(name, { permanent: true, direction: "top", offset: [0, -16] });
    }
    return marker.bindPopup(() => card(about, state)).on("click keypress", () => point(about.code));
  }

  /* Marks the entry of the page's list that a pin belongs to, and shows it where the list stands beside the map. */
  function point(code) {
    document.querySelectorAll(".is-pointed").forEach((other) => other.classList.remove("is-pointed"));
    const entry = code && document.getElementById(`station-${code}`);
    if (!entry) return;
    entry.classList.add("is-pointed");
    const listed = entry.getBoundingClientRect();
    const drawn = frame.getBoundingClientRect();
    if (listed.right > drawn.left && listed.left < drawn.right) return;
    entry.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
  }

  function openWanted() {
    const marker = numbered.get(pinMap.wanted);
    if (!marker) return;
    pinMap.wanted = null;
    marker.openPopup();
    marker.getElement().focus({ preventScroll: true });
  }

  /* Pixels of the map's foot below the screen or under the red bar, where enough above them is seen to fit pins into. */
  function unseenFoot() {
    const { top, height } = frame.getBoundingClientRect();
    const seen = innerHeight - (document.querySelector(".red-bar")?.offsetHeight ?? 0) - top;
    return seen > 240 ? Math.max(0, height - seen) : 0;
  }

  function selection({ element, states }) {
    return lazy((group, map) => {
      const show = () => {
        const { features = [] } = JSON.parse(document.getElementById(element)?.textContent || "{}");
        group.clearLayers();
        numbered.clear();
        for (const feature of features) {
          const marker = sign(feature, states).addTo(group);
          if (feature.properties.kind === "station") numbered.set(feature.properties.code, marker);
        }
        const around = L.latLngBounds(group.getLayers().map((marker) => marker.getLatLng()));
        const rim = { paddingTopLeft: [36, 44], paddingBottomRight: [36, 32 + unseenFoot()] };
        if (around.isValid()) map.fitBounds(around, { maxZoom: 15, ...rim, animate: false });
        map.fire("selected");
        openWanted();
      };
      document.addEventListener("map-selection", show);
      show();
    });
  }

  Object.assign(pinMap, { pins, selection, openWanted, make });
})();
