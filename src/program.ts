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
  stopSignal,
});

/** Aborts at the first SIGTERM or SIGINT; a second one ends the process at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
      controller.abort();
    });
  }
  return controller.signal;
}
