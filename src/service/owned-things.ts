import { surveyOwners, type Survey, type SurveyedResource } from '../doctor/survey-owners.ts';
import { messageOf } from '../core/values/cause.ts';
import { MINUTE } from '../core/values/instant.ts';
import type { OwnedRow, OwnedThings } from '../http/pages/owners-page.ts';
import type { Clock } from '../ports/clock.ts';

/** What is listed for a page is good for so long: it takes a list of everything in Teleport. */
const KEPT_MS = 5 * MINUTE;
const DEADLINE_MS = MINUTE;
/** Of more only the number is known. */
const MOST_ROWS = 20_000;

/** Lists whose everything is, once for all who look within five minutes. Rejects with what went wrong, in words. */
export function ownedThings(
  survey: () => Omit<Survey, 'onResource'>,
  clock: Clock,
): () => Promise<OwnedThings | null> {
  let kept: { readonly at: number; readonly things: Promise<OwnedThings> } | null = null;

  async function list(): Promise<OwnedThings> {
    const given = survey();
    const at = clock.now();
    const rows: OwnedRow[] = [];
    const cluster = given.rootCluster ?? '';
    const onResource = (each: SurveyedResource): void => {
      if (rows.length < MOST_ROWS) rows.push(rowOf(each, cluster));
    };
    const ask = { signal: AbortSignal.timeout(DEADLINE_MS), priority: 'background' } as const;
    const { resources, unowned } = await surveyOwners({ ...given, onResource }, ask);
    return { at, rows, resources, unowned };
  }

  return async () => {
    const now = performance.now();
    if (!survey().rules.some(({ onCall }) => onCall.owner !== undefined)) return null;
    if (kept === null || now - kept.at > KEPT_MS) kept = { at: now, things: list() };
    const mine = kept;
    try {
      return await mine.things;
    } catch (error) {
      if (kept === mine) kept = null;
      throw new Error(messageOf(error), { cause: error });
    }
  };
}

function rowOf({ kind, name, hostName, rule, owners, why }: SurveyedResource, cluster: string): OwnedRow {
  return {
    ...{ cluster, kind, name: hostName ?? name, rule, why },
    owners: owners.map(({ asked, team, service, onCall }) => ({
      name: `${team === true ? 'team ' : ''}${service ?? asked}`,
      onCall:
        service === null ? 'no such service that pages' : onCall.length === 0 ? 'nobody' : onCall.join(', '),
    })),
  };
}
