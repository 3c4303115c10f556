import { answerCode } from '../../../src/core/answers/answer.ts';
import { lockNameOf } from '../../../src/core/effects/access-end.ts';
import { acknowledge, resolve } from '../../sim/pagerduty/incident-life.ts';
import { isOpen, type Incident } from '../../sim/pagerduty/incident-model.ts';
import { addNote } from '../../sim/pagerduty/incident-notes.ts';
import { isBeforeItsRequest, pagesByRequest } from '../pages.ts';
import type { Arena, Made } from './arena.ts';
import { LOOKED_AT, REVIEWER } from './world.ts';

const APPROVER = { type: 'user', id: 'PSAM1RE' } as const;
const NOT_ON_CALL = { type: 'user', id: 'POUT4SD' } as const;
/** A page that was resolved without a word is not forgotten for ever. */
const SECOND_THOUGHTS_MS = 4_000;

const LOOK_EVERY_MS = 100;

/** People look at their pages until the returned function is called; it throws what kept them from it, if anything did. */
export function peopleAtWork(arena: Arena): () => void {
  let failure: Error | null = null;
  const timer = setInterval(() => {
    try {
      letPeopleAct(arena);
    } catch (error) {
      failure ??= error instanceof Error ? error : new Error(String(error));
    }
  }, LOOK_EVERY_MS);
  return () => {
    clearInterval(timer);
    if (failure !== null) throw failure;
  };
}

/** Lets people answer the pages whose time has come. What they did is written down: it is what approvals are checked against. */
function letPeopleAct(arena: Arena): void {
  const pages = pagesByRequest(arena.stage.incidents());
  for (const made of arena.made.values()) {
    if (made.fate.liftsLock) liftLock(arena, made);
    const page = pages.get(made.id)?.at(-1);
    if (page === undefined) continue;
    made.pagedAt ??= performance.now();
    if (arena.stage.teleport.cluster.findRequest(made.id)?.state !== 'PENDING') continue;
    const sinceMs = performance.now() - made.pagedAt - made.fate.answerAfterMs;
    if (sinceMs >= 0) act(arena, made, page, sinceMs);
  }
}

/** The approver, whose answer on the page could not be carried to Teleport. */
function approveInPerson({ stage }: Arena, requestId: string): void {
  const { cluster } = stage.teleport;
  if (cluster.request(requestId).reviews.some(({ author }) => author === 'sre-1')) return;
  cluster.submitReview({ requestId, author: 'sre-1', proposedState: 'APPROVED', reason: LOOKED_AT });
}

/** Somebody lets a colleague go on although the shift is over. */
function liftLock(arena: Arena, { id, deeds }: Made): void {
  const { locks } = arena.stage.teleport.cluster;
  const name = lockNameOf(id);
  if (deeds.includes('lock lifted') || !arena.stage.locks().some((lock) => lock.name === name)) return;
  deeds.push('lock lifted');
  locks.delete(name);
  arena.lockLiftedAt = Date.now();
}

function act(arena: Arena, made: Made, page: Incident, sinceMs: number): void {
  const { stage } = arena;
  const { cluster } = stage.teleport;
  const { account } = stage.pagerDuty;
  const { id, fate, deeds } = made;
  const code = answerCode(id);
  const once = (deed: string, doIt: () => void): void => {
    if (deeds.includes(deed)) return;
    deeds.push(deed);
    doIt();
  };
  // Whoever is paged again answers again.
  const didHere = (deed: string): boolean => deeds.includes(`${deed} on ${page.id}`);
  const onceHere = (deed: string, doIt: () => void): void =>
    once(`${deed} on ${page.id}`, () => {
      if (!deeds.includes(deed)) deeds.push(deed);
      doIt();
    });
  // Several requests may be asked about on one page, and one of them is why it was resolved a moment ago.
  const isOpenYet = () => stage.incidents().some((each) => each.id === page.id && isOpen(each));
  const review = (proposedState: 'APPROVED' | 'DENIED') => {
    if (arena.setting.edition === 'community')
      cluster.setRequestState({ id, state: proposedState, reason: LOOKED_AT });
    else cluster.submitReview({ requestId: id, author: REVIEWER, proposedState, reason: LOOKED_AT });
  };
  // On the page it was said that it is not known to be two people's, or that it came before its page or request (in whole seconds, by
  // a clock of PagerDuty's that is moved here), or that PagerDuty told nothing for too long: then it is answered where none is asked.
  const onThePage = ['approve-by-note', 'deny-by-note', 'acknowledge'].includes(fate.answer);
  const isTurnedAway =
    isBeforeItsRequest(id, page) ||
    page.notes.some(({ content }) =>
      /must be answered in Teleport|before this (?:page was opened|request was made)|could not be found out/u.test(
        content,
      ),
    );
  if (onThePage && isTurnedAway && sinceMs >= SECOND_THOUGHTS_MS) {
    if (fate.answer === 'deny-by-note') once('denied in Teleport', () => review('DENIED'));
    else once('approved in Teleport', () => review('APPROVED'));
    if (fate.requester === 'two-needed' && sinceMs >= 2 * SECOND_THOUGHTS_MS)
      once('approved in Teleport in person', () => approveInPerson(arena, id));
    return;
  }
  switch (fate.answer) {
    case 'approve-in-teleport':
      once('approved in Teleport', () => review('APPROVED'));
      return;
    case 'deny-in-teleport':
    case 'late':
      once('denied in Teleport', () => review('DENIED'));
      return;
    case 'approve-by-note': {
      onceHere('approved by note', () => void addNote(account, page.id, `approve ${code} go on`, APPROVER));
      if (fate.requester === 'two-needed' && sinceMs >= SECOND_THOUGHTS_MS)
        once('approved in Teleport', () => review('APPROVED'));
      if (fate.requester === 'two-needed' && sinceMs >= 2 * SECOND_THOUGHTS_MS)
        once('approved in Teleport in person', () => approveInPerson(arena, id));
      return;
    }
    case 'acknowledge':
      // Where several are asked about, that is said of the one that the page was opened for.
      if (
        !page.incidentKey.startsWith(`oncall-approver/${id}/`) ||
        page.title.startsWith('Access requests of ')
      )
        onceHere('approved by note', () => void addNote(account, page.id, `approve ${code} go on`, APPROVER));
      else if (isOpenYet()) onceHere('acknowledged', () => void acknowledge(account, page.id, APPROVER));
      // Nobody acknowledges what somebody has resolved for another request, as the last note on it says.
      else if (!didHere('acknowledged') && sinceMs >= SECOND_THOUGHTS_MS)
        once('approved in Teleport', () => review('APPROVED'));
      return;
    case 'deny-by-note':
      onceHere('denied by note', () => void addNote(account, page.id, `deny ${code} not now`, APPROVER));
      return;
    case 'false-answers-first': {
      const own = fate.pagerDutyId === null ? NOT_ON_CALL : ({ type: 'user', id: fate.pagerDutyId } as const);
      once('approved by the requester', () => void addNote(account, page.id, `approve ${code} me`, own));
      once('approved by somebody off call', () => {
        addNote(account, page.id, `approve ${code} please`, NOT_ON_CALL);
      });
      once('approved with a wrong code', () => void addNote(account, page.id, 'approve ZZZZZ', APPROVER));
      if (sinceMs >= SECOND_THOUGHTS_MS) once('denied in Teleport', () => review('DENIED'));
      return;
    }
    case 'acknowledged-by-requester': {
      const own = fate.pagerDutyId;
      // For another of their requests that is asked about there they may have.
      const has = page.acknowledgements.some(({ acknowledger }) => acknowledger.id === own);
      if (own !== null && isOpenYet() && !has)
        once(
          'acknowledged by the requester',
          () => void acknowledge(account, page.id, { type: 'user', id: own }),
        );
      if (sinceMs >= SECOND_THOUGHTS_MS) once('denied in Teleport', () => review('DENIED'));
      return;
    }
    case 'page-resolved':
      if (isOpenYet()) once('page resolved', () => void resolve(account, page.id, APPROVER));
      if (sinceMs >= SECOND_THOUGHTS_MS) once('denied in Teleport', () => review('DENIED'));
      return;
    case 'request-deleted':
      once('deleted', () => cluster.deleteRequest(id));
      return;
    case 'nobody-answers':
  }
}
