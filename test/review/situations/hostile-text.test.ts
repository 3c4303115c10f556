import { describe, expect, it } from 'vitest';
import { answerCode } from '../../../src/core/answers/answer.ts';
import { createLogReporter } from '../../../src/telemetry/log-reporter.ts';
import type { World } from '../../support/world.ts';
import { addNote } from '../../sim/pagerduty/incident-notes.ts';
import { triggerAlert } from '../../sim/pagerduty/incident-opening.ts';
import { capturedLog } from '../../telemetry/captured-log.ts';
import { explanationLines } from '../../../src/commands/explanation-lines.ts';
import { answerTo, explained, PAYMENTS_API, SAM, situation, TAYLOR } from '../../support/situation.ts';

/** What somebody may write who wants to be taken for the service, or for an approver. */
const HOSTILE: readonly (readonly [string, string])[] = [
  [
    'an approval on a line of its own',
    'help\n\napprove 0194f8a2-6c1e-7b3a-9d52-3f0c5a7e1b44\n\nApproved by Sam One',
  ],
  ['carriage returns and terminal escapes', 'x\r\u001b[2K\u001b[1Aapproved\u0007\u0000\u009b31m'],
  ['text turned round', 'user\u202e devorppa \u2066approve\u2069\u200f'],
  ['characters that cannot be seen', '\u200bap\u200dpro\u2060ve\u{e0041}\ufeff'],
  [
    'Markdown',
    '# APPROVED\n\n[tctl requests approve](https://evil.example) ![x](http://evil.example/p.png) [a][b]',
  ],
  ['links and calls of chat programs', '<https://evil.example|review it here> <!channel> <@U012345>'],
  [
    'quotation marks that close',
    'x” · rule prod-oncall · oncall-approver decision OA-0000000000 digest 000000000000',
  ],
  ['marks piled upon letters', `o${'\u0316\u0301'.repeat(200)}k`],
  ['as much as Teleport takes', 'A'.repeat(4_096)],
  ['as much as Teleport takes, of four bytes each', '🔥'.repeat(1_024)],
];

/** Nothing in it could start a line, hide, turn round or be interpreted. */
function expectHarmless(line: string): void {
  expect(line).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
  expect(line).not.toMatch(/\][([]|<[!@#]|<\w+:|\p{M}{5}/u);
}

/** A text of several lines, every line of which is ours. */
function expectOurLines(text: string): void {
  for (const line of text.split('\n')) expectHarmless(line);
  expect(text).not.toMatch(/^(approve|approved|deny|#)\b/imu);
  expect(Array.from(text).length).toBeLessThan(4_000);
}

async function paged(stage: World, reason: string): Promise<{ id: string; details: string; title: string }> {
  const { id } = await answerTo(stage, 'sre-2', { reason, suggestedReviewers: [reason.slice(0, 1_000)] });
  await stage.done('page', id);
  const page = stage.incidents().find(({ details }) => details?.includes(id) === true);
  return { id, details: page?.details ?? '', title: page?.title ?? '' };
}

describe('words of a requester', () => {
  it.each(HOSTILE)('are bounded and harmless everywhere they are shown: %s', async (_what, reason) => {
    await using stage = await situation((account) =>
      triggerAlert(account, { serviceId: PAYMENTS_API, title: reason }),
    );

    const { details, title } = await paged(stage, reason);
    const { id } = await answerTo(stage, 'sre-1', { reason });
    await stage.done('live-note', id);
    const [alert] = stage.incidents();

    expect(details).toContain('Their reason: “');
    expectOurLines(details.replace(/^ {2}(approve|deny) .*$/gmu, ''));
    expectHarmless(title);
    expect(stage.notesOf(alert?.id)).toHaveLength(1);
    for (const note of stage.notesOf(alert?.id)) expectOurLines(note);
    const { resolveReason } = stage.teleport.cluster.request(id);
    expectHarmless(resolveReason);
    expect(Buffer.byteLength(resolveReason)).toBeLessThanOrEqual(4_096);
  });

  it('close a page in words that are bounded and harmless, an approver’s among them', async () => {
    await using stage = await situation(() => undefined);
    const [, markdown] = HOSTILE[4] ?? [];
    const { id } = await paged(stage, 'help');

    stage.denyAs('sre-1', id, markdown ?? '');
    await stage.done('close-page');

    const [page] = stage.incidents();
    const notes = stage.notesOf(page?.id);
    expect(notes.length).toBeGreaterThan(0);
    for (const note of notes) expectOurLines(note);
  });

  it.each(HOSTILE)('are harmless in logs and on the terminal: %s', async (_what, reason) => {
    await using stage = await situation((account) =>
      account.users.put({ ...account.users.require(SAM), name: reason.slice(0, 100) }),
    );
    const { log, lines } = capturedLog();
    const { decided } = await answerTo(stage, 'sre-1', { reason });

    createLogReporter(log).decided({ decided, durationMs: 1 });
    const explanation = await explained(stage, decided.request, null);

    expect(lines).toHaveLength(1);
    for (const value of Object.values(lines[0] ?? {})) if (typeof value === 'string') expectHarmless(value);
    for (const line of explanationLines(explanation, { at: null })) expectHarmless(line);
  });

  it('that say how to approve another of their requests are left out of everything that an approver reads', async () => {
    await using stage = await situation(() => undefined, {
      rule: { escalate: { service: 'Access requests', decide_within: '2s', most_open_pages: 1 } },
    });
    const other = stage.request('sre-2', { reason: 'help' });
    await stage.done('page', other);
    const code = answerCode(other);
    const told = `approve ${code}`;
    const { id } = await answerTo(stage, 'sre-2', {
      reason: `read only, aprove ${other}; ${told}`,
      suggestedReviewers: [`${told}, please`],
    });
    await stage.done('page', id);

    const [first, ...others] = stage.incidents();
    const read = [
      ...others.flatMap(({ title, details }) => [title, details]),
      ...stage.incidents().flatMap((page) => stage.notesOf(page.id)),
    ].join('\n');
    expect(first?.details).toContain(`  ${told}\n`);
    expect(read).toContain('read only, […]; […]');
    expect(read).not.toMatch(new RegExp(`${code}|${other}`, 'iu'));
  });

  it('approve nothing, neither in the reason nor as a note of the requester', async () => {
    await using stage = await situation(() => undefined);
    const { id } = await answerTo(stage, 'sre-2', { reason: 'approve\n\napprove it' });
    await stage.done('page');
    const [page] = stage.incidents();
    const code = answerCode(id);

    addNote(stage.pagerDuty.account, page?.id ?? '', `approve ${code}`, { type: 'user', id: TAYLOR });
    addNote(stage.pagerDuty.account, page?.id ?? '', `“approve ${code}” wrote Sam One`, {
      type: 'user',
      id: TAYLOR,
    });
    await stage.followUp(id);

    expect(stage.state(id)).toBe('PENDING');
  });
});
