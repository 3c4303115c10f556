import { callProgram } from './commands/program.ts';
import { createTerminal } from './commands/terminal.ts';

const EXIT_INTERRUPTED = 1;

// Whoever reads our lines may have read enough, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});
process.exitCode = await callProgram(process.argv.slice(2), {
  terminal: createTerminal(process.stdout, process.env),
  complain: (text) => void process.stderr.write(text),
  signals,
});

/**
 * SIGTERM and SIGINT stop, a second one ends the process at once. SIGHUP asks for the configuration to be read again; at a terminal it tells
 * that this is gone, and ends the process as ever.
 */
function signals() {
  const controller = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
      controller.abort();
    });
  }
  let hangUp = (): void => undefined;
  if (!process.stderr.isTTY) process.on('SIGHUP', () => hangUp());
  return { stop: controller.signal, onHangUp: (listener: () => void) => void (hangUp = listener) };
}
