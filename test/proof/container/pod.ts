import { z } from 'zod';
import type { Resource } from './manifests.ts';

const SecretKeyRef = z.object({ name: z.string(), key: z.string() });
const Container = z.looseObject({
  name: z.string(),
  ports: z.array(z.looseObject({ name: z.string(), containerPort: z.int() })).default([]),
  env: z
    .array(z.looseObject({ valueFrom: z.looseObject({ secretKeyRef: SecretKeyRef.optional() }).optional() }))
    .default([]),
  volumeMounts: z
    .array(z.looseObject({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().default(false) }))
    .default([]),
});
const Volume = z.looseObject({
  name: z.string(),
  secret: z.looseObject({ secretName: z.string() }).optional(),
  configMap: z.looseObject({ name: z.string() }).optional(),
});
const Pod = z.object({
  serviceAccountName: z.string(),
  initContainers: z.array(Container).default([]),
  containers: z.array(Container).min(1),
  volumes: z.array(Volume).default([]),
});
const Workload = z.object({
  spec: z.object({
    volumeClaimTemplates: z.array(z.object({ metadata: z.object({ name: z.string() }) })).default([]),
    template: z.object({ spec: Pod }),
  }),
});

/** What a Secret is said to be made with: its name and the keys it then has. */
export type MadeSecrets = ReadonlyMap<string, ReadonlySet<string>>;

/** The Secrets that our texts tell how to make: `kubectl create secret generic NAME --from-file=KEY[=…] --from-literal=KEY=…`. */
export function secretsMadeBy(texts: readonly string[]): MadeSecrets {
  return new Map(
    texts
      .flatMap((text) => [...text.matchAll(/kubectl .*create secret generic (\S+)(.*)$/gmu)])
      .map(([, name = '', rest = '']) => [
        name,
        new Set([...rest.matchAll(/--from-(?:file|literal)=([^=\s]+)/gu)].map(([, key = '']) => key)),
      ]),
  );
}

/**
 * Why a kubelet could not start the pod of this StatefulSet, or the API server would not have it: in the order found, none when all
 * is there. The schemas say nothing of it: each of these is well-formed.
 */
export function podFaults(
  workload: Resource,
  all: readonly Resource[],
  secrets: MadeSecrets,
): readonly string[] {
  const { spec } = Workload.parse(workload);
  const pod = spec.template.spec;
  const containers = [...pod.initContainers, ...pod.containers];
  const claims = spec.volumeClaimTemplates.map(({ metadata }) => metadata.name);
  const made = (kind: string) => all.filter((one) => one.kind === kind).map(({ metadata }) => metadata.name);
  const faults: string[] = [];

  for (const name of doubles([...pod.volumes.map((volume) => volume.name), ...claims])) {
    faults.push(`two volumes are called ${name}`);
  }
  for (const volume of pod.volumes) {
    const sources = sourcesOf(volume);
    if (sources.length !== 1)
      faults.push(`volume ${volume.name} has ${sources.length} sources: ${sources.join(', ')}`);
    if (volume.secret !== undefined && !secrets.has(volume.secret.secretName)) {
      faults.push(`nobody is told to make the Secret ${volume.secret.secretName}`);
    }
    if (volume.configMap !== undefined && !made('ConfigMap').includes(volume.configMap.name)) {
      faults.push(`nothing makes the ConfigMap ${volume.configMap.name}`);
    }
    if (!containers.some(({ volumeMounts }) => volumeMounts.some(({ name }) => name === volume.name))) {
      faults.push(`volume ${volume.name} is mounted nowhere`);
    }
  }
  for (const { name: container, volumeMounts, env } of containers) {
    for (const path of doubles(volumeMounts.map(({ mountPath }) => mountPath))) {
      faults.push(`${container} mounts two volumes at ${path}`);
    }
    for (const { name, readOnly } of volumeMounts) {
      const volume = pod.volumes.find((one) => one.name === name);
      if (volume === undefined && !claims.includes(name))
        faults.push(`${container} mounts ${name}, which is no volume`);
      // A kubelet mounts these read-only whatever the mount says: the first write fails.
      const kept = volume === undefined || sourcesOf(volume).includes('emptyDir');
      if (!kept && !readOnly) faults.push(`${container} writes to ${name}, which cannot be written`);
    }
    for (const { valueFrom } of env) {
      const named = valueFrom?.secretKeyRef;
      if (named !== undefined && secrets.get(named.name)?.has(named.key) !== true) {
        faults.push(`nobody is told to make ${named.key} in the Secret ${named.name}`);
      }
    }
  }
  for (const port of doubles(containers.flatMap(({ ports }) => ports.map(({ name }) => name)))) {
    faults.push(`two ports are called ${port}`);
  }
  if (!made('ServiceAccount').includes(pod.serviceAccountName)) {
    faults.push(`nothing makes the ServiceAccount ${pod.serviceAccountName}`);
  }
  return faults;
}

/**
 * What puts a file where the container reads it: `KIND NAME KEY` of a Secret or ConfigMap, `written by CONTAINER` for a volume that
 * another container writes; null when nothing does.
 */
export function providerOf(path: string, container: string, workload: Resource): string | null {
  const pod = Workload.parse(workload).spec.template.spec;
  const all = [...pod.initContainers, ...pod.containers];
  const mount = all
    .find(({ name }) => name === container)
    ?.volumeMounts.find(({ mountPath }) => path.startsWith(`${mountPath}/`));
  if (mount === undefined) return null;
  const volume = pod.volumes.find(({ name }) => name === mount.name);
  const key = path.slice(mount.mountPath.length + 1);
  if (volume?.secret !== undefined) return `Secret ${volume.secret.secretName} ${key}`;
  if (volume?.configMap !== undefined) return `ConfigMap ${volume.configMap.name} ${key}`;
  const writer = all.find(({ volumeMounts }) =>
    volumeMounts.some(({ name, readOnly }) => name === mount.name && !readOnly),
  );
  return writer === undefined ? null : `written by ${writer.name}`;
}

function sourcesOf(volume: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(volume)
    .filter((key) => key !== 'name')
    .sort();
}

function doubles(names: readonly string[]): readonly string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}
