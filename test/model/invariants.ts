import { join } from 'node:path';
import type { LedgerEvent } from '../../src/core/record/ledger-entry.ts';
import { storyOf, type Story } from '../../src/core/record/story.ts';
import { GENESIS, hashOf, sha256 } from '../../src/ledger/chain.ts';
import { SqliteHistory } from '../../src/ledger/sqlite-history.ts';
import { SqliteLedger } from '../../src/ledger/sqlite-ledger.ts';
import { verifyLedger } from '../../src/traceability/verify.ts';
import { isOpen } from '../sim/pagerduty/incident-model.ts';
import { BOT_USER } from '../sim/teleport/reference-world.ts';
import { ROBIN, SAM } from './plan.ts';
import { pagesOf, type Play } from './run.ts';

/** What must never be, as far as it is: sentences, none for a run in which everything holds. */
export async function violationsOf(run: Play): Promise<readonly string[]> {
  const file = join(run.stage.folder, 'ledger.sqlite');
  const ledger = new SqliteLedger(file);
  const violations = [...(await chainFaults(file)), ...doubledNotes(run)];
  try {
    for (const { id } of run.requests) {
      const entries = await ledger.entriesOf(id);
      const events = entries.map(({ event }) => event);
      const found = [
        ...pageFaults(id, run),
        ...voteFaults(id, events, run),
        ...approvalFaults(id, run),
        ...endingFaults(id, storyOf(entries), run),
      ];
      violations.push(...found.map((violation) => `${violation} (request ${id})`));
    }
  } finally {
    await ledger.close();
  }
  return violations;
}

async function chainFaults(file: string): Promise<readonly string[]> {
  const history = new SqliteHistory(file);
  try {
    const hashing = { digest: sha256, hashOf, genesis: GENESIS };
    const { findings, faults } = await verifyLedger({ history, hashing });
    return faults === 0 ? [] : findings.map((finding) => `ledger: ${JSON.stringify(finding)}`);
  } finally {
    await history.close();
  }
}

/** Every note of ours ends in a line that no other note may have. */
function doubledNotes({ stage }: Play): readonly string[] {
  const markers = stage
    .incidents()
    .flatMap(({ notes }) => notes)
    .flatMap(({ content }) => /^oncall-approver decision .*$/mu.exec(content) ?? []);
  const doubled = markers.filter((marker, index) => markers.indexOf(marker) !== index);
  return doubled.map((marker) => `a note was written twice: ${marker}`);
}

/** At most one page at a time, and one more for each that somebody resolved, where the rule says so. */
function pageFaults(requestId: string, { stage, setting, resolved }: Play): readonly string[] {
  const pages = pagesOf(stage, requestId);
  const again = setting.ifResolved === 'repage' ? pages.filter(({ id }) => resolved.includes(id)).length : 0;
  return [
    ...(pages.length > 1 + again ? [`${pages.length} pages, of which ${again} were resolved by people`] : []),
    ...(pages.filter(isOpen).length > 1 ? ['two pages are open at once'] : []),
  ];
}

/** One vote a person, none without an answer that counts by what was really written, and none only said to be given. */
function voteFaults(requestId: string, events: readonly LedgerEvent[], run: Play): readonly string[] {
  const { stage, setting } = run;
  const request = stage.teleport.cluster.findRequest(requestId);
  const reasons = [...(request?.reviews ?? []).map(({ reason }) => reason), request?.resolveReason ?? ''];
  const counted = events.flatMap((event) =>
    event.kind === 'answered' && event.counted ? [event.answer] : [],
  );
  const wrong = counted.filter(
    ({ by, propose }) =>
      !run.answers.some(
        (answer) =>
          answer.requestId === requestId &&
          answer.who.id === by.id &&
          answer.approves === (propose === 'approved'),
      ),
  );
  const twice = [SAM, ROBIN].filter(
    ({ name }) =>
      (request?.reviews ?? []).filter(({ reason }) => reason.includes(`by ${name} by`)).length > 1,
  );
  // By hand after a vote of ours is Teleport's to judge; the other way round it is ours.
  const afterHand = (request?.reviews ?? []).filter(({ reason }, index, all) =>
    [SAM, ROBIN].some(
      ({ name, teleportUser }) =>
        reason.includes(`by ${name} by`) && all.slice(0, index).some(({ author }) => author === teleportUser),
    ),
  );
  const given = events.flatMap((event) =>
    event.kind === 'effect-done' && event.key.startsWith('vote ') && event.outcome.ours ? [event.key] : [],
  );
  const missing = given.filter((key) => {
    const name = counted.find(({ by }) => key === `vote ${by.id}`)?.by.name ?? '';
    return request !== undefined && !reasons.some((reason) => reason.includes(`by ${name} by`));
  });
  return [
    ...wrong.map(({ by, propose }) => `an answer counted that must not: ${propose} by ${by.name}`),
    ...twice.map(({ name }) => `two votes of ${name}`),
    ...afterHand.map(({ reason }) => `a vote for somebody who had reviewed by hand: ${reason}`),
    // Community has no reviews: the last reason stands for all.
    ...(setting.edition === 'community'
      ? []
      : missing.map((key) => `said to be given, but is not there: ${key}`)),
  ];
}

/** Nobody is let in but by a person's own review, by an answer that counts, or because they are on call themselves. */
function approvalFaults(requestId: string, run: Play): readonly string[] {
  const { stage, requests, reviews, answers, setting } = run;
  const request = stage.teleport.cluster.findRequest(requestId);
  if (request?.state !== 'APPROVED') return [];
  const requester = requests.find(({ id }) => id === requestId)?.who;
  const approvals =
    setting.edition === 'community'
      ? [{ author: BOT_USER, reason: request.resolveReason }]
      : request.reviews.filter(({ proposedState }) => proposedState === 'APPROVED');
  return approvals
    .filter(({ author, reason }) => {
      const byHand = reviews.some((each) => each.requestId === requestId && each.approves);
      if (reason.startsWith('by hand of')) return !byHand;
      const answer = answers.find(
        (each) =>
          each.requestId === requestId && each.approves && reason.startsWith(`Approved by ${each.who.name} `),
      );
      if (answer !== undefined) return author !== BOT_USER && author !== answer.who.teleportUser;
      return author !== BOT_USER || requester?.id !== SAM.id || !reason.includes('is on call for service');
    })
    .map(({ author, reason }) => `an approval that nothing accounts for, by ${author}: ${reason}`);
}

/** Teleport, PagerDuty and the ledger tell the same end, and whoever answered as they should was heard. */
function endingFaults(requestId: string, story: Story, run: Play): readonly string[] {
  const { stage, answers, setting } = run;
  const request = stage.teleport.cluster.findRequest(requestId);
  const pages = pagesOf(stage, requestId);
  const state = request?.state.toLowerCase() ?? 'gone';
  if (story.decided === null) {
    return state === 'gone' || state !== 'pending' ? [] : ['a pending request was never decided'];
  }
  const told = story.ended?.state ?? 'pending';
  const same = state === 'gone' ? story.ended !== null : told === state;
  const heard = answers.some(
    ({ lasting, incidentId, ...answer }) =>
      lasting && answer.requestId === requestId && incidentId === pages.at(-1)?.id,
  );
  return [
    ...(same ? [] : [`Teleport has it ${state}, the ledger ${told}`]),
    ...(state !== 'pending' && pages.some(isOpen) ? [`it is ${state}, and its page is still open`] : []),
    ...(state === 'pending' && pages.length === 0 && story.decided.decision.verdict === 'escalate'
      ? ['it is pending, and nobody was paged']
      : []),
    ...(state === 'pending' && heard && setting.approvals === 1
      ? ['it is pending although it was answered']
      : []),
  ];
}
