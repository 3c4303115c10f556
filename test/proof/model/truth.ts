import type { AccessRequest } from '../../sim/teleport/model.ts';
import { BOT_USER } from '../../sim/teleport/reference-world.ts';
import { MAPPED, ROBIN, SAM, TAYLOR, type Person } from './people.ts';
import type { Asked, Play, TrueAnswer } from './run.ts';

/** What the service has read of PagerDuty counts for so long (`freshness`, whole seconds of PagerDuty's `Date`, and the way there). */
const STALE_MS = 4_000;
/** Between the service's last look at a request and its review. Teleport takes no review on condition that nothing has changed. */
const UNSEEN_MS = 500;
/** What a request may come to ask for, and what of it its page must show. */
export const CHANGES = {
  roles: { to: { roles: ['prodaccess', 'sres'] }, shown: 'sres' },
  reason: { to: { requestReason: 'something else' }, shown: 'something else' },
} as const;
/** Within that time before a review its silence must show. */
const SILENT_WITHIN_MS = 20_000;
const SILENT_TIMES = 3;

/** The address by which their Teleport user leads to them. */
export function emailOf({ teleportUser }: Person): string {
  return teleportUser.includes('@') ? teleportUser : `${teleportUser}@example.com`;
}

/** Whether PagerDuty has told the service of this person under the address of theirs. */
export function wasSeen(person: Person, { stage }: Pick<Play, 'stage'>): boolean {
  const email = emailOf(person);
  return stage.pagerDuty.calls
    .matching('GET', '/users')
    .some(({ query, status }) => status === 200 && Object.values(query).flat().includes(email));
}

/** Something has happened, after which it is left to chance whether these answers were heard before. */
export function forgo({ answers }: Pick<Play, 'answers'>, which: (answer: TrueAnswer) => boolean): void {
  for (const [index, answer] of answers.entries())
    if (which(answer)) answers[index] = { ...answer, lasting: false };
}

/** Whether this person may decide on this request by an answer on this page now: on call by right, and known to be another. */
export function mayAnswer(who: Person, request: Asked, pageId: string, run: Play): boolean {
  const { setting, rewritten } = run;
  return (
    isApprover(who, run) &&
    setting.answerBy !== 'teleport' &&
    who.id !== request.who.id &&
    areKnownToBeTwo(who, request, run) &&
    !rewritten.has(pageId)
  );
}

function isApprover(who: Person, { setting, offSince }: Play): boolean {
  const isOnCall = who.id === SAM.id && (offSince === null || Date.now() < offSince + STALE_MS);
  return isOnCall || (setting.twoApprovers && who.id === ROBIN.id);
}

/** Whether this person may end the access: whoever asked, or may approve, be it that these are not known to be two. */
export function mayRevoke(who: Person, request: Asked, run: Play): boolean {
  return who.id === request.who.id || (isApprover(who, run) && run.setting.answerBy !== 'teleport');
}

function areKnownToBeTwo(who: Person, { who: requester, leadsTo }: Asked, { setting }: Play): boolean {
  const isMapped = (person: Person): boolean => setting.approversKnown && MAPPED.includes(person);
  return isMapped(who) || isMapped(requester) || leadsTo === requester.id;
}

/**
 * The two ways in that are known and named in the security model: a rota of years that was moved under the target or the target to
 * it, which no row of PagerDuty's tells from one that was always there; and an address that was taken before the service first saw
 * whoever took it.
 */
export function isKnownWayIn({ who, leadsTo }: Asked, by: Person | null, run: Play): boolean {
  const thief = leadsTo === null || leadsTo === who.id ? undefined : run.moved.get(leadsTo);
  return (run.rotaMoved && (by ?? who).id === TAYLOR.id) || thief?.wasSeen === false;
}

/** Why an approval that Teleport has is right, by what was really done; null where nothing makes it so. */
export function groundsOf(
  { author, reason, at }: { readonly author: string; readonly reason: string; readonly at: number },
  request: AccessRequest,
  asked: Asked,
  run: Play,
): string | null {
  const { reviews, answers, changed, setting } = run;
  const { id } = asked;
  const byHand = reviews.find((each) => reason === `by hand of ${each.name}` && each.requestId === id);
  if (byHand !== undefined)
    return byHand.approves && [byHand.author, BOT_USER].includes(author) ? 'by hand' : null;
  const before = changed.filter((each) => each.requestId === id && each.at + UNSEEN_MS < at);
  if (reason.startsWith('Approved by ')) {
    const answer = answers.find(
      (each) =>
        each.requestId === id &&
        each.propose === 'approved' &&
        reason.startsWith(`Approved by ${each.who.name} `) &&
        before.every(({ part }) => showsChange(each.incidentId, part, run)),
    );
    if (answer !== undefined) return [BOT_USER, answer.who.teleportUser].includes(author) ? 'answered' : null;
    const by = [...MAPPED].find(({ name }) => reason.startsWith(`Approved by ${name} `)) ?? null;
    return isKnownWayIn(asked, by, run) ? 'a known way in' : null;
  }
  if (author !== BOT_USER || before.some(({ part }) => part === 'roles')) return null;
  if (reason.includes('BREAK GLASS')) {
    const silent = run.reads.answersWithin('reads', at, SILENT_WITHIN_MS).filter((each) => each === null);
    const unopened = run.reads
      .answersWithin({ pageOf: id }, at, SILENT_WITHIN_MS)
      .filter((each) => each === null);
    const isProven = Math.max(silent.length, unopened.length) >= SILENT_TIMES;
    return setting.breakGlass && isProven && request.requestReason !== '' ? 'broken glass' : null;
  }
  return isEntitled(asked, run) ? 'entitled' : isKnownWayIn(asked, null, run) ? 'a known way in' : null;
}

/** Whether a page that was opened later shows what the request has come to ask for. */
function showsChange(pageId: string, part: keyof typeof CHANGES, { stage }: Play): boolean {
  const page = stage.pagerDuty.account.incidents.require(pageId);
  return `${page.details}`.includes(CHANGES[part].shown);
}

/** On call for the target when they asked, or asked to help by who was, and with the incident that the rule wants. */
function isEntitled({ who, at }: Asked, { setting, offSince, repointedAt, helped }: Play): boolean {
  const isGone = (since: number | null): boolean => since !== null && at > since + STALE_MS;
  const isOnCall = who.id === SAM.id && !isGone(offSince) && !isGone(repointedAt);
  return (isOnCall || (setting.responders && helped.has(who.id))) && setting.openIncident !== 'missing';
}
