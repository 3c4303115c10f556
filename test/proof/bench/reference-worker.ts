import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import type { AccessRequest } from '../../../src/core/access-request.ts';
import { connectTeleport } from '../../../src/teleport/connect.ts';

/*
 * The reference of the benchmark: `node reference-worker.ts CONFIG [notify]`. It reads the service's own configuration and makes the
 * sequence of calls that Teleport's plugin makes for an automatic approval, for requests that its watch tells it of: the user by
 * e-mail address, each service by name, the on-call rows, the review. As there, nothing is kept between requests, nothing is listed
 * or tried again, up to 128 are handled at once, and an error answer reads as an empty one.
 *
 * With `notify` the notify service is looked up and an incident opened on it before anything else, whoever asks; once the request is
 * settled, a note for the review, one for the resolution, and the incident resolved: 8 calls where the requester is on call. The
 * plugin's own data in Teleport are left out.
 */
const MOST_AT_ONCE = 128;
const CALL_TIMEOUT_MS = 10_000;

interface Settings {
  readonly teleport: { readonly addr: string; readonly identity: string };
  readonly pagerduty: { readonly api_url: string; readonly api_key_file: string; readonly from: string };
  readonly rules: readonly {
    readonly roles: readonly string[];
    readonly escalate: { readonly service: string };
    readonly on_call: { readonly services: readonly string[] };
  }[];
}

interface Named {
  readonly id: string;
  readonly name?: string;
  readonly email?: string;
  readonly escalation_policy?: { readonly id: string };
}

const [configFile = '', mode] = process.argv.slice(2);
/** The incident of each request that was notified of. */
const opened = new Map<string, string>();
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
      if (event.kind === 'put') take(event.request);
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
  const rules = settings.rules.filter(({ roles }) => roles.some((role) => request.roles.includes(role)));
  if (request.state !== 'pending') return close(request);
  if (mode === 'notify') await notify(request, rules[0]?.escalate.service ?? '');
  const names = rules.flatMap(({ on_call }) => on_call.services);
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

async function notify(request: AccessRequest, name: string): Promise<void> {
  const services = await ask(`/services?query=${encodeURIComponent(name)}`, 'services');
  const service = services.find((each) => each.name?.toLowerCase() === name.toLowerCase());
  if (service === undefined) return;
  const incident = {
    title: `Access request from ${request.requester}`,
    incident_key: `teleport-access-request/${request.id}`,
    service: { id: service.id, type: 'service_reference' },
    body: { type: 'incident_body', details: request.reason },
  };
  const created = (await send('POST', '/incidents', { incident })) as { incident?: Named };
  if (created.incident !== undefined) opened.set(request.id, created.incident.id);
}

/** A call that fails is left at that: the note is lost, or the incident stays open. */
async function close(request: AccessRequest): Promise<void> {
  const id = opened.get(request.id);
  if (!opened.delete(request.id) || id === undefined) return;
  for (const { author, reason } of request.reviews) {
    await send('POST', `/incidents/${id}/notes`, { note: { content: `${author} reviewed: ${reason}` } });
  }
  await send('POST', `/incidents/${id}/notes`, { note: { content: `Access request ${request.state}` } });
  await send('PUT', `/incidents/${id}`, { incident: { type: 'incident_reference', status: 'resolved' } });
}

async function ask(path: string, rows: string): Promise<readonly Named[]> {
  const body = (await send('GET', path)) as Readonly<Record<string, readonly Named[]>>;
  return body[rows] ?? [];
}

/** What was answered; an empty object for an error. */
async function send(method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${settings.pagerduty.api_url}${path}`, {
    method,
    headers: {
      authorization: `Token token=${key}`,
      accept: 'application/vnd.pagerduty+json;version=2',
      ...(body === undefined ? {} : { from: settings.pagerduty.from, 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.any([stopped.signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]),
  });
  const answer: unknown = await response.json().catch(() => ({}));
  return response.ok ? answer : {};
}
