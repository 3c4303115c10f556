import { cruise, type IDependency } from 'dependency-cruiser';
import type { Edge, ImportGraph } from './layers.ts';

/** Made by a generator, which knows nothing of layers. */
const GENERATED = '^src/teleport/proto/generated/';

/** Every import of the TypeScript files below these folders of the project, those of types and dynamic ones included. */
export async function importGraphOf(root: string, folders: readonly string[]): Promise<ImportGraph> {
  const { output } = await cruise([...folders], {
    baseDir: root,
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: GENERATED },
  });
  if (typeof output === 'string') throw new TypeError('dependency-cruiser gave a report instead of a graph');
  const ours = output.modules.filter(({ source }) =>
    folders.some((folder) => source.startsWith(`${folder}/`)),
  );
  return {
    files: ours.map(({ source }) => source),
    edges: ours.flatMap(({ source, dependencies }) => dependencies.map((each) => edgeOf(source, each))),
  };
}

function edgeOf(from: string, { module, resolved, coreModule, couldNotResolve }: IDependency): Edge {
  if (coreModule) return { from, to: module.startsWith('node:') ? module : `node:${module}` };
  if (couldNotResolve) return { from, to: `unresolved:${module}` };
  return { from, to: resolved.includes('node_modules/') ? `npm:${packageOf(module)}` : resolved };
}

/** `@scope/name/part` → `@scope/name` */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
