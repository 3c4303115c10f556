import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { FIVE_CLAIMS, TWENTY_RULES } from '../../rules/twenty-rules.ts';
import { SHIPPED_ENVIRONMENT } from './contender.ts';
import { memoryOf, rounded } from './measure.ts';

const LOOK_EVERY_MS = 20;

/** A command as a process of its own, as it runs in the image: how long it takes, and the most memory that it had. */
export async function commandOf(given: readonly string[]) {
  const begun = performance.now();
  const child = spawn(process.execPath, ['src/main.ts', ...given], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...SHIPPED_ENVIRONMENT },
  });
  let [bytes, peakMb] = [0, 0];
  const look = (): void => {
    if (child.exitCode === null) peakMb = Math.max(peakMb, memoryOf(child.pid ?? 0).peakMb);
  };
  const looking = setInterval(look, LOOK_EVERY_MS);
  child.stdout.on('data', (part: Buffer) => {
    bytes += part.length;
    look();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  clearInterval(looking);
  const seconds = rounded((performance.now() - begun) / 1_000, 1);
  return { exit_code: code, seconds, printed_mb: rounded(bytes / 1e6, 1), peak_memory_mb: peakMb };
}

/** (p) `rules prove` for twenty rules with six conditions each, and five claims, of which one is broken: exit code 1. */
export async function proven() {
  const folder = await mkdtemp(join(tmpdir(), 'oncall-approver-bench-'));
  const file = join(folder, 'config.yaml');
  const config = {
    teleport: { addr: 'teleport.example.com:443', identity: 'identity' },
    pagerduty: { api_key: '${PAGERDUTY_API_KEY}', from: 'approver@example.com' },
    identities: [{ username_is_email: true }],
    rules: TWENTY_RULES,
    claims: FIVE_CLAIMS,
  };
  await writeFile(join(folder, 'itself.yaml'), stringify({ rules: TWENTY_RULES }));
  await writeFile(file, stringify(config));
  const ran = await commandOf(['rules', 'prove', '--config', file]);
  await rm(folder, { recursive: true });
  return { rules: TWENTY_RULES.length, claims: FIVE_CLAIMS.length, ...ran };
}
