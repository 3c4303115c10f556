import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Terminal } from './terminal.ts';

const SCRIPT = fileURLToPath(new URL('../../test/demo/main.ts', import.meta.url));

/** `demo`: plays the reference story against simulated Teleport and PagerDuty, which come with the source only. Gives its exit code. */
export async function demo(options: { readonly json: boolean }, terminal: Terminal): Promise<number> {
  if (!existsSync(SCRIPT)) {
    terminal.print('the demo needs the source: get it, then `npm ci && npm run demo`');
    return 1;
  }
  const child = spawn(process.execPath, [SCRIPT, ...(options.json ? ['--json'] : [])], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
