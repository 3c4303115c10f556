import type { AccessRequest } from '../../core/access-request.ts';
import { needsHostName, type HostNamesReading } from '../../core/resources/host-names.ts';
import { SECOND } from '../../core/values/instant.ts';
import type { NodeNames } from '../../ports/teleport.ts';
import { causeOfMissingFact } from '../cause-of.ts';
import { within } from '../deadline.ts';

/** People can do without host names, and whoever waits for an approval must not wait for them. */
const DEADLINE_MS = 3 * SECOND;

/** What the requested nodes of the root cluster are called. Whatever cannot be had is `unknown`: nothing is thrown for it. */
export async function readHostNames(
  { resources }: AccessRequest,
  { nodes, rootCluster }: { readonly nodes: NodeNames | null; readonly rootCluster: string | null },
  signal: AbortSignal,
): Promise<HostNamesReading> {
  const ids = resources.filter((each) => needsHostName(each, rootCluster)).map(({ name }) => name);
  if (nodes === null || ids.length === 0) return { state: 'not-asked' };
  try {
    const found = await within(DEADLINE_MS, signal, (each) => nodes.hostNames([...new Set(ids)], each));
    return { state: 'known', names: [...found].map(([id, hostname]) => ({ id, hostname })) };
  } catch (error) {
    return { state: 'unknown', cause: causeOfMissingFact(error) };
  }
}
