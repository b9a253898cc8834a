// Small parts of the page, and how they are found.

const byId = (id) => document.getElementById(id);

/** What the page was made with: its calls and its colours. */
const run = JSON.parse(byId('run').textContent);

/** Return a new element of a class with text or elements in it. */
function element(name, kind = '', ...inside) {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  made.append(...inside);
  return made;
}

/** Return axis symbols with commas between, each in its colour. */
function axesOf(axes) {
  const line = element('p', 'axes');
  axes.forEach(([symbol, kind], place) => {
    if (place) line.append(', ');
    line.append(element('span', kind, symbol));
  });
  return line;
}

/** Return steps that are worth a number on an axis `width` pixels wide. */
function ticksOf(steps, width) {
  const widest = 22 + 8 * String(steps).length;
  const least = (steps * widest) / Math.max(width, 1);
  // 1, 2, 5, 10, 20, 50 and so on.
  let apart = 1;
  for (let round = 0; apart < least; round++) apart *= [2, 2.5, 2][round % 3];
  const found = [];
  for (let step = 0; step < steps; step += apart) found.push(step);
  return found;
}

/** Number the steps below the plots of a group. */
class TimeAxis {
  constructor() {
    this.strip = element('div', 'strip');
    const label = element('div', 'label', element('p', 'axes', element('span', 'time', 't')));
    this.root = element('div', 'row axis', label, element('div', 'ends'), this.strip, element('div'));
    this.root.setAttribute('aria-hidden', 'true');
    new ResizeObserver(() => this.show(this.steps)).observe(this.strip);
  }

  show(steps) {
    this.steps = steps;
    if (!steps) return;
    const ticks = ticksOf(steps, this.strip.clientWidth).map((step) => {
      const tick = element('span', '', String(step));
      tick.style.left = `${(100 * (step + 0.5)) / steps}%`;
      return tick;
    });
    this.strip.replaceChildren(...ticks);
  }
}
