/* The fleet on a drawing by stations/maps/drawing.py: vehicles, requests, gates. Runs after map-pins.js.
   The page tells it of news by the events fleet:look (everything again) and fleet:positions (some vehicles). Without
   an address it asks for nothing: it says fleet:ready and draws what fleet:whole brings. */
(() => {
  "use strict";
  const { frame, getJson, ask, lazy, paint, isDrawing, centred, make } = pinMap;
  const TURN = Math.PI / 180;

  /* A disc with a glyph, and a nose where it heads. */
  const Disc = L.CircleMarker.extend({
    _updatePath() {
      if (!isDrawing(this)) return;
      const pen = this._renderer._ctx;
      const { fill, text, heading } = this.options;
      const { x, y } = this._point;
      Object.assign(pen, centred, { fillStyle: fill, strokeStyle: paint.card, lineWidth: 2 });
      if (heading !== null && heading !== undefined) {
        const at = (heading - 90) * TURN;
        const tip = (angle, far) => [x + far * Math.cos(angle), y + far * Math.sin(angle)];
        pen.beginPath();
        pen.moveTo(...tip(at, this._radius + 7));
        pen.lineTo(...tip(at + 0.7, this._radius));
        pen.lineTo(...tip(at - 0.7, this._radius));
        pen.closePath();
        pen.fill();
      }
      pen.beginPath();
      pen.arc(x, y, this._radius, 0, 2 * Math.PI);
      pen.fill();
      pen.stroke();
      Object.assign(pen, { fillStyle: paint.card, font: `600 11px ${paint.font}` });
      pen.fillText(text, x, y + 0.5);
    },
  });

  function fleet({ url, states, words }) {
    return lazy(async (group, map) => {
      const renderer = L.canvas({ padding: 0.15 });
      const known = new Map(); // code -> marker
      const gates = L.layerGroup();
      const requests = L.layerGroup().addTo(group);
      const byId = new Map(); // id -> marker, as the stream names vehicles
      let askedAt = Date.now();
      let isWgs84 = true;
      const stateOf = (code) => states.find((state) => state.code === code) ?? states[0];
      const age = (seconds) => (seconds < 100 ? words.seconds.replace("{n}", seconds) : words.minutes.replace("{n}", Math.round(seconds / 60)));

      function card(row) {
        const [code, , , , state, seconds, plate] = row;
        const box = make("div", "map-card");
        box.append(make("strong", "map-card-name", `${code} ${plate}`));
        const { glyph, word, tone } = stateOf(state);
        box.append(make("span", `map-card-state map-tone-${tone}`, `${glyph} ${word}`));
        if (seconds !== null) {
          const old = seconds + Math.round((Date.now() - askedAt) / 1000);
          box.append(make("span", "map-card-note", words.ago.replace("{age}", age(old))));
        }
        return box;
      }

      function put(row) {
        const [code, lon, lat, heading, state, , , id] = row;
        const { glyph, tone } = stateOf(state);
        const look = { fill: paint[tone], text: glyph, heading };
        const marker = known.get(code);
        if (marker) {
          Object.assign(marker.options, look);
          marker.row = row;
          return marker.setLatLng([lat, lon]).redraw();
        }
        const made = new Disc([lat, lon], { renderer, radius: 8, ...look });
        made.row = row;
        made.on("click", () => L.popup().setLatLng(made.getLatLng()).setContent(card(made.row)).openOn(map));
        known.set(code, made.addTo(group));
        byId.set(id, made);
      }

      function putRequest([id, lon, lat, band, text]) {
        const face = make("a", `fleet-call fleet-call--${band}`, "!");
        face.href = `?request=${id}`;
        face.dataset.request = id;
        const icon = L.divIcon({ className: "pin", html: face, iconSize: [44, 44], iconAnchor: [22, 22] });
        L.marker([lat, lon], { icon, title: text, alt: text, zIndexOffset: 1000 }).addTo(requests);
      }

      function putGate([name, lon, lat, minutes]) {
        const said = minutes === null ? words.unreached : words.reached.replace("{n}", minutes);
        const look = { fill: minutes === null ? paint.danger : paint.brand, text: minutes === null ? "×" : `${minutes}`, heading: null };
        const box = make("div", "map-card");
        box.append(make("strong", "map-card-name", name), make("span", "map-card-note", said));
        const dot = new Disc([lat, lon], { renderer, radius: 10, ...look }).addTo(gates);
        dot.on("click", () => L.popup().setLatLng([lat, lon]).setContent(box).openOn(map));
      }

      function draw(whole) {
        if (!whole) return;
        askedAt = Date.now();
        isWgs84 = whole.is_wgs84;
        const seen = new Set(whole.vehicles.map(([code]) => code));
        for (const [code, marker] of known) if (!seen.has(code)) { marker.remove(); known.delete(code); }
        whole.vehicles.forEach(put);
        requests.clearLayers();
        whole.requests.forEach(putRequest);
        gates.clearLayers();
        whole.gates.forEach(putGate);
      }

      function drawFirst(whole) {
        draw(whole);
        if (whole?.vehicles.length) map.fitBounds(whole.vehicles.map(([, lon, lat]) => [lat, lon]), { padding: [20, 20], maxZoom: 13 });
      }

      if (!url) { // a page that says itself what is to be seen
        let show = drawFirst;
        document.addEventListener("fleet:whole", ({ detail }) => { show(detail); show = draw; });
        map.on("restyle", () => known.forEach(({ row }) => put(row)));
        document.dispatchEvent(new Event("fleet:ready"));
        return;
      }
      drawFirst(await ask(url));
      const toggle = Object.assign(make("button", "button fleet-cover", words.gates), { type: "button" });
      toggle.setAttribute("aria-pressed", "false");
      toggle.addEventListener("click", () => {
        const isOn = !map.hasLayer(gates);
        toggle.setAttribute("aria-pressed", String(isOn));
        if (isOn) gates.addTo(map); else gates.remove();
      });
      frame.after(toggle);
      let turn = null;
      document.addEventListener("fleet:look", async () => {
        turn?.abort();
        turn = new AbortController();
        draw(await getJson(url, turn.signal));
      });
      document.addEventListener("fleet:positions", ({ detail }) => {
        for (const [id, lat, lon, heading, fixedAt, receivedAt] of isWgs84 ? detail : []) {
          const marker = byId.get(id);
          if (!marker) continue;
          const [code, , , , state, , plate] = marker.row;
          const old = Math.max(Math.round((receivedAt - fixedAt) / 1000), 0) - Math.round((Date.now() - askedAt) / 1000);
          put([code, lon, lat, heading, state === "posted" || state === "stale" ? "standby" : state, old, plate, id]);
        }
      });
      map.on("restyle", () => known.forEach(({ row }) => put(row)));
    });
  }

  pinMap.fleet = fleet;
})();
