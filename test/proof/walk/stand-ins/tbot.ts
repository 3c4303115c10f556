import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * Stands where tbot does, in its container: `start --config FILE`. Joins the simulated cluster at `SIMULATED_TELEPORT` by the token of the service
 * account, writes what tbot writes, is ready then, and renews on SIGUSR1.
 */
interface Settings {
  readonly onboarding: { readonly join_method: 'kubernetes'; readonly token: string };
  readonly diag_addr: string;
  readonly outputs: readonly { readonly type: 'identity'; readonly destination: { readonly path: string } }[];
}
// Beside the program, in whose image this runs.
const { parse } = createRequire('/app/dist/main.js')('yaml') as {
  readonly parse: (text: string) => Settings;
};

const [, , command, option, file = ''] = process.argv;
if (command !== 'start' || option !== '--config') throw new Error('start --config FILE');
const settings = parse(readFileSync(file, 'utf8'));
if (readFileSync(process.env['KUBERNETES_TOKEN_PATH'] ?? '', 'utf8') === '') throw new Error('no token');

async function renew(): Promise<void> {
  const url = `${process.env['SIMULATED_TELEPORT'] ?? ''}/users/bot-oncall-approver/identity`;
  const files = (await (await fetch(url, { method: 'POST' })).json()) as Record<string, string>;
  for (const { destination } of settings.outputs) {
    for (const [name, text] of Object.entries(files)) {
      const path = join(destination.path, name);
      writeFileSync(`${path}.new`, text, { mode: 0o600 });
      renameSync(`${path}.new`, path);
    }
  }
  process.stdout.write('renewed\n');
}

await renew();
process.on('SIGUSR1', () => void renew());
process.once('SIGTERM', () => process.exit());
const [host, port] = settings.diag_addr.split(':');
createServer((_request, response) => response.end('ok')).listen(Number(port), host);
