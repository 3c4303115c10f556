import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { tool, type Finished } from './tools.ts';

const Labels = z.record(z.string(), z.string());
const Probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) });
const Container = z.object({
  name: z.string(),
  ports: z.array(z.object({ name: z.string(), containerPort: z.int() })),
  env: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
  securityContext: z.object({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.object({ drop: z.array(z.string()) }),
  }),
  resources: z.object({
    requests: z.object({ cpu: z.string(), memory: z.string() }),
    limits: z.object({ memory: z.string() }),
  }),
  startupProbe: Probe,
  livenessProbe: Probe.optional(),
  readinessProbe: Probe.optional(),
  volumeMounts: z.array(
    z.object({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().default(false) }),
  ),
});

/** The parts of a StatefulSet that the tests look at; missing hardening is refused here. */
const StatefulSet = z.object({
  spec: z.object({
    replicas: z.int(),
    selector: z.object({ matchLabels: Labels }),
    volumeClaimTemplates: z.array(z.object({ metadata: z.object({ name: z.string() }) })).default([]),
    template: z.object({
      metadata: z.object({ labels: Labels }),
      spec: z.object({
        automountServiceAccountToken: z.literal(false),
        terminationGracePeriodSeconds: z.int(),
        securityContext: z.object({
          runAsNonRoot: z.literal(true),
          runAsUser: z.int(),
          seccompProfile: z.object({ type: z.literal('RuntimeDefault') }),
        }),
        initContainers: z.array(Container).default([]),
        containers: z.array(Container),
        volumes: z.array(z.looseObject({ name: z.string() })),
      }),
    }),
  }),
});

export type Resource = Readonly<Record<string, unknown>> & {
  readonly kind: string;
  readonly metadata: { readonly name: string };
};

/** What `kubectl apply --kustomize` would send, as text. Throws what kustomize complains of. */
export async function rendered(folder: string): Promise<string> {
  const { code, stdout, stderr } = await tool('kustomize', ['build', folder]);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

/** As Kubernetes reads it: YAML 1.1, where `0440` is octal. */
export function resources(text: string): readonly Resource[] {
  return parseAllDocuments(text, { version: '1.1' }).map((document) => document.toJS() as Resource);
}

/** The one resource of this kind. */
export function only(all: readonly Resource[], kind: string): Resource {
  const found = all.filter((each) => each.kind === kind);
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`${found.length} resources of kind ${kind}`);
  return first;
}

export function statefulSet(all: readonly Resource[]) {
  return StatefulSet.parse(only(all, 'StatefulSet')).spec;
}

/** What the schemas of one Kubernetes version say; unknown keys are refused as well. */
export function validated(text: string, version: string): Promise<Finished> {
  return tool('kubernetes-validate', ['--strict', '--kubernetes-version', version, '-'], text);
}
