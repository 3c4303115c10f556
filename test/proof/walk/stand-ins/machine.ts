import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ended, notUnderstood, ROOT, run, type Stage } from '../stage.ts';

/** `git clone ADDRESS`: the files of this tree, as they are now. */
export function git(args: readonly string[]): void {
  const [command, address = ''] = args;
  if (command !== 'clone') notUnderstood('git', args);
  const files = 'PATH=/usr/bin:/bin git -C "$1" ls-files --cached --others --exclude-standard -z';
  const copied = `mkdir "$2"; ${files} | tar -C "$1" --null --files-from=- --create | tar -C "$2" --extract`;
  run('bash', ['-euo', 'pipefail', '-c', copied, 'git', ROOT, address.split('/').at(-1) ?? '']);
}

/** Who walks is root already; `--user=NAME` is somebody else. */
export function sudo(args: readonly string[]): void {
  const user = /^--user=(.+)$/u.exec(args[0] ?? '')?.[1];
  const words = user === undefined ? args : ['runuser', '--user', user, '--', ...args.slice(1)];
  const { status } = spawnSync(words[0] ?? '', words.slice(1), { stdio: 'inherit' });
  if (status !== 0) throw new Ended(status ?? 1, `\`${words.join(' ')}\` failed`);
}

const UNITS = '/etc/systemd/system';

/** What systemd does with a unit, where none runs: it is verified by systemd's own parser, and started as it says. */
export function systemctl(args: readonly string[], stage: Stage): void {
  const [command = '', ...rest] = args;
  const unit = rest.at(-1) ?? '';
  const pidFile = join(stage.folder, `${unit}.pid`);
  const signal = (name: NodeJS.Signals) => process.kill(Number(readFileSync(pidFile, 'utf8')), name);
  switch (command) {
    case 'daemon-reload':
      run('systemd-analyze', ['verify', '--man=no', join(UNITS, 'oncall-approver.service')]);
      return;
    case 'enable':
      writeFileSync(pidFile, String(start(unit, stage)));
      return;
    case 'reload':
      signal('SIGHUP');
      return;
    case 'restart': {
      const old = readFileSync(pidFile, 'utf8');
      signal('SIGTERM');
      run('timeout', ['20', 'tail', `--pid=${old}`, '--follow', '/dev/null']);
      writeFileSync(pidFile, String(start(unit, stage)));
      return;
    }
    default:
      notUnderstood('systemctl', args);
  }
}

/** As `Type=exec` with its user, folder, environment and privileges; of the sandbox only what the kernel is asked for by a process itself. */
function start(unit: string, stage: Stage): number {
  const text = readFileSync(join(UNITS, `${unit}.service`), 'utf8');
  const said = (key: string) => new RegExp(`^${key}=(.*)$`, 'mu').exec(text)?.[1] ?? '';
  const user = said('User');
  const state = join('/var/lib', said('StateDirectory'));
  run('install', [
    '--directory',
    `--owner=${user}`,
    `--group=${said('Group')}`,
    `--mode=${said('StateDirectoryMode')}`,
    state,
  ]);
  const privileges = ['--no-new-privs', '--bounding-set=-all', '--inh-caps=-all'];
  const drop = ['setpriv', `--reuid=${user}`, `--regid=${said('Group')}`, '--init-groups', ...privileges];
  const environment = said('Environment').replaceAll(/"([^"]*)"|(\S+)/gu, "'$1$2'");
  const command = `umask ${said('UMask')}; cd /; exec env -i PATH=/usr/local/bin:/usr/bin ${environment} ${drop.join(' ')} ${said('ExecStart')}`;
  const journal = openSync(join(stage.folder, 'journal'), 'a');
  const child = spawn('bash', ['-c', command], { detached: true, stdio: ['ignore', journal, journal] });
  child.unref();
  appendFileSync(join(stage.folder, 'processes'), `${child.pid ?? ''}\n`);
  return child.pid ?? 0;
}
