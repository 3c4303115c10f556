import { setTimeout as pause } from 'node:timers/promises';
import { assigneesOf, begin, decisionId, judged, verdict, type Scene } from './scene.ts';
import type { World } from './world.ts';

/** How long the outsider's request waits for somebody; long enough for the page to go up its policy. */
const OUTSIDER_PENDING_MS = 6_000;
/** PagerDuty's answer, or, after enough of those, that it is not even asked for a while. */
const OUTAGE_CAUSE = /503|failed too often in a row/u;
/** So long does who is on call count as read (`pagerduty.freshness`, 2 s unless said otherwise): an outage, or an override, is felt after that. */
const ROSTER_FRESH_MS = 2_500;
/** The look at what no event brings comes once a minute, and a busy machine takes its time. */
const NOTED_WITHIN_MS = 100_000;
/** What is left of the colleague's shift in the last scene. */
const SHIFT_LEFT_SECONDS = 9;

export async function onCallEngineerIsApproved(world: World): Promise<Scene> {
  await world.startIsRead();
  await world.alert('Payments API', 'Checkout fails for 30 % of customers');
  const play = await begin(world, 'sre-1', 'checkout fails, need the payment logs');
  await play.effect('live-note');
  const ended = await play.end('1. the on-call engineer is approved');
  return judged(ended, {
    'Teleport: approved, by the service alone':
      ended.teleport.state === 'APPROVED' &&
      ended.teleport.reviews.map(({ author }) => author).join() === 'oncall-approver',
    'Teleport: the reason names the decision': ended.teleport.resolveReason.includes(decisionId(ended)),
    'PagerDuty: nobody is paged for it': ended.pages.length === 0,
    'PagerDuty: one note on the live incident, naming the decision':
      ended.notes.length === 1 && (ended.notes[0] ?? '').includes(decisionId(ended)),
    'Ledger: approve': verdict(ended) === 'approve',
    'Cost: at most 2 PagerDuty reads': ended.pagerDutyCalls <= 2,
  });
}

export async function outsiderStaysPending(world: World): Promise<Scene> {
  const play = await begin(world, 'outsider@example.com', 'just looking', {
    pendingMs: OUTSIDER_PENDING_MS,
  });
  await play.effect('page');
  await world.minutesPass(31);
  const waiting = { teleport: await world.teleportRequest(play.id), page: await play.page() };
  await world.clockBack();
  await until('the request to lapse', () => world.isSwept(play.id));
  await play.effect('close-page');
  const ended = await play.end('3. an outsider is not let in: nobody answers, until the request expires', {
    teleport: waiting.teleport,
  });
  return judged(ended, {
    'Teleport: pending to the end, no review':
      ended.teleport.state === 'PENDING' && ended.teleport.reviews.length === 0,
    'PagerDuty: the page has gone up the escalation policy past the one who did not answer':
      waiting.page.status === 'triggered' && assigneesOf(waiting.page) === 'Robin Three',
    'PagerDuty: one page, resolved once the request had expired, with one closing note':
      ended.pages.length === 1 &&
      ended.pages[0]?.status === 'resolved' &&
      ended.notes.length === 1 &&
      (ended.notes[0] ?? '').includes('expired before anybody answered'),
    'Ledger: escalate, and says why; expired':
      verdict(ended) === 'escalate' &&
      (ended.story.decided?.decision.reasons[0]?.text ?? '').includes('is not on call') &&
      ended.story.ended?.state === 'expired',
  });
}

export async function outageApprovesNobody(world: World): Promise<Scene> {
  await world.outage(true);
  await pause(ROSTER_FRESH_MS);
  const play = await begin(world, 'sre-1', 'checkout fails again');
  await play.logged(
    'the decision',
    ({ msg, effect }) => msg === 'effect failed, it is tried again' && effect === 'page',
  );
  const during = { request: await world.teleportRequest(play.id), story: await world.story(play.id) };
  await world.onlyReadsAreBack();
  await play.effect('review');
  await world.outage(false);
  await play.effect('live-note');
  const ended = await play.end('4. PagerDuty is down: nobody is approved by mistake, nothing is lost');
  return judged(ended, {
    'During the outage: pending': during.request.state === 'PENDING',
    'During the outage: the ledger says escalate, with the cause':
      during.story.decided?.decision.verdict === 'escalate' &&
      during.story.decided.decision.reasons.some(
        ({ code, text }) => code === 'condition-unknown' && OUTAGE_CAUSE.test(text),
      ),
    'After it: decided again by what PagerDuty says, approved': ended.teleport.state === 'APPROVED',
    'After it: one review, nobody paged': ended.teleport.reviews.length === 1 && ended.pages.length === 0,
    'Ledger: the second decision replaces the first':
      verdict(ended) === 'approve' && ended.story.decided?.number === 2,
  });
}

export async function accessEndsWithShift(world: World): Promise<Scene> {
  await world.override('Payments primary', 'sre-2@example.com', SHIFT_LEFT_SECONDS);
  await pause(ROSTER_FRESH_MS);
  const play = await begin(world, 'sre-2', 'the last minutes of my shift');
  await play.effect('review');
  const during = { request: await world.teleportRequest(play.id), locks: await world.locks() };
  await play.effect('lock');
  const [lock, ...others] = (await world.locks()).filter(({ target }) => target.accessRequest === play.id);
  const ended = await play.end('5. access ends with the shift');
  return judged(ended, {
    'Teleport: approved while on call, nothing locked':
      during.request.state === 'APPROVED' && during.locks.length === 0,
    'Teleport: one lock on this access request when the shift was over, until the access’s own end':
      lock !== undefined &&
      others.length === 0 &&
      lock.expires === during.request.expires &&
      lock.message.startsWith('Access ended with the shift'),
    'Teleport: the lock names the decision': lock?.message.includes(decisionId(ended)) === true,
    'PagerDuty: nobody is paged for it': ended.pages.length === 0,
    'Ledger: approve, then the look by which the access ended':
      verdict(ended) === 'approve' && ended.story.access?.ends === true,
  });
}

export async function accessIsFollowedToItsEnd(world: World): Promise<Scene> {
  await world.override('Payments primary', 'sre-2@example.com', SHIFT_LEFT_SECONDS);
  await pause(ROSTER_FRESH_MS);
  const play = await begin(world, 'sre-2', 'the queue is stuck, before I hand over');
  await play.effect('live-note');
  await world.work('sre-2', play.id);
  await play.effect('lock');
  await world.leave(play.id);
  await play.effect('use-note', NOTED_WITHIN_MS);
  const ended = await play.end('6. granted, and used: what the access was used for, once the shift is over');
  const page = await world.decisionPage(play.id);
  const [used] = ended.story.used;
  const note = ended.notes.find((each) => each.includes('(use-note)')) ?? '';
  return judged(ended, {
    'Ledger: the account has both sessions, and how much was done in them':
      used?.outcome === 'used' &&
      used.totals.sessions === 2 &&
      used.totals.counts.queries === 14 &&
      used.evidence.gaps.length === 0,
    'Ledger: nothing that was typed, nothing of where from': !/SELECT|secret|198\.51/u.test(
      JSON.stringify(used),
    ),
    'PagerDuty: one note on the live incident, with both':
      note.includes('1 SSH session (web-1)') && note.includes('1 database session (payments-main)'),
    'The page: what it was used for, beside the decision':
      page.includes('What it was used for') && page.includes('payments-main'),
  });
}

export async function ownersDecide(world: World): Promise<Scene> {
  const own = await begin(world, 'sre-1', 'payments are slow', { databases: ['payments-main'] });
  await own.effect('review');
  const approved = await own.end('');
  const unlabelled = await begin(world, 'sre-1', 'refunds hang', { databases: ['refunds-main'] });
  await unlabelled.effect('review');
  const byField = await unlabelled.end('');
  const both = { databases: ['payments-main', 'identity-main'], pendingMs: OUTSIDER_PENDING_MS };
  const play = await begin(world, 'sre-1', 'are logins slow, too?', both);
  await play.effect('page');
  const waiting = { teleport: await world.teleportRequest(play.id), page: await play.page() };
  await until('the request to lapse', () => world.isSwept(play.id));
  await play.effect('close-page');
  const ended = await play.end(
    '7. one rule for all databases: each is for whoever is on call for its owner, by its label or a field',
    {
      teleport: waiting.teleport,
    },
  );
  return judged(ended, {
    'Her own database: approved, by the rule for its owner':
      approved.teleport.state === 'APPROVED' &&
      approved.story.decided?.decision.rules.join() === 'databases/Payments API',
    'One without that label, which Payments API calls its own by a custom field in PagerDuty: approved':
      byField.teleport.state === 'APPROVED' &&
      byField.story.decided?.decision.rules.join() === 'databases/PSERVC1',
    'With somebody else’s beside it: pending, no review':
      waiting.teleport.state === 'PENDING' && waiting.teleport.reviews.length === 0,
    'PagerDuty: somebody is paged by the desk for what has no owner':
      waiting.page.service.summary === 'Access requests',
    'Ledger: escalate, for the label of the other one names no service':
      verdict(ended) === 'escalate' && ended.story.decided?.decision.rules.join() === 'databases/(no owner)',
  });
}

/** Looks again and again until it is so. */
async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`waited too long for ${what}`);
    await pause(200);
  }
}
