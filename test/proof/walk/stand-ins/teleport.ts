import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { control } from '../../../demo/processes.ts';
import { notUnderstood, until, type Stage } from '../stage.ts';

/** Who is on call in the simulated PagerDuty, and asks. */
const ENGINEER = 'sre-1';

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Teleport's administrator, of the simulated cluster. */
export async function tctl(args: readonly string[], { teleport }: Stage): Promise<void> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      roles: { type: 'string' },
      'set-roles': { type: 'string' },
      user: { type: 'string' },
      ttl: { type: 'string' },
      out: { type: 'string' },
    },
  });
  const [command, what, name = ''] = positionals;
  const listed = (roles = '') => ({ roles: roles.split(',') });
  switch (`${command ?? ''} ${command === 'create' ? '' : (what ?? '')}`) {
    case 'create ': {
      const text = readFileSync(what ?? '/dev/stdin', 'utf8');
      for (const document of parseAllDocuments(text, { version: '1.1' })) {
        const { kind } = document.toJS() as { kind: string };
        if (kind === 'role') await control('POST', `${teleport}/roles`, document.toJS());
        say(`${kind} '${String(document.getIn(['metadata', 'name']))}' has been created`);
      }
      return;
    }
    case 'users update':
      await control('POST', `${teleport}/users/${name}`, listed(values['set-roles']));
      return;
    case 'users add':
      await control('POST', `${teleport}/users/${name}`, { ...listed(values.roles), bot: false });
      return;
    case 'bots add':
      await control('POST', `${teleport}/users/bot-${name}`, { ...listed(values.roles), bot: true });
      say('The bot token: 0123456789abcdef\nThis token will expire in 60 minutes.');
      return;
    case 'auth sign': {
      const user = `${teleport}/users/${values.user ?? ''}`;
      const { identity } = await control<{ identity: string }>('POST', `${user}/identity`);
      const out = values.out ?? '';
      mkdirSync(dirname(out), { recursive: true });
      writeFileSync(out, identity, { mode: 0o600 });
      return;
    }
    default:
      notUnderstood('tctl', args);
  }
}

/** The engineer's own program: a request is made, and unless told otherwise waited for. */
export async function tsh(args: readonly string[], { teleport }: Stage): Promise<void> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      proxy: { type: 'string' },
      roles: { type: 'string' },
      reason: { type: 'string' },
      nowait: { type: 'boolean', default: false },
    },
  });
  if (positionals[0] === 'login') return;
  if (positionals.join(' ') !== 'request create') notUnderstood('tsh', args);
  const { roles = '', reason = '', nowait } = values;
  const asked = { user: ENGINEER, roles: roles.split(','), reason };
  const { id } = await control<{ id: string }>('POST', `${teleport}/requests`, asked);
  say(`Request ID: ${id}`);
  if (nowait) return;
  interface State {
    readonly requests: readonly { id: string; state: string; resolveReason: string }[];
  }
  let now: State['requests'][number] | undefined;
  await until('an answer to the request', async () => {
    const { requests } = await control<State>('GET', `${teleport}/state`);
    now = requests.find((request) => request.id === id);
    return now?.state !== 'PENDING';
  });
  say(`${now?.state ?? 'GONE'}: ${now?.resolveReason ?? ''}`);
}
