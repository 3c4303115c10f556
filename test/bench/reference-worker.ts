import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import type { AccessRequest } from '../../src/core/access-request.ts';
import { connectTeleport } from '../../src/teleport/connect.ts';

/*
 * The reference of the benchmark: `node reference-worker.ts CONFIG`. It reads the service's own configuration and makes the
 * sequence of calls that Teleport's plugin makes for an automatic approval without a notify service, for requests that its watch
 * tells it of: the user by e-mail address, each service by name, the on-call rows, the review. As there, nothing is kept between
 * requests, nothing is listed or tried again, up to 128 are handled at once, and an error answer reads as an empty one.
 */
const MOST_AT_ONCE = 128;
const CALL_TIMEOUT_MS = 10_000;

interface Settings {
  readonly teleport: { readonly addr: string; readonly identity: string };
  readonly pagerduty: { readonly api_url: string; readonly api_key_file: string };
  readonly rules: readonly {
    readonly roles: readonly string[];
    readonly on_call: { readonly services: readonly string[] };
  }[];
}

interface Named {
  readonly id: string;
  readonly name?: string;
  readonly email?: string;
  readonly escalation_policy?: { readonly id: string };
}

const [configFile = ''] = process.argv.slice(2);
const folder = dirname(configFile);
const settings = parse(readFileSync(configFile, 'utf8')) as Settings;
const key = readFileSync(join(folder, settings.pagerduty.api_key_file), 'utf8').trim();
const teleport = await connectTeleport({
  addr: settings.teleport.addr,
  via: 'direct',
  identity: { file: join(folder, settings.teleport.identity) },
});
const stopped = new AbortController();
process.once('SIGTERM', () => stopped.abort());

const waiting: AccessRequest[] = [];
let busy = 0;
await watch();
teleport.close();

async function watch(): Promise<void> {
  try {
    for await (const event of teleport.requests.watch(stopped.signal)) {
      if (event.kind === 'init') process.stderr.write('watching access requests\n');
      if (event.kind === 'put' && event.request.state === 'pending') take(event.request);
    }
  } catch (error) {
    if (!stopped.signal.aborted) throw error;
  }
}

function take(request: AccessRequest): void {
  if (busy >= MOST_AT_ONCE) {
    waiting.push(request);
    return;
  }
  busy += 1;
  void handle(request)
    .catch((error: unknown) => {
      if (!stopped.signal.aborted) process.stderr.write(`${String(error)}\n`);
    })
    .finally(() => {
      busy -= 1;
      const next = waiting.shift();
      if (next !== undefined) take(next);
    });
}

async function handle(request: AccessRequest): Promise<void> {
  const names = settings.rules
    .filter(({ roles }) => roles.some((role) => request.roles.includes(role)))
    .flatMap(({ on_call }) => on_call.services);
  const found = await ask(`/users?query=${encodeURIComponent(request.requester)}&limit=100`, 'users');
  const user = found.find(({ email }) => email?.toLowerCase() === request.requester.toLowerCase());
  if (user === undefined) return;
  const policies: string[] = [];
  for (const name of names) {
    const services = await ask(`/services?query=${encodeURIComponent(name)}`, 'services');
    const id = services.find((each) => each.name === name)?.escalation_policy?.id;
    if (id !== undefined) policies.push(id);
  }
  if (policies.length === 0) return;
  const wanted = policies.map((id) => `&escalation_policy_ids[]=${id}`).join('');
  const onCall = await ask(`/oncalls?user_ids[]=${user.id}${wanted}`, 'oncalls');
  if (onCall.length === 0) return;
  const reason = `on call in service(s) ${names.join(', ')}`;
  await teleport.requests.review({ id: request.id, propose: 'approved', reason }, stopped.signal);
}

async function ask(path: string, rows: string): Promise<readonly Named[]> {
  const response = await fetch(`${settings.pagerduty.api_url}${path}`, {
    headers: { authorization: `Token token=${key}`, accept: 'application/vnd.pagerduty+json;version=2' },
    signal: AbortSignal.any([stopped.signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]),
  });
  const body = (await response.json().catch(() => ({}))) as Readonly<Record<string, readonly Named[]>>;
  return response.ok ? (body[rows] ?? []) : [];
}
