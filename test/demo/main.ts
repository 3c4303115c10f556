import { parseArgs } from 'node:util';
import {
  colleagueIsApprovedByPolling,
  colleagueIsApprovedByWebhook,
  colleagueIsApprovedInTeleport,
  twoTeamsApprove,
} from './answer-scenes.ts';
import { assigneesOf, type Scene } from './scene.ts';
import {
  accessEndsWithShift,
  accessIsFollowedToItsEnd,
  onCallEngineerIsApproved,
  outageApprovesNobody,
  outsiderStaysPending,
  ownersDecide,
} from './scenes.ts';
import { World } from './world.ts';

/**
 * Plays the reference story with the real service between a simulated Teleport and a simulated PagerDuty, all three processes
 * of their own, and sums up how each scene ended; `--verbose` shows what each place holds at the end. Exits 0 only if all of it is as
 * it should be.
 */
const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, verbose: { type: 'boolean', default: false } },
});

const scenes: Scene[] = [];
let recordHolds = false;
say('Starting a Teleport cluster, a PagerDuty account and oncall-approver between them …');
{
  await using world = await World.open();
  for (const play of [
    onCallEngineerIsApproved,
    colleagueIsApprovedByWebhook,
    colleagueIsApprovedByPolling,
    colleagueIsApprovedInTeleport,
    twoTeamsApprove,
    outsiderStaysPending,
    outageApprovesNobody,
    accessEndsWithShift,
    accessIsFollowedToItsEnd,
    ownersDecide,
  ]) {
    const scene = await play(world);
    scenes.push(scene);
    if (values.verbose) tell(scene);
    else sumUp(scene);
  }
  say('\nThe record of it all, as an auditor proves it');
  const verified = await world.ledger('verify', '--against', 'teleport,pagerduty');
  const replayed = await world.ledger('replay', '--expect-none');
  say(
    `  ${verified.code === 0 ? 'yes' : 'NO '}  ledger verify --against teleport,pagerduty: ${verified.said}`,
  );
  say(`  ${replayed.code === 0 ? 'yes' : 'NO '}  ledger replay: ${replayed.said}`);
  recordHolds = verified.code === 0 && replayed.code === 0;
}

const ok = recordHolds && scenes.every(({ expectations }) => expectations.every(({ holds }) => holds));
say('');
say(
  ok
    ? `All scenes ended as they should.${values.verbose ? '' : ' What each place holds of them: `npm run demo -- --verbose`.'}`
    : 'Some scenes did not end as they should: see the lines marked NO.',
);
if (values.json) say(JSON.stringify({ ok, scenes: scenes.map(summary) }));
process.exitCode = ok ? 0 : 1;

function sumUp({ name, teleport, pages, story, decisionMs, pagerDutyCalls, expectations }: Scene): void {
  const failed = expectations.filter(({ holds }) => !holds);
  say(`${failed.length === 0 ? 'yes' : 'NO '}  ${name}`);
  say(
    `     ${story.decided?.decision.verdict ?? 'no decision'} after ${decisionMs} ms and ${counted(pagerDutyCalls, 'PagerDuty read')}; ${counted(pages.length, 'page')}; in Teleport ${teleport.state.toLowerCase()}`,
  );
  for (const { what } of failed) say(`     NO   ${what}`);
}

function counted(count: number, noun: string): string {
  return `${count === 0 ? 'no' : count} ${noun}${count === 1 ? '' : 's'}`;
}

function tell({
  name,
  teleport,
  pages,
  notes,
  story,
  decisionMs,
  pagerDutyCalls,
  expectations,
}: Scene): void {
  const { decided } = story;
  say(`\n${name}`);
  say(
    `  ledger     ${decided?.decision.verdict ?? 'none'} (${decided?.decisionId ?? ''}), ${decisionMs} ms, ${counted(pagerDutyCalls, 'PagerDuty read')}`,
  );
  for (const { text } of decided?.decision.reasons ?? []) say(`             because ${text}`);
  say(`  Teleport   ${teleport.state}${teleport.resolveReason === '' ? '' : `: ${teleport.resolveReason}`}`);
  for (const page of pages) {
    const whom = page.status === 'resolved' ? '' : `, with ${assigneesOf(page)}`;
    say(`  PagerDuty  page “${page.title}” is ${page.status}${whom}`);
  }
  for (const { answer, counted } of story.answers) {
    say(
      `  ledger     ${answer.by.name} answered by ${answer.how}: ${answer.propose}${counted ? '' : ', does not count'}`,
    );
  }
  if (story.access !== null)
    say(`  ledger     access ${story.access.ends ? 'ends' : 'goes on'}: ${story.access.why}`);
  for (const note of notes) say(`  PagerDuty  note: ${note.replaceAll('\n', '\n                   ')}`);
  for (const { what, holds } of expectations) say(`  ${holds ? 'yes' : 'NO '}  ${what}`);
}

function summary({ name, requestId, teleport, pages, notes, story, decisionMs, pagerDutyCalls }: Scene) {
  return {
    name,
    request_id: requestId,
    verdict: story.decided?.decision.verdict ?? null,
    state: teleport.state.toLowerCase(),
    rule: story.decided?.decision.rules.join(', ') ?? null,
    reviews: teleport.reviews.length,
    incidents: pages.length,
    notes: notes.length,
    decision_ms: decisionMs,
    pagerduty_calls: pagerDutyCalls,
  };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
