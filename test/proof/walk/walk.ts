import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createConnection } from 'node:net';
import { loadavg, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { control, Part } from '../../demo/processes.ts';
import { shellBlocks } from '../../docs/shell-blocks.ts';
import { FULL_ACCESS_KEY } from '../../sim/pagerduty/reference-world.ts';
import { STAND_INS } from './stand-in.ts';
import { podman, ROOT, VARIABLE, type Stage } from './stage.ts';

export type Path = 'compose' | 'kubernetes' | 'machine';
export const PATHS: readonly Path[] = ['compose', 'kubernetes', 'machine'];

/** An image is made in a tenth of it on a machine that does nothing else. */
const DEADLINE_MS = 600_000;
const STALLED_SECONDS = 240;

/** A command that was typed, what it said, and how long it took. */
export interface Step {
  readonly command: string;
  readonly output: string;
  readonly seconds: number;
}

/** The commands of the quick start for one path, in their order. */
export function commandsOf(path: Path): readonly string[] {
  const text = readFileSync(join(ROOT, 'docs/quick-start.md'), 'utf8');
  return shellBlocks(text).flatMap(({ commands, treatment }) =>
    treatment.kind === 'walked' && treatment.paths.includes(path) ? linesOf(commands) : [],
  );
}

/** Without what is typed over several lines being torn apart: a backslash at the end, or a text that ends with `END`. */
function linesOf(commands: string): readonly string[] {
  return (commands.match(/(?:.*<<'END'\n(?:.*\n)*?END$|(?:.*\\\n)*.+)/gmu) ?? []).filter(
    (line) => !line.startsWith('#'),
  );
}

/**
 * A person in an empty folder, who types what the quick start says. Teleport and PagerDuty are simulated; programs that need an account, a
 * cluster or a machine of its own are stood in for (`stand-in.ts`), everything else is itself.
 */
export class Walk implements AsyncDisposable {
  readonly steps: Step[] = [];
  readonly #path: Path;
  readonly stage: Stage;
  readonly #parts: readonly Part[];
  readonly #shell: ChildProcess;
  readonly #codes: AsyncIterator<string>;

  private constructor(path: Path, stage: Stage, parts: readonly Part[]) {
    this.#path = path;
    this.stage = stage;
    this.#parts = parts;
    const bin = join(stage.folder, 'bin');
    mkdirSync(bin);
    mkdirSync(join(stage.folder, 'empty'));
    for (const name of Object.keys(STAND_INS)) {
      const script = `#!/bin/sh\nexec ${process.execPath} ${join(ROOT, 'test/proof/walk/stand-in.ts')} ${name} "$@"\n`;
      writeFileSync(join(bin, name), script, { mode: 0o755 });
    }
    const file = join(stage.folder, 'stage.json');
    writeFileSync(file, JSON.stringify(stage));
    const [program, ...args] = path === 'machine' ? freshMachine(stage) : ['bash', '-s'];
    // Not that of whoever started the walk by npm.
    const own = Object.fromEntries(
      Object.entries(process.env).filter(
        ([name]) => !/^npm_|^NODE_/iu.test(name) || name === 'NODE_EXTRA_CA_CERTS',
      ),
    );
    this.#shell = spawn(program ?? '', args, {
      cwd: join(stage.folder, 'empty'),
      env: { ...own, PATH: `${bin}:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`, [VARIABLE]: file },
      stdio: ['pipe', 'inherit', 'inherit', 'pipe'],
      detached: true,
    });
    const codes = createInterface({ input: this.#shell.stdio[3] as NodeJS.ReadableStream });
    this.#codes = codes[Symbol.asyncIterator]();
  }

  static async open(path: Path, storage: string): Promise<Walk> {
    const folder = mkdtempSync(join(tmpdir(), 'oncall-approver-walk-'));
    const identity = ['--identity-out', join(folder, 'teleport')];
    await mustBeFree();
    const teleport = simulated('teleport', identity);
    const pagerDuty = simulated('pagerduty');
    const at = await teleport.line('Teleport', () => true);
    const pd = await pagerDuty.line('PagerDuty', () => true);
    const stage = {
      folder,
      storage,
      teleport: `http://${String(at['control_addr'])}`,
      proxy: String(at['proxy_addr']).replace('127.0.0.1', 'localhost'),
      webCa: join(folder, 'teleport/web-ca.pem'),
      pagerDuty: String(pd['url']),
    };
    // One that each cluster has.
    const preset = { kind: 'role', version: 'v7', metadata: { name: 'access' }, spec: { allow: {} } };
    await control('POST', `${stage.teleport}/roles`, preset);
    return new Walk(path, stage, [teleport, pagerDuty]);
  }

  /** Types everything, and tells of each. Throws at the first command that fails, with what it said. */
  async toTheEnd(tell: (step: Step) => void = () => undefined): Promise<void> {
    for (const command of commandsOf(this.#path)) {
      const before = this.steps.length;
      await this.type(command);
      this.steps.slice(before).forEach(tell);
      for (const by of this.#byHand(command)) await this.type(by, false);
    }
  }

  /** What a real account needs nobody to do: where the simulated systems are, and by which certificate the one is known. */
  #byHand(command: string): readonly string[] {
    const { webCa, pagerDuty } = this.stage;
    const settings = 'settings/oncall-approver.yaml';
    if (command.includes('oncall-approver init'))
      return [
        `cp ${webCa} settings/web-ca.pem`,
        `sed --in-place 's|^  identity: .*|&\\n  proxy_ca: web-ca.pem|; s|^pagerduty:|&\\n  api_url: ${pagerDuty}|' ${settings}`,
      ];
    // A person does not ask within the same second.
    if (/HUP|systemctl reload/u.test(command)) return ['sleep 2'];
    const ca = '/run/secrets/oncall-approver/web-ca.pem';
    if (command.includes('>values.yaml'))
      return [
        `sed --in-place 's|teleport: {|& proxy_ca: ${ca},|; s|pagerduty: {|& api_url: "${pagerDuty}",|' values.yaml`,
      ];
    return [];
  }

  /** Types one command, and gives what it said. The simulated addresses and key stand where somebody would write their own. */
  async type(command: string, isTold = true): Promise<string> {
    const out = join(this.stage.folder, 'out');
    const typed = command
      .replaceAll('teleport.example.com:443', this.stage.proxy)
      // npm has been seen to stand still in the middle of unpacking, for more than an hour: it is begun anew, once.
      .replace(
        /^(?:sudo )?npm .*$/u,
        `timeout --kill-after=5 ${STALLED_SECONDS} $& || { (($? == 124 || $? == 137)) && $&; }`,
      )
      .replaceAll(/^(.*\/dev\/stdin.*)$/gmu, `printf '%s\\n' '${FULL_ACCESS_KEY}' | $1`);
    const begun = performance.now();
    this.#shell.stdin?.write(`{ ${typed}\n} </dev/null >${out} 2>&1; echo $? >&3\n`);
    const late = setTimeout(() => this.#endShell(), DEADLINE_MS);
    const { value: code } = (await this.#codes.next()) as { value?: string };
    clearTimeout(late);
    const output = existsSync(out) ? readFileSync(out, 'utf8') : '';
    if (code !== '0')
      throw new Error(`\`${command}\` ended with ${code ?? 'nothing, and was ended'}:\n${output}`);
    if (isTold) this.steps.push({ command, output, seconds: (performance.now() - begun) / 1000 });
    return output;
  }

  /** With whatever it runs. */
  #endShell(): void {
    const { pid, exitCode, signalCode } = this.#shell;
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
  }

  /** A row for each command with its seconds, and all of them in minutes, with the load of the machine at the end. */
  table(): string {
    const rows = this.steps.map(
      ({ command, seconds }) => `${seconds.toFixed(1).padStart(6)}  ${command.split('\n')[0] ?? ''}`,
    );
    const minutes = this.steps.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
    const load = (loadavg()[0] ?? 0).toFixed(1);
    const end = `${this.#path}: ${this.steps.length} commands, ${minutes.toFixed(1)} minutes (load ${load})`;
    return [' seconds  command', ...rows, end, ''].join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const started = (file: string) => {
      const path = join(this.stage.folder, file);
      return existsSync(path) ? [...new Set(readFileSync(path, 'utf8').trim().split('\n'))] : [];
    };
    for (const pid of started('processes')) spawnSync('kill', [pid]);
    for (const name of started('containers'))
      podman(this.stage, 'rm', '--force', '--ignore', '--volumes', name);
    const volumes = podman(
      this.stage,
      'volume',
      'ls',
      '--quiet',
      '--filter',
      `name=${basename(this.stage.folder)}`,
    );
    for (const name of volumes.split('\n').filter(Boolean))
      podman(this.stage, 'volume', 'rm', '--force', name);
    this.#endShell();
    await Promise.all(this.#parts.map((part) => part[Symbol.asyncDispose]()));
    rmSync(this.stage.folder, { recursive: true, force: true });
  }
}

/** Ends with whoever started it, however that ends. */
function simulated(system: string, args: readonly string[] = []): Part {
  const script = [process.execPath, `test/sim/${system}/main.ts`, ...args];
  return new Part('--pdeathsig=TERM', script, 'stdout', 'setpriv');
}

/** What the quick start has listen: two walks at once would talk to one another. */
async function mustBeFree(): Promise<void> {
  for (const port of [8080, 3001]) {
    const socket = createConnection(port, '127.0.0.1');
    const isTaken = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isTaken) throw new Error(`something listens at port ${port}: end it, or wait for the other walk`);
  }
}

/**
 * A shell that sees /etc as its own copy, and nothing below /usr/local but Node: what is installed there is gone with it, and the machine is as
 * it was.
 */
function freshMachine({ folder }: Stage): readonly string[] {
  const own = (at: string) => join(folder, 'machine', at.replaceAll('/', '-'));
  const script = [
    `mkdir -p ${own('/usr/local')}/bin ${own('/var/lib')}/systemd`,
    `cp -a /etc ${own('/etc')}`,
    `touch ${own('/usr/local')}/bin/node`,
    ...['/etc', '/usr/local', '/var/lib'].map((at) => `mount --bind ${own(at)} ${at}`),
    `mount --bind ${realpathSync(process.execPath)} /usr/local/bin/node`,
    'mkdir -p /etc/sysusers.d',
    'exec bash -s',
  ];
  return ['unshare', '--mount', '--propagation', 'private', 'bash', '-ec', script.join('\n')];
}
