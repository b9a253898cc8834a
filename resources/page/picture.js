// Fit a table to the pixels it has: of every block the number farthest from the middle stays.

/** Return a picture of `table`: at most `rows` units down by `columns` steps across. */
function pool(table, columns, rows, rest) {
  const across = Math.min(table.steps, columns);
  const down = Math.min(table.width, rows);
  const values = new Float64Array(across * down).fill(rest);
  const isSeen = new Uint8Array(across * down);
  const rowOf = Int32Array.from({ length: table.width }, (_, unit) => blockOf(unit, table.width, down));
  let largest = 0;
  let odd = 0;
  for (let step = 0; step < table.steps; step++) {
    const column = blockOf(step, table.steps, across);
    let unit = 0;
    for (const part of table.parts) {
      const start = part.start(step);
      for (let i = 0; i < part.width; i++, unit++) {
        const value = part.data[start + i];
        const place = rowOf[unit] * across + column;
        if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
        else odd++;
        const old = values[place];
        if (!isSeen[place] || Number.isNaN(value) || Math.abs(value - rest) > Math.abs(old - rest)) {
          if (isSeen[place] && Number.isNaN(old)) continue;
          values[place] = value;
          isSeen[place] = 1;
        }
      }
    }
  }
  return { values, across, down, largest, odd, steps: table.steps, units: table.width };
}

/** Return which of `count` blocks of `size` numbers holds `i`. */
const blockOf = (i, size, count) => Math.floor(((i + 1) * count - 1) / size);

const spanOf = (block, size, count) => [
  Math.floor((block * size) / count),
  Math.floor(((block + 1) * size) / count) - 1,
];

/** Return what a pixel stands for; empty where it is one number. */
function pooledInWords(picture, rest) {
  const parts = [];
  if (picture.across < picture.steps) parts.push(`${rounded(picture.steps / picture.across)} steps`);
  if (picture.down < picture.units) parts.push(`${rounded(picture.units / picture.down)} units`);
  if (!parts.length) return '';
  return `pixel = extreme of ${parts.join(' × ')}${rest ? `, farthest from ${rest}` : ''}`;
}

const rounded = (count) => (count >= 10 ? count.toFixed(0) : String(Number(count.toFixed(1))));

/** Return what the pixel at a place shows among others; empty where it has one of its own. */
function pixelInWords(picture, step, unit) {
  if (step >= picture.steps) return '';
  const column = blockOf(step, picture.steps, picture.across);
  const row = blockOf(unit, picture.units, picture.down);
  const spans = [
    ['t', spanOf(column, picture.steps, picture.across)],
    ['unit', spanOf(row, picture.units, picture.down)],
  ].filter(([, [low, high]]) => high > low);
  if (!spans.length) return '';
  const value = Number(picture.values[row * picture.across + column].toPrecision(6));
  const named = spans.map(([name, [low, high]]) => `${name} ${low} to ${high}`).join(', ');
  return `its pixel shows ${value}, the extreme of ${named}`;
}

/** Draw `picture` on a canvas of `total` steps, of which it may be the first ones. */
function paint(canvas, picture, scale, colors, total) {
  const context = canvas.getContext('2d');
  context.clearRect(0, 0, canvas.width, canvas.height);
  const image = new ImageData(picture.across, picture.down);
  for (let i = 0; i < picture.values.length; i++) {
    const row = 4 * scale.color(picture.values[i]);
    image.data.set(colors.subarray(row, row + 4), 4 * i);
  }
  const small = document.createElement('canvas');
  small.width = picture.across;
  small.height = picture.down;
  small.getContext('2d').putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, (canvas.width * picture.steps) / total, canvas.height);
}

/** Draw the units at one step as bars from the scale's middle. */
function paintBars(canvas, table, step, scale, colors, line) {
  const context = canvas.getContext('2d');
  const { width, height } = canvas;
  context.clearRect(0, 0, width, height);
  const zero = width * scale.share(scale.low < 0 ? 0 : scale.low);
  const thick = height / table.width;
  for (let unit = 0; unit < table.width && step < table.steps; unit++) {
    const value = numberAt(table, step, unit);
    const row = 4 * scale.color(value);
    context.fillStyle = `rgb(${colors[row]} ${colors[row + 1]} ${colors[row + 2]})`;
    const end = Number.isNaN(value) ? zero : width * scale.share(value);
    const gap = thick >= 4 ? 1 : 0;
    context.fillRect(Math.min(zero, end), unit * thick, Math.max(1, Math.abs(end - zero)), thick - gap);
  }
  context.fillStyle = line;
  context.fillRect(Math.min(width - 1, Math.max(0, Math.round(zero))), 0, 1, height);
}
