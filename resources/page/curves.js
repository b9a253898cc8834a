// One unit over time: h solid, c dashed.

const SVG = 'http://www.w3.org/2000/svg';
const MOST_POINTS = 4000;

class Curves {
  constructor(asks) {
    this.asks = asks;
    this.words = element('div', 'words');
    this.ends = element('div', 'ends');
    this.svg = document.createElementNS(SVG, 'svg');
    this.svg.setAttribute('preserveAspectRatio', 'none');
    this.svg.setAttribute('aria-hidden', 'true');
    this.cursor = element('div', 'cursor');
    this.absent = element('div', 'absent');
    this.zero = element('div', 'zero');
    this.plot = element('div', 'curves', this.zero, this.svg, this.absent, this.cursor);
    this.plot.setAttribute('role', 'img');
    this.plot.addEventListener('pointerdown', (event) => {
      const box = this.plot.getBoundingClientRect();
      const share = (event.clientX - box.left) / box.width;
      this.asks.go(Math.floor(share * this.call.steps));
    });
    const label = element('div', 'label', this.words);
    this.root = element('div', 'row', label, this.ends, this.plot, element('div'));
  }

  show(call, view) {
    this.call = call;
    const shown = call.states.filter(({ name }) => view.unit < widthOf(call, name));
    const series = shown.map((state) => seriesOf(tableOf(call, view, state.name), view.unit));
    const largest = Math.max(...series.map(({ high }) => high), 0) || 1;
    this.svg.setAttribute('viewBox', `0 ${-largest} ${call.steps} ${2 * largest}`);
    this.svg.replaceChildren(
      ...series.map(({ points }, place) => pathOf(points, shown[place].symbol, largest)),
    );
    const number = Number(largest.toPrecision(2));
    const numbers = [`+${number}`, '0', `−${number}`].map((text) => element('span', '', text));
    this.ends.replaceChildren(...numbers);
    this.say(call, view, shown);
    const steps = stepsOf(call, view.item);
    this.absent.hidden = steps === call.steps;
    this.absent.style.left = `${(100 * steps) / call.steps}%`;
    this.showStep(view.step);
  }

  say(call, view, shown) {
    const lines = shown.map(({ symbol }) => element('span', `line of-${symbol}`, `${symbol}_t`));
    const pooled = stepsOf(call, view.item) > MOST_POINTS ? 'extremes of several steps each' : '';
    const title = element('h3', '', `unit ${view.unit}`);
    this.words.replaceChildren(title, element('p', 'lines', ...lines), element('p', 'note', pooled));
    this.plot.setAttribute('aria-label', `Unit ${view.unit} over time: ${shown.map(({ symbol }) => `${symbol}_t`).join(' and ')}`);
  }

  showStep(step) {
    this.cursor.style.left = `${(100 * step) / this.call.steps}%`;
    this.cursor.style.width = `${100 / this.call.steps}%`;
  }
}

/** Return a unit's points, no more than can be drawn: of several steps the least and the most. */
function seriesOf(table, unit) {
  const apart = Math.ceil((2 * table.steps) / MOST_POINTS);
  const points = [];
  let high = 0;
  for (let step = 0; step < table.steps; step++) {
    const value = numberAt(table, step, unit);
    if (Number.isFinite(value)) high = Math.max(high, Math.abs(value));
    points.push([step + 0.5, value]);
  }
  if (table.steps <= MOST_POINTS) return { points, high };
  const few = [];
  for (let step = 0; step < table.steps; step += apart) {
    const block = points.slice(step, step + apart);
    const [low, top] = block.reduce(
      ([least, most], point) => [point[1] < least[1] ? point : least, point[1] > most[1] ? point : most],
      [block[0], block[0]],
    );
    few.push(...[low, top].sort((a, b) => a[0] - b[0]));
  }
  return { points: few, high };
}

function pathOf(points, symbol, largest) {
  const path = document.createElementNS(SVG, 'path');
  let isDown = false;
  let lines = '';
  for (const [x, value] of points) {
    // What is not finite leaves a gap.
    if (!Number.isFinite(value)) isDown = false;
    else {
      lines += `${isDown ? 'L' : 'M'}${x} ${(-value * 0.94).toPrecision(7)}`;
      isDown = true;
    }
  }
  if (points.length === 1) lines += `h0.001`;
  path.setAttribute('d', lines);
  path.setAttribute('class', `of-${symbol}`);
  path.setAttribute('vector-effect', 'non-scaling-stroke');
  return path;
}
