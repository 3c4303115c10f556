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
