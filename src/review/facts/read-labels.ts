import type { AccessRequest } from '../../core/access-request.ts';
import type { ResourceFacts } from '../../core/resources/host-names.ts';
import { labelledAs } from '../../core/resources/labels.ts';
import { SECOND } from '../../core/values/instant.ts';
import type { NodeNames } from '../../ports/teleport.ts';
import { causeOfMissingFact } from '../cause-of.ts';
import { within } from '../deadline.ts';

/** Labels decide, so they are waited for longer than names; but a person is asked in time. */
const DEADLINE_MS = 5 * SECOND;

/**
 * The labels of these names that the requested resources have, by one call for each kind. Nothing where no rule asks for any; whatever
 * cannot be had is `unknown`: nothing is thrown for it.
 */
export async function readLabels(
  { resources }: AccessRequest,
  {
    nodes,
    rootCluster,
    names,
  }: {
    readonly nodes: NodeNames | null;
    readonly rootCluster: string | null;
    readonly names: readonly string[];
  },
  signal: AbortSignal,
): Promise<Pick<ResourceFacts, 'labels'>> {
  const bearers = Map.groupBy(
    resources.flatMap((each) => labelledAs(each, rootCluster) ?? []),
    ({ kind }) => kind,
  );
  if (nodes === null || names.length === 0 || bearers.size === 0) return {};
  try {
    const read = await within(DEADLINE_MS, signal, (each) =>
      Promise.all(
        [...bearers].map(async ([kind, those]) => {
          const wanted = { kind, resources: [...new Set(those.map(({ name }) => name))], names };
          const found = await nodes.labels(wanted, each);
          return [...found].map(([name, labels]) => ({ kind, name, labels }));
        }),
      ),
    );
    return { labels: { state: 'known', asked: names, resources: read.flat() } };
  } catch (error) {
    return { labels: { state: 'unknown', cause: causeOfMissingFact(error) } };
  }
}
