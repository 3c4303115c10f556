import { basename, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { TOOLS } from '../../container/tools.ts';
import {
  notUnderstood,
  podman,
  ROOT,
  run,
  runContainer,
  startContainer,
  until,
  type Stage,
} from '../stage.ts';

/** Docker's own command line, by podman. */
export async function docker(args: readonly string[], stage: Stage): Promise<void> {
  const [command, ...rest] = args;
  if (command === 'build') build(rest, stage);
  // For a registry: the image that was built a moment ago, under its other name.
  else if (command === 'buildx' && rest[0] === 'build')
    podman(stage, 'tag', IMAGE, rest[rest.indexOf('--tag') + 1] ?? '');
  else if (command === 'run')
    process.stdout.write(runContainer(stage, rest.filter((word) => word !== '--rm').map(absolute)));
  else if (command === 'compose') await compose(rest, stage);
  else notUnderstood('docker', args);
}

/** What `scripts/build-image.sh` calls it. */
const IMAGE = 'localhost/oncall-approver:test';

/** The folder's Dockerfile, for this machine's architecture. */
function build(args: readonly string[], stage: Stage): void {
  const env = { CONTEXT: process.cwd() };
  run(join(ROOT, 'scripts/build-image.sh'), [stage.storage], { env });
  podman(stage, 'tag', IMAGE, args[args.indexOf('--tag') + 1] ?? '');
}

function absolute(word: string): string {
  return word.startsWith('./') && word.includes(':') ? resolve(word) : word;
}

const Volume = z.union([
  z.strictObject({
    type: z.literal('bind'),
    source: z.string(),
    target: z.string(),
    read_only: z.boolean().default(false),
    bind: z.strictObject({ create_host_path: z.literal(false) }),
  }),
  z.strictObject({
    type: z.literal('volume'),
    source: z.string(),
    target: z.string(),
    read_only: z.boolean().default(false),
    volume: z.unknown(),
  }),
]);
/** As Docker's own parser gives it back. A key that is not here would be one that the container is not started with. */
const Service = z.strictObject({
  image: z.string(),
  restart: z.string(),
  user: z.string(),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  pids_limit: z.number(),
  mem_limit: z.string(),
  stop_grace_period: z.string(),
  volumes: z.array(Volume),
  logging: z.unknown(),
  networks: z.unknown(),
});

async function compose(args: readonly string[], stage: Stage): Promise<void> {
  const [command = '', ...rest] = args;
  const file = run(join(TOOLS, 'compose-go'), [resolve('compose.yaml')]);
  const { name, services } = z
    .looseObject({ name: z.string(), services: z.record(z.string(), Service) })
    .parse(parse(file));
  const container = (service: string) => `walk-${name}-${service}`;
  switch (command) {
    case 'up': {
      for (const [service, said] of Object.entries(services)) {
        startContainer(stage, container(service), [...argumentsOf(said, stage), said.image]);
        await until(`${service} to be healthy`, () => isHealthy(stage, container(service)));
      }
      return;
    }
    case 'run': {
      const [service = '', ...words] = rest.filter((word) => word !== '--rm');
      const said = services[service];
      if (said === undefined) throw new Error(`no such service: ${service}`);
      process.stdout.write(runContainer(stage, [...argumentsOf(said, stage), said.image, ...words]));
      return;
    }
    case 'exec':
      process.stdout.write(podman(stage, 'exec', container(rest[0] ?? ''), ...rest.slice(1)));
      return;
    case 'kill':
      podman(stage, 'kill', ...rest.slice(0, -1), container(rest.at(-1) ?? ''));
      return;
    case 'logs':
      for (const service of Object.keys(services))
        process.stdout.write(podman(stage, 'logs', container(service)));
      return;
    default:
      notUnderstood('docker compose', args);
  }
}

function argumentsOf(service: z.infer<typeof Service>, stage: Stage): readonly string[] {
  return [
    `--user=${service.user}`,
    ...(service.read_only ? ['--read-only', '--read-only-tmpfs=false'] : []),
    ...service.cap_drop.map((capability) => `--cap-drop=${capability.toLowerCase()}`),
    ...service.security_opt.map((option) => `--security-opt=${option.replace(':true', '')}`),
    `--pids-limit=${service.pids_limit}`,
    `--memory=${service.mem_limit}`,
    ...service.volumes.map(({ type, source, target, read_only: readOnly }) => {
      const from = type === 'bind' ? source : `walk-${source}-${basename(stage.folder)}`;
      return `--volume=${from}:${target}:${readOnly ? 'ro' : 'rw'}`;
    }),
  ];
}

function isHealthy(stage: Stage, name: string): boolean {
  try {
    podman(stage, 'healthcheck', 'run', name);
    return true;
  } catch {
    return false;
  }
}
