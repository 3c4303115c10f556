import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

const FOLDER = import.meta.dirname;

/** The module proxy that Go is set up with, without its last resort: nothing is fetched from source repositories. */
function proxyAlone(): string {
  const { status, stdout } = spawnSync('go', ['env', 'GOPROXY'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim().replace(/\bdirect$/u, 'off') : 'off';
}

/** The modules come from the proxy alone, and only as go.sum has them; the machine's own Go compiles them. */
const ENVIRONMENT = { ...process.env, GOPROXY: proxyAlone(), GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly' };

/** What `go version` says. Throws an Error with a remedy where there is no Go. */
export function goVersion(): string {
  const { status, stdout } = spawnSync('go', ['version'], { encoding: 'utf8' });
  if (status === 0) return stdout.trim();
  throw new Error(
    'these checks compile the published Go code of Teleport and PagerDuty, and there is no `go` in PATH: ' +
      'install Go 1.26 or later (https://go.dev/dl); `npm test` does not need it',
  );
}

export interface GoBuild {
  /** Package folder below `test/proof/interop`. */
  readonly package: string;
  readonly output: string;
  readonly tags?: string;
  readonly modFile?: string | null;
}

/** Compiles one command. Throws an Error with the compiler's messages. */
export async function goBuild({ package: folder, output, tags, modFile = null }: GoBuild): Promise<void> {
  const options = [
    ...(tags === undefined ? [] : ['-tags', tags]),
    ...(modFile === null ? [] : ['-modfile', modFile]),
  ];
  const compiler = spawn('go', ['build', ...options, '-o', output, `./${folder}`], {
    cwd: FOLDER,
    env: ENVIRONMENT,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let messages = '';
  compiler.stderr.setEncoding('utf8').on('data', (text: string) => (messages += text));
  const [code] = (await once(compiler, 'close')) as [number | null];
  if (code !== 0) throw new Error(`\`${folder}\` does not compile:\n${messages}`);
}
