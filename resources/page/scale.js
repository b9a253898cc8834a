// What colours mean in numbers: the rules of lstmviz/core/scenes/plots/scale.py.

const TOP = 252;
const NAN = 254;

function scaleOf(kind, largest) {
  const high = kind === 'share' ? 1 : largest || 1;
  const low = kind === 'signed' ? -high : 0;
  const number = Number(largest.toPrecision(2));
  const ticks = kind === 'share' ? ['0', '0.5', '1'] : [`−${number}`, '0', `+${number}`];
  return {
    low,
    high,
    rest: kind === 'share' ? 0.5 : 0,
    ramp: kind === 'signed' ? 'diverging' : 'sequential',
    ticks,
    share: (value) => Math.min(1, Math.max(0, (value - low) / (high - low))),
    color(value) {
      return Number.isNaN(value) ? NAN : Math.round(this.share(value) * TOP);
    },
  };
}

const colorTables = new Map();

/** Return a ramp's colours, 256 rows of red, green, blue, alpha. */
function colorsOf(theme, ramp) {
  const key = `${theme} ${ramp}`;
  if (!colorTables.has(key)) {
    const text = atob(run.colors[theme][ramp]);
    colorTables.set(key, Uint8ClampedArray.from(text, (letter) => letter.charCodeAt(0)));
  }
  return colorTables.get(key);
}

/** Return the ramp as a gradient from left to right. */
function gradientOf(theme, ramp) {
  const colors = colorsOf(theme, ramp);
  const stops = [];
  for (let i = 0; i <= TOP; i += TOP / 12) {
    stops.push(`rgb(${colors[4 * i]} ${colors[4 * i + 1]} ${colors[4 * i + 2]})`);
  }
  return `linear-gradient(90deg, ${stops.join(', ')})`;
}
