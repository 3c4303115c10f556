import { answerCode } from '../../src/core/answers/answer.ts';
import { assigneesOf, begin, judged, verdict, type Ended, type Play, type Scene } from './scene.ts';
import type { World } from './world.ts';

/** Polling begins 15 s after the page; whatever is faster was told. */
const TOLD_WITHIN_MS = 5_000;
const POLLED_WITHIN_MS = 40_000;

export async function colleagueIsApprovedByWebhook(world: World): Promise<Scene> {
  const subscription = await world.subscribeToWebhooks();
  const answered = await answerByNote(world, POLLED_WITHIN_MS);
  await world.unsubscribe(subscription);
  const ended = await answered.play.end(
    '2a. her off-call colleague is let in by the on-call approver’s note, told by webhook',
    { pagerDutyCalls: answered.reads },
  );
  return judged(ended, {
    ...asAnswered(ended, answered.wasPending),
    [`At once: within ${TOLD_WITHIN_MS / 1_000} s`]: answered.tookMs < TOLD_WITHIN_MS,
  });
}

export async function colleagueIsApprovedByPolling(world: World): Promise<Scene> {
  const answered = await answerByNote(world, POLLED_WITHIN_MS, 'aprove');
  const ended = await answered.play.end(
    '2b. the same without webhooks, with a slip of the keyboard: the note is heard by polling',
    { pagerDutyCalls: answered.reads },
  );
  return judged(ended, {
    ...asAnswered(ended, answered.wasPending),
    'PagerDuty: she is told how her slip was read': ended.notes.some((note) =>
      note.includes('“aprove” was read as `approve`'),
    ),
  });
}

export async function colleagueIsApprovedInTeleport(world: World): Promise<Scene> {
  const play = await begin(world, 'sre-2', 'helping sre-1 with the checkout');
  await play.effect('page');
  const waiting = await world.teleportRequest(play.id);
  await world.review('sre-1', play.id, 'she helps me with the checkout');
  await play.effect('close-page');
  const ended = await play.end('2c. the same, and the approver answers in Teleport instead');
  return judged(ended, {
    'Teleport: pending until she answered': waiting.state === 'PENDING',
    'Teleport: approved by her alone':
      ended.teleport.state === 'APPROVED' &&
      ended.teleport.reviews.map(({ author }) => author).join() === 'sre-1',
    'PagerDuty: one page, resolved, with one closing note':
      ended.pages.length === 1 && ended.pages[0]?.status === 'resolved' && ended.notes.length === 1,
    'Ledger: escalate, then approved by sre-1':
      verdict(ended) === 'escalate' &&
      ended.story.ended?.state === 'approved' &&
      ended.story.ended.by === 'sre-1',
    'Cost: at most 2 PagerDuty reads': ended.pagerDutyCalls <= 2,
  });
}

export async function twoTeamsApprove(world: World): Promise<Scene> {
  const roles = ['prodaccess', 'db-admin'];
  const play = await begin(world, 'sre-2', 'moving the payments to the new database', { roles });
  await play.effect('page of prod-oncall');
  await play.effect('page');
  const pages = await play.pages();
  const pageOn = (desk: string) => pages.find(({ service }) => service.summary === desk)?.id ?? '';
  await world.note(pageOn('Database desk'), 'sre-3@example.com', `approve ${answerCode(play.id)}`);
  await play.logged(
    'the word on who is waited for',
    ({ msg, effect }) => msg === 'effect done' && String(effect).startsWith('waiting '),
    POLLED_WITHIN_MS,
  );
  const waiting = await world.teleportRequest(play.id);
  await world.note(pageOn('Access requests'), 'sre-1@example.com', `approve ${answerCode(play.id)} go ahead`);
  await play.effect('close-page', POLLED_WITHIN_MS);
  await play.effect('close-page of prod-oncall');
  const ended = await play.end('2d. roles of two teams: each is paged on its own desk, and both approve');
  return judged(ended, {
    'Teleport: pending while one of them had approved':
      waiting.state === 'PENDING' && waiting.reviews.length === 0,
    'Teleport: approved by one review that names both':
      ended.teleport.state === 'APPROVED' &&
      ended.teleport.reviews.length === 1 &&
      ['Sam One', 'Robin Three'].every((name) => ended.teleport.resolveReason.includes(name)),
    'PagerDuty: each team has its page, which says what it is asked for; both are resolved':
      ended.pages.length === 2 &&
      ended.pages.every(({ status }) => status === 'resolved') &&
      pages.map(assigneesOf).toSorted().join() === 'Robin Three,Sam One',
    'PagerDuty: the first to approve is told whom it waits for': ended.notes.some((note) =>
      note.includes('The approval of Robin Three counts for rule database-admins'),
    ),
    'Ledger: escalate by both rules, two answers that count':
      verdict(ended) === 'escalate' &&
      ended.story.answers.filter(({ counted }) => counted).length === 2 &&
      ended.story.ended?.state === 'approved',
  });
}

interface Answered {
  readonly play: Play;
  readonly wasPending: boolean;
  /** From the note to the vote, in milliseconds. */
  readonly tookMs: number;
  /** Reads for the decision; those for the answer come after it. */
  readonly reads: number;
}

/** The colleague asks, Sam is paged and answers by note. */
async function answerByNote(world: World, withinMs: number, verb = 'approve'): Promise<Answered> {
  const play = await begin(world, 'sre-2', 'helping sre-1 with the checkout');
  await play.effect('page');
  const reads = await play.reads();
  const { state } = await world.teleportRequest(play.id);
  const { id: pageId } = await play.page();
  const began = performance.now();
  await world.note(
    pageId,
    'sre-1@example.com',
    `${verb} ${answerCode(play.id)} she helps me with the checkout`,
  );
  await play.effect('vote PSAM1RE', withinMs);
  const tookMs = performance.now() - began;
  await play.effect('close-page');
  return { play, wasPending: state === 'PENDING', tookMs, reads };
}

function asAnswered(ended: Ended, wasPending: boolean): Record<string, boolean> {
  const { teleport, pages, notes, story } = ended;
  const [answer] = story.answers;
  return {
    'Teleport: pending until she answered': wasPending,
    'Teleport: approved, once, naming her and her words':
      teleport.state === 'APPROVED' &&
      teleport.reviews.length === 1 &&
      /^Approved by Sam One by note .*she helps me with the checkout/u.test(teleport.resolveReason),
    'PagerDuty: one page, resolved, with one closing note':
      pages.length === 1 &&
      pages[0]?.status === 'resolved' &&
      notes.filter((note) => note.includes('(closing-note)')).length === 1,
    'Ledger: escalate, the answer with its evidence, approved':
      verdict(ended) === 'escalate' &&
      story.answers.length === 1 &&
      answer?.counted === true &&
      answer.facts?.onCall.state === 'known' &&
      story.ended?.state === 'approved',
    'Cost: at most 2 PagerDuty reads to decide': ended.pagerDutyCalls <= 2,
  };
}
