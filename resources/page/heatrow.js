// One quantity over time: its name and scale, a heatmap, and the units at the current step.

class HeatRow {
  /**
   * @param spec what the row shows, as the page's facts have it
   * @param asks what the row asks for: point(tensor, step, unit) or point(null), pick, press
   */
  constructor(spec, asks) {
    this.spec = spec;
    this.asks = asks;
    this.scaleBar = element('div', 'gradient');
    this.scaleEnds = element('div', 'ticks');
    this.note = element('p', 'note');
    this.canvas = element('canvas');
    this.absent = element('div', 'absent');
    this.split = element('div', 'split');
    this.cursor = element('div', 'cursor');
    this.spot = element('div', 'spot');
    this.bars = element('canvas', 'bars');
    this.ends = element('div', 'ends');
    this.map = element('div', 'map', this.canvas, this.absent, this.split, this.cursor, this.spot);
    this.root = this.arranged();
    this.listen();
    new ResizeObserver(() => this.paint()).observe(this.map);
  }

  arranged() {
    const { title, axes, meaning } = this.spec;
    const scale = element('div', 'scale', this.scaleBar, this.scaleEnds);
    const words = element('div', 'words', element('h3', '', title), axesOf(axes), element('p', 'note', meaning), this.note);
    this.map.tabIndex = 0;
    this.map.setAttribute('role', 'application');
    this.map.setAttribute('aria-roledescription', 'heatmap');
    this.map.dataset.tensor = this.spec.tensor;
    this.bars.setAttribute('aria-hidden', 'true');
    return element('div', 'row', element('div', 'label', words, scale), this.ends, this.map, this.bars);
  }

  listen() {
    const { tensor } = this.spec;
    this.map.addEventListener('pointermove', (event) => this.asks.point(tensor, ...this.cellAt(event)));
    this.map.addEventListener('pointerleave', () => this.asks.point(null));
    this.map.addEventListener('pointerdown', (event) => {
      if (event.button === 0) this.asks.pick(tensor, ...this.cellAt(event));
    });
    this.map.addEventListener('keydown', (event) => this.asks.press(tensor, event));
    this.map.addEventListener('focus', () => {
      if (this.map.matches(':focus-visible')) this.asks.choose(tensor);
    });
  }

  /** Return the step and the unit below a pointer. */
  cellAt(event) {
    const box = this.canvas.getBoundingClientRect();
    const inside = (share, count) => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
    return [
      inside((event.clientX - box.left) / box.width, this.call.steps),
      inside((event.clientY - box.top) / box.height, this.table.width),
    ];
  }

  show(call, view) {
    this.call = call;
    this.view = view;
    this.table = tableOf(call, view, this.spec.tensor);
    const { steps, width } = this.table;
    this.root.style.setProperty('--units', width);
    this.map.setAttribute(
      'aria-label',
      `${this.spec.title}, ${this.spec.meaning}: ${call.steps} steps across, ${width} units down`,
    );
    this.absent.hidden = steps === call.steps;
    this.absent.style.left = `${(100 * steps) / call.steps}%`;
    this.absent.title = 'past the end of this sequence, not computed';
    this.split.hidden = !(this.spec.tensor === 'output' && call.directions > 1);
    const last = element('span', '', String(width - 1));
    this.ends.replaceChildren(element('span', '', '0'), ...(width > 1 ? [last] : []));
    this.paint();
    this.showStep(view.step);
  }

  paint() {
    if (!this.call || !this.map.clientWidth) return;
    const ratio = window.devicePixelRatio || 1;
    const columns = Math.max(1, Math.round(this.map.clientWidth * ratio));
    const rows = Math.max(1, Math.round(this.map.clientHeight * ratio));
    fit(this.canvas, columns, rows);
    fit(this.bars, Math.max(1, Math.round(this.bars.clientWidth * ratio)), rows);
    const { kind, fixed } = this.spec;
    const here = Math.round((columns * this.table.steps) / this.call.steps);
    const rest = kind === 'share' ? 0.5 : 0;
    this.picture = pool(this.table, Math.max(1, here), rows, rest);
    this.scale = scaleOf(kind, fixed ?? this.picture.largest);
    this.colors = colorsOf(themeNow(), this.scale.ramp);
    this.line = getComputedStyle(this.map).getPropertyValue('--muted');
    paint(this.canvas, this.picture, this.scale, this.colors, this.call.steps);
    this.showScale();
    this.paintBars();
  }

  showScale() {
    this.scaleBar.style.backgroundImage = gradientOf(themeNow(), this.scale.ramp);
    this.scaleEnds.replaceChildren(...this.scale.ticks.map((tick) => element('span', '', tick)));
    const odd = this.picture.odd;
    const parts = [pooledInWords(this.picture, this.scale.rest)].filter(Boolean);
    this.note.replaceChildren(parts.join(''));
    if (odd) this.note.append(parts.length ? '; ' : '', element('span', 'swatch'), ` ${odd} not finite`);
  }

  showStep(step) {
    this.step = step;
    this.cursor.style.left = `${(100 * step) / this.call.steps}%`;
    this.cursor.style.width = `${100 / this.call.steps}%`;
    this.paintBars();
  }

  paintBars() {
    if (!this.scale) return;
    paintBars(this.bars, this.table, this.step, this.scale, this.colors, this.line);
  }

  /** Outline the cell of `place`, where this row shows it. */
  showSpot(place) {
    const isHere = place?.tensor === this.spec.tensor;
    this.spot.hidden = !isHere;
    if (!isHere) return;
    this.spot.style.left = `${(100 * place.step) / this.call.steps}%`;
    this.spot.style.width = `${100 / this.call.steps}%`;
    this.spot.style.top = `${(100 * place.unit) / this.table.width}%`;
    this.spot.style.height = `${100 / this.table.width}%`;
  }
}

function fit(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}
