import { Presets, SingleBar } from 'cli-progress';

export interface Progress extends Disposable {
  readonly at: (done: number) => void;
}

const QUIET: Progress = { at: () => undefined, [Symbol.dispose]: () => undefined };

/** A bar on standard error, where that is a terminal and there is enough to wait for; nothing otherwise. */
export function progressBar(total: number, unit: string): Progress {
  if (!process.stderr.isTTY || total < 10_000) return QUIET;
  const bar = new SingleBar(
    {
      format: `{bar} {percentage} %  {value} of {total} ${unit}  {eta_formatted} left`,
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: true,
    },
    Presets.rect,
  );
  bar.start(total, 0);
  return { at: (done) => bar.update(done), [Symbol.dispose]: () => bar.stop() };
}
