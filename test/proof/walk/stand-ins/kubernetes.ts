import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { TOOLS } from '../../container/tools.ts';
import { answers, notUnderstood, podman, ROOT, run, startContainer, until, type Stage } from '../stage.ts';

/** What reaches the API server, as far as the quick start asks it: Secrets are kept, the pod's containers are podman's. */
export function kubectl(args: readonly string[], stage: Stage): void {
  const at = args[0] === '--namespace' ? 2 : 0;
  const [command, what, ...rest] = args.slice(at);
  if (command === 'create' && what === 'namespace') return;
  if (command === 'get' && what === '--raw') process.stdout.write('{"keys":[]}');
  else if (command === 'create' && what === 'secret') createSecret(rest, stage);
  else if (command === 'exec') {
    const words = rest.slice(rest.indexOf('--') + 1);
    const container = rest[rest.indexOf('--container') + 1] ?? '';
    process.stdout.write(podman(stage, 'exec', containerName(what ?? '', container), ...words));
  } else notUnderstood('kubectl', args);
}

function containerName(pod: string, container: string): string {
  return `walk-${pod}-${container}`;
}

function createSecret([, name = '', ...files]: readonly string[], stage: Stage): void {
  const folder = join(stage.folder, 'secrets', name);
  mkdirSync(folder, { recursive: true });
  for (const each of files) {
    const [, key = '', file = ''] =
      /^--from-file=([^=]+)=(.+)$/u.exec(each) ?? notUnderstood('kubectl', files);
    copyFileSync(file, join(folder, key));
  }
  // Nobody has to be told of it where the proxy's certificate is one that the world knows.
  copyFileSync(stage.webCa, join(folder, 'web-ca.pem'));
}

/** `helm upgrade --install`: the chart as Helm itself renders it, past its own lint and the schemas of Kubernetes, and the pod started. */
export async function helm(args: readonly string[], stage: Stage): Promise<void> {
  const [command, option, name = '', chart = '', ...rest] = args;
  if (command !== 'upgrade' || option !== '--install') notUnderstood('helm', args);
  const values = rest.filter((word) => word !== '--wait');
  const [itself, validate] = [join(TOOLS, 'helm'), join(TOOLS, 'kubernetes-validate')];
  run(itself, ['lint', '--strict', chart, ...values]);
  const text = run(itself, ['template', name, chart, '--kube-version', '1.37.0', ...values]);
  run(validate, ['--strict', '--kubernetes-version', '1.37.0', '-'], { input: text });
  await startPod(text, stage);
}

const Probe = z.looseObject({ httpGet: z.strictObject({ path: z.string(), port: z.string() }) });
/** A key that is not here would be one that the container is not started with. */
const Container = z.strictObject({
  name: z.string(),
  image: z.string(),
  imagePullPolicy: z.string().optional(),
  restartPolicy: z.literal('Always').optional(),
  args: z.array(z.string()),
  env: z.array(z.strictObject({ name: z.string(), value: z.string() })).default([]),
  ports: z.array(z.strictObject({ name: z.string(), containerPort: z.int() })),
  securityContext: z.strictObject({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
  }),
  resources: z.looseObject({ limits: z.strictObject({ memory: z.string() }) }),
  startupProbe: Probe,
  livenessProbe: Probe.optional(),
  readinessProbe: Probe.optional(),
  volumeMounts: z.array(
    z.strictObject({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().default(false) }),
  ),
});
type Container = z.infer<typeof Container>;
const Projected = z.strictObject({ serviceAccountToken: z.looseObject({ path: z.string() }) });
const Volume = z.strictObject({
  name: z.string(),
  configMap: z.strictObject({ name: z.string() }).optional(),
  secret: z.strictObject({ secretName: z.string(), defaultMode: z.int() }).optional(),
  emptyDir: z.looseObject({}).optional(),
  projected: z.strictObject({ sources: z.tuple([Projected]) }).optional(),
});
type Volume = z.infer<typeof Volume>;
const StatefulSet = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    template: z.looseObject({
      spec: z.looseObject({
        securityContext: z.looseObject({ runAsUser: z.int(), runAsGroup: z.int(), fsGroup: z.int() }),
        initContainers: z.array(Container).default([]),
        containers: z.array(Container),
        volumes: z.array(Volume),
      }),
    }),
    volumeClaimTemplates: z.array(z.looseObject({ metadata: z.object({ name: z.string() }) })).default([]),
  }),
});
const ConfigMap = z.looseObject({ data: z.record(z.string(), z.string()) });

type Resource = Readonly<{ kind: string; metadata: { name: string } }>;

/** As a kubelet: volumes with their owners and modes, side-cars until their startup probe holds, then the rest until it is ready. */
async function startPod(manifests: string, stage: Stage): Promise<void> {
  const all = parseAllDocuments(manifests, { version: '1.1' }).map((each) => each.toJS() as Resource);
  const { metadata, spec } = StatefulSet.parse(all.find(({ kind }) => kind === 'StatefulSet'));
  const { securityContext, initContainers, containers, volumes } = spec.template.spec;
  const group = securityContext.fsGroup;
  const claims = spec.volumeClaimTemplates.map((claim) => claim.metadata.name);
  const pod = `${metadata.name}-0`;
  for (const { name } of [...containers, ...initContainers])
    podman(stage, 'rm', '--force', '--ignore', '--volumes', '--time=20', containerName(pod, name));
  const folders = new Map(claims.map((name) => [name, ledgerFolder(stage, name, group)]));
  for (const volume of volumes) folders.set(volume.name, volumeFolder(stage, volume, all, group));
  for (const container of [...initContainers, ...containers]) {
    const name = containerName(pod, container.name);
    const [options, program] = [argumentsOf(container, folders), programOf(container, containers, stage)];
    const user = `--user=${securityContext.runAsUser}:${securityContext.runAsGroup}`;
    startContainer(stage, name, [user, ...options, ...program]);
    for (const probe of [container.startupProbe, container.readinessProbe]) {
      if (probe === undefined) continue;
      const { path, port } = probe.httpGet;
      const { containerPort = 0 } = container.ports.find((each) => each.name === port) ?? {};
      const url = `http://127.0.0.1:${containerPort}${path}`;
      await until(`${name}: ${path}`, () => answers(url)).catch((error: unknown) => {
        throw new Error(podman(stage, 'logs', name), { cause: error });
      });
    }
  }
}

/** Kept over a restart of the pod. */
function ledgerFolder(stage: Stage, name: string, group: number): string {
  const folder = join(stage.folder, 'claims', name);
  if (!existsSync(folder)) ownedFolder(folder, group);
  return folder;
}

function ownedFolder(folder: string, group: number, mode = 0o2775): void {
  mkdirSync(folder, { recursive: true });
  chownSync(folder, 0, group);
  chmodSync(folder, mode);
}

/** New with each pod: what it holds belongs to root and the pod's group, as with a kubelet. */
function volumeFolder(stage: Stage, volume: Volume, all: readonly Resource[], group: number): string {
  const folder = join(stage.folder, 'volumes', volume.name);
  rmSync(folder, { recursive: true, force: true });
  ownedFolder(folder, group, volume.emptyDir === undefined ? 0o755 : 0o2777);
  const put = (name: string, text: string, mode: number) => {
    writeFileSync(join(folder, name), text);
    chownSync(join(folder, name), 0, group);
    chmodSync(join(folder, name), mode);
  };
  const { configMap, secret, projected } = volume;
  if (configMap !== undefined) {
    const found = all.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMap.name);
    for (const [name, text] of Object.entries(ConfigMap.parse(found).data)) put(name, text, 0o644);
  }
  if (secret !== undefined) {
    const kept = join(stage.folder, 'secrets', secret.secretName);
    for (const name of run('ls', [kept]).trim().split('\n'))
      put(name, readFileSync(join(kept, name), 'utf8'), secret.defaultMode);
  }
  for (const { serviceAccountToken: token } of projected?.sources ?? []) put(token.path, 'a.b.c', 0o640);
  return folder;
}

function argumentsOf(container: Container, folders: ReadonlyMap<string, string>): readonly string[] {
  return [
    ...['--read-only', '--read-only-tmpfs=false', '--security-opt=no-new-privileges', '--cap-drop=all'],
    `--memory=${container.resources.limits.memory.replace('Mi', 'm')}`,
    ...container.env.map(({ name, value }) => `--env=${name}=${value}`),
    ...container.volumeMounts.map(
      ({ name, mountPath, readOnly }) =>
        `--volume=${folders.get(name) ?? ''}:${mountPath}:${readOnly ? 'ro' : 'rw'}`,
    ),
  ];
}

/** Teleport's own image is a stranger's, from a registry: its place is taken by a script that joins the simulated cluster. */
function programOf(container: Container, [main]: readonly Container[], stage: Stage): readonly string[] {
  if (container.name !== 'tbot') return [container.image, ...container.args];
  return [
    `--volume=${join(ROOT, 'test/proof/walk/stand-ins/tbot.ts')}:/tbot.ts:ro`,
    `--env=SIMULATED_TELEPORT=${stage.teleport}`,
    '--entrypoint=/usr/local/bin/node',
    main?.image ?? '',
    '/tbot.ts',
    ...container.args,
  ];
}
