// The page: what is shown, and what the reader's acts change in it.

const STEPS_PER_SECOND = 12;

class Page {
  constructor() {
    this.rows = [];
    this.pointed = null;
    this.timer = 0;
    this.views = run.calls.map(({ view }) => ({ ...view }));
    this.chosen = { tensor: 'output', unit: 0 };
    document.documentElement.classList.add('scripted');
    this.fillCalls();
    this.showCall(0);
    listen(this);
    listenToTheme(() => this.rows.forEach((row) => row.paint()));
    for (const part of ['choices', 'cell', 'dock', 'theme']) byId(part).hidden = false;
  }

  get view() {
    return this.views[this.place];
  }

  // What is there -----------------------------------------------------------------------------

  fillCalls() {
    byId('choose-call').hidden = run.calls.length < 2;
    byId('call').replaceChildren(...run.calls.map(({ name }, i) => new Option(name, i)));
  }

  showCall(place) {
    this.place = place;
    this.call = run.calls[place];
    for (const part of document.querySelectorAll('[data-call]')) {
      part.hidden = Number(part.dataset.call) !== place;
    }
    const { call, view } = this;
    const options = (names, chosen) => names.map((name, i) => new Option(name, i, false, i === chosen));
    const layers = Array.from({ length: call.layers }, (_, i) => String(i));
    byId('layer').replaceChildren(...options(layers, view.layer));
    byId('direction').replaceChildren(...options(['forward', 'reverse'].slice(0, call.directions), view.direction));
    byId('choose-item').hidden = !call.batched;
    byId('item').max = call.items - 1;
    byId('unit').max = call.hiddenSize - 1;
    byId('step').max = call.steps - 1;
    this.chosen = { tensor: view.layer === call.layers - 1 ? 'output' : 'hidden', unit: 0 };
    this.build();
    this.look({});
  }

  build() {
    const asks = {
      point: (tensor, step, unit) => this.point(tensor, step, unit),
      pick: (tensor, step, unit) => this.pick(tensor, step, unit),
      press: (tensor, event) => this.press(tensor, event),
      choose: (tensor) => this.choose(tensor),
      go: (step) => this.go(step),
    };
    this.curves = new Curves(asks);
    this.rows = [];
    this.axes = [];
    const groups = ['states', 'gates'].map((group) => this.buildGroup(group, asks));
    byId('plots').replaceChildren(...groups.filter(Boolean));
  }

  buildGroup(group, asks) {
    const rows = this.call.rows.filter((row) => row.group === group).map((row) => new HeatRow(row, asks));
    if (!rows.length) return null;
    this.rows.push(...rows);
    const axis = new TimeAxis();
    this.axes.push(axis);
    const title = element('h2', '', group === 'states' ? 'Time steps' : 'Gates');
    const more = group === 'states' ? [this.curves.root] : [];
    return element('section', `card group ${group}`, title, ...rows.map((row) => row.root), ...more, axis.root);
  }

  // Show --------------------------------------------------------------------------------------

  show() {
    const { call, view } = this;
    byId('layer').value = view.layer;
    byId('direction').value = view.direction;
    byId('item').value = view.item;
    for (const row of this.rows) row.show(call, view);
    for (const axis of this.axes) axis.show(call.steps);
    this.showUnit();
    this.showStep();
  }

  showUnit() {
    byId('unit').value = this.view.unit;
    this.curves.show(this.call, this.view);
  }

  showStep() {
    const { step } = this.view;
    byId('step').value = step;
    byId('step').setAttribute('aria-valuetext', `step ${step} of 0 to ${this.call.steps - 1}`);
    byId('now').textContent = `t = ${step} of 0…${this.call.steps - 1}`;
    for (const row of this.rows) row.showStep(step);
    this.curves.showStep(step);
    showCell(this.call, this.view);
    this.showPlace();
  }

  /** Show the number that is pointed at, else the chosen one; return it in words. */
  showPlace() {
    const { call, view, chosen } = this;
    const place = this.pointed ?? placeOf(call, view, chosen.tensor, view.step, chosen.unit);
    for (const row of this.rows) row.showSpot(place);
    const picture = this.rows.find(({ spec }) => spec.tensor === place.tensor)?.picture;
    const pixel = picture && this.pointed ? pixelInWords(picture, place.step, place.unit) : '';
    return showReadout(call, place, pixel);
  }

  // Acts --------------------------------------------------------------------------------------

  go(step) {
    this.view.step = Math.min(this.call.steps - 1, Math.max(0, step));
    this.showStep();
  }

  /** Go to a step and have a screen reader say what is there. */
  goAndTell(step) {
    this.pointed = null;
    this.go(step);
    byId('spoken').textContent = this.showPlace();
  }

  look(change) {
    Object.assign(this.view, change);
    this.pointed = null;
    const { call, view, chosen } = this;
    view.item = Math.min(call.items - 1, Math.max(0, view.item || 0));
    view.unit = Math.min(call.hiddenSize - 1, Math.max(0, view.unit || 0));
    if (chosen.tensor === 'output') {
      // The number of the output that this cell gives, where its layer is the last.
      if (view.layer !== call.layers - 1) chosen.tensor = 'hidden';
      else chosen.unit = view.direction * call.outputSize + Math.min(view.unit, call.outputSize - 1);
    }
    if (chosen.tensor !== 'output' && chosen.tensor !== 'input') {
      chosen.unit = Math.min(view.unit, widthOf(call, chosen.tensor) - 1);
    }
    this.show();
  }

  point(tensor, step, unit) {
    this.pointed = tensor && placeOf(this.call, this.view, tensor, step, unit);
    this.showPlace();
  }

  /** Go to a number: its step, and the cell that computes it. No cell computes an input. */
  pick(tensor, step, unit) {
    const { call, view } = this;
    this.chosen = { tensor, unit };
    const before = [view.layer, view.direction].join();
    view.step = step;
    if (tensor === 'output') {
      view.layer = call.layers - 1;
      view.direction = Math.floor(unit / call.outputSize);
      view.unit = unit % call.outputSize;
    } else if (tensor !== 'input') view.unit = unit;
    if (before !== [view.layer, view.direction].join()) {
      this.show();
      return;
    }
    this.showUnit();
    this.showStep();
  }

  choose(tensor) {
    const { call, view } = this;
    if (this.chosen.tensor === tensor) return;
    const joined = tensor === 'output' ? view.direction * call.outputSize : 0;
    const unit = Math.min(joined + view.unit, widthOf(call, tensor) - 1);
    this.chosen = { tensor, unit };
    this.pointed = null;
    byId('spoken').textContent = this.showPlace();
  }

  press(tensor, event) {
    const down = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!down || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.choose(tensor);
    this.pointed = null;
    const units = widthOf(this.call, tensor);
    const unit = Math.min(units - 1, Math.max(0, this.chosen.unit + down * (event.shiftKey ? 10 : 1)));
    this.pick(tensor, this.view.step, unit);
    byId('spoken').textContent = this.showPlace();
  }

  play(isOn) {
    clearInterval(this.timer);
    this.timer = 0;
    const button = byId('play');
    button.classList.toggle('playing', isOn);
    button.setAttribute('aria-label', isOn ? 'Pause' : 'Play');
    if (!isOn) return;
    const last = this.call.steps - 1;
    if (this.view.step >= last) this.go(0);
    this.timer = setInterval(() => {
      if (this.view.step >= this.call.steps - 1) this.play(false);
      else this.go(this.view.step + 1);
    }, 1000 / STEPS_PER_SECOND);
  }
}

new Page();
