export interface Progress extends Disposable {
  readonly at: (done: number) => void;
}

/** So much changes between two writes that it is worth one; nobody reads faster. */
const EVERY_MS = 200;
const WHOLE_LINE = '\r\u001b[K';

/** How far it is, as one line on standard error, where that is a terminal and there is enough to wait for; nothing otherwise. */
export function progressLine(total: number, unit: string): Progress {
  const isShown = process.stderr.isTTY && total >= 10_000;
  let written = performance.now();
  return {
    at(done) {
      if (!isShown || performance.now() - written < EVERY_MS) return;
      written = performance.now();
      const percent = Math.min(100, Math.floor((100 * done) / total));
      process.stderr.write(`${WHOLE_LINE}${percent} %  ${done} of ${total} ${unit}`);
    },
    [Symbol.dispose]() {
      if (isShown) process.stderr.write(WHOLE_LINE);
    },
  };
}
