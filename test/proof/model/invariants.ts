import { join } from 'node:path';
import { answerCode } from '../../../src/core/answers/answer.ts';
import { firstNamed, parseAnswer, saysOwnWords } from '../../../src/core/answers/grammar.ts';
import type { LedgerEvent } from '../../../src/core/record/ledger-entry.ts';
import { storyOf, type Story } from '../../../src/core/record/story.ts';
import { GENESIS, hashOf, sha256 } from '../../../src/ledger/rows.ts';
import { openHistory } from '../../../src/ledger/open-ledger.ts';
import { verifyLedger } from '../../../src/traceability/verify.ts';
import { isOpen, type Incident } from '../../sim/pagerduty/incident-model.ts';
import { BOT_USER } from '../../sim/teleport/reference-world.ts';
import { ALEX, ROBIN, SAM, TAYLOR } from './people.ts';
import { isOpenedFor, ledgerOf, pagesOf, type Asked, type Play } from './run.ts';
import { groundsOf, isKnownWayIn, mayAnswer } from './truth.ts';

const MOST_PAGES = 4;

/** What must never be, as far as it is: sentences, none for a run in which everything holds. */
export async function violationsOf(run: Play): Promise<readonly string[]> {
  const file = join(run.stage.folder, 'ledger.sqlite');
  const ledger = ledgerOf(run);
  const violations = [...(await chainFaults(file)), ...doubledNotes(run)];
  try {
    for (const asked of run.requests) {
      const { id } = asked;
      const entries = await ledger.entriesOf(id);
      const events = entries.map(({ event }) => event);
      const found = [
        ...pageFaults(id, run),
        ...adoptionFaults(id, events, run),
        ...voteFaults(asked, events, run),
        ...personFaults(id, run),
        ...approvalFaults(asked, run),
        ...endingFaults(id, storyOf(entries), run),
        ...silenceFaults(asked, storyOf(entries), run),
      ];
      violations.push(...found.map((violation) => `${violation} (request ${id})`));
    }
  } finally {
    await ledger.close();
  }
  return violations;
}

async function chainFaults(file: string): Promise<readonly string[]> {
  const history = await openHistory({ sqlite: file });
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

/** At most one page at a time, one more for each that somebody resolved, where the rule says so, and for each change of the request. */
function pageFaults(requestId: string, run: Play): readonly string[] {
  const { stage, setting, resolved, changed, requests } = run;
  // For whom it was opened may be asked about elsewhere by now, while others wait on it.
  const others = { ...run, requests: requests.filter(({ id }) => id !== requestId) };
  const pages = pagesOf(stage, requestId);
  const again = setting.ifResolved === 'repage' ? pages.filter(({ id }) => resolved.includes(id)).length : 0;
  const changes = changed.filter((each) => each.requestId === requestId).length;
  return [
    ...(pages.length > 1 + again + changes
      ? [`${pages.length} pages, of which ${again} were resolved by people, after ${changes} changes`]
      : []),
    ...(pages.filter((page) => isOpenedFor(requestId, page) && isOpen(page) && !isWaitedOn(page, others))
      .length > 1
      ? ['two pages are open at once']
      : []),
  ];
}

/** No vote without an answer that counts by what was really written, and none only said to be given. */
function voteFaults(asked: Asked, events: readonly LedgerEvent[], run: Play): readonly string[] {
  const { stage, setting } = run;
  const requestId = asked.id;
  const request = stage.teleport.cluster.findRequest(requestId);
  const reasons = [...(request?.reviews ?? []).map(({ reason }) => reason), request?.resolveReason ?? ''];
  const counted = events.flatMap((event) =>
    event.kind === 'answered' && event.counted ? [event.answer] : [],
  );
  const wrong = counted.filter(
    ({ by, propose, incidentId }) =>
      !isKnownWayIn(asked, [SAM, TAYLOR].find(({ id }) => id === by.id) ?? null, run) &&
      !run.answers.some(
        (answer) =>
          answer.requestId === requestId &&
          answer.incidentId === incidentId &&
          answer.who.id === by.id &&
          answer.approves === (propose === 'approved'),
      ),
  );
  const given = new Set(
    events.flatMap((event) => (event.kind === 'effect-done' && event.outcome.ours ? [event.key] : [])),
  );
  const missing = events.flatMap((event) =>
    event.kind === 'effect-intended' &&
    event.effect.kind === 'vote' &&
    given.has(event.effect.key) &&
    request !== undefined &&
    !reasons.includes(event.effect.reason)
      ? [event.effect.key]
      : [],
  );
  return [
    ...wrong.map(({ by, propose }) => `an answer counted that must not: ${propose} by ${by.name}`),
    // Community has no reviews: the last reason stands for all.
    ...(setting.edition === 'community'
      ? []
      : missing.map((key) => `said to be given, but is not there: ${key}`)),
  ];
}

/**
 * Counted in Teleport, by author and by whom a reason names: however a person answers, it makes one review of a kind, so that nobody's
 * add up. Of both kinds there can be one each where somebody reviews by hand in the very moment in which the service, having looked,
 * settles the request in its own name by their answer: Teleport takes no review on condition that nothing has changed.
 */
function personFaults(requestId: string, { stage }: Play): readonly string[] {
  const reviews = stage.teleport.cluster.findRequest(requestId)?.reviews ?? [];
  return [SAM, ROBIN, TAYLOR, ALEX].flatMap(({ name, teleportUser }) => {
    const own = reviews.filter(
      ({ author, reason }) => author === teleportUser || reason.includes(`by ${name} by`),
    );
    const alike = Map.groupBy(own, ({ proposedState }) => proposedState);
    return [...alike].flatMap(([kind, { length }]) =>
      length < 2 ? [] : [`${length} reviews of ${name} of the same kind, ${kind}`],
    );
  });
}

/** No incident is taken for a page but those that the service opened for this request. */
function adoptionFaults(
  requestId: string,
  events: readonly LedgerEvent[],
  { stage }: Play,
): readonly string[] {
  const pages = pagesOf(stage, requestId).map(({ id }) => id);
  return events.flatMap((event) => {
    if (event.kind !== 'effect-done' || !/^page( \d)?$/u.test(event.key)) return [];
    const { incidentId } = event.outcome;
    return incidentId === null || pages.includes(incidentId) ? [] : [`${incidentId} is taken for its page`];
  });
}

/** Nobody is let in but by right: see `groundsOf`. */
function approvalFaults(asked: Asked, run: Play): readonly string[] {
  const { stage, setting } = run;
  const { cluster } = stage.teleport;
  const request = cluster.findRequest(asked.id);
  if (request?.state !== 'APPROVED') return [];
  const given =
    setting.edition === 'community'
      ? (cluster.stateChanges.get(asked.id) ?? []).map((each) => ({ ...each, author: BOT_USER }))
      : request.reviews.map((each) => ({ ...each, state: each.proposedState, at: each.created }));
  return given
    .filter(({ state }) => state === 'APPROVED')
    .map(({ author, reason, at }) => ({ author, reason, at: at.getTime() }))
    .filter((approval) => groundsOf(approval, request, asked, run) === null)
    .map(({ author, reason }) => `an approval that nothing accounts for, by ${author}: ${reason}`);
}

/**
 * While a request is pending, whoever names it on one of its pages is heard, and told where the answer does not count; and whoever may
 * answer and names nothing is told that. Each is told so three times at most. To nobody else a word is owed for talk, be it forty times.
 */
function silenceFaults(asked: Asked, story: Story, run: Play): readonly string[] {
  const { stage, requests } = run;
  const requestId = asked.id;
  if (stage.teleport.cluster.findRequest(requestId)?.state !== 'PENDING') return [];
  return pagesOf(stage, requestId).flatMap((page) => {
    const { notes } = page;
    const isTold = ({ id }: { readonly id: string }) =>
      notes.some(({ content }) => content.includes(`reply ${id}`));
    const wordsTo = (author: { readonly id: string }) =>
      notes.filter((note) => note.author.id === author.id && isTold(note)).length;
    return notes
      .filter(
        ({ content, createdAt, updatedAt }) =>
          updatedAt <= createdAt && /approve|deny/iu.test(content) && !saysOwnWords(content),
      )
      .flatMap((note) => {
        const { content, author } = note;
        const names = (id: string) => firstNamed(content, [{ requestId: id, code: answerCode(id) }]) !== null;
        const isNamed = names(requestId);
        const heard = story.answers.find(({ answer }) => answer.id === note.id);
        // A page that is resolved asks nobody any more: what is said there is heard where it reads like an answer.
        const said = parseAnswer(content, { requestId, code: answerCode(requestId) });
        const isAnswer = said.propose !== null && said.codeIsRight && said.unclear === undefined;
        if (!isOpen(page) && !isAnswer) return [];
        if (heard === undefined && isNamed && wordsTo(author) < 3) return [`nobody heard \`${content}\``];
        const isForOthers = !isNamed && requests.some(({ id }) => names(id));
        const approver = [SAM, ROBIN].find(({ id }) => id === author.id);
        const isTalk = !isNamed && (approver === undefined || !mayAnswer(approver, asked, page.id, run));
        return heard?.counted === true || isForOthers || isTalk || wordsTo(author) > 0
          ? []
          : [`nobody was told why \`${content}\` does not count`];
      });
  });
}

/** Whether a request is asked about there that is pending. */
function isWaitedOn(page: Incident, { stage, requests }: Play): boolean {
  const { cluster } = stage.teleport;
  const pending = requests.filter(({ id }) => cluster.findRequest(id)?.state === 'PENDING');
  return pending.some(({ id }) => pagesOf(stage, id).includes(page));
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
  const told = (story.overturned ?? story.ended)?.state ?? 'pending';
  const same = state === 'gone' ? story.ended !== null : told === state;
  const heard = answers.some(({ lasting, ...answer }) => lasting && answer.requestId === requestId);
  return [
    ...(same ? [] : [`Teleport has it ${state}, the ledger ${told}`]),
    ...(state !== 'pending' && pages.some((page) => isOpen(page) && !isWaitedOn(page, run))
      ? [`it is ${state}, and its page is still open`]
      : []),
    ...(state === 'pending' && pages.length === 0 && story.decided.decision.verdict === 'escalate'
      ? ['it is pending, and nobody was paged']
      : []),
    ...(state === 'pending' &&
    setting.ifResolved === 'repage' &&
    story.decided.decision.verdict === 'escalate' &&
    pages.length < MOST_PAGES &&
    !pages.some(isOpen)
      ? ['it is pending, and nobody was asked again after its page was resolved']
      : []),
    ...(state === 'pending' && heard && setting.approvals === 1
      ? ['it is pending although it was answered']
      : []),
  ];
}
