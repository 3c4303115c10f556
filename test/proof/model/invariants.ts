import { join } from 'node:path';
import { answerCode } from '../../../src/core/answers/answer.ts';
import { firstNamed, parseAnswer, saysOwnWords } from '../../../src/core/answers/grammar.ts';
import { lockNameOf } from '../../../src/core/effects/access-end.ts';
import type { LedgerEvent } from '../../../src/core/record/ledger-entry.ts';
import { storyOf, type Story } from '../../../src/core/record/story.ts';
import { GENESIS, hashOf, sha256 } from '../../../src/ledger/rows.ts';
import { openHistory } from '../../../src/ledger/open-ledger.ts';
import { verifyLedger } from '../../../src/traceability/verify.ts';
import { isOpen } from '../../sim/pagerduty/incident-model.ts';
import { BOT_USER } from '../../sim/teleport/reference-world.ts';
import { ALEX, ROBIN, SAM, TAYLOR } from './people.ts';
import { allEntries } from '../../ledger/some-events.ts';
import { brokenInvariants } from '../invariants.ts';
import { ledgerOf, pagesOf, type Asked, type Play } from './run.ts';
import { groundsOf, isKnownWayIn, mayAnswer } from './truth.ts';

const MOST_PAGES = 4;

/** What must never be, as far as it is: sentences, none for a run in which everything holds. */
export async function violationsOf(run: Play): Promise<readonly string[]> {
  const { stage, requests } = run;
  const ledger = ledgerOf(run);
  const entries = await allEntries(ledger).finally(() => ledger.close());
  const requestIds = requests.map(({ id }) => id);
  const resolved = (id: string) => resolutionsOf(id, run);
  const { rewritten } = run;
  const broken = brokenInvariants({ stage, entries, requestIds, rewritten, resolutionsOf: resolved });
  const violations = requests.flatMap((asked) => {
    const { id } = asked;
    const { lost = [], doubled = [] } = broken.get(id) ?? {};
    const own = entries.filter(({ event }) => 'requestId' in event && event.requestId === id);
    const events = own.map(({ event }) => event);
    const story = storyOf(own);
    return [
      ...lost,
      ...doubled,
      ...pageFaults(id, events, run),
      ...voteFaults(asked, events, run),
      ...personFaults(id, run),
      ...approvalFaults(asked, run),
      ...endingFaults(id, story, run),
      ...silenceFaults(asked, story, run),
      ...lockFaults(id, story, run),
    ].map((violation) => `${violation} (request ${id})`);
  });
  return [...(await chainFaults(join(stage.folder, 'ledger.sqlite'))), ...violations];
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

/**
 * One page, one more for each that somebody resolved, where the rule says so or before its opening was confirmed, for each that was
 * rewritten before, and for each change of the request.
 */
function pageFaults(
  requestId: string,
  events: readonly LedgerEvent[],
  { stage, setting, resolved, changed, rewritten }: Play,
): readonly string[] {
  const known = events.flatMap((event) => (event.kind === 'effect-done' ? [event.outcome.incidentId] : []));
  const pages = pagesOf(stage, requestId).filter(({ id }) => known.includes(id) || !rewritten.has(id));
  const again = pages.filter(
    ({ id }) => resolved.includes(id) && (setting.ifResolved === 'repage' || !known.includes(id)),
  ).length;
  const changes = changed.filter((each) => each.requestId === requestId).length;
  return pages.length > 1 + again + changes
    ? [`${pages.length} pages, after ${again} that people resolved, and ${changes} changes`]
    : [];
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
      // Who has somebody else's address may end, by it, what that one was given.
      !(propose === 'revoked' && run.moved.size > 0) &&
      !isKnownWayIn(asked, [SAM, TAYLOR].find(({ id }) => id === by.id) ?? null, run) &&
      !run.answers.some(
        (answer) =>
          answer.requestId === requestId &&
          answer.incidentId === incidentId &&
          answer.who.id === by.id &&
          answer.propose === propose,
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

/** Nobody is let in but by right: see `groundsOf`. */
function approvalFaults(asked: Asked, run: Play): readonly string[] {
  const request = run.stage.teleport.cluster.findRequest(asked.id);
  if (request?.state !== 'APPROVED') return [];
  const given = resolutionsOf(asked.id, run);
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
          updatedAt <= createdAt && /approve|deny|revoke/iu.test(content) && !saysOwnWords(content),
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

/** Access is ended where an answer that ends it counted, and nowhere else; and whoever wrote one on a page of what was given is heard. */
function lockFaults(requestId: string, { answers, hearsRevoke }: Story, run: Play): readonly string[] {
  const { stage } = run;
  const isLocked = stage.locks().some(({ name }) => name === lockNameOf(requestId));
  const isRevoked = answers.some(({ counted, answer }) => counted && answer.propose === 'revoked');
  const owed = run.answers.filter(
    (each) => each.lasting && each.propose === 'revoked' && each.requestId === requestId,
  );
  const said = answers.filter(({ answer }) => answer.propose === 'revoked');
  const unheard = owed.filter(({ who }) => !said.some(({ answer }) => answer.by.id === who.id));
  return [
    ...(isLocked && !isRevoked ? ['its access is locked, and nobody ended it'] : []),
    ...(isRevoked && !isLocked ? ['somebody ended its access, and it is not locked'] : []),
    ...(hearsRevoke && !isRevoked
      ? unheard.map(({ who }) => `nobody heard how ${who.name} ends its access`)
      : []),
  ];
}

/** Whoever answered as they should was heard, and whom nobody answered is asked about again where the rule says so. */
function endingFaults(requestId: string, { decided }: Story, run: Play): readonly string[] {
  const { stage, answers, setting } = run;
  if (stage.teleport.cluster.findRequest(requestId)?.state !== 'PENDING') return [];
  const pages = pagesOf(stage, requestId);
  const isAskedAgain = setting.ifResolved === 'repage' && decided?.decision.verdict === 'escalate';
  const heard = answers.some(
    ({ lasting, propose, ...answer }) => lasting && propose !== 'revoked' && answer.requestId === requestId,
  );
  return [
    ...(isAskedAgain && pages.length < MOST_PAGES && !pages.some(isOpen)
      ? ['it is pending, and nobody was asked again after its page was resolved']
      : []),
    ...(heard && setting.approvals === 1 ? ['it is pending although it was answered'] : []),
  ];
}

/** In order, as Teleport itself has them. On Community nobody is named: there the reason tells people from the service. */
function resolutionsOf(id: string, { stage, setting, reviews }: Play) {
  const { cluster } = stage.teleport;
  if (setting.edition === 'community')
    return (cluster.stateChanges.get(id) ?? []).map(({ state, reason, at }) => {
      const byHand = reviews.find(({ name }) => reason === `by hand of ${name}`);
      return { author: byHand?.author ?? BOT_USER, state, reason, at };
    });
  const given = cluster.findRequest(id)?.reviews ?? [];
  return given.map((each) => ({ ...each, state: each.proposedState, at: each.created }));
}
