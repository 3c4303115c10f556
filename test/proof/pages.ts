import { CLOCKS_DIFFER_MS } from '../../src/core/values/instant.ts';
import type { Incident } from '../sim/pagerduty/incident-model.ts';

/** The service's own user in PagerDuty, in whose name nobody else opens incidents or writes notes. */
const OWN_ID = 'PBOT6OA';

/** Whether the service opened it: nobody else can, whatever they write into it. */
export function isOurs({ logEntries }: Incident): boolean {
  return logEntries[0]?.agent.id === OWN_ID;
}

/** Whether it was opened for this request, and not for another one of the same person. */
export function isOpenedFor(requestId: string, { incidentKey }: Incident): boolean {
  return incidentKey.startsWith(`oncall-approver/${requestId}/`);
}

/** By PagerDuty's clock it was there before its request was: the service takes such a one for anybody's, and opens another. */
export function isBeforeItsRequest(requestId: string, { createdAt }: Incident): boolean {
  const askedMs = Number.parseInt(requestId.slice(0, 8) + requestId.slice(9, 13), 16);
  return createdAt.getTime() < askedMs - CLOCKS_DIFFER_MS;
}

/** The request that its key names, and those of the same person that were listed on it later. */
export function requestsOn({ incidentKey, notes }: Incident): readonly string[] {
  const listed = notes.flatMap(({ author, content }) =>
    author.id === OWN_ID
      ? [...content.matchAll(/^Request (\S+) · oncall-approver decision/gmu)].map(([, id = '']) => id)
      : [],
  );
  return [/^oncall-approver\/([^/]+)/u.exec(incidentKey)?.[1] ?? '', ...listed];
}

/** The pages that ask people about each request, in the order in which they were opened. */
export function pagesByRequest(incidents: readonly Incident[]): ReadonlyMap<string, readonly Incident[]> {
  return byRequest(incidents.filter((each) => isOurs(each) && !isAboutGlass(each)));
}

/** The pages by which people hear of broken glass, in the same order. */
export function glassPagesByRequest(
  incidents: readonly Incident[],
): ReadonlyMap<string, readonly Incident[]> {
  return byRequest(incidents.filter((each) => isOurs(each) && isAboutGlass(each)));
}

function byRequest(incidents: readonly Incident[]): ReadonlyMap<string, readonly Incident[]> {
  const found = new Map<string, Incident[]>();
  for (const incident of incidents)
    for (const id of new Set(requestsOn(incident))) found.set(id, [...(found.get(id) ?? []), incident]);
  return found;
}

function isAboutGlass({ incidentKey }: Incident): boolean {
  return /^oncall-approver\/[^/]+\/break-glass\//u.test(incidentKey);
}
