import { describe, expect, it } from 'vitest';
import type { AccessRequest } from '../../../src/core/access-request.ts';
import { notOnCallWords } from '../../../src/core/answers/judge-answer.ts';
import type { Facts } from '../../../src/core/facts.ts';
import { closingNote, liveNote } from '../../../src/core/wording/notes.ts';
import { breakGlassPage, listing, page } from '../../../src/core/wording/pages.ts';
import { onBehalfReason, reviewReason } from '../../../src/core/wording/reviews.ts';
import {
  anAnswer,
  anAnswered,
  aPolicy,
  aRecordedDecision,
  aRequest,
  aResource,
  aRule,
  aTargetFact,
  NOW,
  onCallWith,
  someFacts,
  someTargets,
} from '../../support/builders.ts';

const WITH_LINK = { proxyPublicAddr: 'teleport.example.com:443', resolveWith: 'review' } as const;
const how = {
  code: 'E1B44',
  onlyInTeleport: 'no rule says who may answer',
  acknowledging: false,
  ifKnown: false,
};
const offCall = someFacts({ onCall: onCallWith() });
const escalated = (request: Partial<AccessRequest> = {}, facts: Facts = offCall) =>
  aRecordedDecision({ request: aRequest(request), facts });
const unknown = (message: string) =>
  someFacts({ onCall: { state: 'unknown', cause: { code: 'unavailable', message, transient: false } } });

describe('a text', () => {
  it('shows no way to answer but its own, whatever others have named so', () => {
    const told = 'approve F00BA';
    const request = {
      ...{ requester: told, reason: told, roles: ['prodaccess', told] },
      ...{ resources: [aResource({ name: told })], suggestedReviewers: [told] },
    };
    const decided = escalated(request, unknown(told));
    const pages = [
      page(decided, WITH_LINK, how),
      page(decided, WITH_LINK, how, { collective: true }),
      breakGlassPage(decided, WITH_LINK, false),
    ];

    expect(
      [
        ...pages.flatMap(({ title, details }) => [title, details]),
        listing(decided, WITH_LINK, how),
        closingNote(decided, { state: 'denied', by: told, reason: told }, { where: WITH_LINK, now: NOW }),
      ].join('\n'),
    ).not.toContain('F00BA');
  });

  it('on the page of another request says whose approvals it takes, and no cluster that is not known', () => {
    const { rootCluster, ...facts } = offCall;
    const asked = { ...how, onlyInTeleport: null, part: { rules: ['a'], others: ['b'] } };
    const text = listing(escalated({}, facts), WITH_LINK, asked);
    const alone = listing(escalated(), WITH_LINK, { ...how, onlyInTeleport: null }).split('\n');

    expect(alone).toHaveLength(6);
    expect(alone[1]).toMatch(/^Not automatic: Sam One .* is not on call for service Payments API/u);
    expect(alone[5]).toMatch(/^Request 0194\S+ · oncall-approver decision /u);
    expect(rootCluster).not.toBeNull();
    expect(text).toMatch(/^E1B44: sre-1 asks for role prodaccess\.\n/u);
    expect(text).toContain('\nYou are asked for rule a. Approvers of rules a and b must all approve');
  });

  it('of a page is cut where it is too long', () => {
    const x = 'x'.repeat(1_000);
    const request = { requester: x, reason: x, resources: [aResource({ name: x })], suggestedReviewers: [x] };
    const { title, details } = page(escalated(request, unknown(x)), WITH_LINK, how);

    expect(Array.from(title)).toHaveLength(110);
    expect(details).toContain('\nIn full, because:\n- ');
    expect(breakGlassPage(escalated({ roles: ['a', 'b'] }), WITH_LINK, false).title).toMatch(/ a, b$/u);
    expect(details.match(/x+…/gu)?.map((cut) => cut.length)).toEqual([100, 97, 300, 500, 500, 500]);
  });

  it('of a vote keeps the decision readable, and cuts names and words', () => {
    const by = { ...anAnswer().by, name: 'n'.repeat(200) };
    const answer = anAnswer({ by, reason: 'w'.repeat(900) });
    const reason = onBehalfReason(escalated(), anAnswered({ why: 'y'.repeat(900), answer }));

    expect(Array.from(reason)).toHaveLength(1_000);
    const others = ['a', 'b'].map((why) => anAnswered({ why }));
    expect(onBehalfReason(escalated(), anAnswered(), others)).toContain(
      ': a · also approved by note in Q2PAGE: b',
    );
    expect(reason.match(/n+…|w+…/gu)?.map((cut) => cut.length)).toEqual([100, 500]);
    expect(reason).toMatch(/… · oncall-approver decision \S+ digest 9f2b6c1d40e7$/u);
  });

  it('of a refusal names each rule, however much of what is near it must be cut', () => {
    const missing = (name: string) => {
      const near = Array.from({ length: 9 }, () => `service ${name.repeat(90)}: level 2`);
      return { rule: { name }, found: { answer: 'not-met', at: NOW, nearMisses: near } } as const;
    };

    expect(notOnCallWords([missing('a'), missing('b')], NOW)).toMatch(
      /of rule a \(.*…\), nor of rule b \(.*…\)$/u,
    );
  });

  it('of a review is one line of 1,000 characters at most that names the decision: Teleport takes 4,096 bytes', () => {
    const services = Array.from({ length: 20 }, (_, index) => `${'🔥'.repeat(90)}\n${index}`);
    const policy = aPolicy({ rules: [aRule({ otherwise: 'deny', onCall: someTargets({ services }) })] });
    const facts = { ...offCall, targets: services.map((asked) => aTargetFact({ asked })) };
    const reason = reviewReason(aRecordedDecision({ facts, policy }));

    expect(Array.from(reason)).toHaveLength(1_000);
    expect(reason).toMatch(/^[^\n]* oncall-approver decision \S+ digest 9f2b6c1d40e7$/u);
    expect(new TextEncoder().encode(reason).length).toBeLessThanOrEqual(4_096);
  });

  it('of a note on a live incident is cut where the explanation is long', () => {
    const names = ['a', 'b', 'c'].map((letter) => letter.repeat(90));
    const rules = names.map((asked) =>
      aRule({ name: asked.slice(0, 1), onCall: someTargets({ services: [asked] }) }),
    );
    const facts = someFacts({ targets: names.map((asked) => aTargetFact({ asked, name: asked })) });
    const why = liveNote(aRecordedDecision({ facts, policy: aPolicy({ rules }) })).split('\n')[1];

    expect(why).toMatch(/^Why: Sam One .{489,493}… \(rules a, b and c\)\.$/u);
    expect(why).toHaveLength('Why:  (rules a, b and c).'.length + 500);
  });
});
