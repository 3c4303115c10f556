import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { Stage } from './stage.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** Their lines are more than what the system holds between two processes. */
const MANY = 600;

it('a log that nobody reads keeps no request from being decided', async () => {
  await using stage = await Stage.open({ start: false });
  const ids = Array.from({ length: MANY }, () => stage.request('sre-1'));
  const service = spawn(process.execPath, [MAIN, 'run', '--config', stage.configFile], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    const approved = () => ids.filter((id) => stage.state(id) === 'APPROVED').length;
    await expect.poll(approved, { timeout: 60_000, interval: 100 }).toBe(MANY);
  } finally {
    service.kill('SIGKILL');
    await once(service, 'exit');
  }
}, 90_000);
