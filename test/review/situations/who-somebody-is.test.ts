import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import type { World } from '../../support/world.ts';
import type { Account } from '../../sim/pagerduty/account.ts';
import { deleteUser, setOverride } from '../../sim/pagerduty/administration.ts';
import { aUser } from '../../sim/pagerduty/builders.ts';
import { answerTo, fromNow, HOUR_MS, PRIMARY, SAM, situation, TAYLOR } from '../../support/situation.ts';

function changeUser(
  account: Account,
  id: string,
  change: { email?: string; invitationSent?: boolean },
): void {
  account.users.put({ ...account.users.require(id), ...change });
}

/** Gives a Teleport user other e-mail addresses. */
function setEmails(stage: World, name: string, ...email: readonly string[]): void {
  const { directory } = stage.teleport.cluster;
  directory.putUser({ ...directory.user(name), traits: { email } });
}

describe('who somebody is', () => {
  it.each([
    ['PagerDuty', 'SRE-1@Example.COM', 'sre-1@example.com'],
    ['Teleport', 'sre-1@example.com', 'SRE-1@Example.COM'],
  ])('does not depend on the case of an address, stored by %s', async (_where, theirs, ours) => {
    await using stage = await situation((account) => changeUser(account, SAM, { email: theirs }));
    setEmails(stage, 'sre-1', ours);

    expect((await answerTo(stage, 'sre-1')).verdict).toBe('approve');
  });

  it('is told by an address with blanks and line breaks around it, as identity providers give it', async () => {
    await using stage = await situation(() => undefined);
    setEmails(stage, 'sre-1', '', ' sre-1@example.com\r\n');

    expect((await answerTo(stage, 'sre-1')).verdict).toBe('approve');
  });

  it('is not told by an address with a character that only folds into the right one', async () => {
    await using stage = await situation((account) => changeUser(account, SAM, { email: 'kim@example.com' }));
    setEmails(stage, 'sre-1', '\u212aim@example.com');

    expect((await answerTo(stage, 'sre-1')).why).toContain('no PagerDuty user is known');
  });

  it('is not told by a part of an address, though PagerDuty finds it', async () => {
    await using stage = await situation((account) => {
      changeUser(account, SAM, { email: 'joe.sre-9@example.com' });
      account.addUser(aUser({ email: 'not-sre-2@example.com' }));
    });
    setEmails(stage, 'sre-1', 'sre-9@example.com');

    const part = await answerTo(stage, 'sre-1');
    expect(part.verdict).toBe('escalate');
    expect(part.why).toContain('no PagerDuty user is known for Teleport user sre-1');
    expect((await answerTo(stage, 'sre-2')).decided.facts.requester).toMatchObject({ id: TAYLOR });
  });

  it('is never chosen between two, and the map settles it', async () => {
    const twice = (account: Account) => account.addUser(aUser({ email: 'Sre-1@example.com' }));
    await using stage = await situation(twice);
    await using mapped = await situation(twice, {
      config: { identities: [{ map: { 'sre-1': SAM } }, { trait: 'email' }] },
    });

    const ambiguous = await answerTo(stage, 'sre-1');
    expect(ambiguous.verdict).toBe('escalate');
    expect(ambiguous.why).toContain('leads to several PagerDuty users');
    const settled = await answerTo(mapped, 'sre-1');
    expect(settled.verdict).toBe('approve');
    expect(settled.decided.facts.requester).toMatchObject({ source: 'the map' });
  });

  it('is told by the map where the addresses differ', async () => {
    await using stage = await situation(
      (account) => changeUser(account, SAM, { email: 'sam@acquired.example' }),
      {
        config: { identities: [{ trait: 'email' }, { map: { 'sre-1': SAM } }] },
      },
    );

    expect((await answerTo(stage, 'sre-1')).verdict).toBe('approve');
  });

  it('is told anew when the map in a file of its own changes', async () => {
    await using stage = await situation(
      (account) =>
        setOverride(account, { scheduleId: PRIMARY, userId: TAYLOR, start: fromNow(account, -HOUR_MS) }),
      {
        config: { identities: [{ map_file: 'identities.yaml' }] },
        beforeStart: ({ folder }) => writeFile(join(folder, 'identities.yaml'), `sre-2: ${SAM}\n`),
      },
    );
    expect((await answerTo(stage, 'sre-2')).verdict).toBe('escalate');

    await writeFile(join(stage.folder, 'identities.yaml'), `sre-2: ${TAYLOR}\n`);
    await stage.service.policies.refresh();
    expect(stage.reports.of('policyChanged')).toHaveLength(1);

    expect((await answerTo(stage, 'sre-2')).verdict).toBe('approve');
  });

  it('is nobody when Teleport has the user no more, though PagerDuty has', async () => {
    await using stage = await situation(() => undefined);
    stage.teleport.faults.add({ method: 'GetUser', kind: 'error', code: status.NOT_FOUND });

    const { verdict, why } = await answerTo(stage, 'sre-1');
    expect(verdict).toBe('escalate');
    expect(why).toContain('sre-1 is no user of Teleport any more');
  });

  it('is nobody for a local user, whatever address they have, unless the map names them', async () => {
    const identities = [{ trait: 'email' }, { map: { 'local-sre': SAM } }];
    await using stage = await situation(() => undefined);
    await using mapped = await situation(() => undefined, { config: { identities } });
    await using trusting = await situation(() => undefined, { config: { require_sso: false } });

    const posing = await answerTo(stage, 'local-sre');
    expect(posing.verdict).toBe('escalate');
    expect(posing.why).toContain('local-sre does not come from single sign-on, which `require_sso` asks for');
    expect((await answerTo(stage, 'sre-1')).verdict).toBe('approve');
    expect((await answerTo(mapped, 'local-sre')).verdict).toBe('approve');
    // The trait is whatever an administrator typed: here it is the address of sre-1.
    expect((await answerTo(trusting, 'local-sre')).verdict).toBe('approve');
  });

  it('is whom a local user’s address says to rules alone that name the user', async () => {
    const rule = (name: string, roles: readonly string[], local_users?: readonly string[]) => ({
      ...{ name, roles, on_call: { services: ['Payments API'] }, escalate: { service: 'Access requests' } },
      ...(local_users === undefined ? {} : { local_users }),
    });
    const named = async (...rules: readonly object[]) => {
      await using stage = await situation(() => undefined, { config: { rules } });
      return await answerTo(stage, 'local-sre');
    };

    const believed = await named(rule('prod', ['prodaccess'], ['local-sre']));
    expect(believed).toMatchObject({
      verdict: 'approve',
      decided: { facts: { requester: { local: true } } },
    });
    const other = await named(rule('prod', ['prodaccess']), rule('db', ['dbadmin'], ['local-sre']));
    expect(other.verdict).toBe('escalate');
    expect(other.why).toContain(
      'local-sre is a local user of Teleport, whom rule prod does not name in `local_users`',
    );
    expect((await named(rule('prod', ['prodaccess'], ['sre-1']))).verdict).toBe('escalate');
  });

  it('is told by the map though Teleport tells nothing of them, and unknown where an address is asked first', async () => {
    const map = { map: { 'sre-1': SAM } };
    for (const [identities, verdict] of [
      [[map, { trait: 'email' }], 'approve'],
      [[{ trait: 'email' }, map], 'escalate'],
    ] as const) {
      await using stage = await situation(() => undefined, { config: { identities } });
      stage.teleport.faults.add({ method: 'GetUser', kind: 'error', code: status.PERMISSION_DENIED });

      expect((await answerTo(stage, 'sre-1')).verdict).toBe(verdict);
    }
  });

  it('is the new user when somebody was deleted and made again, and the map to the old one finds nobody', async () => {
    const again = (account: Account) => {
      deleteUser(account, SAM);
      const { id } = account.addUser(aUser({ email: 'sre-1@example.com' }));
      setOverride(account, { scheduleId: PRIMARY, userId: id, start: fromNow(account, -HOUR_MS) });
    };
    await using stage = await situation(again);
    await using mapped = await situation(again, { config: { identities: [{ map: { 'sre-1': SAM } }] } });

    expect((await answerTo(stage, 'sre-1')).verdict).toBe('approve');
    const old = await answerTo(mapped, 'sre-1');
    expect(old.verdict).toBe('escalate');
    expect(old.why).toContain('is not on call');
  });

  it('is nobody for a deleted user whose stub stays in the schedule', async () => {
    await using stage = await situation((account) => deleteUser(account, SAM), {
      config: { identities: [{ map: { 'sre-1': SAM } }, { trait: 'email' }] },
    });

    const { verdict, decided } = await answerTo(stage, 'sre-1');
    expect(verdict).toBe('escalate');
    expect(decided.facts.onCall).toMatchObject({ state: 'known', rows: [] });
  });

  it('counts for a user whose invitation is pending, once they are scheduled', async () => {
    await using stage = await situation((account) => changeUser(account, SAM, { invitationSent: true }));

    expect((await answerTo(stage, 'sre-1')).verdict).toBe('approve');
  });
});
